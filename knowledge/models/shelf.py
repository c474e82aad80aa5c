"""How items stand on the shelves: one of each work, by facets, with the counts of what each value would show."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import Case, Count, Exists, F, Func, OuterRef, Q, Value, When
from django.db.models.functions import Coalesce, JSONObject

from knowledge.enums import Facet
from munistem.commons.search.models import SearchableQuerySet


class Unnest(Func):
    function = "unnest"
    output_field = models.TextField()
    set_returning = True


class ShelfQuerySet(SearchableQuerySet):
    def one_per_work(self, language: str):
        """Of the editions of one work among these rows one: in this language, else the first written, else any.

        Take it after ``visible_to`` and ``matching``, so that what is not among these rows hides nothing.
        """
        return self.filter(self._first_of_work(language))

    def _first_of_work(self, language: str) -> Any:
        rows = self.order_by()
        editions = rows.filter(edition_of__isnull=False)
        wanted = editions.filter(language=language).values("edition_of")
        originals = rows.filter(pk__in=self.model._base_manager.exclude(edition_of=None).values("edition_of"))
        earlier = editions.filter(edition_of=OuterRef("edition_of"), language__lt=OuterRef("language"))
        return (
            Q(language=language)
            | (Q(edition_of__isnull=True) & ~Q(pk__in=wanted))
            | (
                Q(edition_of__isnull=False)
                & ~Q(edition_of__in=wanted)
                & ~Q(edition_of__in=originals.values("pk"))
                & ~Exists(earlier)
            )
        )

    def of_work(self, item: Any):
        """An item with its editions, or an edition with the first one and its other editions."""
        work = item.edition_of_id or item.pk
        return self.filter(Q(pk=work) | Q(edition_of=work))

    def with_editions(self, user):
        """Annotate ``edition_rows``: the same in other languages, published and visible to this person.

        And ``edition_languages``, for those who keep it: of all the others, also those that are only begun.
        """
        work = Coalesce(OuterRef("edition_of"), OuterRef("pk"))
        items: Any = self.model
        others = items.objects.filter(Q(pk=work) | Q(edition_of=work)).exclude(pk=OuterRef("pk"))
        seen = others.filter(pk__in=items.objects.visible_to(user).published().values("pk")).order_by(
            "language"
        )
        fields = JSONObject(slug="slug", language="language", title="published__title")
        return self.annotate(
            edition_rows=ArraySubquery(seen.values(data=fields)),
            edition_languages=ArraySubquery(others.order_by("language").values("language")),
        )

    def having(self, chosen: Mapping[str, str]):
        """Items that show these values: facet → value."""
        return self.filter(facets__contains=_codes(chosen)) if chosen else self

    def count_facets(self, chosen: Mapping[str, str], language: str = "") -> dict[str, Counter]:
        """How many works each value of each facet would show, beside what is chosen of the other facets.

        chosen: facet → value; language: in which a work with several editions counts, as ``one_per_work`` shows it; each
        of its languages counts as a language. Answers facet → value → number. One query, however much there is.
        """
        rows: Any = self.order_by()
        if len(chosen) > 1:
            near = Q()
            for facet in chosen:
                near |= Q(
                    facets__contains=_codes({other: chosen[other] for other in chosen if other != facet})
                )
            rows = rows.filter(near)
        missed = [
            When(~Q(facets__contains=_codes({facet: value})), then=Value(facet))
            for facet, value in chosen.items()
        ]
        is_shown = Case(When(self._first_of_work(language), then=Value(True)), default=Value(False))
        rows = rows.annotate(
            facet_missed=Case(*missed, default=Value(""), output_field=models.TextField())
            if missed
            else Value(""),
            facet_shown=is_shown if language else Value(True),
            facet_code=Unnest(F("facets")),
        )
        counts: dict[str, Counter] = defaultdict(Counter)
        rows = rows.values_list("facet_missed", "facet_shown", "facet_code").annotate(number=Count("pk"))
        for missing, is_shown, code, number in rows:
            facet, _colon, value = code.partition(":")
            if missing in ("", facet) and (is_shown or facet == Facet.LANGUAGE):
                counts[facet][value] += number
        return counts


def count_in_hand(
    rows: Iterable[tuple[Any, ...]], chosen: Mapping[str, str], language: str
) -> dict[str, Counter]:
    """``count_facets`` of rows that were read already: each its key, the work it is an edition of, language, facets, …"""
    works = defaultdict(list)
    for row in rows:
        works[row[1] or row[0]].append(row)
    counts: dict[str, Counter] = defaultdict(Counter)
    for work, editions in works.items():
        shown = _shown_of_work(work, editions, language)
        for row in editions:
            missed = [facet for facet, value in chosen.items() if f"{facet}:{value}" not in row[3]]
            for facet, _colon, value in (code.partition(":") for code in row[3] if len(missed) < 2):
                if missed in ([], [facet]) and (row in shown or facet == Facet.LANGUAGE):
                    counts[facet][value] += 1
    return counts


def _shown_of_work(work: int, editions: list[tuple[Any, ...]], language: str) -> list[tuple[Any, ...]]:
    """What ``one_per_work`` leaves of the editions of one work."""
    first = min(row[2] for row in editions)
    return (
        [row for row in editions if row[2] == language]
        or [row for row in editions if row[0] == work]
        or [row for row in editions if row[2] == first]
    )


def _codes(chosen: Mapping[str, str]) -> list[str]:
    return [f"{facet}:{value}" for facet, value in chosen.items()]
