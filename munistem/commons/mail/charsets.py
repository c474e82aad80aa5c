"""Letters of mails as they come: in old Hebrew and Arabic charsets, in none at all, or in one that is not true."""

import re
from email.errors import HeaderParseError
from email.header import decode_header

#: Charsets that mails are written in. Other codecs of Python are no charsets, and some take for ever.
KNOWN = re.compile(
    r"us-ascii|ascii|utf-?8|utf-?16(?:le|be)?|(?:iso[-_]?8859|latin)[-_]?\d{1,2}|(?:windows|cp|ibm)-?\d{3,4}|koi8-?[ru]"
    r"|gb2312|gbk|gb18030|big5|shift[-_]jis|euc-?(?:jp|kr)|iso-2022-(?:jp|kr)|mac-?roman|macintosh"
)
LONGEST_HEADER = 4_000
FEW = 0.15


def decode(data: bytes, declared: str = "") -> str:
    """The text of some bytes; never fails."""
    name = re.sub(r"^iso[-_]?8859[-_]8[-_]?[ie]$", "iso-8859-8", declared.strip("\"' ").lower())
    if name in {"us-ascii", "ascii"} or not KNOWN.fullmatch(name):
        return guess(data)
    try:
        return data.decode(name)
    except (UnicodeError, LookupError):
        return guess(data)


def guess(data: bytes) -> str:
    """UTF-8, else what Israeli and Arab mail programs wrote before it: letters alone tell the two from each other."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        high = [byte for byte in data[:20_000] if byte >= 0xC0]
        # Arabic is full of alif, ba, ta (below 0xE0), where Hebrew has nothing but points.
        is_arabic = bool(high) and sum(byte < 0xE0 for byte in high) > FEW * len(high)
        return data.decode("cp1256" if is_arabic else "cp1255", errors="replace")


def header(value: object) -> str:
    """A header in one line as a person reads it: encoded words, raw bytes and all."""
    raw = str(value)[:LONGEST_HEADER].encode("utf-8", "surrogateescape")
    text = " ".join(guess(raw).split())
    if "=?" not in text:
        return text
    try:
        pieces = decode_header(text)
    except (HeaderParseError, ValueError):
        return text
    return "".join(
        decode(piece, charset or "") if isinstance(piece, bytes) else piece for piece, charset in pieces
    ).strip()
