import re
import unicodedata
from collections.abc import Iterable
from urllib.parse import unquote

from django.utils.translation import pgettext

CONTROLS = re.compile(
    r"[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffc"
    r"\U000e0000-\U000e007f\ud800-\udfff]"
)
NOT_IN_FILE_NAMES = re.compile(r'[<>:"|?*\\/]+')
LONGEST_FILE_NAME = 150


def harmless(text: str) -> str:
    """A name or title without direction overrides and control characters, white space folded."""
    return " ".join(CONTROLS.sub("", unicodedata.normalize("NFC", text)).split())


def harmless_text(text: str) -> str:
    """Text of several lines without direction overrides and control characters."""
    lines = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(CONTROLS.sub("", line).rstrip() for line in lines).strip()


def harmless_file_name(name: str) -> str:
    """The name of a file as its owner called it, for eyes only: decoded, without folders, overrides and odd signs.

    At most 150 characters, its extension kept; never used for a place on disk.
    """
    for _ in range(3):  # ``%252e%252e%252f`` hides its slashes behind two layers
        name = unquote(name, errors="replace")
    name = harmless(re.split(r"[/\\]", name.replace("\x00", ""))[-1])
    stem, dot, extension = NOT_IN_FILE_NAMES.sub("_", name).strip(". ").rpartition(".")
    if not dot or len(extension) > 10:
        return (f"{stem}{dot}{extension}"[:LONGEST_FILE_NAME]).strip(". ") or "file"
    return f"{stem[: LONGEST_FILE_NAME - len(extension) - 1].strip('. ') or 'file'}.{extension}"


def isolated(text: str) -> str:
    """A name for use inside a sentence of another direction (Unicode isolates; ``<bdi>`` for plain text)."""
    return f"\u2068{text}\u2069"


def listed(things: Iterable[str]) -> str:
    """Several things in a row, with the comma of the active language."""
    # Translators: what stands between things in a row; Arabic has its own comma.
    return pgettext("between things in a row", ", ").join(things)
