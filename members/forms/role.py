"""Who holds the role of STEM excellence manager from now on."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members.models import User
from munistem.commons.text.forms import NameField, ProseField

#: No municipality's role is older than the state.
FIRST_YEAR = 1948


class HolderForm(forms.Form):
    """A colleague who acts for the municipality, or the name of somebody who has no account yet."""

    use_required_attribute = False

    person = forms.ModelChoiceField(
        User.objects.none(),
        required=False,
        empty_label=_("Somebody without an account"),
        label=_("Who holds the role?"),
        error_messages={"invalid_choice": _("Choose somebody of your team.")},
    )
    name = NameField(
        required=False,
        max_length=80,
        label=_("Name"),
        help_text=_("Only of somebody without an account. People of the network see the name."),
    )
    since_on = forms.DateField(
        label=_("Since"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": _("Choose a day."), "invalid": _("Choose a day.")},
    )

    def __init__(self, *args: Any, people: list[int], **options: Any):
        super().__init__(*args, **options)
        person: Any = self.fields["person"]
        person.queryset = User.objects.filter(pk__in=people).defer("search_vector").order_by("name", "pk")
        self.fields["since_on"].initial = timezone.localdate

    def clean_since_on(self) -> Any:
        day = self.cleaned_data["since_on"]
        if day.year < FIRST_YEAR:
            raise forms.ValidationError(_("Choose a day."))
        if day > timezone.localdate():
            raise forms.ValidationError(_("This day lies ahead. Enter the role on the day it begins."))
        return day

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if "person" in said and bool(said["person"]) == bool(said.get("name")):
            self.add_error("name", _("Choose a colleague, or write one name: one of the two."))
        return said


class EndHoldingForm(forms.Form):
    """The role becomes vacant; why may be said."""

    use_required_attribute = False

    reason = ProseField(
        required=False,
        max_length=500,
        rows=2,
        label=_("Why?"),
        help_text=_("The holder reads it. May stay empty."),
    )
