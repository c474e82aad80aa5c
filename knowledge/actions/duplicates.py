"""What stands in the library already and looks like what somebody is about to add; only what that person may see.

Texts are compared by the smallest marks of their shingles (five words in a row), which say how much two texts share.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from math import ceil
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from knowledge.models import Item, ItemPrint, RevisionFile
from munistem.commons.search.analyser import words
from munistem.commons.search.completion import holding_one_of
from munistem.commons.text.html import plain

SHINGLE, MOST_MARKS, FEWEST_WORDS = 5, 128, 25
MOST_WORDS = 60_000
SAME_TEXT, SAME_TITLE = 0.5, 0.6
FEWEST_OF_TITLE = 2  # words; one word alone is like too many
MOST_SHOWN = 4
#: Of the smallest marks so many are looked for: of two texts that share half, one of these is shared but for once in 10⁷.
MOST_ASKED = 24
MOST_READ = 2_000  # rows that are compared; more share a mark, a word or a file only in a very odd library
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


def both(*texts: Iterable[int]) -> list[int]:
    """The marks of several texts read one after the other."""
    return sorted(set().union(*texts))[:MOST_MARKS]


@dataclass(frozen=True)
class Sought:
    """What somebody is about to add. files: SHA-256 of each; marks: of what it says, see ``marks_of``."""

    files: Collection[str] = ()
    marks: Collection[int] = ()
    title: str = ""


def find_near(user: Any, *, files: Iterable[str] = (), text: str = "", title: str = "") -> list[Near]:
    """Items a person may see that hold one of these files, say nearly the same, or are called nearly so; surest first.

    files: SHA-256 of each.
    """
    return find_near_each(user, [Sought(list(files), marks_of(text), title)])[0]


def find_near_each(user: Any, sought: Sequence[Sought]) -> list[list[Near]]:
    """The same for many at once, in at most four queries however many they are."""
    visible = Item.objects.visible_to(user)
    found: list[dict[int, str]] = [{} for _one in sought]
    for reason, rows in (
        ("file", with_files(user, visible, sought)),
        ("text", with_texts(visible, sought)),
        ("title", with_titles(visible, sought)),
    ):
        for place, pk in rows:
            if len(found[place]) < MOST_SHOWN:
                found[place].setdefault(pk, reason)
    wanted = set().union(*found)
    items = visible.select_related("published").in_bulk(wanted) if wanted else {}
    return [[Near(items[pk], reason) for pk, reason in near.items() if pk in items] for near in found]


def with_files(user: Any, visible: Any, sought: Sequence[Sought]) -> Iterator[tuple[int, int]]:
    """Place of what is sought and key of an item that holds one of its files, the newest first."""
    asked = {sum_ for one in sought for sum_ in one.files if sum_}
    if not asked:
        return
    held = RevisionFile.objects.visible_to(user).filter(file__sha256__in=asked, revision__item__in=visible)
    rows = held.order_by("-revision__item", "pk").values_list("file__sha256", "revision__item")
    known: dict[str, dict[int, None]] = {}
    for sha256, item in rows[:MOST_READ]:
        known.setdefault(sha256, {})[item] = None
    for place, one in enumerate(sought):
        for item in dict.fromkeys(item for sha256 in one.files for item in known.get(sha256, ())):
            yield place, item


def with_texts(visible: Any, sought: Sequence[Sought]) -> Iterator[tuple[int, int]]:
    """Of the published ones (a print is of nothing else) those that share half of their shingles, the nearest first."""
    asked = {mark for one in sought for mark in sorted(one.marks)[:MOST_ASKED]}
    if not asked:
        return
    rows = visible.published().filter(text_print__marks__overlap=list(asked)).order_by("-pk")
    prints = dict(rows.values_list("pk", "text_print__marks")[:MOST_READ])
    holding: dict[int, list[int]] = {}
    for pk, marks in prints.items():
        for value in asked.intersection(marks):
            holding.setdefault(value, []).append(pk)
    for place, one in enumerate(sought):
        near = {pk for value in one.marks for pk in holding.get(value, ())}
        shared = sorted(((alike(one.marks, prints[pk]), pk) for pk in near), reverse=True)
        yield from ((place, pk) for share, pk in shared if share >= SAME_TEXT)


def with_titles(visible: Any, sought: Sequence[Sought]) -> Iterator[tuple[int, int]]:
    """Published ones whose title shares most of its words with one that is sought, the nearest first."""
    asked = [set(words(one.title)) for one in sought]
    telling = {word for title in asked if len(title) >= FEWEST_OF_TITLE for word in telling_words(title)}
    if not telling:
        return
    rows = visible.published().filter(holding_one_of(telling)).order_by("-pk")
    known = [(pk, set(title.split())) for pk, title in rows.values_list("pk", "search_title")[:MOST_READ]]
    holding: dict[str, list[int]] = {}
    for at, (_pk, title) in enumerate(known):
        for word in title & telling:
            holding.setdefault(word, []).append(at)
    for place, title in enumerate(asked):
        if len(title) < FEWEST_OF_TITLE:
            continue
        near = {at for word in title for at in holding.get(word, ())}
        shared = sorted(((shares(title, known[at][1]), known[at][0]) for at in near), reverse=True)
        yield from ((place, pk) for share, pk in shared if share >= SAME_TITLE)


def telling_words(title: set[str]) -> list[str]:
    """The longest words, so many that a title that shares most of them holds at least one of these."""
    spare = len(title) - ceil(SAME_TITLE * len(title))
    return sorted(title, key=lambda word: (-len(word), word))[: spare + 1]


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
