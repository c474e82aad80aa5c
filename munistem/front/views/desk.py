"""The review desk: everything that waits for a decision of admins, knowledge managers and facilitators, each with one next step."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import (
    BigIntegerField,
    Count,
    DateTimeField,
    F,
    Func,
    JSONField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    Window,
)
from django.db.models.functions import Cast
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
from django.views.decorators.http import require_safe

from communities.models import Community, CommunityProposal, HeldPost, Membership, Post
from knowledge.models import Review, Revision, RevisionTerm
from knowledge.views.times import waited
from members.models import Application
from munistem.commons.models import TitleCheck, UnansweredSearch
from munistem.commons.reports.models import Report
from munistem.commons.search.passages import Asked
from munistem.commons.text.names import harmless
from munistem.front.rules import can_decide_for_network, can_review_knowledge, can_use_desk
from munistem.front.views.duties import in_my_language
from policy.models import ConsultationComment, Endorsement
from policy.models.consultation import REPORTED as REPORTED_COMMENT

MOST, MOST_LOOKED_THROUGH = 25, 500
LONGEST_QUERY = 200
REPORTED = "communities.post:"


@dataclass(frozen=True)
class Waiting:
    """One thing that waits: what it is, since when, and the one step to take."""

    title: Any
    notes: tuple[Any, ...]
    since: datetime | None
    url: str
    step: str | Promise
    language: str = ""


@dataclass(frozen=True)
class Pile:
    """What waits of one sort; rows are the first of count."""

    title: str | Promise
    icon: str
    count: int
    rows: list[Waiting]
    all_rows: Callable[[], list[Waiting]] | None = None  # where there are more than are shown

    def matching(self, asked: Asked) -> "Pile":
        """Of what waits that of which all words asked for are said, whatever inflection it has them in."""
        waiting = self.all_rows() if self.all_rows and self.count > len(self.rows) else self.rows
        found = [row for row in waiting if asked.is_all_said(map(str, (row.title, *row.notes)))]
        return Pile(self.title, self.icon, len(found), found[:MOST])


@login_required
@require_safe
def show_desk(request: HttpRequest) -> HttpResponse:
    """Piles of what waits for this person, the oldest first in each; ``?q=`` shows what says these words."""
    if not can_use_desk(request.user):
        raise PermissionDenied
    query = harmless(request.GET.get("q", ""))[:LONGEST_QUERY]
    piles = piles_of(request.user)
    if query:
        asked = Asked(query)
        piles = [pile.matching(asked) for pile in piles] if asked.worth else []
    piles = [pile for pile in piles if pile.count]
    context = {"piles": piles, "count": sum(pile.count for pile in piles), "asked": query}
    context["reviews"] = can_review_knowledge(request.user)
    context["usual"] = waited(Review.objects.usual_wait()) if context["reviews"] else ""
    return render(request, "front/desk.html", context)


def piles_of(user: Any) -> list[Pile]:
    """Every pile this person may work on."""
    piles = []
    if can_decide_for_network(user):
        piles += [applications(), proposals(), endorsements(user)]
    if can_review_knowledge(user):
        piles += [revisions(user), free_tags(), *search_piles(user)]
    return [*piles, requests_to_join(user), held(user), reports(user)]


def pile(title: str | Promise, icon: str, rows: QuerySet, show: Callable[[Any], Waiting]) -> Pile:
    """The oldest rows of a query, and how many there are in all: one query, however many."""
    found = list(rows.annotate(pile_size=Window(Count("pk")))[:MOST])
    count = found[0].pile_size if found else 0
    return Pile(
        title,
        icon,
        count,
        [show(row) for row in found],
        lambda: [show(row) for row in rows[:MOST_LOOKED_THROUGH]],
    )


def applications() -> Pile:
    rows = Application.objects.waiting().longest_waiting_first().select_related("authority", "cluster")

    def show(row: Application) -> Waiting:
        url = reverse("admin:members_application_change", args=[row.pk])
        notes = (row.get_type_display(), row.get_state_display(), row.contact_name)
        return Waiting(row.name, notes, row.submitted_at, url, gettext_lazy("Read and answer"))

    return pile(gettext_lazy("Applications to join"), "building-2", rows, show)


def proposals() -> Pile:
    """Communities that people would like to open."""
    rows = CommunityProposal.objects.waiting().longest_waiting_first().select_related("proposed_by")

    def show(row: CommunityProposal) -> Waiting:
        url = reverse("admin:communities_communityproposal_change", args=[row.pk])
        step = gettext_lazy("Read and answer")
        return Waiting(row.name, (row.proposed_by.name,), row.proposed_at, url, step, row.language)

    return pile(
        gettext_lazy("Proposed communities"), "users-round", rows.defer("proposed_by__search_vector"), show
    )


def endorsements(user: Any) -> Pile:
    rows = Endorsement.objects.visible_to(user).waiting().longest_waiting_first()
    rows = rows.select_related("organisation", "recommendation", "submitted_by")
    rows = rows.defer(
        "organisation__search_vector", "recommendation__search_vector", "submitted_by__search_vector"
    )

    def show(row: Endorsement) -> Waiting:
        notes = (row.organisation.name, row.get_stance_display(), row.submitted_by.name)
        return Waiting(
            row.recommendation.title,
            notes,
            row.submitted_at,
            row.get_absolute_url(),
            gettext_lazy("Check and confirm"),
        )

    return pile(gettext_lazy("Endorsements to confirm"), "stamp", rows, show)


def revisions(user: Any) -> Pile:
    rows = Revision.objects.waiting_for(user).longest_waiting_first()
    rows = rows.select_related("item", "created_by").defer(
        "body", "item__search_vector", "created_by__search_vector"
    )

    def show(row: Revision) -> Waiting:
        news = (
            pgettext_lazy("knowledge item", "New item")
            if row.number == 1
            else pgettext_lazy("knowledge item", "Change of a published item")
        )
        url = reverse("review_revision", args=[row.item.slug, row.number])
        notes = (news, row.get_kind_display(), row.created_by.name)
        return Waiting(row.title, notes, row.submitted_at, url, gettext_lazy("Review"), row.language)

    return pile(gettext_lazy("Knowledge to review"), "library-big", rows, show)


def free_tags() -> Pile:
    """Tags that people typed freely and that stand on something; they become words of the vocabulary or join one."""
    count, url = RevisionTerm.objects.free_tags().count(), reverse("list_free_tags")
    said = ngettext(
        "%(count)d free tag awaits a place in the vocabulary",
        "%(count)d free tags await a place in the vocabulary",
        count,
    )
    rows = [Waiting(said % {"count": count}, (), None, url, gettext_lazy("Put in order"))] if count else []
    return Pile(gettext_lazy("Tags"), "tags", len(rows), rows)


def search_piles(user: Any) -> list[Pile]:
    """What people looked for and did not find, and public titles that search does not find; one query for both."""
    waiting = UnansweredSearch.objects.visible_to(user).waiting().order_by()
    checks = TitleCheck.objects.filter(ended_at__isnull=False).order_by("-pk")
    told = waiting.values_list(Window(Count("pk")), Value(None, JSONField()), Value(None, DateTimeField()))[
        :1
    ].union(checks.values_list(Value(0, BigIntegerField()), "missed", "ended_at")[:1], all=True)
    count, missed, at = 0, [], None
    for number, titles, ended_at in told:
        count, missed, at = count or number, missed or titles or [], at or ended_at
    return [unanswered_searches(count), titles_not_found(missed, at)]


def unanswered_searches(count: int) -> Pile:
    """What people looked for and did not find, as one line that leads to the list."""
    said = ngettext(
        "%(count)d search found nothing", "%(count)d searches found nothing, the most wanted first", count
    )
    step, url = gettext_lazy("Look for answers"), reverse("list_unanswered")
    rows = [Waiting(said % {"count": count}, (), None, url, step)] if count else []
    return Pile(gettext_lazy("Searches without an answer"), "search-x", len(rows), rows)


def titles_not_found(missed: list[dict[str, Any]], at: datetime | None) -> Pile:
    """Public titles that the nightly look through the search did not find among the first three."""

    def show(row: dict[str, Any]) -> Waiting:
        url = f"{reverse('search')}?{urlencode({'q': row['title']})}"
        return Waiting(row["title"], (), at, url, gettext_lazy("Look for it"))

    title = gettext_lazy("Titles that search does not find")
    return Pile(title, "search-x", len(missed), [show(row) for row in missed[:MOST]])


def requests_to_join(user: Any) -> Pile:
    rows = Membership.objects.waiting_for(user).select_related("community", "person")
    rows = rows.defer("community__search_vector", "person__search_vector")

    def show(row: Membership) -> Waiting:
        url = reverse("list_community_people", args=[row.community.slug])
        return Waiting(
            row.person.name, (row.community.name, row.note), row.since, url, gettext_lazy("Admit or decline")
        )

    return pile(gettext_lazy("Requests to join a community"), "users-round", rows, show)


def held(user: Any) -> Pile:
    """What members wrote and others cannot read before somebody lets it appear."""
    rows = HeldPost.objects.waiting_for(user).with_heading().select_related("community", "author")
    rows = rows.defer("body", "community__search_vector", "author__search_vector")

    def show(row: Any) -> Waiting:
        notes = (row.community.name, row.author.name)
        return Waiting(
            row.heading, notes, row.changed_at, row.get_absolute_url(), gettext_lazy("Read and decide")
        )

    return pile(gettext_lazy("Texts to release"), "hourglass", rows, show)


def reports(user: Any) -> Pile:
    """What readers asked to look at: admins see all, facilitators what was said in their communities."""
    fields = ("topic__title", "topic__language", "topic__community__name")
    posts = {f"{REPORTED}{post.pk}": post for post in reported_posts(user).only("pk", *fields)}
    asked = Q(subject__in=posts)
    if can_decide_for_network(user):
        asked |= Q(subject__startswith=REPORTED_COMMENT)
    waiting = Report.objects.waiting().filter(asked).annotate(thing=KEY).annotate(draft=title_of_draft())

    def show(row: Report) -> Waiting:
        step = gettext_lazy("Look and decide")
        if row.subject not in posts:  # a comment on a draft
            return Waiting(row.draft, (row.get_why_display(), row.note), row.created_at, row.url, step)
        post = posts[row.subject]
        notes = (row.get_why_display(), post.topic.community.name, row.note)
        return Waiting(
            post.topic.title, notes, row.created_at, post.get_absolute_url(), step, post.topic.language
        )

    return pile(gettext_lazy("Reports by readers"), "flag", waiting.order_by("created_at", "pk"), show)


#: The key in the subject of a report.
KEY = Cast(Func(F("subject"), Value(":"), Value(2), function="split_part"), BigIntegerField())


def title_of_draft() -> Subquery:
    """The title of the draft on which a reported comment was written, in the reader's language."""
    comment = ConsultationComment.objects.filter(pk=OuterRef("thing"))
    titles = comment.annotate(title=in_my_language("consultation__version__title"))
    return Subquery(titles.values("title")[:1])


def reported_posts(user: Any) -> QuerySet:
    """Posts with a report that waits, where this person moderates."""
    waiting = Report.objects.waiting().filter(subject__startswith=REPORTED).annotate(post_key=KEY)
    posts = Post.objects.filter(pk__in=waiting.values("post_key")).select_related("topic__community")
    if can_decide_for_network(user):
        return posts
    return posts.filter(topic__community__in=Community.objects.facilitated_by(user))
