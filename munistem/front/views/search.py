"""One box for everything: people, organisations, communities, topics, minutes, decisions, items, recommendations."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page
from django.db.models import Count, Exists, OuterRef, QuerySet, Window
from django.db.models.functions import Left
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from communities.models import Community, Post, Topic
from knowledge.models import Item, RevisionFile
from members.models import LocalAuthority, Organisation, Representative, User
from munistem.commons.guards.limits import is_over
from munistem.commons.text.html import plain
from munistem.commons.text.languages import pick
from munistem.commons.text.names import harmless
from munistem.commons.text.pages import page_of
from munistem.front.views.counts import count_all
from munistem.front.views.records import decision_rows, first_records, minutes_rows, show_records
from munistem.front.views.snippets import Asked, Found
from policy.models import Recommendation

LONGEST_QUERY = 200
A_PAGE, FIRST = 15, 4
MOST_AUTHORITIES = 12
LATEST_POST_READ = 60
MOST_READ_OF_FILE = 60_000
LIMIT = (60, 60)
NOTHING_ASKED: dict[str, Any] = {
    "tabs": [],
    "answers": [],
    "page": None,
    "authorities": [],
    "is_empty": False,
}


@dataclass
class Kind:
    """One tab: how it is called, what is searched, how its results are shown."""

    code: str
    label: str | Promise
    icon: str
    rows: Callable[[Any, str], QuerySet]
    show: Callable[[list, Asked, Any], list[Found]]


@dataclass
class Answer:
    """What one tab found."""

    kind: Kind
    count: int = 0
    results: list[Found] = field(default_factory=list)
    url: str = ""


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
    return {**context, "is_empty": not (context["answers"] or context["page"] or context["authorities"])}


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


# Items ---------------------------------------------------------------------------------------------------


def item_rows(user: Any, query: str) -> QuerySet:
    items = Item.objects.visible_to(user).published().matching(query)
    return items.select_related("published", "organisation").defer(
        "search_vector", "organisation__search_vector"
    )


def show_items(items: list[Item], asked: Asked, user: Any) -> list[Found]:
    """Each with the passage that says it: of summary or body, else of a file."""
    said = {item.pk: [item.published.summary, plain(item.published.body)] for item in items}
    silent = [item for item in items if not any(map(asked.found, (item.published.title, *said[item.pk])))]
    for pk, name, text in texts_of_files(silent):
        said[pk] += [name, text]
    return [
        Found(
            asked.marked(item.published.title),
            item.get_absolute_url(),
            asked.passage(said[item.pk]),
            (item.published.get_kind_display(), *([item.organisation.name] if item.organisation else [])),
            item.published.language,
            item.published.life_stages,
        )
        for item in items
    ]


def texts_of_files(items: list[Item]) -> Iterable[tuple[int, str, str]]:
    """(item, name, text) of the files of items that were found by nothing else."""
    if not items:
        return []
    files = RevisionFile.objects.filter(revision__published_for__in=items).order_by("position", "pk")
    read = Left("file__text", MOST_READ_OF_FILE)
    return files.values_list("revision__item", "file__name", read)


# Topics --------------------------------------------------------------------------------------------------


def topic_rows(user: Any, query: str) -> QuerySet:
    topics = Topic.objects.visible_to(user).shown().matching(query)
    return topics.select_related("community").defer("search_vector", "community__search_vector")


def show_topics(topics: list[Topic], asked: Asked, user: Any) -> list[Found]:
    """Each with the post that says most of what was asked; the link leads there."""
    posts: dict[int, list[Post]] = {}
    early = Post.objects.shown().filter(
        topic__in=[topic.pk for topic in topics], number__lte=LATEST_POST_READ
    )
    for post in early.only("topic_id", "number", "body").order_by("topic_id", "number"):
        posts.setdefault(post.topic_id, []).append(post)
    return [show_topic(topic, posts.get(topic.pk, []), asked) for topic in topics]


def show_topic(topic: Topic, posts: list[Post], asked: Asked) -> Found:
    texts = {post.number: plain(post.body) for post in posts}
    said = {number: len(asked.found(text)) for number, text in texts.items()}
    best = max(said, key=lambda number: (said[number], -number), default=1)
    is_elsewhere = best > 1 and said[best] > 0
    url = (
        next(post.place for post in posts if post.number == best)
        if is_elsewhere
        else topic.get_absolute_url()
    )
    notes = (topic.get_kind_display(), topic.community.name, topic.last_post_at)
    return Found(asked.marked(topic.title), url, asked.passage([texts.get(best, "")]), notes, topic.language)


# Communities ---------------------------------------------------------------------------------------------


def community_rows(user: Any, query: str) -> QuerySet:
    return Community.objects.visible_to(user).matching(query).defer("search_vector")


def show_communities(communities: list[Community], asked: Asked, user: Any) -> list[Found]:
    return [
        Found(
            asked.marked(one.name),
            one.get_absolute_url(),
            asked.passage([one.purpose]),
            (one.get_access_display(),),
            one.language,
        )
        for one in communities
    ]


# People --------------------------------------------------------------------------------------------------


def person_rows(user: Any, query: str) -> QuerySet:
    return User.objects.visible_to(user).filter(is_active=True).matching(query).defer("search_vector")


def show_people(people: list[User], asked: Asked, user: Any) -> list[Found]:
    acting: dict[int, list[str]] = {}
    if people:
        mandates = Representative.objects.active().filter(person__in=people).select_related("organisation")
        for mandate in mandates.defer("organisation__search_vector"):
            acting.setdefault(mandate.person_id, []).append(mandate.organisation.name)
    return [
        Found(
            asked.marked(person.name),
            person.get_absolute_url(),
            asked.passage([text for text in (person.ask_me_about, person.about) if text] or [""]),
            (*([person.role_title] if person.role_title else []), *acting.get(person.pk, [])),
            person=person,
        )
        for person in people
    ]


# Organisations and the register --------------------------------------------------------------------------


def organisation_rows(user: Any, query: str) -> QuerySet:
    return Organisation.objects.visible_to(user).matching(query).defer("search_vector")


def show_organisations(organisations: list[Organisation], asked: Asked, user: Any) -> list[Found]:
    return [
        Found(
            asked.marked(one.name),
            one.get_absolute_url(),
            asked.passage([one.about]),
            (one.get_type_display(),),
        )
        for one in organisations
    ]


def authorities(query: str, asked: Asked) -> list[Found]:
    """Local authorities of the register that are no members yet."""
    members = Organisation.objects.members().filter(authority=OuterRef("pk"))
    rows = LocalAuthority.objects.matching(query).filter(~Exists(members)).defer("search_vector")
    return [
        Found(asked.marked(one.name), one.get_absolute_url(), "", (one.get_status_display(),))
        for one in rows[:MOST_AUTHORITIES]
    ]


# Recommendations -----------------------------------------------------------------------------------------


def recommendation_rows(user: Any, query: str) -> QuerySet:
    return Recommendation.objects.visible_to(user).matching(query).defer("search_vector")


def show_recommendations(recommendations: list[Recommendation], asked: Asked, user: Any) -> list[Found]:
    return [
        Found(
            asked.marked(one.title),
            one.get_absolute_url(),
            asked.passage([pick(one, "summary"), pick(one, "rationale"), pick(one, "actions")]),
            stages=one.life_stages,
        )
        for one in recommendations
    ]


KINDS = {
    kind.code: kind
    for kind in (
        Kind("items", _("Knowledge"), "library-big", item_rows, show_items),
        Kind("topics", _("Topics"), "messages-square", topic_rows, show_topics),
        Kind("minutes", _("Minutes"), "file-text", minutes_rows, show_records),
        Kind("decisions", _("Decisions"), "gavel", decision_rows, show_records),
        Kind("people", _("People"), "user-round", person_rows, show_people),
        Kind("communities", _("Communities"), "users-round", community_rows, show_communities),
        Kind("organisations", _("Organisations"), "building-2", organisation_rows, show_organisations),
        Kind("recommendations", _("Recommendations"), "signpost", recommendation_rows, show_recommendations),
    )
}
