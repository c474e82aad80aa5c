"""Meetings of the managers' community that come: one is planned, the other looks for its date."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from random import Random

from django.utils import timezone

from communities.enums import Coming, ItemState, MeetingForm, MeetingKind, MeetingState, Recurrence
from communities.models import (
    AgendaItem,
    Community,
    DateOption,
    DateVote,
    Invitee,
    Meeting,
    Membership,
    Series,
)
from members.models import User
from munistem.commons.days.holidays import holidays_on
from munistem.front.management.demo.people import Cast
from munistem.front.management.demo.pouring import Calendar, pour, uuid_of

TUESDAY = 1
#: days from today, title, purpose, kind, agenda.
COMING = (
    9,
    "מפגש עבודה: תקציב STEM לשנה הבאה (הדגמה)",
    "לצאת עם טיוטת סעיפים לתקציב העירוני.",
    (("פתיחה", 10), ("מבנה של תקציב עירוני", 45), ("קולות קוראים פתוחים", 20)),
)


def meet(communities: Sequence[Community], cast: Cast, calendar: Calendar, rng: Random) -> None:
    """Write the meetings with their agendas, answers and votes."""
    community = next((row for row in communities if row.slug == "stem-managers"), None)
    if community is None:
        return
    leader = cast.accounts["facilitator"]
    members = list(
        User.objects.filter(memberships__in=Membership.objects.present().filter(community=community))
    )
    members.sort(key=lambda person: person.email)
    series = Series.objects.create(community=community, rhythm=Recurrence.MONTHLY)
    days, title, purpose, agenda = COMING
    meeting = gathering(community, leader, calendar, rng, title, purpose, a_good_day(calendar, days))
    meeting.series = series
    meeting.save()
    write_agenda(meeting, agenda, [leader, cast.accounts["manager"], cast.accounts["member"]])
    still = list(cast.accounts.values())
    pour([invitee(meeting, person, rng, answers=person not in still) for person in members])
    voters = [person for person in members if person not in cast.accounts.values()]
    visit(community, leader, voters, calendar, rng)


def a_good_day(calendar: Calendar, days: int) -> datetime:
    """A Tuesday at ten about so many days from today, on which nothing is special."""
    day = calendar.today + timedelta(days=days)
    while day.weekday() != TUESDAY or holidays_on(day):
        day += timedelta(days=1)
    return timezone.make_aware(datetime.combine(day, time(10)))


def gathering(
    community: Community,
    leader: User,
    calendar: Calendar,
    rng: Random,
    title: str,
    purpose: str,
    starts_at: datetime | None,
) -> Meeting:
    return Meeting(
        community=community,
        kind=MeetingKind.WORK,
        state=MeetingState.PLANNED,
        title=title,
        purpose=purpose,
        form=MeetingForm.BOTH,
        place="היכל התרבות, כרמיאל",
        link="https://meet.example/stem-managers",
        starts_at=starts_at,
        ends_at=starts_at and starts_at + timedelta(minutes=90),
        uid=uuid_of(rng),
        created_by=leader,
        invited_at=starts_at and calendar.ago(6),
    )


def write_agenda(meeting: Meeting, lines: Sequence[tuple[str, int]], owners: Sequence[User]) -> None:
    for place, ((title, minutes), owner) in enumerate(zip(lines, owners, strict=True), 1):
        AgendaItem.objects.create(
            meeting=meeting,
            position=place,
            title=title,
            minutes=minutes,
            owner=owner,
            proposed_by=meeting.created_by,
            state=ItemState.ACCEPTED,
        )


def invitee(meeting: Meeting, person: User, rng: Random, *, answers: bool) -> Invitee:
    """Most have answered; the accounts of the demo are left to answer themselves."""
    answer = rng.choice([Coming.COMING, Coming.COMING, Coming.ONLINE, Coming.NO, Coming.SILENT])
    if not answers:
        answer = Coming.SILENT
    return Invitee(
        meeting=meeting,
        person=person,
        answer=answer,
        answered_at=None if answer == Coming.SILENT else meeting.invited_at,
    )


def visit(
    community: Community, leader: User, voters: Sequence[User], calendar: Calendar, rng: Random
) -> None:
    """A visit whose date is still being voted on."""
    meeting = gathering(
        community,
        leader,
        calendar,
        rng,
        "סיור במרכז מצוינות עירוני (הדגמה)",
        "לראות מרכז שעובד, ולשאול את מי שמפעילים אותו.",
        None,
    )
    meeting.state, meeting.kind, meeting.form = MeetingState.POLL, MeetingKind.VISIT, MeetingForm.IN_PERSON
    meeting.link, meeting.place, meeting.minutes_long = "", "נצרת", 180
    meeting.save()
    options = [
        DateOption.objects.create(meeting=meeting, starts_at=a_good_day(calendar, days))
        for days in (22, 29, 36)
    ]
    pour(
        [
            DateVote(option=option, person=person, vote=rng.choice(["yes", "yes", "maybe", "no"]))
            for person in voters[:12]
            for option in options
        ]
    )
