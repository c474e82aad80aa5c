"""One box for everything: people, organisations, communities, topics, minutes, decisions, items, recommendations."""

from collections.abc import Iterable
from typing import Any

from django.core.paginator import Page
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from knowledge.enums import FollowKind
from knowledge.views.follow import context_of_follow
from munistem.commons.guards.limits import is_over
from munistem.commons.search.candidates import Sight
from munistem.commons.search.finding import Found, find_all
from munistem.commons.search.lexicon import also_searched, did_you_mean
from munistem.commons.text.pages import page_of
from munistem.front.views.search.again import found_lately
from munistem.front.views.search.asking import Asking, asking_of
from munistem.front.views.search.items import works_of
from munistem.front.views.search.kinds import Answer
from munistem.front.views.search.narrowed import narrowed_items
from munistem.front.views.search.network import MOST_AUTHORITIES, authority_rows, show_authorities
from munistem.front.views.search.nothing import instead
from munistem.front.views.search.sights import AUTHORITIES, first_of, sights_of
from munistem.front.views.search.snippets import Found as Result

A_PAGE, FIRST = 15, 4
LIMIT = (60, 60)
HALF = 0.5  # of what the words tell: where nothing holds as much, the question counts as unanswered
NOTHING_ASKED: dict[str, Any] = {
    "tabs": [],
    "answers": [],
    "page": None,
    "library": None,
    "authorities": [],
    "is_empty": False,
    "is_partial": False,
    "instead": None,
    "follow": None,
    "meant": None,
    "beside": [],
}


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """The results of ``?q=``, all kinds at a glance or the pages of one, of the whole portal or of a community."""
    asking = asking_of(request)
    if asking.text and is_over(request, "search", *LIMIT):
        return too_many(request)
    context = found_lately(request, lambda: results(request, asking)) if asking.text else NOTHING_ASKED
    if context["library"] and context["page"] and not context["is_partial"]:
        context = context | context_of_follow(request.user, FollowKind.SEARCH, request.GET.urlencode())
    about = {
        "query": asking.text,
        "chosen": asking.chosen,
        "community": asking.community,
        "everywhere": asking.url(community=""),
    }
    return render(request, "front/search.html", {**context, **about})


def too_many(request: HttpRequest) -> HttpResponse:
    response = render(request, "429.html", status=429)
    response["Retry-After"] = str(LIMIT[1])
    return response


def results(request: HttpRequest, asking: Asking) -> dict[str, Any]:
    """Counts of all kinds; the first results of each, or one page of the chosen kind."""
    is_register = not asking.community and (asking.chosen is None or asking.chosen.code == "organisations")
    codes = [*asking.kinds, AUTHORITIES] if is_register else asking.kinds
    sights = sights_of(codes, request.user, asking.community)
    found = find_all(sights, asking.query)
    chosen = page_of_kind(request, asking, sights, found) if asking.chosen else {}
    works = counted_with(chosen, found)
    keys = works_of(found["items"].keys) if works is None else []
    answers = [
        Answer(
            kind,
            (len(keys) if works is None else works) if code == "items" else found[code].total,
            url=asking.url(**{"in": code}),
            is_more=found[code].is_more,
        )
        for code, kind in asking.kinds.items()
    ]
    context = NOTHING_ASKED | {
        "tabs": tabs(asking, answers),
        "meant": meant(asking),
        "beside": also_searched(asking.query),
    }
    if asking.chosen is None:
        places = show_first(request, asking, answers, found, keys)
        context |= {"answers": [one for one in answers if one.count], "authorities": places}
    else:
        context |= chosen
        context["authorities"] = first_authorities(found["authorities"], asking) if is_register else []
    context["is_partial"] = not (asking.is_narrowed or context["meant"]) and is_less_than_half(found)
    return context | helped(request, asking, answers, context)


def is_less_than_half(found: dict[str, Found]) -> bool:
    """Whether something was found, but nothing that holds half of what was asked for."""
    shares = [one.share for one in found.values() if one.total]
    return bool(shares) and max(shares) < HALF


def counted_with(shown: dict[str, Any], found: dict[str, Found]) -> int | None:
    """How many items were found, where a page of them tells it; while facets narrow it, each edition counts."""
    if library := shown.get("library"):
        return found["items"].total if library["chips"] else library["total"]
    return None


def meant(asking: Asking) -> dict[str, str] | None:
    """The same search in a spelling that public texts know, where one is likely to be meant."""
    words = did_you_mean(asking.query)
    kind = asking.chosen.code if asking.chosen else ""
    return {"words": words, "url": asking.url(q=words, **{"in": kind})} if words else None


def page_of_kind(
    request: HttpRequest, asking: Asking, sights: dict[str, Sight], found: dict[str, Found]
) -> dict[str, Any]:
    """One page of the chosen kind; items are narrowed by the facets of the library."""
    kind: Any = asking.chosen
    rows = sights[kind.code].rows()
    if kind.code == "items":
        return narrowed_items(request, asking, rows, found["items"])
    return {"page": page(request, asking, kind.told(rows.among(found[kind.code].first())), found[kind.code])}


def helped(
    request: HttpRequest, asking: Asking, answers: Iterable[Answer], context: dict[str, Any]
) -> dict[str, Any]:
    """What is offered beside the results: to follow the search, or, where nothing or little was found, what to do."""
    is_empty = not (context["answers"] or context["page"] or context["authorities"])
    is_elsewhere = any(one.count for one in answers) and asking.is_narrowed
    if is_empty:
        return {"is_empty": True, "instead": None if is_elsewhere else instead(request, asking)}
    if context["is_partial"]:
        return {"instead": instead(request, asking)}
    return {}


def show_first(
    request: HttpRequest,
    asking: Asking,
    answers: Iterable[Answer],
    found: dict[str, Found],
    works: list[int],
) -> list[Result]:
    """The first results of every kind, by one query. Answers the places of the register beside them."""
    keys = {
        code: one.keys[: MOST_AUTHORITIES if code == AUTHORITIES else FIRST] for code, one in found.items()
    }
    keys["items"] = works[:FIRST]
    known = first_of(request.user, asking.community, {code: some for code, some in keys.items() if some})
    for one in answers:
        if one.count:
            one.results = one.kind.show(known[one.kind.code], asking.asked, request.user)
    return show_authorities(known.get(AUTHORITIES, []), asking.asked)


def page(request: HttpRequest, asking: Asking, rows: QuerySet, found: Found) -> Page | None:
    """One page of a kind's results, None when there are none."""
    if not found.total or asking.chosen is None:
        return None
    shown = page_of(request, Counted(rows, found.total), A_PAGE)
    shown.object_list = asking.chosen.show(list(shown.object_list), asking.asked, request.user)
    return shown


def first_authorities(found: Found, asking: Asking) -> list:
    rows = authority_rows().among(found.first(MOST_AUTHORITIES)) if found.total else []
    return show_authorities(list(rows), asking.asked)


class Counted:
    """Rows for a paginator whose number is known already: counting matches costs as much as finding them."""

    ordered = True

    def __init__(self, rows: QuerySet, number: int):
        self.rows, self.number = rows, number

    def __len__(self) -> int:
        return self.number

    def __getitem__(self, piece: slice) -> QuerySet:
        return self.rows[piece]


def tabs(asking: Asking, answers: Iterable[Answer]) -> list[dict[str, Any]]:
    """All kinds that found something, and the chosen one in any case."""
    count = f"{sum(one.count for one in answers)}{'+' if any(one.is_more for one in answers) else ''}"
    every = {"url": asking.url(), "label": _("All"), "count": count, "is_here": asking.chosen is None}
    return [
        every,
        *(
            {
                "url": one.url,
                "label": one.kind.label,
                "count": one.told,
                "is_here": one.kind is asking.chosen,
            }
            for one in answers
            if one.count or one.kind is asking.chosen
        ),
    ]
