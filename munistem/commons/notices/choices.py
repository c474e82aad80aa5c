"""How each person wants to hear of what happened: by family everywhere, by community, by topic."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction

from munistem.commons.notices.kinds import DEFAULTS, ESSENTIAL, GENERAL, KINDS, Family
from munistem.commons.notices.models import OF_SCOPE, Choice, Notice, Rhythm
from munistem.commons.ready import NOBODY, Reader, Text, ready


class Wishes:
    """What people chose, fetched in one query: of many people for one event, or of one person for many."""

    def __init__(self, rows: Iterable[tuple[int, str, str, str]]):
        self.rows = {(person, scope, family): rhythm for person, scope, family, rhythm in rows}

    @classmethod
    def of(cls, people: Iterable[int], scopes: Iterable[str]) -> "Wishes":
        """scopes: keys of the communities and topics in question; what holds everywhere is always fetched."""
        found = Choice.objects.filter(person__in=list(people), scope__in={"", *scopes})
        return cls(found.values_list("person_id", "scope", "family", "rhythm"))

    def rhythm(self, person: int, family: str, scope: str = "", thread: str = "") -> Rhythm | None:
        """How this person hears of an event of this family; None when not at all, not even in the portal."""
        usual = Rhythm(self.rows.get((person, "", family), DEFAULTS[Family(family)]))
        if family in ESSENTIAL:
            return usual
        here = self.rows.get((person, scope, "")) if scope else None
        if family != Family.MENTIONS and thread and self.is_muted(person, thread):
            return None
        if family in GENERAL:
            if here == Rhythm.NOTHING or (here == Rhythm.CONCERNING and family == Family.TOPICS):
                return None
            if here in {Rhythm.AT_ONCE, Rhythm.DAILY, Rhythm.WEEKLY}:
                usual = Rhythm(here)
        elif here == Rhythm.NOTHING:
            return Rhythm.BELL
        return Rhythm.BELL if self.wants_essential_only(person) else usual

    def is_muted(self, person: int, thread: str) -> bool:
        return self.rows.get((person, thread, "")) == Rhythm.NOTHING

    def wants_essential_only(self, person: int) -> bool:
        return self.rows.get((person, "", "")) == Rhythm.NOTHING


def family_of(family: str, reason: str) -> Family:
    """Answers in a discussion that one only follows are less urgent than answers to oneself."""
    return Family.FOLLOWED if family == Family.REPLIES and reason == "follower" else Family(family)


def chosen(person: Any, scope: str = "", family: str = "") -> str:
    """What a person chose for just this, "" for nothing in particular."""
    return next(iter(_chosen(NOBODY, person.pk, Text(scope), family)), "")


@ready
def _chosen(_reader: Reader, person: int, scope: str, family: str) -> Any:
    found = Choice.objects.filter(person=person, scope=scope, family=family)
    return found.values_list("rhythm", flat=True)


@transaction.atomic
def choose(*, by: Any, rhythms: dict[str, str]) -> None:
    """Keep how a person wants to hear of each family of events."""
    for family, rhythm in rhythms.items():
        _keep(by, "", Family(family).value, Rhythm(rhythm))
    rethink(by)


@transaction.atomic
def choose_scope(*, by: Any, rhythms: dict[str, str]) -> None:
    """Keep how a person wants to hear of each of these communities; "" goes back to what holds everywhere.

    Raises ValueError for a rhythm that no single community can have.
    """
    for scope, rhythm in rhythms.items():
        if rhythm and rhythm not in OF_SCOPE:
            raise ValueError(rhythm)
        _keep(by, scope, "", rhythm)
    rethink(by)


def follow(*, by: Any, thread: str) -> None:
    """Hear of every answer in a topic."""
    _keep(by, thread, "", Rhythm.CONCERNING)
    rethink(by)


def mute(*, by: Any, thread: str) -> None:
    """Hear of a topic only when mentioned in it."""
    _keep(by, thread, "", Rhythm.NOTHING)
    rethink(by)


def forget_thread(*, by: Any, thread: str) -> None:
    """Neither follow nor mute a topic."""
    _keep(by, thread, "", "")
    rethink(by)


@transaction.atomic
def essential_only(*, by: Any, is_so: bool = True) -> None:
    """No mail but decisions and what waits for the person, or (is_so=False) all as chosen before."""
    _keep(by, "", "", Rhythm.NOTHING if is_so else "")
    rethink(by)


def followers_of(thread: str):
    """Keys of the people who follow a topic without having written in it."""
    return Choice.objects.filter(scope=thread, rhythm=Rhythm.CONCERNING).values("person")


def _keep(person: Any, scope: str, family: str, rhythm: str) -> None:
    if rhythm:
        Choice.objects.update_or_create(
            person=person, scope=scope, family=family, defaults={"rhythm": rhythm}
        )
    else:
        Choice.objects.filter(person=person, scope=scope, family=family).delete()


def rethink(person: Any) -> None:
    """Let what still waits to be mailed follow what the person chose just now."""
    waiting = Notice.objects.filter(
        reader=person, mailed_at__isnull=True, read_at__isnull=True
    ).select_related("event")
    notices = [notice for notice in waiting if notice.event.kind in KINDS]
    places = {place for notice in notices for place in (notice.event.scope, notice.event.thread)}
    wishes = Wishes.of([person.pk], places)
    changed = []
    for notice in notices:
        event = notice.event
        family = family_of(KINDS[event.kind].family, notice.reason)
        wanted = wishes.rhythm(person.pk, family, event.scope, event.thread) or Rhythm.BELL
        # what was only for the portal is not mailed afterwards
        if notice.rhythm not in {wanted, Rhythm.BELL}:
            notice.rhythm = wanted
            changed.append(notice)
    Notice.objects.bulk_update(changed, ["rhythm"])
