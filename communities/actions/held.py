"""Texts that wait for a facilitator: held as they are written, mended or taken back by their authors."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone

from communities import rules
from communities.actions.membership import TooLate, tell_facilitators
from communities.enums import HeldState
from communities.models import Community, HeldFile, HeldPost, Post, Topic
from munistem.commons import audit
from munistem.commons.files.actions import discard, store
from munistem.commons.text.html import plain


class StaleHeld(Exception):
    """Its author changed the text since it was read."""


def lock_held(held: HeldPost) -> HeldPost:
    """The row anew with all it belongs to; whoever also needs the topic locks that first."""
    rows = HeldPost.objects.select_for_update(of=("self",), no_key=True)
    rows = rows.select_related("community", "topic__community", "post", "author", "released_as__topic")
    return rows.defer("community__search_vector", "topic__search_vector").get(pk=held.pk)


def hold(
    *,
    by: Any,
    community: Community,
    body: str,
    files: Iterable[Any] = (),
    nonce: UUID | None = None,
    topic: Topic | None = None,
    post: Post | None = None,
    kind: str = "",
    title: str = "",
    details: dict[str, Any] | None = None,
) -> HeldPost:
    """Keep a text until a facilitator has read it, and tell the facilitators; part of the deed of writing.

    topic: in which it answers, none when it opens one; post: which it changes. A form sent twice is held once.
    """
    known = HeldPost.objects.filter(nonce=nonce, author=by).first() if nonce else None
    if known:
        return known
    if nonce is None or HeldPost.objects.filter(nonce=nonce).exists():
        nonce = uuid4()
    held = HeldPost.objects.create(
        community=community,
        topic=topic,
        post=post,
        kind=kind,
        title=title,
        body=body,
        author=by,
        details=details or {},
        nonce=nonce,
        seen=post.edited_at if post else None,
    )
    hang(held, files, by=by)
    audit.record("hold_post", held, by=by)
    tell_of_held(held, by=by)
    return held


def hold_change(*, by: Any, post: Post, body: str, title: str = "", files: Iterable[Any] = ()) -> HeldPost:
    """Keep a change of a post until a facilitator has read it; the post stays as it is. A later change replaces it."""
    known = HeldPost.objects.open().filter(post=post, author=by).first()
    if known is None:
        topic = post.topic
        return hold(
            by=by, community=topic.community, topic=topic, post=post, body=body, title=title, files=files
        )
    HeldPost.objects.filter(pk=known.pk).update(seen=post.edited_at)
    return mend_held(by=by, held=known, body=body, title=title, files=files)


def hang(held: HeldPost, files: Iterable[Any], *, by: Any) -> None:
    first = held.files.count()
    stored = [store(file, by=by) for file in files]
    HeldFile.objects.bulk_create(
        HeldFile(held=held, file=file, position=place) for place, file in enumerate(stored, first)
    )


def tell_of_held(held: HeldPost, *, by: Any) -> None:
    """Tell those who can release it; what was told before of the same text stays unread until they look."""
    tell_facilitators("post_held", held, held.community, by=by, title=held.said_title)


def take_away(files: Iterable[HeldFile], *, by: Any) -> None:
    for row in files:
        stored = row.file
        row.delete()
        discard(stored, by=by)


@transaction.atomic
def mend_held(
    *,
    by: Any,
    held: HeldPost,
    body: str,
    title: str = "",
    files: Iterable[Any] = (),
    dropped: Iterable[HeldFile] = (),
    seen: datetime | None = None,
) -> HeldPost:
    """Change one's text before its release; what came back waits again. Raises TooLate once it was decided or taken back.

    seen: ``changed_at`` as the form knew it; raises StaleHeld when it was changed since.
    """
    row = lock_held(held)
    if not rules.can_mend_held(by, row):
        raise TooLate
    if seen is not None and row.changed_at != seen:
        raise StaleHeld
    was_returned = row.state == HeldState.RETURNED
    if "case" in row.details and body != row.body:  # nothing of what came back may stay in its fields
        row.details["case"] = {"context": plain(body), "tried": "", "would_help": ""}
    row.body, row.title = body, title if row.title and title else row.title
    row.state, row.changed_at = HeldState.WAITING, timezone.now()
    row.decided_at, row.decided_by, row.reason = None, None, ""
    row.save(
        update_fields=[
            "body",
            "title",
            "details",
            "state",
            "changed_at",
            "decided_at",
            "decided_by",
            "reason",
        ]
    )
    take_away(row.files.filter(pk__in=[gone.pk for gone in dropped]).select_related("file"), by=by)
    hang(row, files, by=by)
    audit.record("mend_held", row, by=by)
    if was_returned:
        tell_of_held(row, by=by)
    return row


@transaction.atomic
def withdraw_held(*, by: Any, held: HeldPost) -> HeldPost:
    """Take one's text back for good. Twice is once; raises TooLate when it appeared meanwhile."""
    row = lock_held(held)
    if row.state == HeldState.WITHDRAWN:
        return row
    if not rules.can_withdraw_held(by, row):
        raise TooLate
    row.state, row.decided_at, row.decided_by = HeldState.WITHDRAWN, timezone.now(), by
    row.title = row.body = row.reason = ""
    row.details = {}
    row.save(update_fields=["state", "decided_at", "decided_by", "title", "body", "reason", "details"])
    take_away(row.files.select_related("file"), by=by)
    audit.record("withdraw_held", row, by=by)
    return row
