"""A free tag is put in order: it joins a word of the vocabulary, or becomes one."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from munistem.commons.terms.models import Term, TermKind
from munistem.commons.text.forms import NameField

LONGEST_NAME = 60


class JoinForm(forms.Form):
    """Which word of the vocabulary means the same."""

    into = forms.ModelChoiceField(
        Term.objects.none(),
        label=_("Means the same as"),
        to_field_name="slug",
        empty_label=_("Choose a word"),
        help_text=_("What bears the tag will bear this word; the tag is kept as its synonym."),
    )

    def __init__(self, *args: Any, **options: Any):
        super().__init__(*args, **options)
        self.fields["into"].queryset = Term.objects.curated().in_order()  # type: ignore[attr-defined]


class AdoptForm(forms.Form):
    """The new word, in three languages."""

    kind = forms.ChoiceField(
        label=_("What does it tell?"),
        choices=[(TermKind.SUBJECT, _("A subject")), (TermKind.POPULATION, _("For whom it is"))],
        widget=forms.RadioSelect,
        initial=TermKind.SUBJECT,
    )
    name_he = NameField(label=_("In Hebrew"), max_length=LONGEST_NAME)
    name_ar = NameField(label=_("In Arabic"), max_length=LONGEST_NAME)
    name_en = NameField(label=_("In English"), max_length=LONGEST_NAME)

    def names(self) -> dict[str, str]:
        return {code: self.cleaned_data[f"name_{code}"] for code in ("he", "ar", "en")}
