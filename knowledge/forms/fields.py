"""Fields of their own: several words, several addresses, words of the vocabulary, a mark against sending twice."""

import re
from typing import Any
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext_lazy as _

from munistem.commons.search.analyser import normalised
from munistem.commons.terms.models import Term
from munistem.commons.text.forms import NameField, ProseField
from munistem.commons.text.names import harmless

LONGEST_TAG = 40
MOST_TAGS = 12
MOST_LINKS = 20


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
        words = [harmless(word).strip("#") for word in re.split(r"[,،;\n]", super().clean(value) or "")]
        words = list({word.casefold(): word for word in words if normalised(word)}.values())
        if too_long := next((word for word in words if len(word) > LONGEST_TAG), ""):
            raise ValidationError(
                _("“%(word)s” is too long for a tag. Put commas between the tags."),
                params={"word": too_long[:60]},
            )
        if len(words) > MOST_TAGS:
            raise ValidationError(_("Choose at most %(most)s tags."), params={"most": MOST_TAGS})
        return words

    def prepare_value(self, value):
        return ", ".join(value) if isinstance(value, list) else value


class LinksField(ProseField):
    """One address a line, with an optional title after a space; the cleaned value is a list of pairs."""

    is_web_address = URLValidator(schemes=["http", "https"])

    def clean(self, value):
        pairs = []
        for line in (super().clean(value) or "").split("\n"):
            if not line.strip():
                continue
            url, _space, title = line.strip().partition(" ")
            url = url if "://" in url else f"https://{url}"
            try:
                self.is_web_address(url)
            except ValidationError as error:
                raise ValidationError(
                    _("“%(line)s” does not begin with a web address. Write one address a line."),
                    params={"line": line[:80]},
                ) from error
            pairs.append((url, harmless(title)[:200]))
        if len(pairs) > MOST_LINKS:
            raise ValidationError(_("Give at most %(most)s links."), params={"most": MOST_LINKS})
        return pairs

    def prepare_value(self, value):
        return "\n".join(" ".join(filter(None, pair)) for pair in value) if isinstance(value, list) else value


class TermsField(forms.ModelMultipleChoiceField):
    """Words of the curated vocabulary."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, **options: Any):
        super().__init__(Term.objects.none(), required=False, to_field_name="slug", **options)
