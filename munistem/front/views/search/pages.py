"""One box for everything: people, organisations, communities, topics, minutes, decisions, items, recommendations."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from munistem.commons.guards.limits import is_over
from munistem.commons.search.finding import Found, find_all
from munistem.commons.search.passages import Asked
from munistem.commons.search.query import parse
from munistem.commons.text.names import harmless
from munistem.commons.text.pages import page_of
from munistem.front.views.search.kinds import KINDS, Answer, Kind
from munistem.front.views.search.network import MOST_AUTHORITIES, authority_rows, show_authorities
from munistem.front.views.search.nothing import instead
from munistem.front.views.search.records import first_records

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


def results(request: HttpRequest, text: str, chosen: "Kind | None") -> dict[str, Any]:
    """Counts of all kinds; the first results of each, or one page of the chosen kind."""
    query = parse(text)
    asked = Asked(query)
    kinds = {code: kind.rows(request.user) for code, kind in KINDS.items()}
    is_register = chosen is None or chosen.code == "organisations"
    found = find_all(kinds | ({"authorities": authority_rows()} if is_register else {}), query)
    answers = [Answer(kind, found[code].total, url=url_of(text, code)) for code, kind in KINDS.items()]
    if chosen is None:
        show_first(request, answers, kinds, found, asked)
    context: dict[str, Any] = {
        "tabs": tabs(text, answers, chosen),
        "answers": [one for one in answers if one.count] if chosen is None else [],
        "page": page(request, chosen, kinds[chosen.code], found[chosen.code], asked) if chosen else None,
        "authorities": first_authorities(found["authorities"], asked) if is_register else [],
    }
    is_empty = not (context["answers"] or context["page"] or context["authorities"])
    is_elsewhere = bool(chosen) and any(one.count for one in answers)
    helped = instead(request, text) if is_empty and not is_elsewhere else None
    return {**context, "is_empty": is_empty, "instead": helped}


def show_first(
    request: HttpRequest,
    answers: Iterable[Answer],
    kinds: dict[str, QuerySet],
    found: dict[str, Found],
    asked: Asked,
) -> None:
    """The first results of every kind; minutes and decisions come by one query."""
    first = {code: rows.among(found[code].first(FIRST)) for code, rows in kinds.items()}
    records = first_records(first["minutes"], first["decisions"])
    for one in answers:
        if one.count:
            code = one.kind.code
            one.results = one.kind.show(list(records.get(code, first[code])), asked, request.user)


def page(request: HttpRequest, kind: Kind, rows: QuerySet, found: Found, asked: Asked) -> Page | None:
    """One page of a kind's results, None when there are none."""
    if not found.total:
        return None
    shown = page_of(request, Counted(kind.told(rows.among(found)), found.total), A_PAGE)
    shown.object_list = kind.show(list(shown.object_list), asked, request.user)
    return shown


def first_authorities(found: Found, asked: Asked) -> list:
    rows = authority_rows().among(found.first(MOST_AUTHORITIES)) if found.total else []
    return show_authorities(list(rows), asked)


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
