"""A reviewer's answer, and why an item leaves the library."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from munistem.commons.text.forms import ProseField


class ReviewForm(forms.Form):
    """A reviewer's answer; remarks are needed to return, and go to the author."""

    reason = ProseField(
        label=_("Remarks to the author"),
        max_length=2_000,
        rows=5,
        required=False,
        help_text=_("What is missing, and how it gets in. The author reads it as you write it."),
    )
    seen = forms.CharField(required=False, max_length=30, widget=forms.HiddenInput)

    def __init__(self, *args: Any, returns: bool = False, **options: Any):
        super().__init__(*args, **options)
        self.returns = returns

    def clean_reason(self):
        reason = self.cleaned_data["reason"]
        if self.returns and not reason:
            raise ValidationError(
                _("Write what the author should change; nothing is returned without a reason.")
            )
        return reason


class WithdrawForm(forms.Form):
    """Why an item leaves the library."""

    reason = ProseField(
        label=_("Reason"),
        max_length=500,
        rows=3,
        help_text=_("The author reads it. The item can be put back at any time."),
    )
