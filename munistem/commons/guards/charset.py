"""UTF-8 that marks what it cannot read instead of replacing it, so that a guard can tell it from what people wrote.

Django replaces bytes that are no UTF-8 by U+FFFD; people paste that very sign from damaged PDFs and may keep it.
"""

import codecs

NAME = "utf8marking"


def decode(data: bytes, errors: str = "strict") -> tuple[str, int]:
    """Unreadable bytes become lone surrogates whatever the caller would do with errors."""
    return codecs.utf_8_decode(data, "surrogateescape", True)


def find(name: str) -> codecs.CodecInfo | None:
    return codecs.CodecInfo(codecs.utf_8_encode, decode, name=NAME) if name == NAME else None


codecs.register(find)
