"""What an applicant fills in, step by step; limits that serve people, and messages that say what to do."""

import re
from typing import Any

from django import forms
from django.urls import reverse, reverse_lazy
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.enums import OrganisationType
from members.models import LocalAuthority, RegionalCluster
from munistem.commons.enums import LifeStage
from munistem.commons.search.analyser import normalised
from munistem.commons.text.forms import NameField, ProseField

MOST_FOUND = 12
#: Types whose organisations stand in the national register.
REGISTERED = {OrganisationType.MUNICIPALITY: LocalAuthority, OrganisationType.CLUSTER: RegionalCluster}
NAMES = ("name_he", "name_ar", "name_en")
PHONE = re.compile(r"\+?[\d\s().*-]{7,25}")


def code_of(row: Any) -> str:
    """What stands for a row of the register in a form: the code of an authority, the slug of a cluster."""
    return str(row.cbs_code if isinstance(row, LocalAuthority) else row.slug)


def find_rows(kind: str, typed: str) -> list[Any]:
    """Rows of the register whose code or any of whose names holds what is typed, exact ones and beginnings first."""
    wanted = normalised(typed)
    if not wanted or kind not in REGISTERED:
        return []
    model: Any = REGISTERED[OrganisationType(kind)]
    found = []
    for row in model.objects.only("pk", *NAMES, *(() if model is LocalAuthority else ("slug",))):
        if (place := nearness(row, wanted)) is not None:
            found.append((place, row.name_he, row))
    return [row for _place, _name, row in sorted(found, key=lambda entry: entry[:2])]


def nearness(row: Any, wanted: str) -> int | None:
    """0 for the very name or code, 1 for its beginning, 2 for the beginning of a word, 3 within; None when it is not there."""
    names = [name for field in NAMES if (name := normalised(getattr(row, field)))]
    if wanted == normalised(code_of(row)) or wanted in names:
        return 0
    if any(name.startswith(wanted) for name in names):
        return 1
    if any(f" {wanted}" in name for name in names):
        return 2
    return 3 if any(wanted in name for name in names) else None


class TypeForm(forms.Form):
    """What kind of organisation applies."""

    type = forms.ChoiceField(
        choices=OrganisationType.choices,
        label=gettext_lazy("Who would like to join?"),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose what describes your organisation best.")},
    )
    place = forms.CharField(required=False, widget=forms.HiddenInput, max_length=100)


class PlaceForm(forms.Form):
    """A row of the register, by any of its names or its code; several matches come back as a choice."""

    place = NameField(
        max_length=100,
        label="",
        error_messages={"required": gettext_lazy("Type a part of the name, or the code.")},
    )

    def __init__(self, *args: Any, kind: str, **options: Any):
        super().__init__(*args, **options)
        self.kind, self.row, self.candidates = kind, None, []
        field: Any = self.fields["place"]
        field.label = _("Your municipality") if kind == OrganisationType.MUNICIPALITY else _("Your cluster")
        field.help_text = _(
            "Type a part of its name in Hebrew, Arabic or English, or its code at the Central Bureau of Statistics."
        )
        field.widget.attrs["data-picker"] = f"{reverse_lazy('find_register_row')}?type={kind}&q="
        if row := self.initial.get("row"):
            field.initial = code_of(row)
            field.widget.attrs["data-label"] = row.name

    def clean_place(self) -> str:
        typed = str(self.data.get("picked") or self.cleaned_data["place"])[:100]
        rows = find_rows(self.kind, typed)
        exact = [row for row in rows if nearness(row, normalised(typed)) == 0]
        if len(exact) == 1 or len(rows) == 1:
            self.row = (exact or rows)[0]
            return typed
        if not rows:
            raise forms.ValidationError(
                _("Nothing in the register sounds like this. Try another spelling or the code.")
            )
        self.candidates = [(code_of(row), row.name) for row in rows[:MOST_FOUND]]
        raise forms.ValidationError(_("Several match. Choose one below, or type more of the name."))


class DescribeForm(forms.Form):
    """An organisation that stands in no register."""

    organisation_name = NameField(
        max_length=120,
        min_length=2,
        label=gettext_lazy("Name of the organisation"),
        help_text=gettext_lazy("As it is known in public."),
    )
    website = forms.URLField(
        required=False,
        max_length=200,
        assume_scheme="https",
        label=gettext_lazy("Website"),
        error_messages={
            "invalid": gettext_lazy("This is no web address. It looks like https://example.org/page")
        },
        widget=forms.URLInput(attrs={"dir": "ltr", "inputmode": "url"}),
    )
    description = ProseField(
        max_length=2_000,
        label=gettext_lazy("What do you do in STEM?"),
        help_text=gettext_lazy("For whom, where, and with whom. Two or three sentences are enough."),
    )


class ContactForm(forms.Form):
    """Who applies, why, and what they agree to."""

    contact_name = NameField(max_length=80, min_length=2, label=gettext_lazy("Your name"))
    email = forms.EmailField(
        max_length=254,
        label=gettext_lazy("E-mail address at work"),
        help_text=gettext_lazy(
            "We send a link there to confirm it, and later our answer. You will sign in with it."
        ),
        error_messages={"invalid": gettext_lazy("This is no e-mail address. It looks like name@example.org")},
        widget=forms.EmailInput(attrs={"autocomplete": "email", "dir": "ltr"}),
    )
    role = NameField(
        max_length=120, label=gettext_lazy("Your role"), help_text=gettext_lazy("For instance: STEM manager")
    )
    phone = NameField(
        required=False,
        max_length=30,
        label=gettext_lazy("Phone"),
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "dir": "ltr"}),
    )
    motive = ProseField(
        max_length=2_000,
        label=gettext_lazy("What do you hope to find in the network?"),
        help_text=gettext_lazy(
            "And what could others learn from you? A few words help us to welcome you well."
        ),
    )
    life_stages = forms.MultipleChoiceField(
        required=False,
        choices=LifeStage.choices,
        label=gettext_lazy("Which life stages do you work with?"),
        widget=forms.CheckboxSelectMultiple,
    )
    speaks_for = forms.BooleanField(
        label=gettext_lazy("I work for this organisation and may apply on its behalf."),
        error_messages={"required": gettext_lazy("Only who works for the organisation can apply for it.")},
    )
    agrees = forms.BooleanField(
        label=gettext_lazy(
            "I agree to the terms of use, and that what I wrote is kept to handle the application."
        ),
        error_messages={"required": gettext_lazy("Without your consent we may not handle the application.")},
    )

    def __init__(self, *args: Any, **options: Any):
        super().__init__(*args, **options)
        pages = [(reverse("show_terms"), _("Terms of use")), (reverse("show_privacy"), _("Privacy"))]
        self.fields["agrees"].help_text = format_html_join(" · ", '<a href="{}">{}</a>', pages)

    def clean_email(self) -> str:
        return self.cleaned_data["email"].lower()

    def clean_phone(self) -> str:
        phone = self.cleaned_data["phone"]
        if phone and not PHONE.fullmatch(phone):
            raise forms.ValidationError(_("This is no phone number. Digits, spaces and hyphens will do."))
        return phone


class AnswerForm(forms.Form):
    """An answer to a question of the admins."""

    body = ProseField(
        max_length=4_000,
        label=gettext_lazy("Your answer"),
        error_messages={"required": gettext_lazy("Write a few words first.")},
    )


class AddressForm(forms.Form):
    """The address to which the way back to an application is mailed."""

    email = forms.EmailField(
        max_length=254,
        label=gettext_lazy("E-mail address"),
        help_text=gettext_lazy("The one you gave in the application."),
        error_messages={"invalid": gettext_lazy("This is no e-mail address. It looks like name@example.org")},
        widget=forms.EmailInput(attrs={"autocomplete": "email", "dir": "ltr"}),
    )

    def clean_email(self) -> str:
        return self.cleaned_data["email"].lower()


class TeamForm(forms.Form):
    """A person asks to act for an organisation that is a member already."""

    name = NameField(max_length=80, min_length=2, label=gettext_lazy("Your name"))
    email = forms.EmailField(
        max_length=254,
        label=gettext_lazy("E-mail address at work"),
        help_text=gettext_lazy("We send a link there to confirm it. You will sign in with it."),
        error_messages={"invalid": gettext_lazy("This is no e-mail address. It looks like name@example.org")},
        widget=forms.EmailInput(attrs={"autocomplete": "email", "dir": "ltr"}),
    )
    role = NameField(
        max_length=120, label=gettext_lazy("Your role"), help_text=gettext_lazy("For instance: STEM manager")
    )
    note = ProseField(
        required=False,
        max_length=1_000,
        label=gettext_lazy("A few words to the managers"),
        help_text=gettext_lazy("How do they know you?"),
    )

    def clean_email(self) -> str:
        return self.cleaned_data["email"].lower()
