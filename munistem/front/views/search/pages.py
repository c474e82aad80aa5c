"""One box for everything: people, organisations, communities, topics, minutes, decisions, items, recommendations."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page
from django.db.models import Count, QuerySet, Window
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from munistem.commons.guards.limits import is_over
from munistem.commons.text.names import harmless
from munistem.commons.text.pages import page_of
from munistem.front.views.counts import count_all
from munistem.front.views.search.kinds import KINDS, Answer, Kind
from munistem.front.views.search.network import authorities
from munistem.front.views.search.nothing import instead
from munistem.front.views.search.records import first_records
from munistem.front.views.search.snippets import Asked

LONGEST_QUERY = 200
A_PAGE, FIRST = 15, 4
LIMIT = (60, 60)
NOTHING_ASKED: dict[str, Any] = {
    "tabs": [],
    "answers": [],
    "page": None,
    "authorities": [],
    "is_empty": False,
    "instead": None,
}


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """The results of ``?q=``, all kinds at a glance or the pages of one."""
    query = harmless(request.GET.get("q", ""))[:LONGEST_QUERY]
    if query and is_over(request, "search", *LIMIT):
        return too_many(request)
    chosen = KINDS.get(request.GET.get("in", ""))
    context = results(request, query, chosen) if query else NOTHING_ASKED
    return render(request, "front/search.html", {**context, "query": query, "chosen": chosen})


def too_many(request: HttpRequest) -> HttpResponse:
    response = render(request, "429.html", status=429)
    response["Retry-After"] = str(LIMIT[1])
    return response


def results(request: HttpRequest, query: str, chosen: "Kind | None") -> dict[str, Any]:
    """Counts of all kinds; the first results of each, or one page of the chosen kind."""
    asked = Asked(query)
    answers = counted(request, query) if chosen else at_a_glance(request, query, asked)
    is_register = chosen is None or chosen.code == "organisations"
    context: dict[str, Any] = {
        "tabs": tabs(query, answers, chosen),
        "answers": [one for one in answers if one.count] if chosen is None else [],
        "page": page(chosen, request, query, asked, answers) if chosen else None,
        "authorities": authorities(query, asked) if is_register else [],
    }
    is_empty = not (context["answers"] or context["page"] or context["authorities"])
    is_elsewhere = bool(chosen) and any(one.count for one in answers)
    helped = instead(request, query) if is_empty and not is_elsewhere else None
    return {**context, "is_empty": is_empty, "instead": helped}


def counted(request: HttpRequest, query: str) -> list[Answer]:
    """How much each kind has, for the tabs beside the chosen one; one query for all."""
    counts = count_all(**{code: kind.rows(request.user, query) for code, kind in KINDS.items()})
    return [Answer(kind, counts[code], url=url_of(query, code)) for code, kind in KINDS.items()]


def at_a_glance(request: HttpRequest, query: str, asked: Asked) -> list[Answer]:
    """The first results of every kind; minutes and decisions come by one query."""
    records = first_records(request.user, query, FIRST)
    return [
        Answer(kind, records[code][0], kind.show(records[code][1], asked, request.user), url_of(query, code))
        if code in records
        else answer(kind, request, query, asked)
        for code, kind in KINDS.items()
    ]


def answer(kind: Kind, request: HttpRequest, query: str, asked: Asked) -> Answer:
    """How much a kind has and its first results; one query."""
    rows = kind.rows(request.user, query).annotate(search_total=Window(Count("pk")))
    first = list(rows[:FIRST])
    count = first[0].search_total if first else 0
    return Answer(kind, count, kind.show(first, asked, request.user), url_of(query, kind.code))


def page(
    kind: Kind, request: HttpRequest, query: str, asked: Asked, answers: Iterable[Answer]
) -> Page | None:
    """One page of a kind's results, None when there are none."""
    count = next(one.count for one in answers if one.kind is kind)
    if not count:
        return None
    found = page_of(request, Counted(kind.rows(request.user, query), count), A_PAGE)
    found.object_list = kind.show(list(found.object_list), asked, request.user)
    return found


class Counted:
    """Rows for a paginator whose number is known already: counting matches costs as much as finding them."""

    ordered = True

    def __init__(self, rows: QuerySet, number: int):
        self.rows, self.number = rows, number

    def __len__(self) -> int:
        return self.number

    def __getitem__(self, piece: slice) -> QuerySet:
        return self.rows[piece]


def tabs(query: str, answers: Iterable[Answer], chosen: Kind | None) -> list[dict[str, Any]]:
    """All kinds that found something, and the chosen one in any case."""
    count = sum(one.count for one in answers)
    every = {"url": url_of(query), "label": _("All"), "count": count, "is_here": chosen is None}
    return [
        every,
        *(
            {"url": one.url, "label": one.kind.label, "count": one.count, "is_here": one.kind is chosen}
            for one in answers
            if one.count or one.kind is chosen
        ),
    ]


def url_of(query: str, code: str = "") -> str:
    return f"{reverse('search')}?{urlencode({'q': query, **({'in': code} if code else {})})}"
