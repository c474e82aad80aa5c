"""Meetings to be probed: planned ones and drafts, in a community of each access."""

from collections.abc import Iterator
from datetime import timedelta

from django.utils import timezone

from communities.enums import MeetingState
from communities.models import AgendaItem, Community, Invitee, Meeting
from munistem.commons.audit.actions import key
from munistem.commons.notices.models import Event, Notice
from munistem.front.management.probe.marks import Probed, mark
from munistem.front.management.probe.roles import Cast

LEADERS = ["facilitator", "admin"]


def meetings(cast: Cast, community: Community, access: str, readers: list[str]) -> Iterator[Probed]:
    """A planned meeting that the former member was invited to, and a draft."""
    leader = cast.people["facilitator"]
    starts_at = timezone.now() + timedelta(days=10)
    for state in (MeetingState.PLANNED, MeetingState.DRAFT):
        is_draft = state == MeetingState.DRAFT
        title, place, purpose, item = mark(), mark(), mark(), mark()
        meeting = Meeting.objects.create(
            community=community,
            state=state,
            title=title,
            place=place,
            purpose=purpose,
            starts_at=starts_at,
            ends_at=starts_at + timedelta(minutes=90),
            created_by=leader,
            invited_at=None if is_draft else timezone.now(),
        )
        AgendaItem.objects.create(meeting=meeting, title=item, proposed_by=leader)
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
            [purpose, item],
            [f"{url}calendar.ics"],
            edit=f"{url}edit/",
        )


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
