"""What people fill in about knowledge; the essentials first, all the rest optional, limits that serve readers."""

from knowledge.forms.fields import NonceField
from knowledge.forms.item import ItemForm
from knowledge.forms.review import ReviewForm, WithdrawForm
from knowledge.forms.tags import AdoptForm, JoinForm

__all__ = ["AdoptForm", "ItemForm", "JoinForm", "NonceField", "ReviewForm", "WithdrawForm"]
