"""What people type about an item in one line or several – tags, links – taken apart; each raises ValidationError."""

import re

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext_lazy as _

from munistem.commons.search.analyser import normalised
from munistem.commons.text.names import harmless

LONGEST_TITLE = 150
LONGEST_SUMMARY = 600
LONGEST_TAG = 40
MOST_TAGS = 12
MOST_LINKS = 20
is_web_address = URLValidator(schemes=["http", "https"])


def tags_in(text: str) -> list[str]:
    """Words between commas, each once."""
    words = [harmless(word).strip("#") for word in re.split(r"[,،;\n]", text)]
    words = list({word.casefold(): word for word in words if normalised(word)}.values())
    if too_long := next((word for word in words if len(word) > LONGEST_TAG), ""):
        raise ValidationError(
            _("“%(word)s” is too long for a tag. Put commas between the tags."),
            params={"word": too_long[:60]},
        )
    if len(words) > MOST_TAGS:
        raise ValidationError(_("Choose at most %(most)s tags."), params={"most": MOST_TAGS})
    return words


def links_in(text: str) -> list[tuple[str, str]]:
    """One address a line, with an optional title after a space: pairs of address and title."""
    pairs = []
    for line in text.split("\n"):
        if not line.strip():
            continue
        url, _space, title = line.strip().partition(" ")
        url = url if "://" in url else f"https://{url}"
        try:
            is_web_address(url)
        except ValidationError as error:
            raise ValidationError(
                _("“%(line)s” does not begin with a web address. Write one address a line."),
                params={"line": line[:80]},
            ) from error
        pairs.append((url, harmless(title)[:200]))
    if len(pairs) > MOST_LINKS:
        raise ValidationError(_("Give at most %(most)s links."), params={"most": MOST_LINKS})
    return pairs
