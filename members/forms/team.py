"""What managers fill in about their team."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from members.models import Organisation
from munistem.commons.enums import Language
from munistem.commons.text.forms import NameField


class InviteForm(forms.Form):
    """A colleague is asked into the team."""

    email = forms.EmailField(
        label=_("E-mail of your colleague"),
        max_length=254,
        help_text=_("The address at work. The invitation can be accepted with this address only."),
        widget=forms.EmailInput(attrs={"dir": "ltr", "autocomplete": "off"}),
    )
    name = NameField(label=_("Name"), max_length=80, required=False)
    role = NameField(label=_("Role"), max_length=120, required=False)
    language = forms.ChoiceField(label=_("Language of the letter"), choices=Language.choices)
    is_manager = forms.BooleanField(
        label=_("Manages the team too"),
        required=False,
        help_text=_("Invites colleagues, ends mandates, speaks for the organisation."),
    )

    def __init__(self, *args: Any, organisation: Organisation, **options: Any):
        super().__init__(*args, **options)
        self.organisation = organisation

    def clean_email(self) -> str:
        email = self.cleaned_data["email"].lower()
        if any(mandate.person.email.lower() == email for mandate in self.organisation.team):
            raise forms.ValidationError(_("This person is in your team already."), code="known")
        return email
