"""Meetings: invitations with a calendar entry and an answer by one tap, changes, reminders, the waiting list."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from communities.emails.calendar import invitation
from communities.emails.community import actor, name_in, reason_given
from communities.enums import Coming, MeetingState
from communities.models import Community, Invitee, Meeting
from munistem.commons.days.hebrew import hebrew_date
from munistem.commons.mail.addresses import address_of
from munistem.commons.mail.letters import Enclosure, Letter
from munistem.commons.notices.kinds import Family, Kind, Place, visible_through
from munistem.commons.notices.models import Event
from munistem.commons.text.names import isolated

SALT = "communities.answer"
ANSWERS = (Coming.COMING, Coming.ONLINE, Coming.SUBSTITUTE, Coming.NO)


# Answering from a letter ---------------------------------------------------------------------------------


def answer_url(meeting: Meeting, person: Any, answer: str = "") -> str:
    """The page on which this person answers without signing in; with an answer, that one is chosen already."""
    token = signing.dumps([meeting.pk, person.pk], salt=SALT, compress=True)
    query = f"?answer={answer}" if answer else ""
    return settings.BASE_URL + reverse("answer_from_mail", args=[meeting.pk, token]) + query


def read_answer_token(token: str) -> tuple[int, int]:
    """Keys of meeting and person; raises signing.BadSignature."""
    meeting, person = signing.loads(token, salt=SALT)
    return meeting, person


def answers_of(meeting: Meeting) -> list[tuple[str, str]]:
    """The answers that this meeting takes, in words."""
    words = {
        Coming.COMING: pgettext("answer", "I am coming"),
        Coming.ONLINE: pgettext("answer", "I join online"),
        Coming.SUBSTITUTE: pgettext("answer", "I am sending a substitute"),
        Coming.NO: pgettext("answer", "I cannot come"),
    }
    left_out = set() if meeting.is_online else {Coming.ONLINE}
    left_out |= set() if meeting.is_in_person else {Coming.COMING}
    return [(code.value, words[code]) for code in ANSWERS if code not in left_out]


# Words ---------------------------------------------------------------------------------------------------


def when(moment: datetime) -> str:
    """Day, date, hour and the Hebrew date beside: Tuesday, 8 December 2026, 10:00 (28 Kislev 5787)."""
    local = timezone.localtime(moment)
    said = {"day": date_format(local, _("l, j F Y")), "time": f"{local:%H:%M}"}
    return f"{_('%(day)s, %(time)s') % said} ({hebrew_date(local.date())})"


def when_told(event: Event) -> str:
    """The day and hour that an event told of."""
    told = event.data.get("starts_at")
    if not told:
        return ""
    local = timezone.localtime(datetime.fromisoformat(told))
    said = {"day": date_format(local, _("l, j F")), "time": f"{local:%H:%M}"}
    return isolated(_("%(day)s, %(time)s") % said)


def words(event: Event) -> dict[str, str]:
    return {
        "actor": actor(event),
        "title": name_in(event, "title"),
        "item": name_in(event, "item"),
        "community": name_in(event, "community"),
        "when": when_told(event),
    }


def say_invited(event: Event, reader: Any) -> str:
    return _("You are invited: %(title)s, %(when)s") % words(event)


def say_dates_asked(event: Event, reader: Any) -> str:
    return _("Which date suits you for “%(title)s” in %(community)s?") % words(event)


def say_changed(event: Event, reader: Any) -> str:
    if event.data.get("is_moved"):
        return _("New date for “%(title)s”: %(when)s") % words(event)
    return _("Changed: “%(title)s”, %(when)s") % words(event)


def say_cancelled(event: Event, reader: Any) -> str:
    return _("Cancelled: “%(title)s”, %(when)s") % words(event)


def say_seat_free(event: Event, reader: Any) -> str:
    return _("A seat became free: you are coming to “%(title)s”, %(when)s") % words(event)


def say_reminder(event: Event, reader: Any) -> str:
    if event.data.get("is_soon"):
        return _("Soon: “%(title)s”, %(when)s") % words(event)
    return _("Reminder: “%(title)s”, %(when)s") % words(event)


def say_item_proposed(event: Event, reader: Any) -> str:
    return _("%(actor)s proposes for the agenda of “%(title)s”: %(item)s") % words(event)


def say_item_accepted(event: Event, reader: Any) -> str:
    return _("On the agenda of “%(title)s”: %(item)s") % words(event)


def say_item_declined(event: Event, reader: Any) -> str:
    return _("Not this time on the agenda of “%(title)s”: %(item)s") % words(event)


def say_item_given(event: Event, reader: Any) -> str:
    return _("You bring to “%(title)s”: %(item)s") % words(event)


def meeting_of(event: Event) -> Meeting | None:
    found = Meeting.objects.select_related("community").defer("community__search_vector")
    return found.filter(pk=event.subject.rpartition(":")[2]).first()


def meeting_url(event: Event) -> str:
    return reverse("show_meeting", args=[event.subject.rpartition(":")[2]])


def meeting_places(keys: Iterable[int]) -> dict[int, Place]:
    found = Meeting.objects.filter(pk__in=keys).only("pk", "title")
    return {row.pk: Place(row.title, row.get_absolute_url()) for row in found}


def facts(event: Event, reader: Any) -> list[str]:
    """When with the Hebrew date, where, what for; as they are now."""
    meeting = meeting_of(event)
    if meeting is None or meeting.starts_at is None:
        return []
    lines = [isolated(when(meeting.starts_at))]
    if meeting.place and meeting.is_in_person:
        lines.append(_("Where: %(place)s") % {"place": isolated(meeting.place)})
    if meeting.link and meeting.is_online:
        lines.append(_("To join online: %(link)s") % {"link": isolated(meeting.link)})
    if meeting.purpose:
        lines.append(isolated(meeting.purpose))
    if event.kind == "meeting_invited" and (dates := further_dates(meeting)):
        lines.append(_("The next dates of the series: %(dates)s") % {"dates": " · ".join(dates)})
    return [*reason_given(event, reader), *lines]


def further_dates(meeting: Meeting) -> list[str]:
    """When the series goes on, as far as it is planned."""
    if meeting.series_id is None:
        return []
    later = Meeting.objects.planned().filter(series=meeting.series_id, starts_at__gt=meeting.starts_at)
    dates = later.soonest_first().values_list("starts_at", flat=True)
    return [isolated(date_format(timezone.localtime(date), "DATE_FORMAT")) for date in dates[:11]]


def with_answers(letter: Letter, event: Event, reader: Any) -> Letter:
    """Add the calendar entry, and a link for each answer while answers are asked."""
    meeting = meeting_of(event)
    if meeting is None or meeting.starts_at is None:
        return letter
    letter = replace(letter, reply_to=address_of("meeting", meeting.pk, reader.pk))
    mine = Invitee.objects.filter(meeting=meeting, person=reader).first()
    if meeting.state == MeetingState.CANCELLED:
        return replace(letter, attachments=[enclosure(meeting, reader, mine)])
    rows = [(label, answer_url(meeting, reader, code)) for code, label in answers_of(meeting)]
    if mine and mine.answered_at:
        return replace(letter, attachments=[enclosure(meeting, reader, mine)])
    return replace(letter, rows=rows, attachments=[enclosure(meeting, reader, mine)])


def enclosure(meeting: Meeting, reader: Any, mine: Invitee | None) -> Enclosure:
    method = "CANCEL" if meeting.state == MeetingState.CANCELLED else "REQUEST"
    content = invitation(meeting, reader, mine)
    return Enclosure("meeting.ics", content, f"text/calendar; method={method}; charset=utf-8")


def meetings_of(user: Any) -> Any:
    return Meeting.objects.visible_to(user)


def led_meetings_of(user: Any) -> Any:
    if user.is_staff:
        return Meeting.objects.all()
    return Meeting.objects.filter(community__in=Community.objects.facilitated_by(user))


SEEN, LED = visible_through(meetings_of), visible_through(led_meetings_of)
MINE = Family.MEETINGS
KINDS = (
    Kind("meeting_invited", MINE, say_invited, meeting_url, SEEN, facts, with_answers),
    Kind("meeting_dates_asked", MINE, say_dates_asked, meeting_url, SEEN),
    Kind("meeting_changed", MINE, say_changed, meeting_url, SEEN, facts, with_answers),
    Kind("meeting_cancelled", MINE, say_cancelled, meeting_url, SEEN, facts, with_answers),
    Kind("meeting_seat_free", MINE, say_seat_free, meeting_url, SEEN, facts, with_answers),
    Kind("meeting_reminder", MINE, say_reminder, meeting_url, SEEN, facts, with_answers),
    Kind("agenda_item_proposed", Family.TASKS, say_item_proposed, meeting_url, LED),
    Kind("agenda_item_accepted", Family.DECISIONS, say_item_accepted, meeting_url, SEEN),
    Kind("agenda_item_given", MINE, say_item_given, meeting_url, SEEN),
    Kind("agenda_item_declined", Family.DECISIONS, say_item_declined, meeting_url, SEEN),
)
