"""What becomes of a text that waited: it appears as if written now, or goes back to its author with a reason."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from communities import rules
from communities.actions.held import StaleHeld, lock_held
from communities.actions.membership import TooLate
from communities.actions.post import write_change
from communities.actions.topic import lock, write_reply, write_topic
from communities.enums import HeldState
from communities.models import Consultation, HeldPost, Post, TopicRead
from munistem.commons import audit
from munistem.commons.audit.actions import key
from munistem.commons.files.models import StoredFile
from munistem.commons.notices.actions import mark_read, tell


@transaction.atomic
def release(*, by: Any, held: HeldPost, seen: datetime | None = None) -> Post:
    """Let a text appear, with its author's name and the present time; everybody concerned hears of it now. Twice is once.

    seen: ``changed_at`` of the text that was read; raises StaleHeld when its author changed it since, TooLate when it
    waits no longer or its author may not write there any more.
    """
    topic = lock(held.topic) if held.topic else None
    row = lock_held(held)
    if row.state == HeldState.RELEASED and row.released_as:
        return row.released_as
    if not rules.can_decide_held(by, row):
        raise TooLate
    if seen is not None and row.changed_at != seen:
        raise StaleHeld
    if topic:
        row.topic = topic
    post = appear(row)
    title, row.title, row.body, row.details = post.topic.title, "", "", {}
    row.state, row.released_as = HeldState.RELEASED, post
    _decide(row, by=by)
    audit.record("release_post", row, by=by, post=post.pk)
    _tell_author("post_released", row, by=by, title=title, post=post.pk)
    return post


def appear(held: HeldPost) -> Post:
    """The post, or changed post, of a text; raises TooLate when its author may not write it any more."""
    author, files = held.author, files_of(held)
    if held.topic is None:
        if not rules.can_post_topic(author, held.community):
            raise TooLate
        topic = write_topic(
            by=author,
            community=held.community,
            kind=held.kind,
            title=held.title,
            body=held.body,
            stored=files,
            nonce=held.nonce,
        )
        if case := held.details.get("case"):
            Consultation.objects.create(topic=topic, **case, moved_at=topic.created_at)
        return topic.posts.select_related("topic").get(number=1)
    if held.post is None:
        if not rules.can_reply(author, held.topic):
            raise TooLate
        answers = Post.objects.filter(pk=held.details.get("answers"), topic=held.topic).first()
        post = write_reply(
            held.topic,
            by=author,
            body=held.body,
            stored=files,
            nonce=held.nonce,
            part=held.details.get("part", ""),
            answers=answers,
        )
        here = TopicRead.objects.filter(topic=held.topic, person=author, number=post.number - 1)
        here.update(number=post.number)  # who has read all before it has no news in the own text
        return post
    held.post.topic = held.topic
    if not rules.can_edit_post(author, held.post) or held.post.edited_at != held.seen:
        raise TooLate
    if case := held.details.get("case"):
        Consultation.objects.filter(topic=held.topic).update(**case)
    return write_change(held.post, by=author, body=held.body, title=held.title, stored=files)


def files_of(held: HeldPost) -> list[StoredFile]:
    """The files of a text, taken off it to be hung on the post."""
    rows = list(held.files.select_related("file").order_by("position", "pk"))
    held.files.all().delete()
    return [row.file for row in rows]


@transaction.atomic
def send_back(*, by: Any, held: HeldPost, reason: str) -> HeldPost:
    """Give a text back to its author, who can mend it and send it again. Raises TooLate when it waits no longer."""
    row = lock_held(held)
    if not rules.can_decide_held(by, row):
        raise TooLate
    row.state, row.reason = HeldState.RETURNED, reason
    _decide(row, by=by)
    audit.record("send_back_post", row, by=by, reason=reason)
    _tell_author("post_returned", row, by=by, title=row.said_title, why=reason)
    return row


def _decide(row: HeldPost, *, by: Any) -> None:
    row.decided_at, row.decided_by = timezone.now(), by
    row.save(
        update_fields=[
            "state",
            "title",
            "body",
            "details",
            "reason",
            "released_as",
            "decided_at",
            "decided_by",
        ]
    )
    mark_read(by=by, things=[row])


def _tell_author(kind: str, row: HeldPost, *, by: Any, **data: Any) -> None:
    tell(kind, row, {row.author: "sender"}, by=by, scope=key(row.community), **data)
