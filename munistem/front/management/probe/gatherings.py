"""Meetings to be probed: planned ones and drafts, and minutes of held ones, in a community of each access."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

from django.urls import reverse
from django.utils import timezone

from communities.actions.minutes import compose, fingerprint_of, next_number
from communities.enums import MeetingState, MinutesState
from communities.models import (
    AgendaItem,
    Community,
    Decision,
    Invitee,
    Meeting,
    Minutes,
    MinutesFile,
    Series,
    Task,
)
from munistem.commons.audit.actions import key
from munistem.commons.notices.models import Event, Notice
from munistem.commons.search.actions import index
from munistem.front.management.probe.marks import Probed, file, mark
from munistem.front.management.probe.roles import Cast

LEADERS = ["facilitator", "admin"]
INSIDE = ["cmember", *LEADERS]


def meetings(cast: Cast, community: Community, access: str, readers: list[str]) -> Iterator[Probed]:
    """A planned meeting that the former member was invited to, and a draft."""
    leader = cast.people["facilitator"]
    starts_at = timezone.now() + timedelta(days=10)
    for state in (MeetingState.PLANNED, MeetingState.DRAFT):
        is_draft = state == MeetingState.DRAFT
        title, place, purpose, item = mark(), mark(), mark(), mark()
        paper, paper_marks = file(leader)
        meeting = Meeting.objects.create(
            community=community,
            series=Series.objects.create(community=community),
            state=state,
            title=title,
            place=place,
            purpose=purpose,
            starts_at=starts_at,
            ends_at=starts_at + timedelta(minutes=90),
            created_by=leader,
            invited_at=None if is_draft else timezone.now(),
        )
        line = AgendaItem.objects.create(
            meeting=meeting, title=item, reading=mark(), paper=paper, proposed_by=leader
        )
        if not is_draft:
            remember(cast, meeting)
        url = meeting.get_absolute_url()
        yield Probed(
            "meeting",
            f"{access}{'-draft' if is_draft else ''}",
            meeting.pk,
            LEADERS if is_draft else readers,
            url,
            [title, place],
            [purpose, item, line.reading, *paper_marks],
            [
                f"{url}calendar.ics",
                reverse("serve_agenda_paper", args=[meeting.pk, line.pk]),
                *([] if is_draft else [f"/series/{meeting.series_id}/"]),
            ],
            edit=f"{url}edit/",
        )
    yield from minutes(cast, community, access)


def minutes(cast: Cast, community: Community, access: str) -> Iterator[Probed]:
    """Approved ones, for members, and a draft, for those who facilitate."""
    for is_approved in (True, False):
        row, marks, urls = minutes_of(cast, community, is_approved=is_approved)
        url, seen_by = row.get_absolute_url(), INSIDE if is_approved else LEADERS
        name = f"{access}{'' if is_approved else '-draft'}"
        yield Probed("minutes", name, row.pk, seen_by, url, marks[:1], marks[1:], urls)


def minutes_of(
    cast: Cast, community: Community, *, is_approved: bool
) -> tuple[Minutes, list[str], list[str]]:
    """A held meeting with its minutes; their marks (the decision's first) and their other addresses."""
    leader, now = cast.people["facilitator"], timezone.now()
    decision, said, task = mark(), mark(), mark()
    meeting = Meeting.objects.create(
        community=community,
        state=MeetingState.CLOSED,
        title="Held",
        starts_at=now - timedelta(days=20),
        ends_at=now - timedelta(days=20, hours=-1),
        created_by=leader,
        closed_at=now,
        closed_by=leader,
    )
    told = {"community": community, "meeting": meeting, "created_by": leader}
    AgendaItem.objects.create(meeting=meeting, title="Talk", notes=said, proposed_by=leader)
    sent = {"sent_at": now, "sent_by": leader, "approves_at": now} if is_approved else {}
    state = MinutesState.SENT if is_approved else MinutesState.DRAFT
    row = Minutes.objects.create(**told, state=state, **sent)
    compose(row)
    slides, file_marks = file(leader)
    MinutesFile.objects.create(minutes=row, file=slides)
    approved = {"approved_at": now} if is_approved else {}
    number = {"number": 1} if is_approved else {}
    on = timezone.localdate(meeting.starts_at)
    index(Decision.objects.create(**told, text=decision, decided_on=on, nonce=uuid4(), **approved, **number))
    Task.objects.create(**told, text=task, owner=leader, nonce=uuid4(), **approved)
    if is_approved:
        row.state, row.approved_at = MinutesState.APPROVED, now
        row.number, row.fingerprint = next_number(Minutes, community), fingerprint_of(row)
        row.save()
    index(row)
    urls = [reverse("serve_minutes_file", args=[meeting.pk, slides.key])]
    if is_approved:
        urls.append(f"{community.get_absolute_url()}decisions/")
    return row, [decision, said, task, *file_marks], urls


def remember(cast: Cast, meeting: Meeting) -> None:
    """Invitations of members, and what the former member was told while still in."""
    for role in ("facilitator", "cmember", "exmember"):
        Invitee.objects.create(meeting=meeting, person=cast.people[role])
    data = {
        "title": meeting.title,
        "community": meeting.community.name,
        "starts_at": meeting.starts_at.isoformat(),
    }
    event = Event.objects.create(
        kind="meeting_invited", subject=key(meeting), actor=cast.people["facilitator"], data=data
    )
    Notice.objects.create(event=event, reader=cast.people["exmember"], reason="meeting")
