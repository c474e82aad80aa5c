"""What a room declares so that its events can be told: one ``Kind`` each, registered in the room's ``apps.ready``."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from munistem.commons.mail.letters import Letter
from munistem.commons.notices.models import Event, Rhythm


class Family(TextChoices):
    """Groups of events that a person chooses for together."""

    DECISIONS = "decisions", _("Decisions on what I sent")
    MENTIONS = "mentions", _("Mentions of me")
    REPLIES = "replies", _("Replies to me and accepted answers")
    FOLLOWED = "followed", _("Answers in discussions I take part in or follow")
    TOPICS = "topics", _("New topics and announcements in my communities")
    TASKS = "tasks", _("What waits for my decision")
    MEETINGS = "meetings", _("My meetings: invitations, changes, reminders, minutes")
    LIBRARY = "library", _("New in the library, where I follow something")
    CALLS = "calls", _("Calls for proposals that fit my municipality, before they close")


DEFAULTS = {
    Family.DECISIONS: Rhythm.AT_ONCE,
    Family.MENTIONS: Rhythm.AT_ONCE,
    Family.REPLIES: Rhythm.AT_ONCE,
    Family.FOLLOWED: Rhythm.WEEKLY,
    Family.TOPICS: Rhythm.WEEKLY,
    Family.TASKS: Rhythm.AT_ONCE,
    Family.MEETINGS: Rhythm.AT_ONCE,
    Family.LIBRARY: Rhythm.WEEKLY,
    Family.CALLS: Rhythm.DAILY,
}
#: Goes out even to those who want no other mail.
ESSENTIAL = {Family.DECISIONS, Family.TASKS}
#: Follows what a person chose for the community.
GENERAL = {Family.FOLLOWED, Family.TOPICS}


@dataclass(frozen=True)
class Kind:
    """How one kind of event is told.

    code: stored in Event.kind; family: for people's choices;
    sentence: (event, reader) → one sentence in the active language, names included;
    url: event → path of the thing;
    visible: (user, events) → ids of the events whose subject this reader may (still) see;
    details: (event, reader) → paragraphs for the mail, empty when the sentence says all;
    dress: (letter, event, reader) → the letter of its own mail with what this kind adds: links, files, where to answer;
    many: (event, reader, count) → one sentence for several events of one thread, which are then told as one;
    is_talk: part of the conversation of its thread: mail programs show it there, from the person who wrote;
    opens_thread: the first of that conversation;
    seers: (event, readers) → keys of those readers for whom ``visible`` holds, asked at once: for what many are told;
    answer_at: (event, reader) → the address at which the reader answers by mail, "" for none.
    """

    code: str
    family: Family
    sentence: Callable[[Event, Any], str]
    url: Callable[[Event], str]
    visible: Callable[[Any, Iterable[Event]], set[int]]
    details: Callable[[Event, Any], list[str]] = lambda event, reader: []
    dress: Callable[[Letter, Event, Any], Letter] = lambda letter, event, reader: letter
    many: Callable[[Event, Any, int], str] | None = None
    is_talk: bool = False
    opens_thread: bool = False
    seers: Callable[[Event, Iterable[Any]], set[int]] | None = None
    answer_at: Callable[[Event, Any], str] = lambda event, reader: ""

    def say(self, event: Event, reader: Any, count: int = 1) -> str:
        """The sentence for one event, or for the latest of several that are told as one."""
        if count > 1 and self.many:
            return self.many(event, reader, count)
        return self.sentence(event, reader)


@dataclass(frozen=True)
class Place:
    """A community, topic or meeting as letters and lists name it."""

    name: str
    url: str


#: Kind of key, e.g. "communities.topic" → places by primary key.
PLACES: dict[str, Callable[[Iterable[int]], dict[int, Place]]] = {}


def register_places(prefix: str, find: Callable[[Iterable[int]], dict[int, Place]]) -> None:
    PLACES[prefix] = find


def places_of(keys: Iterable[str]) -> dict[str, Place]:
    """Key → place, for those that still exist; one query for each kind of key."""
    by_prefix: dict[str, set[int]] = {}
    for key in keys:
        prefix, _colon, pk = key.rpartition(":")
        if prefix in PLACES:
            by_prefix.setdefault(prefix, set()).add(int(pk))
    return {
        f"{prefix}:{pk}": place
        for prefix, wanted in by_prefix.items()
        for pk, place in PLACES[prefix](wanted).items()
    }


KINDS: dict[str, Kind] = {}


def register(*kinds: Kind) -> None:
    for kind in kinds:
        KINDS[kind.code] = kind


def visible_events(user: Any, events: Iterable[Event]) -> set[int]:
    """Ids of the events that the user may still be told of, asked kind by kind (one query a kind)."""
    by_kind: dict[str, list[Event]] = {}
    for event in events:
        by_kind.setdefault(event.kind, []).append(event)
    seen: set[int] = set()
    for code, group in by_kind.items():
        if kind := KINDS.get(code):
            seen |= kind.visible(user, group)
    return seen


def seers_among(readers: Iterable[Any], event: Event) -> set[int]:
    """Keys of those readers who may still be told of an event."""
    kind = KINDS.get(event.kind)
    if kind and kind.seers:
        return kind.seers(event, readers)
    return {reader.pk for reader in readers if event.pk in visible_events(reader, [event])}


def subject_ids(events: Iterable[Event]) -> dict[int, int]:
    """Event id → primary key of its subject, for the ``visible`` functions."""
    return {event.pk: int(event.subject.rpartition(":")[2]) for event in events}


def visible_through(queryset_for: Callable[[Any], Any]) -> Callable[[Any, Iterable[Event]], set[int]]:
    """A ``visible`` function from a queryset of the things a user may see."""

    def visible(user: Any, events: Iterable[Event]) -> set[int]:
        keys = subject_ids(events)
        allowed = set(queryset_for(user).filter(pk__in=keys.values()).values_list("pk", flat=True))
        return {event for event, key in keys.items() if key in allowed}

    return visible
