"""Fields of their own: several words, several addresses, words of the vocabulary, a mark against sending twice."""

from typing import Any
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError

from knowledge.actions.words import links_in, tags_in
from munistem.commons.terms.models import Term
from munistem.commons.text.forms import NameField, ProseField


class NonceField(forms.UUIDField):
    """Tells one filled-in form from another, so that sending it twice counts once; odd values get a new one."""

    widget = forms.HiddenInput

    def __init__(self):
        super().__init__(required=False, initial=uuid4)

    def clean(self, value):
        try:
            return super().clean(value) or uuid4()
        except ValidationError:
            return uuid4()


class TagsField(NameField):
    """Words between commas; the cleaned value is a list."""

    def clean(self, value):
        return tags_in(super().clean(value) or "")

    def prepare_value(self, value):
        return ", ".join(value) if isinstance(value, list) else value


class LinksField(ProseField):
    """One address a line, with an optional title after a space; the cleaned value is a list of pairs."""

    def clean(self, value):
        return links_in(super().clean(value) or "")

    def prepare_value(self, value):
        return "\n".join(" ".join(filter(None, pair)) for pair in value) if isinstance(value, list) else value


class TermsField(forms.ModelMultipleChoiceField):
    """Words of the curated vocabulary."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, **options: Any):
        super().__init__(Term.objects.none(), required=False, to_field_name="slug", **options)
