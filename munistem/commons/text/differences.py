"""What changed between two texts, word by word, as people read it."""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import groupby

SAME, GONE, NEW = "same", "gone", "new"
#: An address, a word with what cleaves to it, a run of spaces, or a sign by itself.
PIECE = re.compile(
    r"https?://[^\s)]+|[\w\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670'’\"״׳\-־]+|\s+|[^\w\s]"
)
#: Beyond so many words two paragraphs are shown one after the other instead of woven together.
MOST_WORDS = 1_500
MOST_LINES = 1_000
#: So many comparisons of paragraphs with each other are worth their time.
MOST_PAIRS = 900

Pieces = list[tuple[str, str]]


def differences(before: str, after: str) -> list[Pieces]:
    """Paragraphs of both texts in their order, each as pieces of (``same`` | ``gone`` | ``new``, words)."""
    old, new = lines_of(before), lines_of(after)
    paragraphs: list[Pieces] = []
    for deed, a, b, c, d in SequenceMatcher(None, old, new).get_opcodes():
        if deed == "equal":
            paragraphs += [[(SAME, line)] for line in old[a:b]]
        else:
            paragraphs += paired(old[a:b], new[c:d])
    return paragraphs


def lines_of(text: str) -> list[str]:
    """The paragraphs of a text; all beyond the limit are one."""
    lines = [line for line in text.split("\n") if line.strip()]
    return lines if len(lines) <= MOST_LINES else [*lines[:MOST_LINES], " ".join(lines[MOST_LINES:])]


def paired(old: list[str], new: list[str]) -> Iterator[Pieces]:
    """Changed paragraphs beside those they most resemble, the others as gone or new."""
    if len(old) * len(new) > MOST_PAIRS:
        yield from ([(GONE, line)] for line in old)
        yield from ([(NEW, line)] for line in new)
        return
    left = list(new)
    for line in old:
        likeness = [ratio(line, other) for other in left]
        best = max(range(len(left)), key=likeness.__getitem__, default=None)
        if best is None or likeness[best] < 0.4:
            yield [(GONE, line)]
            continue
        yield from ([(NEW, other)] for other in left[:best])
        yield woven(line, left[best])
        del left[: best + 1]
    yield from ([(NEW, line)] for line in left)


def ratio(one: str, other: str) -> float:
    """How much two paragraphs share, from 0 to 1, by their words."""
    matcher = SequenceMatcher(None, one.split()[:500], other.split()[:500], autojunk=False)
    return matcher.ratio() if matcher.real_quick_ratio() >= 0.4 and matcher.quick_ratio() >= 0.4 else 0


def woven(old: str, new: str) -> Pieces:
    """One paragraph of two: what stayed, what went and what came, in the order in which it is read."""
    before, after = PIECE.findall(old), PIECE.findall(new)
    if max(len(before), len(after)) > MOST_WORDS:
        return [(GONE, old), (NEW, new)]
    pieces: Pieces = []
    for deed, a, b, c, d in SequenceMatcher(None, before, after, autojunk=len(after) > 600).get_opcodes():
        if deed == "equal":
            pieces.append((SAME, "".join(before[a:b])))
        else:
            pieces += [
                (kind, text)
                for kind, text in ((GONE, "".join(before[a:b])), (NEW, "".join(after[c:d])))
                if text
            ]
    return gathered(pieces)


def gathered(pieces: Pieces) -> Pieces:
    """Changes with nothing but a space or a sign between them read better as one."""
    changes: list[Pieces] = []
    for is_change, run in groupby(bridged(pieces), key=lambda piece: piece[0] != SAME):
        rows = list(run)
        if not is_change:
            changes.append([(SAME, "".join(text for _kind, text in rows))])
            continue
        texts = {kind: "".join(text for one, text in rows if one == kind) for kind in (GONE, NEW)}
        changes.append([(kind, text) for kind, text in texts.items() if text])
    return [piece for change in changes for piece in change]


def bridged(pieces: Pieces) -> Iterator[tuple[str, str]]:
    """A space or sign between two changes counts as gone and come again."""
    for place, (kind, text) in enumerate(pieces):
        is_between = 0 < place < len(pieces) - 1
        if kind == SAME and is_between and not re.search(r"\w", text):
            yield GONE, text
            yield NEW, text
        else:
            yield kind, text


def listed(before: list[str], after: list[str]) -> Pieces:
    """Members of two lists: those that stayed or went in their old order, then those that came."""
    stayed = set(after)
    pieces = [(SAME if word in stayed else GONE, word) for word in before]
    known = set(before)
    return pieces + [(NEW, word) for word in after if word not in known]
