"""The list of communities, the page of one, and its settings."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Exists, OuterRef, QuerySet
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, ngettext, npgettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from communities import rules
from communities.actions import membership as deeds
from communities.enums import Access, TopicKind
from communities.forms import CommunityForm
from communities.models import Community, CommunityProposal, Membership, Topic
from communities.models.topic import POSTS_A_PAGE, TopicQuerySet
from communities.views.frame import community_of, frame_of
from communities.views.held import held_in
from communities.views.notices import rhythms_of
from communities.views.thread import author_of
from munistem.commons.mail.addresses import address_of
from munistem.commons.ready import Reader, ready, ready_counts
from munistem.commons.templatetags.furniture import moment
from munistem.commons.terms.models import Term
from munistem.commons.text.pages import Asked, Stretch, page_of

COMMUNITIES_A_PAGE, TOPICS_A_PAGE = 24, 25


@require_safe
def list_communities(request: HttpRequest) -> HttpResponse:
    """Mine first, with what is new in them; then the others one may know of."""
    user = request.user
    mine = communities_joined(user) if user.is_authenticated else []
    page = page_of(request, others_listed(user), COMMUNITIES_A_PAGE)
    news = dict(topics_with_news(user)) if mine else {}
    can_propose = rules.can_propose_community(user)
    context = {
        "page": page,
        "mine": [card_of(row, news.get(row["pk"], 0)) for row in mine],
        "others": [card_of(row, is_read=reads(user, row)) for row in page],
        "can_propose": can_propose,
        "proposals": CommunityProposal.objects.of(user).waiting() if mine or can_propose else (),
    }
    return render(request, "communities/communities.html", context)


@ready
def communities_joined(reader: Reader) -> QuerySet:
    return Community.objects.visible_to(reader).joined_by(reader).by_name().as_cards(reader)


def others_listed(user: Any) -> Asked:
    """The communities that this person may know of and has not joined, for a paginator."""
    return Asked(
        lambda: count_others(user)["others"],
        lambda part: part.in_order(communities_beside(user, part.skip, part.is_from_end)),
    )


@ready
def communities_beside(reader: Reader, skip: int, is_from_end: bool) -> QuerySet:
    """A page of them; from the end backwards when asked for so."""
    rows = others_of(reader).liveliest_first().as_cards(reader)
    return Stretch(skip, COMMUNITIES_A_PAGE, is_from_end).slice(rows)


@ready_counts
def count_others(reader: Reader) -> dict[str, QuerySet]:
    return {"others": others_of(reader)}


def others_of(reader: Reader) -> Any:
    """The communities that this reader may know of and has not joined."""
    joined = Membership.objects.held_by(reader).active().values("community")
    return Community.objects.visible_to(reader).current().exclude(pk__in=joined)


@ready
def topics_with_news(reader: Reader) -> QuerySet:
    """For each of my communities the number of topics with something new since I looked in."""
    mine = Membership.objects.held_by(reader).active().filter(community=OuterRef("community"))
    since = mine.alias(looked_at=Coalesce("visited_at", "since")).filter(
        looked_at__lt=OuterRef("last_post_at")
    )
    fresh = Topic.objects.new_for(reader).filter(Exists(since)).order_by()
    return fresh.values_list("community").annotate(count=Count("pk"))


def reads(user: Any, row: dict[str, Any]) -> bool:
    """Whether who has not joined may read in a community: how much is said in it is told to its readers alone."""
    return row["access"] == Access.OPEN or rules.is_admin(user)


def card_of(row: dict[str, Any], news: int = 0, *, is_read: bool = True) -> dict[str, Any]:
    """A community as a card shows it."""
    return {
        **{name: row[name] for name in ("name", "purpose", "access", "member_count")},
        "topic_count": row["topic_count"] if is_read else None,
        "url": reverse("show_community", args=[row["slug"]]),
        "access_label": str(Access(row["access"]).label),
        "terms": [Term(**names).label for names in row["terms"]],
        "is_archived": bool(row["archived_at"]),
        "is_invited": row["is_invited"],
        "news": news,
    }


@require_safe
def show_community(request: HttpRequest, slug: str) -> HttpResponse:
    """Topics for those who may read them; what it is and how to join for the others."""
    community = community_of(request, slug)
    context = frame_of(request, community, "topics")
    if not rules.can_read_community(request.user, community):
        return render(request, "communities/door.html", {**context, **door_of(request, community)})
    chosen = chosen_of(request, community)
    page = page_of(request, listed(request.user, community, chosen), TOPICS_A_PAGE)
    standing, shows_photos = rules.standing(request.user, community), rules.is_in_network(request.user)
    rows = rows_of(page.object_list, standing, shows_photos=shows_photos)
    deeds.mark_visited(by=request.user, community=community)
    return render(
        request,
        "communities/community.html",
        {
            **context,
            **rhythms_of(request.user, community),
            "mail_address": mail_address_of(request.user, community),
            "page": page,
            "held": held_in(request, community),
            "rows": rows,
            "chosen": chosen,
            "choices": choices_of(request, community, chosen),
        },
    )


def mail_address_of(user: Any, community: Community) -> str:
    """Where this person opens topics by mail; "" for who may not, or when the portal takes no mail."""
    return address_of("community", community.pk, user.pk) if rules.can_post_topic(user, community) else ""


def door_of(request: HttpRequest, community: Community) -> dict[str, Any]:
    """Who may be asked about a community that one stands before; names are for people of the network."""
    leading = Membership.objects.facilitators().of_present_people().filter(community=community)
    told = leading.select_related("person").facilitators_first() if rules.is_in_network(request.user) else ()
    return {"facilitators": [{"person": row.person, "url": f"/people/{row.person.uuid}/"} for row in told]}


MARKS = ("is_pinned", "accepted_id", "locked_at", "hidden_at", "file_count")
SHOWN = [
    *(
        "pk",
        "kind",
        "title",
        "language",
        "last_post_at",
        "post_count",
        "file_count",
        "accepted_id",
        "is_pinned",
    ),
    *(
        "locked_at",
        "hidden_at",
        "author_id",
        "author__name",
        "author__uuid",
        "author__photo",
        "author__role_title",
    ),
]


def topics_listed(community: int, chosen: str) -> TopicQuerySet:
    """The topics of a community as filtered by the code of a choice ("" for all)."""
    topics = Topic.objects.filter(community=community)
    if chosen == "unanswered":
        return topics.unanswered().latest_first()
    if chosen == "hidden":
        return topics.hidden().latest_first()
    shown = topics.shown().pinned_and_latest_first()
    return shown.filter(kind=chosen) if chosen else shown


def listed(user: Any, community: Community, chosen: str) -> Asked:
    """The same for a paginator: counted beforehand where all are shown, found by key in the index."""

    def count() -> int:
        return topics_listed(community.pk, chosen).order_by().count() if chosen else community.topic_count

    def rows(part: Stretch) -> list[Any]:
        return part.in_order(page_listed(user, community.pk, part.skip, part.is_from_end, chosen))

    return Asked(count, rows)


@ready
def page_listed(reader: Reader, community: int, skip: int, is_from_end: bool, chosen: str) -> QuerySet:
    """One page of them, from the end backwards when asked for so, and how far this reader has read each."""
    topics = topics_listed(community, chosen)
    keys = Stretch(skip, TOPICS_A_PAGE, is_from_end).slice(topics.values("pk"))
    rows = Topic.objects.filter(pk__in=keys).order_by(*topics.query.order_by)
    rows = rows.reverse() if is_from_end else rows
    if not reader.is_authenticated:
        return rows.values(*SHOWN)
    return rows.with_unread(reader).values(*SHOWN, "seen_number")


def chosen_of(request: HttpRequest, community: Community) -> str:
    """The choice that ``?kind=`` names, "" for all; only facilitators may choose what is hidden."""
    chosen = request.GET.get("kind", "")
    known = {*TopicKind.values, "unanswered"}
    if rules.can_moderate(request.user, community):
        known.add("hidden")
    return chosen if chosen in known else ""


def choices_of(request: HttpRequest, community: Community, chosen: str) -> list[dict[str, Any]]:
    """The filter's links."""
    choices = [
        ("", _("All")),
        *((kind.value, kind.label) for kind in TopicKind),
        ("unanswered", _("Unanswered")),
    ]
    if rules.can_moderate(request.user, community):
        choices.append(("hidden", _("Hidden")))
    url = community.get_absolute_url()
    return [
        {"url": f"{url}?kind={code}" if code else url, "label": label, "is_here": code == chosen}
        for code, label in choices
    ]


def rows_of(
    topics: Iterable[dict[str, Any]], standing: Membership | None, *, shows_photos: bool
) -> list[dict[str, Any]]:
    """Topics as a list shows them: where each leads and what is new in it for the reader; plain values, quick to print."""
    since = standing.since if standing and standing.is_active else None
    kinds = {kind.value: str(kind.label) for kind in TopicKind}
    return [
        row_of(topic, since)
        | {"kind": kinds[topic["kind"]], "author": author_of(topic, shows_photo=shows_photos)}
        for topic in topics
    ]


def row_of(topic: dict[str, Any], since: Any) -> dict[str, Any]:
    seen, count = topic.get("seen_number"), topic["post_count"]
    language = get_language() or "he"
    new = max(count - seen, 0) if seen else 0
    page = seen // POSTS_A_PAGE + 1 if seen and new else 1
    unread = f"{f'?page={page}' if page > 1 else ''}#new" if new else ""
    marks = {mark: bool(topic[mark]) for mark in MARKS}
    return {
        **{name: topic[name] for name in ("title", "language")},
        "said": moment(topic["last_post_at"]),
        **marks,
        "url": f"/topics/{topic['pk']}/{unread}",
        "news": _news(new, language),
        "is_unread": bool(new) or (seen is None and since is not None and topic["last_post_at"] > since),
        "is_marked": any(marks.values()),
        "replies": _replies(count - 1, language),
    }


@lru_cache(maxsize=512)
def _replies(count: int, language: str) -> str:
    """How many answers, in words of this language; lists say the same few numbers again and again."""
    if not count:
        return _("No answers yet")
    return ngettext("one answer", "%(counter)s answers", count) % {"counter": count}


@lru_cache(maxsize=512)
def _news(count: int, language: str) -> str:
    if not count:
        return _("New")
    return npgettext("posts", "one new", "%(counter)s new", count) % {"counter": count}


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit_community(request: HttpRequest, slug: str) -> HttpResponse:
    """Facilitators say what their community is."""
    community = community_of(request, slug)
    if not rules.can_edit_community(request.user, community):
        raise PermissionDenied
    form = CommunityForm(request.POST or None, community=community)
    if request.method == "POST" and form.is_valid():
        deeds.edit_community(by=request.user, community=community, **form.cleaned_data)
        messages.success(request, _("The community was changed."))
        return redirect(community)
    context = frame_of(request, community, "edit")
    return render(request, "communities/edit_community.html", {**context, "form": form})
