"""What stands in the library already and looks like what somebody is about to add; only what that person may see.

Texts are compared by the smallest marks of their shingles (five words in a row), which say how much two texts share.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from knowledge.models import Item, ItemPrint, RevisionFile
from munistem.commons.search.analyser import words
from munistem.commons.text.html import plain

SHINGLE, MOST_MARKS, FEWEST_WORDS = 5, 128, 25
MOST_WORDS = 60_000
SAME_TEXT, SAME_TITLE = 0.5, 0.6
MOST_SHOWN = 4
REASONS = {
    "file": _("The same file stands there already."),
    "text": _("It says nearly the same."),
    "title": _("It has a title much like this one."),
}


@dataclass(frozen=True)
class Near:
    """An item of the library, and in which way what is added looks like it."""

    item: Item
    reason: str

    @property
    def words(self) -> str:
        return str(REASONS[self.reason])


def marks_of(text: str) -> list[int]:
    """The smallest marks of the shingles of a text; none for a text too short to be told from others."""
    spoken = words(text)[:MOST_WORDS]
    if len(spoken) < FEWEST_WORDS:
        return []
    shingles = {" ".join(spoken[at : at + SHINGLE]) for at in range(len(spoken) - SHINGLE + 1)}
    return sorted(mark(shingle) for shingle in shingles)[:MOST_MARKS]


def mark(shingle: str) -> int:
    return int.from_bytes(blake2b(shingle.encode(), digest_size=8).digest(), "big") >> 1


def alike(one: Collection[int], other: Collection[int]) -> float:
    """The share of shingles that two texts have in common, estimated by the smallest of both together."""
    smallest = sorted({*one, *other})[:MOST_MARKS]
    both = {*one} & {*other}
    return sum(value in both for value in smallest) / len(smallest) if smallest else 0.0


def find_near(user: Any, *, files: Iterable[str] = (), text: str = "", title: str = "") -> list[Near]:
    """Items a person may see that hold one of these files, say nearly the same, or are called nearly so; surest first.

    files: SHA-256 of each.
    """
    visible = Item.objects.visible_to(user).select_related("published")
    found: dict[int, Near] = {}
    for reason, rows in (
        ("file", with_file(user, visible, [sum_ for sum_ in files if sum_])),
        ("text", with_text(visible, marks_of(text))),
        ("title", with_title(visible, title)),
    ):
        for row in rows:
            found.setdefault(row.pk, Near(row, reason))
    return list(found.values())[:MOST_SHOWN]


def with_file(user: Any, visible: Any, files: list[str]) -> list[Item]:
    if not files:
        return []
    held = RevisionFile.objects.visible_to(user).filter(file__sha256__in=files)
    return list(visible.filter(pk__in=held.values("revision__item")).order_by("-pk")[:MOST_SHOWN])


def with_text(visible: Any, marks: list[int]) -> list[Item]:
    """Of the published ones: a print is of nothing else."""
    if not marks:
        return []
    rows = visible.published().filter(text_print__marks__overlap=marks).annotate(marks=F("text_print__marks"))
    near = [(alike(marks, row.marks), row) for row in rows.order_by("-pk")[:200]]
    near = sorted((pair for pair in near if pair[0] >= SAME_TEXT), key=lambda pair: -pair[0])
    return [row for _share, row in near[:MOST_SHOWN]]


def with_title(visible: Any, title: str) -> list[Item]:
    """Published ones whose title shares most of its words with this one."""
    asked = set(words(title))
    if len(asked) < 2:
        return []
    rows = visible.published().matching(re.sub(r'["”“״-]', " ", title))[:8]
    return [row for row in rows if shares(asked, set(words(row.published.title))) >= SAME_TITLE]


def shares(one: set[str], other: set[str]) -> float:
    return len(one & other) / len(one | other) if one | other else 0.0


# Keeping prints ------------------------------------------------------------------------------------------


def text_of(item: Item) -> str:
    """All that is read in the published revision."""
    revision: Any = item.published
    files = revision.files.order_by("position", "pk").values_list("file__text", flat=True)
    return "\n".join([plain(revision.body), *files])


@transaction.atomic
def keep_print(item: Item) -> None:
    """Write the print of what is published of an item."""
    marks = marks_of(text_of(item))
    ItemPrint.objects.update_or_create(item=item, defaults={"marks": marks, "made_at": timezone.now()})


def keep_prints(most: int = 100) -> int:
    """Write the prints that are missing or older than what is published; returns how many."""
    stale = Q(text_print__isnull=True) | Q(text_print__made_at__lt=F("published__decided_at"))
    rows = Item.objects.filter(stale, published__isnull=False).select_related("published").order_by("pk")
    left = list(rows[:most])
    for item in left:
        keep_print(item)
    return len(left)


def forget_prints_of(stored: Any) -> None:
    """The text of a file has become known: the prints of the items that hold it are made anew."""
    ItemPrint.objects.filter(item__published__files__file=stored).delete()
