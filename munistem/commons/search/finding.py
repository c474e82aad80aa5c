"""Which rows answer a question, best first, out of the rows the asker may see.

The GIN index brings the rows that hold all words; only where these are few, rows with most of the words are brought
too. No more than ``ranking.ROWS`` of a kind are read and ranked, no more than ``candidates.MOST`` told. What comes
first: the row that is called exactly so, then rows with all words, then rows with most of them; a Hebrew question
prefers rows in Hebrew. Inside each of these the order is that of ``ranking``, where recent and much used rows are
lifted a little.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import (
    BigIntegerField,
    BooleanField,
    Case,
    F,
    Func,
    IntegerField,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import Cast

from munistem.commons.search import candidates
from munistem.commons.search.analyser import Group
from munistem.commons.search.candidates import (
    Matches,
    Read,
    Rows,
    Wanted,
    is_called,
    lift,
    read,
    rows_of,
    vectors_of,
)
from munistem.commons.search.query import Query
from munistem.commons.search.ranking import TITLED, Scored, asked, best, leading, scored, to_read

__all__ = ["Found", "Matches", "find", "find_all", "in_order", "is_called", "kind_of", "lift"]

FEW = 10  # rows with all words; where there are fewer, rows with most of the words are shown behind them
MUCH_OF_IT = (
    0.35  # of what the words tell that the fullest row holds; a row that lacks some words holds as much
)
MOST_NAMESAKES = 5


@dataclass
class Found:
    """What a question finds of a kind: keys, best first, and how many rows there are, at most ``MOST``."""

    keys: list[Any] = field(default_factory=list)
    total: int = 0
    whole: int = 0  # how many of the first hold all words
    tsquery: str = ""  # finds the rows beyond the keys; empty where there are none
    share: float = 0.0  # of what the words tell that the fullest row holds

    @property
    def is_more(self) -> bool:
        """Whether more rows answer than are told."""
        return bool(self.tsquery)

    def first(self, most: int | None = None) -> "Found":
        """The best few, or all that are told, without those beyond."""
        keys = self.keys[:most]
        return Found(keys, self.total, min(self.whole, len(keys)), share=self.share)


def tsquery_of(query: Query, groups: str) -> str:
    """Text of a tsquery: these groups, the phrases, and nothing of what is to be left out."""
    parts = [f"({groups})"] if groups else []
    parts += [_phrase(phrase) for phrase in query.phrases]
    parts += [f"!{_phrase(phrase)}" for phrase in query.without]
    return " & ".join(parts)


def _phrase(terms: Iterable[str]) -> str:
    return "(" + " <-> ".join(f"'{term}'" for term in terms) + ")"


def find(rows: QuerySet, query: Query) -> Found:
    """The rows of one kind that answer, out of those given; two or three queries."""
    return find_all({"": rows}, query)[""]


def find_all(kinds: Mapping[str, Rows], query: Query) -> dict[str, Found]:
    """The same of several kinds at once, in as many queries as for one."""
    if not query or not kinds:
        return {code: Found() for code in kinds}
    literal = _called_literally(kinds, query)
    wholly = {code: _wholly(query, rows, literal[code]) for code, rows in kinds.items()}
    found = read(kinds, query, {code: wanted for code, (wanted, _) in wholly.items()})
    partly = {
        code: wanted
        for code, rows in kinds.items()
        if found[code].total < FEW and (wanted := _partly(query, rows))
    }
    for code, more in read({code: kinds[code] for code in partly}, query, partly).items():
        _add_partial(found[code], more)
    ranked = {code: _scored(query, kind_of(rows), found[code]) for code, rows in kinds.items()}
    vectors = vectors_of(
        kinds, {code: _to_read(query, kind_of(kinds[code]), some) for code, some in ranked.items()}
    )
    return {
        code: _ranked(found[code], wholly[code][1], query, kind_of(rows), ranked[code], vectors[code])
        for code, rows in kinds.items()
    }


def _add_partial(found: Read, more: Read) -> None:
    """Behind the rows with all words those with any of them; ``_ranked`` leaves out what holds little."""
    known = {row.key for row in found.rows}
    found.whole = len(found.rows)
    found.rows += [row for row in more.rows if row.key not in known]
    found.total = len(found.rows)


def kind_of(rows: Rows) -> str:
    return rows.model._meta.label_lower


def _wholly(query: Query, rows: Rows, literal: Sequence[Any]) -> tuple[Wanted, str]:
    """What finds the rows with all words, and those that are called exactly what was typed; and the tsquery of it."""
    groups = query.asking(kind_of(rows))
    tsquery = tsquery_of(query, asked(groups, True))
    is_crowded = not literal and _brought(query, rows, groups, min) > candidates.MANY
    return Wanted(tsquery, asked(groups, True, TITLED) if is_crowded else "", literal), tsquery


def _partly(query: Query, rows: Rows) -> Wanted | None:
    """What finds rows that lack some words, led by the rarest of them; none where there is one word only."""
    kind = kind_of(rows)
    groups, told = query.asking(kind), query.statistics(kind)
    if len(groups) < 2:
        return None
    known = [group for group in groups if any(term in told.rows_with for term in group.terms)]
    unknown = [group for group in groups if group not in known]
    chosen, is_every = leading(known, told)
    parts = [asked(unknown)] if unknown else []
    parts += [f"({asked(chosen, is_every)})"] if chosen else []
    is_crowded = bool(chosen) and _brought(query, rows, chosen, min if is_every else sum) > candidates.MANY
    titled = asked(chosen, is_every, TITLED) if is_crowded else ""
    return Wanted(tsquery_of(query, " | ".join(parts)), titled) if parts else None


def _brought(query: Query, rows: Rows, groups: Sequence[Group], together: Any) -> float:
    """About how many rows of a table the groups bring: their share of its public rows, for all of its rows."""
    told = query.statistics(kind_of(rows))
    shares = [sum(told.rows_with.get(term, 0) for term in group.terms) / told.rows for group in groups]
    return min(1.0, together(shares)) * query.told.tables.get(rows.model._meta.db_table, 0)


def _called_literally(kinds: Mapping[str, Rows], query: Query) -> dict[str, list[Any]]:
    """Keys of rows whose very name holds quotation marks or a minus that would be read as signs of ours."""
    found: dict[str, list[Any]] = {code: [] for code in kinds}
    groups = Query(query.title, query.title).groups if query.without or query.phrases else ()
    if not groups:
        return found
    first, *others = (
        rows_of(rows)
        .filter(Matches(asked(groups, True)), is_called(query.title))
        .order_by()
        .values_list(Value(code, models.TextField()), "pk")[:MOST_NAMESAKES]
        for code, rows in kinds.items()
    )
    typed = query.text.strip()
    for code, key in list(first.union(*others, all=True) if others else first):
        row = kinds[code].model._base_manager.get(pk=key)
        if typed in (name.strip() for name in row.search_heading().splitlines()):
            found[code].append(key)
    return found


def shares_held(counted: Mapping[Any, Sequence[float]], query: Query, kind: str) -> dict[Any, float]:
    """What each of the rows holds of all that the words tell, 0 to 1, by what each word counts in it."""
    asking = {group.token for group in query.asking(kind)}
    told = query.statistics(kind)
    tells = [
        max(told.rarity(term, group.per_million) for term in group.terms) if group.token in asking else 0.0
        for group in query.weighed(kind)
    ]
    whole = sum(tells) or 1.0
    return {
        key: sum(worth for worth, score in zip(tells, words, strict=True) if score) / whole
        for key, words in counted.items()
    }


def _scored(query: Query, kind: str, read: Read) -> list[Scored]:
    return scored(query.weighed(kind), read.rows, query.statistics(kind))


def _to_read(query: Query, kind: str, found: Sequence[Scored]) -> list[Any]:
    return to_read(query.weighed(kind), found, query.statistics(kind))


def _ranked(
    read: Read, tsquery: str, query: Query, kind: str, found: Sequence[Scored], vectors: Mapping[Any, str]
) -> Found:
    rows = {row.key: row for row in read.rows}
    whole = {row.key for row in read.rows[: read.whole]}
    order = best(query.weighed(kind), found, query.statistics(kind), vectors)
    share = 1.0 if whole else 0.0
    if len(rows) > len(whole):
        counted = {one.candidate.key: one.counted for one in found if one.candidate.key not in whole}
        held = shares_held(counted, query, kind)
        fullest = max(held.values(), default=0.0)
        share = share or fullest
        # by the fullest row and not by the whole question: who asks in a sentence uses words that no answer has
        left_out = rows.keys() - whole - {key for key, worth in held.items() if worth >= MUCH_OF_IT * fullest}
        rows = {key: row for key, row in rows.items() if key not in left_out}
        order = [key for key in order if key in rows]
        read.total -= len(left_out)
    prefers_hebrew = query.language == "he"

    def tier(key: Any) -> tuple[bool, bool, bool]:
        row = rows[key]
        return not row.is_called, key not in whole, prefers_hebrew and row.is_foreign

    keys = sorted([*order, *(rows.keys() - set(order))], key=tier) + read.others
    is_all = read.total <= len(keys) < candidates.MOST
    return Found(keys, len(keys), read.whole, "" if is_all else tsquery, share)


class _Place(Func):
    function = "array_position"
    output_field = IntegerField()


class _IsAmong(Func):
    template = "%(expressions)s)"
    arg_joiner = " = ANY("
    output_field = BooleanField()
    conditional = True


WHOLE = BigIntegerField()


def _listed(keys: Sequence[Any]) -> Cast:
    """Keys as one parameter that nothing goes through one by one: IN has a thousand."""
    return Cast(Value(f"{{{','.join(map(str, keys))}}}", models.TextField()), ArrayField(WHOLE))


def is_among(keys: Sequence[Any]) -> Func:
    """The condition that a row's key is one of these."""
    return _IsAmong(Cast(F("pk"), WHOLE), _listed(keys))


def in_order(keys: Sequence[Any]) -> Case | Cast:
    """The place of a row's key in a list of keys, null when it is not there.

    The list is gone through only for rows that stand in it: PostgreSQL looks the others up by their hash, and where
    twenty thousand rows match, that is a sixteenth of the time.
    """
    nowhere = Cast(Value(None), IntegerField())  # a bare NULL cannot be ordered by
    place = _Place(_listed(keys), Cast(F("pk"), WHOLE))
    return Case(When(is_among(keys), then=place), default=nowhere) if keys else nowhere
