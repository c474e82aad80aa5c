"""What one says to a paragraph, and what its authors answer."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from knowledge.forms import NonceField
from munistem.commons.text.forms import ProseField
from policy.enums import Outcome


class CommentForm(forms.Form):
    """A comment on one paragraph."""

    use_required_attribute = False

    paragraph = forms.CharField(max_length=40, widget=forms.HiddenInput)
    body = ProseField(
        max_length=4_000,
        rows=3,
        label=_("Your comment"),
        error_messages={"required": _("Write what you want to say about this paragraph.")},
    )
    nonce = NonceField()

    def __init__(self, *args: Any, key: str = "", **options: Any):
        super().__init__(*args, auto_id=f"id_{key}_%s", initial={"paragraph": key}, **options)


class AnswerCommentForm(forms.Form):
    """What became of a comment."""

    use_required_attribute = False

    outcome = forms.ChoiceField(
        choices=Outcome.choices,
        widget=forms.RadioSelect,
        label=_("What became of it?"),
        error_messages={"required": _("Say what became of it.")},
    )
    answer = ProseField(required=False, max_length=4_000, rows=3, label=_("A word to who wrote it"))

    def __init__(self, *args: Any, key: object = "", **options: Any):
        super().__init__(*args, auto_id=f"id_answer{key}_%s", **options)
