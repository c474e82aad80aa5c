"""What people fill in about themselves."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from members.models import User
from munistem.commons.enums import Language
from munistem.commons.files.forms import OneFileField
from munistem.commons.files.models import FileKind
from munistem.commons.terms.models import Term
from munistem.commons.text.forms import NameField, ProseField
from munistem.commons.text.names import harmless

PHONE = re.compile(r"\+?[0-9][0-9 ()/*-]{5,24}")


class SignupForm(forms.Form):
    """What we ask beside address and password when a person signs up."""

    name = forms.CharField(label=_("Full name"), max_length=80)

    def clean_name(self):
        return harmless(self.cleaned_data["name"])

    def signup(self, request, user):
        user.name = self.cleaned_data["name"]
        user.save(update_fields=["name"])


class PhoneField(NameField):
    """A telephone number as people write it."""

    def __init__(self, **options: Any):
        options.setdefault(
            "widget", forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "dir": "ltr"})
        )
        super().__init__(max_length=30, **options)

    def clean(self, value):
        number = super().clean(value)
        if number and not PHONE.fullmatch(number):
            raise forms.ValidationError(
                _("Write the number with digits, for example 04-9085671."), code="no_phone"
            )
        return number


class ProfileForm(forms.Form):
    """What a person tells of themself."""

    name = NameField(
        label=_("Full name"),
        max_length=80,
        min_length=2,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    role_title = NameField(
        label=_("Role"),
        max_length=120,
        required=False,
        help_text=_("In a few words, as on a business card."),
        widget=forms.TextInput(attrs={"autocomplete": "organization-title"}),
    )
    ask_me_about = ProseField(
        label=_("Ask me about"),
        max_length=400,
        rows=3,
        required=False,
        help_text=_("What did you do that others could learn from? This is how peers find you."),
    )
    about = ProseField(label=_("About me"), max_length=2_000, rows=5, required=False)
    photo = OneFileField(
        label=_("Picture"),
        kinds={FileKind.IMAGE},
        required=False,
        help_text=_("It is cut to a square. People of the network see it beside what you write."),
    )
    drops_photo = forms.BooleanField(label=_("Take the present picture away"), required=False)
    topics = forms.ModelMultipleChoiceField(
        Term.objects.none(),
        label=_("Topics that concern me"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("My day shows you what is new in them."),
    )
    languages = forms.MultipleChoiceField(
        label=_("Languages I speak"),
        choices=Language.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    phone = PhoneField(
        label=_("Phone"),
        required=False,
        help_text=_("People of the network see it. Leave it empty to keep it to yourself."),
    )
    is_email_shown = forms.BooleanField(
        label=_("Show my e-mail address to people of the network"), required=False
    )
    language = forms.ChoiceField(label=_("Language of the portal and of our mails"), choices=Language.choices)

    def __init__(self, *args: Any, person: User, **options: Any):
        told = (
            "name",
            "role_title",
            "ask_me_about",
            "about",
            "languages",
            "phone",
            "is_email_shown",
            "language",
        )
        start = {field: getattr(person, field) for field in told}
        super().__init__(*args, initial={**start, "topics": list(person.topics.all())}, **options)
        subjects = Term.objects.subjects().in_order()
        self.fields["topics"].queryset = subjects  # type: ignore[attr-defined]
        if not subjects:
            del self.fields["topics"]
        if not person.photo_id:
            del self.fields["drops_photo"]
