"""The page of those who lead a community: how it does, and what waits in it, each with its next step."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Count, F, Q, QuerySet, TextField, Value, Window
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from communities import rules
from communities.actions.contact import NOTE_RESTS, NUDGE_RESTS
from communities.models import Community, Consultation, HeldPost, Meeting, Membership, Post, Task, Topic
from communities.models import facilitation as looks
from communities.views.frame import community_of, frame_of
from munistem.commons.days.working import working_days_before

MOST = 8
WORKING_DAYS = 3
NEWCOMER_DAYS = 30
SILENT_DAYS = 60
ANSWER_DAYS = 90


@dataclass(frozen=True)
class Row:
    """One thing to look at and the step to take: a link (``url``), or a deed when ``is_deed``."""

    title: str
    notes: tuple[Any, ...]
    since: datetime | None
    step: str
    url: str
    person: Any = None
    place: str = ""
    language: str = ""
    text: str = ""
    is_deed: bool = False
    due: date | None = None
    is_late: bool = False
    written_at: datetime | None = None
    asked_at: datetime | None = None
    other: tuple[str, str] | None = None


@dataclass(frozen=True)
class Pile:
    """Rows of one sort, the first of count; ``about`` says by which rule they stand here."""

    title: str
    about: str
    icon: str
    count: int
    rows: list[Row]
    all_url: str = ""


@login_required
@require_safe
def show_facilitation(request: HttpRequest, slug: str) -> HttpResponse:
    """Figures of the month and what waits, for facilitators and admins."""
    community, user, now = community_of(request, slug), request.user, timezone.now()
    if not rules.can_see_facilitation(user, community):
        raise PermissionDenied
    waiting = [
        unanswered(community, now),
        unadvised(community, now),
        *to_judge(community, user),
        requests(community),
        unminuted(community, now),
        tasks(community, user, now),
    ]
    people = [newcomers(community, user, now), silent(community, user, now)]
    context = {
        **frame_of(request, community, "facilitation"),
        "figures": figures_of(community, now),
        "waiting": [pile for pile in waiting if pile.count],
        "people": [pile for pile in people if pile.count],
        "can_introduce": rules.can_introduce(user, community),
    }
    return render(request, "communities/facilitation.html", context)


def pile_of(rows: QuerySet, show: Callable[[Any], Row], **words: str) -> Pile:
    """The first rows of a query, and how many there are in all: one query, however many."""
    found = list(rows.annotate(pile_size=Window(Count("pk")))[:MOST])
    count = found[0].pile_size if found else 0
    return Pile(**words, count=count, rows=[show(row) for row in found])


def members_of(community: Community) -> Any:
    return Membership.objects.filter(community=community)


def with_people(rows: QuerySet) -> QuerySet:
    return rows.select_related("person").defer("person__search_vector")


def figures_of(community: Community, now: datetime) -> list[dict[str, str]]:
    """Who took part this month, and how long a first answer takes; each with its rule in one line."""
    month = timezone.localtime(now).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    topics = Topic.objects.filter(community=community, created_at__gte=now - timedelta(days=ANSWER_DAYS))
    found = looks.figures(members_of(community).present(), month, topics)
    return [share_figure(found), answer_figure(found)]


def share_figure(found: dict[str, Any]) -> dict[str, str]:
    share = round(100 * found["active"] / found["everyone"]) if found["everyone"] else 0
    about = ngettext(
        "%(active)d of one member wrote, answered a meeting, proposed an agenda item or marked something helpful.",
        "%(active)d of %(count)d members wrote, answered a meeting, proposed an agenda item or marked something helpful.",
        found["everyone"],
    )
    return {
        "number": f"{share}%",
        "label": _("took part this month"),
        "about": about % {"active": found["active"], "count": found["everyone"]},
    }


def answer_figure(found: dict[str, Any]) -> dict[str, str]:
    about = ngettext(
        "Half are answered sooner: the median of one question answered, of those asked in the last %(days)d days.",
        "Half are answered sooner: the median of %(count)d questions answered, of those asked in the last %(days)d days.",
        found["count"],
    )
    return {
        "number": said_span(found["median"]) if found["count"] else "–",
        "label": _("until the first answer"),
        "about": about % {"count": found["count"], "days": ANSWER_DAYS},
    }


def said_span(span: timedelta) -> str:
    """A length of time in the one unit that people would use."""
    minutes = max(round(span.total_seconds() / 60), 1)
    if minutes < 90:
        return ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}
    hours = round(minutes / 60)
    if hours < 48:
        return ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours}
    days = round(hours / 24)
    return ngettext("%(count)d day", "%(count)d days", days) % {"count": days}


def unanswered(community: Community, now: datetime) -> Pile:
    """Questions that nobody has answered for three working days, the longest waiting first."""
    late = Topic.objects.unanswered().filter(
        community=community, created_at__lte=working_days_before(now, WORKING_DAYS)
    )
    rows = late.without_index().select_related("author").defer("author__search_vector")
    return pile_of(
        rows.order_by("created_at", "pk"),
        lambda row: topic_row(row, row, _("Answer or pass on")),
        title=_("Questions without an answer"),
        about=_("For more than three working days, Sunday to Thursday without holidays."),
        icon="message-circle-question-mark",
        all_url=f"{community.get_absolute_url()}?kind=unanswered",
    )


def unadvised(community: Community, now: datetime) -> Pile:
    """Consultations that nobody has advised in for three working days; a colleague asked personally helps."""
    moment = working_days_before(now, WORKING_DAYS)
    found = Consultation.objects.without_advice_since(moment).filter(topic__community=community)
    rows = found.select_related("topic__author").defer("topic__search_vector", "topic__author__search_vector")

    def show(row: Consultation) -> Row:
        step = reverse("ask_peers", args=[row.topic_id])
        return replace(topic_row(row.topic, row.topic, _("Ask colleagues personally")), url=step)

    return pile_of(
        rows.order_by("topic__created_at", "pk"),
        show,
        title=_("Consultations without advice"),
        about=_("For more than three working days, Sunday to Thursday without holidays."),
        icon="messages-square",
        all_url=f"{community.get_absolute_url()}?kind=consultation",
    )


def to_judge(community: Community, user: Any) -> list[Pile]:
    """What members wrote and nobody reads before it is released, and what readers reported; one query for both."""
    held = HeldPost.objects.waiting_for(user).filter(community=community).with_heading()
    posts = looks.reported(Post.objects.filter(topic__community=community)).order_by("created_at", "pk")
    sorts = [
        told(held, "held", "heading", "changed_at", Value("", TextField())),
        told(posts, "post", "topic__title", "created_at", F("topic__language")),
    ]
    rows = list(sorts[0].union(sorts[1], all=True))
    desk, look, read = reverse("show_desk"), _("Look and decide"), _("Read and decide")
    about = _("Others read them once you let them appear.")
    release = judged(rows, "held", "show_held_post", read)
    reports = judged(rows, "post", "show_post", look)
    return [
        Pile(_("Texts to release"), about, "hourglass", *release, desk),
        Pile(_("Reported posts"), _("Readers asked you to look at them."), "flag", *reports, desk),
    ]


def told(rows: QuerySet, sort: str, title: str, since: str, language: Any) -> QuerySet:
    """The first rows in columns that both sorts have, with how many there are in all."""
    columns = {
        "row_sort": Value(sort, TextField()),
        "row_title": F(title),
        "row_name": F("author__name"),
        "row_since": F(since),
        "row_key": F("pk"),
        "row_language": language,
        "pile_size": Window(Count("pk")),
    }
    return rows.annotate(**columns).values_list(*columns)[:MOST]


def judged(rows: list[tuple], sort: str, place: str, step: str) -> tuple[int, list[Row]]:
    own = [row for row in rows if row[0] == sort]
    shown = [
        Row(title, (name,), since, step, url, place=url, language=language)
        for _sort, title, name, since, pk, language, _count in own
        for url in [reverse(place, args=[pk])]
    ]
    return (own[0][-1] if own else 0), shown


def topic_row(row: Topic | Post, topic: Topic, step: str) -> Row:
    url, notes = row.get_absolute_url(), (row.author.name,)
    return Row(topic.title, notes, row.created_at, step, url, place=url, language=topic.language)


def requests(community: Community) -> Pile:
    """People who ask to join, the longest waiting first; nobody is admitted to what was closed down."""
    rows = with_people(members_of(community).asked().of_present_people())
    if community.archived_at:
        rows = rows.none()

    def show(row: Membership) -> Row:
        return person_row(
            row,
            row.since,
            _("Admit"),
            reverse("admit_member", args=[community.slug, row.pk]),
            text=row.note,
            is_deed=True,
            other=(reverse("decline_member", args=[community.slug, row.pk]), _("Decline")),
        )

    return pile_of(
        rows.order_by("since", "pk"),
        show,
        title=_("They ask to join"),
        about=_("The longest waiting first."),
        icon="user-plus",
        all_url=reverse("list_community_people", args=[community.slug]),
    )


def unminuted(community: Community, now: datetime) -> Pile:
    """Meetings that were held and whose minutes are not approved yet, the latest first."""
    held = looks.without_approved_minutes(Meeting.objects.filter(community=community).over(now))

    def show(row: Meeting) -> Row:
        begun = row.has_minutes  # type: ignore[attr-defined]
        place = row.get_absolute_url()
        url = reverse("show_minutes", args=[row.pk]) if begun else place
        step = _("Go on with the minutes") if begun else _("Close and write minutes")
        return Row(row.title, (), row.starts_at, step, url, place=place)

    return pile_of(
        held.latest_first(),
        show,
        title=_("Meetings without approved minutes"),
        about=_("Held, and the minutes not written or not approved yet."),
        icon="calendar-days",
        all_url=reverse("list_meetings", args=[community.slug]),
    )


def tasks(community: Community, user: Any, now: datetime) -> Pile:
    """What members took on and is not done, the most overdue first."""
    rows = Task.objects.filter(community=community, approved_at__isnull=False).open()
    rows = looks.with_last_nudge(rows).select_related("owner").defer("owner__search_vector")

    def show(row: Task) -> Row:
        row.community = community
        return task_row(row, user, now)

    return pile_of(
        rows.soonest_first(),
        show,
        title=_("Open tasks"),
        about=_("Taken on at meetings and not done yet. An owner is asked once a week at most."),
        icon="clipboard-check",
    )


def task_row(row: Task, user: Any, now: datetime) -> Row:
    """The owner is asked how it goes; whom one need not or may not ask yet leaves the minutes to look at."""
    place, asked = reverse("show_minutes", args=[row.meeting_id]), row.nudged_at  # type: ignore[attr-defined]
    may_ask = rules.can_nudge(user, row) and not (asked and asked > now - NUDGE_RESTS)
    return Row(
        row.text,
        (row.owner.name,),
        None,
        _("Ask how it goes") if may_ask else _("See the minutes"),
        reverse("nudge_owner", args=[row.pk]) if may_ask else place,
        place=place,
        is_deed=may_ask,
        due=row.due_on,
        is_late=row.is_overdue(timezone.localdate(now)),
        asked_at=asked,
    )


def newcomers(community: Community, user: Any, now: datetime) -> Pile:
    """Who came lately and was not greeted yet."""
    here = with_people(members_of(community).present().exclude(person_id=user.pk))
    rows = looks.to_greet(here, now - timedelta(days=NEWCOMER_DAYS))
    if community.archived_at:
        rows = rows.none()

    def show(row: Membership) -> Row:
        return person_row(row, row.since, _("Greet"), reverse("greet_member", args=[community.slug, row.pk]))

    return pile_of(
        rows,
        show,
        title=_("Newcomers to greet"),
        about=_("Joined in the last 30 days and not greeted yet."),
        icon="hand-heart",
    )


def silent(community: Community, user: Any, now: datetime) -> Pile:
    """Who has done nothing for long, those nobody wrote to lately."""
    here = with_people(members_of(community).present().exclude(person_id=user.pk))
    rows = looks.written_to(looks.silent_since(here, now - timedelta(days=SILENT_DAYS)))
    rows = rows.filter(Q(written_at__isnull=True) | Q(written_at__lt=now - NOTE_RESTS))
    if community.archived_at:
        rows = rows.none()

    def show(row: Membership) -> Row:
        last, written = row.last_deed_at, row.written_at  # type: ignore[attr-defined]
        url = reverse("write_note", args=[community.slug, row.pk])
        notes = () if last else (_("Nothing yet since joining"),)
        return person_row(row, last or row.since, _("Write a note"), url, notes=notes, written_at=written)

    return pile_of(
        rows,
        show,
        title=_("Silent for a while"),
        about=_(
            "Nothing written, answered or marked helpful for 60 days; with the date of the last contact. Whom you write to comes back here after two weeks."
        ),
        icon="moon",
    )


def person_url(row: Membership) -> str:
    return f"/people/{row.person.uuid}/"


def person_row(
    row: Membership, since: datetime, step: str, url: str, notes: tuple[Any, ...] = (), **more: Any
) -> Row:
    return Row(
        row.person.name,
        (row.person.role_title, *notes),
        since,
        step,
        url,
        person=row.person,
        place=person_url(row),
        **more,
    )
