from typing import Any

from django.utils.translation import get_language

ORDER = ("he", "en", "ar")


def pick(thing: Any, field: str, language: str | None = None) -> str:
    """The text of ``field_he/_ar/_en`` in the reader's language, else in the first language that has it."""
    wanted = (language or get_language() or "he")[:2]
    for code in (wanted, *ORDER):
        if text := getattr(thing, f"{field}_{code}", ""):
            return text
    return ""


def picked_language(thing: Any, field: str) -> str:
    """The language code in which :func:`pick` answers, for a ``lang`` attribute."""
    wanted = (get_language() or "he")[:2]
    return next((code for code in (wanted, *ORDER) if getattr(thing, f"{field}_{code}", "")), wanted)
