import re
import unicodedata

CONTROLS = re.compile(r"[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")


def harmless(text: str) -> str:
    """A name or title without direction overrides and control characters, white space folded."""
    return " ".join(CONTROLS.sub("", unicodedata.normalize("NFC", text)).split())


def harmless_text(text: str) -> str:
    """Text of several lines without direction overrides and control characters."""
    lines = unicodedata.normalize("NFC", text).replace("\r\n", "\n").split("\n")
    return "\n".join(CONTROLS.sub("", line).rstrip() for line in lines).strip()
