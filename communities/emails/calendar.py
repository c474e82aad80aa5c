"""Meetings as calendar entries (RFC 5545, 5546) that Google, Outlook and Apple accept."""

from collections.abc import Iterable
from datetime import UTC, datetime
from email.utils import parseaddr
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from communities.enums import Coming, MeetingState
from communities.models import Invitee, Meeting
from munistem.commons.mail.addresses import address_of

if TYPE_CHECKING:
    from icalendar import Event, vCalAddress

ZONE = ZoneInfo("Asia/Jerusalem")
ANSWERS = {
    Coming.COMING: "ACCEPTED",
    Coming.ONLINE: "ACCEPTED",
    Coming.SUBSTITUTE: "DELEGATED",
    Coming.NO: "DECLINED",
    Coming.SILENT: "NEEDS-ACTION",
}


def uid_of(meeting: Meeting) -> str:
    """Stays the same whatever changes, the address of the portal included."""
    return f"{meeting.uid}@munistem"


def invitation(meeting: Meeting, person: Any, invitee: Invitee | None) -> bytes:
    """What goes with a letter: an invitation to answer, or (of a cancelled meeting) its withdrawal."""
    is_off = meeting.state == MeetingState.CANCELLED
    event = entry(meeting, sees_link=True, stamp=timezone.now())
    event.add("organizer", organizer(meeting, person))
    event.add("attendee", attendee(person, invitee))
    return file_of([event], method="CANCEL" if is_off else "REQUEST")


def published(meetings: Iterable[Meeting], *, name: str = "", sees_link: bool = True) -> bytes:
    """Entries to look at, without an answer asked: a file to keep, or a feed that programs read again and again."""
    return file_of([entry(meeting, sees_link=sees_link) for meeting in meetings], method="PUBLISH", name=name)


def file_of(events: Iterable["Event"], *, method: str, name: str = "") -> bytes:
    from icalendar import Calendar, vText

    calendar = Calendar()
    calendar.add("prodid", "-//muni:STEM//portal//")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    if name:
        calendar.add("x-wr-calname", name)
        calendar.add("x-wr-timezone", str(ZONE))
        calendar.add("refresh-interval", vText("PT1H"), parameters={"VALUE": "DURATION"})
    for event in events:
        calendar.add_component(event)
    calendar.add_missing_timezones()
    return calendar.to_ical()


def entry(meeting: Meeting, *, sees_link: bool, stamp: datetime | None = None) -> "Event":
    """One meeting; its words in the active language. The address of the online room only for those who may join.

    stamp: when this message is written; without it the same entry stays the same, so that a feed changes only with it.
    """
    from icalendar import Event  # a large library, needed only where calendars are written

    event = Event()
    event.add("uid", uid_of(meeting))
    event.add("sequence", meeting.sequence)
    event.add("dtstamp", (stamp or stamp_of(meeting)).astimezone(UTC))
    event.add("dtstart", timezone.localtime(meeting.starts_at, ZONE))
    event.add("dtend", timezone.localtime(meeting.ends_at, ZONE))
    event.add("summary", meeting.title)
    event.add("status", "CANCELLED" if meeting.state == MeetingState.CANCELLED else "CONFIRMED")
    if where := place_of(meeting, sees_link=sees_link):
        event.add("location", where)
    event.add("description", description(meeting, sees_link=sees_link))
    event.add("url", settings.BASE_URL + meeting.get_absolute_url())
    event.add("transp", "OPAQUE")
    return event


def stamp_of(meeting: Meeting) -> datetime:
    return meeting.cancelled_at or meeting.invited_at or meeting.created_at


def place_of(meeting: Meeting, *, sees_link: bool) -> str:
    link = meeting.link if sees_link else ""
    return meeting.place or link or (_("Online") if meeting.is_online else "")


def description(meeting: Meeting, *, sees_link: bool) -> str:
    lines = [meeting.purpose, f"{meeting.community.name}", settings.BASE_URL + meeting.get_absolute_url()]
    if meeting.link and sees_link:
        lines.insert(1, _("To join online: %(link)s") % {"link": meeting.link})
    if meeting.cancelled_reason:
        lines.insert(0, _("Cancelled: %(reason)s") % {"reason": meeting.cancelled_reason})
    return "\n".join(line for line in lines if line)


def organizer(meeting: Meeting, person: Any) -> "vCalAddress":
    """Where calendar programs send the answer: to an address of this person alone, if the portal takes mail."""
    from icalendar import vCalAddress, vText

    own = address_of("meeting", meeting.pk, person.pk)
    address = vCalAddress(f"mailto:{own or parseaddr(settings.DEFAULT_FROM_EMAIL)[1]}")
    address.params["CN"] = vText(meeting.community.name)
    return address


def attendee(person: Any, invitee: Invitee | None) -> "vCalAddress":
    from icalendar import vCalAddress, vText

    address = vCalAddress(f"mailto:{person.email}")
    address.params["CN"] = vText(person.name or person.email)
    address.params["ROLE"] = vText("REQ-PARTICIPANT")
    address.params["PARTSTAT"] = vText(ANSWERS[Coming(invitee.answer if invitee else Coming.SILENT)])
    address.params["RSVP"] = vText("TRUE")
    return address
