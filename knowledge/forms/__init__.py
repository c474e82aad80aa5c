"""What people fill in about knowledge; the essentials first, all the rest optional, limits that serve readers."""

from knowledge.forms.fields import NonceField
from knowledge.forms.item import ItemForm
from knowledge.forms.review import ReviewForm, WithdrawForm

__all__ = ["ItemForm", "NonceField", "ReviewForm", "WithdrawForm"]
