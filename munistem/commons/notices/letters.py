"""Notices as letters, at once: each says why it came, belongs to the thread of its topic, and has its doors out."""

import logging
from collections.abc import Iterable
from datetime import datetime
from email.utils import formataddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from munistem.commons.days.quiet import is_quiet
from munistem.commons.mail.letters import Letter, compose, number
from munistem.commons.mail.models import Bounce
from munistem.commons.notices.choices import family_of
from munistem.commons.notices.kinds import KINDS, Place, places_of, seers_among
from munistem.commons.notices.models import Event, Notice
from munistem.commons.notices.stops import stop_url, stops_of

log = logging.getLogger(__name__)


def why(reason: str) -> str:
    """Why this mail came, in the active language."""
    return {
        "mentioned": _("You received this because someone mentioned you."),
        "author": _("You received this because it answers what you wrote."),
        "follower": _("You received this because you take part in this discussion or follow it."),
        "member": _("You received this because you are a member of the community."),
        "attendee": _("You received this because you were at the meeting."),
        "owner": _("You received this because you took on a task."),
        "facilitator": _("You received this because you facilitate the community."),
        "sender": _("You received this because you sent it."),
        "meeting": _("You received this because you are invited to the meeting."),
        "asked": _(
            "You received this because a colleague asks you personally. Nobody is asked so more than once a month."
        ),
        "quoted": _("You received this because a text of the library would name or quote you."),
        "adapter": _("You received this because your organisation adapts an item of the library."),
        "library": _("You received this because you follow something in the library."),
        "call": _("You received this because a call fits your municipality, or because you follow it."),
        "decider": _("You received this because it waits for your decision."),
    }.get(reason, _("You received this because it concerns you."))


def rests(now: datetime) -> bool:
    """Whether mails that can wait do so: on Shabbat and holy days, unless the portal is set not to rest."""
    return settings.MAIL_RESTS and is_quiet(now)


def mail_notices(keys: Iterable[int], *, now: datetime | None = None) -> int:
    """Post those of these notices that still wait, are unread and may still be seen; returns how many went out.

    In rest they go on waiting. A letter that cannot be made stops no other; its error is raised at the end.
    """
    now = now or timezone.now()
    if rests(now):
        return 0
    errors: list[Exception] = []
    with transaction.atomic():
        waiting = Notice.objects.filter(pk__in=list(keys), mailed_at__isnull=True, read_at__isnull=True)
        notices = list(
            waiting.select_related("event__actor", "reader")
            .defer("event__actor__search_vector", "reader__search_vector")
            .order_by("pk")
            .select_for_update(of=("self",))
        )
        messages, done = [], []
        seen = Seen(notices)
        paused = paused_among(notice.reader.email for notice in notices)
        places = places_of(
            {place for notice in notices for place in (notice.event.scope, notice.event.thread)}
        )
        for notice in notices:
            try:
                if notice.reader.is_active and notice.reader.email.lower() not in paused:
                    messages += made(notice, places) if seen.by_reader_of(notice) else []
                done.append(notice.pk)
            except Exception as error:
                log.exception("No letter could be made of notice %s", notice.pk)
                errors.append(error)
        Notice.objects.filter(pk__in=done).update(mailed_at=now)
        if messages:
            get_connection().send_messages(messages)
    if errors:
        raise errors[0]
    return len(messages)


def paused_among(addresses: Iterable[str]) -> set[str]:
    """Those addresses, in small letters, from which mail came back for good."""
    small = [address.lower() for address in addresses]
    return set(Bounce.objects.filter(address__in=small).values_list("address", flat=True))


class Seen:
    """Who may still see what a pile of notices is about, asked once an event; all notices of an event share its object."""

    def __init__(self, notices: Iterable[Notice]):
        self.readers: dict[int, list[Any]] = {}
        self.known: dict[int, set[int]] = {}
        events: dict[int, Event] = {}
        for notice in notices:
            notice.event = events.setdefault(notice.event_id, notice.event)
            self.readers.setdefault(notice.event_id, []).append(notice.reader)

    def by_reader_of(self, notice: Notice) -> bool:
        if notice.event_id not in self.known:
            self.known[notice.event_id] = seers_among(self.readers[notice.event_id], notice.event)
        return notice.reader_id in self.known[notice.event_id]


def made(notice: Notice, places: dict[str, Place]) -> list[EmailMessage]:
    """The letter of a notice, for a reader who may see its subject."""
    reader = notice.reader
    with translation.override(reader.language):
        letter = letter_of(notice, places)
    return [compose(letter, to=reader.email, language=reader.language)]


def letter_of(notice: Notice, places: dict[str, Place]) -> Letter:
    """A notice in the reader's language, which is active."""
    event, reader, kind = notice.event, notice.reader, KINDS[notice.event.kind]
    sentence = kind.sentence(event, reader)
    stops = [
        (stop.label(), stop_url(reader, stop))
        for stop in stops_of(event, family_of(kind.family, notice.reason))
    ]
    is_talk = kind.is_talk and event.thread in places
    said = kind.details(event, reader)
    letter = Letter(
        subject=subject_in_thread(event, places) if is_talk else sentence,
        lines=[sentence] if kind.is_talk else [sentence, *said],
        quote="\n\n".join(said) if kind.is_talk else "",
        action=(_("Open in the portal"), settings.BASE_URL + kind.url(event)),
        reason=why(notice.reason),
        unsubscribe=stops[0][1],
        stops=stops,
        sender=event.actor.name if is_talk and event.actor else "",
        headers={**list_headers(event, places), **thread_headers(event)},
        key=f"{event.pk}:{reader.pk}",
    )
    return kind.dress(letter, event, reader)


def subject_in_thread(event: Event, places: dict[str, Place]) -> str:
    """The same for the whole topic, as mail programs expect of a conversation."""
    title = places[event.thread].name
    if event.scope in places:
        title = f"[{places[event.scope].name}] {title}"
    return title if KINDS[event.kind].opens_thread else f"Re: {title}"


def list_headers(event: Event, places: dict[str, Place]) -> dict[str, str]:
    """The community as a list (RFC 2919), so that people can sort their mail by it."""
    if event.scope not in places:
        return {}
    name = number(event.scope.replace(":", "-")).strip("<>").replace("@", ".")
    return {"List-Id": formataddr((places[event.scope].name, name))}


def thread_headers(event: Event) -> dict[str, str]:
    """What makes a topic one conversation: the opening has the topic's number, all others refer to it."""
    own = number(f"event-{event.pk}")
    if not event.thread or not KINDS[event.kind].is_talk:
        return {"Message-ID": own}
    root = number(event.thread.replace(":", "-"))
    if KINDS[event.kind].opens_thread:
        return {"Message-ID": root}
    return {"Message-ID": own, "In-Reply-To": root, "References": root}
