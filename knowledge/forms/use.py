"""How an item was of use."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from knowledge.enums import Benefit
from munistem.commons.text.forms import ProseField


class UsefulForm(forms.Form):
    """A tap says it; a reason and a line for who wrote the item may follow."""

    benefit = forms.ChoiceField(
        label=_("How was it useful?"), choices=Benefit, required=False, widget=forms.RadioSelect
    )
    note = ProseField(
        label=_("A line to who wrote it"),
        max_length=500,
        rows=2,
        required=False,
        help_text=_("They read it with your name; nobody else does."),
    )

    def __init__(self, *args: Any, **options: Any):
        super().__init__(*args, label_suffix="", **options)
