"""The paragraphs of a version and their keys, by which comments find them; pure."""

from dataclasses import dataclass, field
from typing import Any

from munistem.commons.text.languages import direction_of
from policy.models.version import RecommendationVersion
from policy.models.words import lines


@dataclass
class Paragraph:
    """A paragraph as it is shown: its key, its text in a language, the comments on it."""

    key: str
    text: str
    language: str
    comments: list[Any] = field(default_factory=list)

    @property
    def direction(self) -> str:
        return direction_of(self.text)


def parts(field_name: str, text: str) -> list[str]:
    """A title is one paragraph, steps are lines, the rest is cut at empty lines."""
    if field_name == "actions":
        return lines(text)
    return [part.strip() for part in text.replace("\r", "").split("\n\n") if part.strip()]


def paragraphs(version: RecommendationVersion, field_name: str, code: str) -> list[Paragraph]:
    """The paragraphs of a field in a language, else in Hebrew.

    A key is the field and the place in the Hebrew original: ``rationale-2``. A translation cut differently is one paragraph
    whose key is the field alone.
    """
    original = parts(field_name, getattr(version, f"{field_name}_he"))
    text = getattr(version, f"{field_name}_{code}")
    if not text:
        code, text = "he", getattr(version, f"{field_name}_he")
    own = parts(field_name, text)
    if len(own) != len(original) and original:
        return [Paragraph(field_name, "\n\n".join(own), code)] if own else []
    return [Paragraph(f"{field_name}-{place}", part, code) for place, part in enumerate(own, 1)]


def keys_of(version: RecommendationVersion, fields: tuple[str, ...]) -> set[str]:
    """All keys under which comments on a version may stand."""
    found = set(fields)
    for name in fields:
        for code in ("he", "ar", "en"):
            found |= {paragraph.key for paragraph in paragraphs(version, name, code)}
    return found
