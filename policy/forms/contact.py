"""A note on a call."""

from datetime import date

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from knowledge.forms import NonceField
from munistem.commons.text.forms import ProseField
from policy.forms import DATES


class CallForm(forms.Form):
    text = ProseField(
        max_length=2_000,
        rows=4,
        label=_("What was said"),
        help_text=_("Only admins and facilitators read it."),
        error_messages={"required": _("Write a sentence or two.")},
    )
    called_on = forms.DateField(
        label=_("Called on"),
        initial=timezone.localdate,
        input_formats=DATES,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={
            "required": _("Give the day of the call."),
            "invalid": _("This date could not be read. Write it as day/month/year."),
        },
    )
    nonce = NonceField()

    def clean_called_on(self) -> date:
        called_on = self.cleaned_data["called_on"]
        if called_on > timezone.localdate():
            raise ValidationError(_("This day is still to come. Give the day of the call."))
        return called_on
