"""The tables of an exported community; heads are English words, so that programs find them in any language."""

from collections.abc import Callable
from operator import attrgetter as of
from typing import Any

from munistem.commons.text.html import plain

TABLES: dict[str, dict[str, Callable[[Any], Any]]] = {
    "topics": {
        "id": of("pk"),
        "kind": of("kind"),
        "title": of("title"),
        "author": of("author.name"),
        "created_at": of("created_at"),
        "last_post_at": of("last_post_at"),
        "posts": of("post_count"),
        "is_closed": lambda topic: bool(topic.locked_at),
    },
    "posts": {
        "topic_id": of("topic_id"),
        "number": of("number"),
        "author": of("author.name"),
        "created_at": of("created_at"),
        "edited_at": of("edited_at"),
        "helpful": of("helpful_count"),
        "text": lambda post: plain(post.body),
    },
    "members": {
        "name": of("person.name"),
        "role": of("person.role_title"),
        "is_facilitator": of("is_facilitator"),
        "since": lambda membership: membership.since.date(),
    },
    "meetings": {
        "id": of("pk"),
        "title": of("title"),
        "purpose": of("purpose"),
        "starts_at": of("starts_at"),
        "ends_at": of("ends_at"),
        "place": of("place"),
        "state": of("state"),
    },
    "decisions": {
        "number": of("number"),
        "decided_on": of("decided_on"),
        "text": of("text"),
        "meeting_id": of("meeting_id"),
        "meeting": of("meeting.title"),
        "taken_back_at": of("dropped_at"),
    },
    "tasks": {
        "text": of("text"),
        "owner": of("owner.name"),
        "due_on": of("due_on"),
        "done_at": of("done_at"),
        "meeting_id": of("meeting_id"),
        "taken_back_at": of("dropped_at"),
    },
}
