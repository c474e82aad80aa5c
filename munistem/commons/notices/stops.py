"""The doors out of mails: one click, no signing in, at three levels; each can be taken back on its page."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils.translation import gettext as _

from munistem.commons.notices import choices
from munistem.commons.notices.kinds import KINDS, Family, places_of
from munistem.commons.notices.models import Choice, Event, Rhythm

SALT = "notices.unsubscribe"
LEVELS = ("thread", "scope", "family", "all")


@dataclass(frozen=True)
class Stop:
    """What a door closes. level: thread, scope, family or all (but the essential); what: its key or code."""

    level: str
    what: str = ""

    @property
    def place(self) -> tuple[str, str]:
        """Scope and family of the choice behind it."""
        return ("", self.what) if self.level == "family" else (self.what, "")

    @property
    def rhythm(self) -> Rhythm:
        return Rhythm.BELL if self.level == "family" else Rhythm.NOTHING

    def name(self) -> str:
        """What it is about in the active language, "" for all."""
        if self.level == "family":
            return str(Family(self.what).label)
        place = places_of([self.what]).get(self.what) if self.what else None
        return place.name if place else ""

    def label(self) -> str:
        """The words of its link."""
        return {
            "thread": _("No more mails about this topic"),
            "scope": _("Fewer mails from this community"),
            "family": _("Stop mails of this kind"),
            "all": _("Only essential mails"),
        }[self.level]


def stops_of(event: Event, family: Family) -> list[Stop]:
    """The doors of a letter about an event, the narrowest first."""
    if family in choices.ESSENTIAL:
        return [Stop("family", family.value)]
    is_mutable = event.thread and KINDS[event.kind].is_talk and family != Family.MENTIONS
    narrow = [Stop("thread", event.thread)] if is_mutable else []
    wide = [Stop("scope", event.scope)] if event.scope else [Stop("family", family.value)]
    return [*narrow, *wide, Stop("all")]


def stop_url(person: Any, stop: Stop) -> str:
    """An address that stops mails in one click, without signing in."""
    token = signing.dumps([person.pk, stop.level, stop.what], salt=SALT, compress=True)
    return settings.BASE_URL + reverse("unsubscribe", args=[token])


def read_token(token: str) -> tuple[int, Stop]:
    """Person and door of an unsubscribe address; raises signing.BadSignature or ValueError."""
    person, level, what = signing.loads(token, salt=SALT)
    if level not in LEVELS or (level == "family" and what not in Family.values):
        raise ValueError(level)
    return int(person), Stop(level, what)


def is_closed(person: Any, stop: Stop) -> bool:
    scope, family = stop.place
    return choices.chosen(person, scope, family) == stop.rhythm


def close(person: Any, stop: Stop) -> str:
    """Stop mails; returns what was chosen before, "" for nothing in particular."""
    scope, family = stop.place
    before = choices.chosen(person, scope, family)
    if before != stop.rhythm:
        Choice.objects.update_or_create(
            person=person, scope=scope, family=family, defaults={"rhythm": stop.rhythm}
        )
        choices.rethink(person)
    return before


def reopen(person: Any, stop: Stop, before: str = "") -> None:
    """Take that back, to what was chosen before."""
    scope, family = stop.place
    if before in Rhythm.values and before != stop.rhythm:
        Choice.objects.update_or_create(
            person=person, scope=scope, family=family, defaults={"rhythm": before}
        )
    else:
        Choice.objects.filter(person=person, scope=scope, family=family).delete()
