"""Single posts: editing with history, helpful marks, hiding with a reason, reports."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from communities import rules
from communities.actions.held import hold_change
from communities.actions.membership import TooLate, tell_facilitators
from communities.actions.mention import keep_mentions, with_mentions
from communities.actions.topic import hang, lock, tell_mentioned
from communities.emails import whereabouts
from communities.models import Attachment, Community, Edit, HeldPost, Helpful, Post, Topic
from munistem.commons import audit
from munistem.commons.audit.actions import key
from munistem.commons.files.actions import discard, store
from munistem.commons.files.models import StoredFile
from munistem.commons.notices.actions import tell
from munistem.commons.reports.models import Report
from munistem.commons.search.actions import index


class StaleEdit(Exception):
    """Someone else changed the post since the form was opened."""


def lock_post(post: Post) -> Post:
    """The post anew, its topic locked first: every deed takes locks in this order."""
    topic = lock(post.topic)
    row = Post.objects.select_for_update(of=("self",), no_key=True).select_related("author").get(pk=post.pk)
    row.topic = topic
    return row


@transaction.atomic
def edit_post(
    *,
    by: Any,
    post: Post,
    body: str,
    title: str = "",
    files: Iterable[Any] = (),
    dropped: Iterable[Attachment] = (),
    seen: datetime | None = None,
) -> Post | HeldPost:
    """Change a post and keep what it said before. Where a facilitator reads it first, the text that waits is returned.

    title: the topic's, for its opening only; dropped: attachments to take away; seen: ``edited_at`` as the form knew it.
    Raises StaleEdit when another edit came between, TooLate when it may not be edited any more.
    """
    row = lock_post(post)
    if row.edited_at != seen:
        raise StaleEdit
    if not rules.can_edit_post(by, row):
        raise TooLate
    _drop(row, dropped, by=by)
    title, files = (title or row.topic.title) if row.is_opening else "", list(files)
    if rules.is_held(by, row.topic.community):
        index(row.topic)
        is_new = bool(files) or (body, title or row.topic.title) != (row.body, row.topic.title)
        return hold_change(by=by, post=row, body=body, title=title, files=files) if is_new else row
    stored = [store(file, by=by) for file in files]
    return write_change(row, by=by, body=body, title=title, stored=stored)


def write_change(row: Post, *, by: Any, body: str, title: str, stored: list[StoredFile]) -> Post:
    """Change a locked post for ``edit_post`` or for a release, which have asked whether they may."""
    body, mentioned = with_mentions(row.topic.community, body)
    title = title if row.is_opening and title else row.topic.title
    if (body, title) != (row.body, row.topic.title):
        Edit.objects.create(
            post=row, title=row.topic.title if row.is_opening else "", body=row.body, replaced_by=by
        )
        row.body, row.edited_at, row.edited_by = body, timezone.now(), by
        row.save(update_fields=["body", "edited_at", "edited_by"])
    if title != row.topic.title:
        row.topic.title = title
        row.topic.save(update_fields=["title"])
    hang(row, stored)
    _count_files(row)
    audit.record("edit_post", row, by=by)
    index(row.topic)
    tell_mentioned(row, keep_mentions(row, mentioned), by=by)
    return row


def _drop(post: Post, dropped: Iterable[Attachment], *, by: Any) -> None:
    """Take files away; this waits for nobody."""
    if not (dropped := list(dropped)):
        return
    audit.record("drop_files", post, by=by, files=[gone.file_id for gone in dropped])
    for attachment in Attachment.objects.filter(post=post, pk__in=[gone.pk for gone in dropped]):
        stored = attachment.file
        attachment.delete()
        discard(stored, by=by)
    _count_files(post)


def _count_files(post: Post) -> None:
    file_count = Attachment.objects.filter(post__topic=post.topic_id).count()
    Topic.objects.filter(pk=post.topic_id).update(file_count=file_count)


@transaction.atomic
def mark_helpful(*, by: Any, post: Post, is_helpful: bool = True) -> int:
    """Say that a post helped, or take it back; returns how many say so. Twice the same counts once."""
    if is_helpful:
        _mark, is_changed = Helpful.objects.get_or_create(post=post, person=by)
        step = 1
    else:
        is_changed = Helpful.objects.filter(post=post, person=by).delete()[0] > 0
        step = -1
    if is_changed:
        Post.objects.filter(pk=post.pk).update(helpful_count=F("helpful_count") + step)
    return Post.objects.values_list("helpful_count", flat=True).get(pk=post.pk)


@transaction.atomic
def hide(*, by: Any, post: Post, reason: str) -> Post:
    """Hide a post, with its topic when it is the opening; the author is told why. Raises TooLate when hidden already."""
    row = lock_post(post)
    if (row.topic if row.is_opening else row).hidden_at:
        raise TooLate
    if row.is_opening:
        _mark_hidden(row.topic, by=by, reason=reason)
        Community.objects.filter(pk=row.topic.community_id).update(topic_count=F("topic_count") - 1)
    else:
        _mark_hidden(row, by=by, reason=reason)
        Topic.objects.filter(pk=row.topic_id, accepted=row).update(accepted=None)
    audit.record("hide_post", row, by=by, reason=reason)
    index(row.topic)
    close_reports(by=by, post=row, decision="hidden")
    tell(
        "post_hidden",
        row.topic,
        {row.author: "author"},
        by=by,
        **whereabouts(row.topic),
        title=row.topic.title,
        post=row.pk,
        why=reason,
    )
    return row


def _mark_hidden(thing: Post | Topic, *, by: Any, reason: str) -> None:
    thing.hidden_at, thing.hidden_by, thing.hidden_reason = timezone.now(), by, reason
    thing.save(update_fields=["hidden_at", "hidden_by", "hidden_reason"])


@transaction.atomic
def unhide(*, by: Any, post: Post) -> Post:
    """Show a hidden post, or the hidden topic it opens, again; raises TooLate when it is not hidden."""
    row = lock_post(post)
    thing: Post | Topic = row.topic if row.is_opening else row
    if thing.hidden_at is None:
        raise TooLate
    thing.hidden_at, thing.hidden_by, thing.hidden_reason = None, None, ""
    thing.save(update_fields=["hidden_at", "hidden_by", "hidden_reason"])
    if row.is_opening:
        Community.objects.filter(pk=row.topic.community_id).update(topic_count=F("topic_count") + 1)
    audit.record("unhide_post", row, by=by)
    index(row.topic)
    here = whereabouts(row.topic)
    tell("post_shown", row.topic, {row.author: "author"}, by=by, **here, title=row.topic.title, post=row.pk)
    return row


@transaction.atomic
def report(*, by: Any, post: Post, why: str, note: str = "") -> Report:
    """Ask the facilitators to look at a post; once a reader, until they have."""
    found, is_new = Report.objects.get_or_create(
        subject=key(post),
        reporter=by,
        decided_at=None,
        defaults={"url": post.get_absolute_url(), "why": why, "note": note},
    )
    if is_new:
        audit.record("report_post", post, by=by, why=why)
        topic = post.topic
        tell_facilitators(
            "post_reported", topic, topic.community, by=by, title=topic.title, post=post.pk, note=note
        )
    return found


@transaction.atomic
def close_reports(*, by: Any, post: Post, decision: str) -> int:
    """Note what was decided on the reports of a post; returns how many waited."""
    waiting = Report.objects.waiting().filter(subject=key(post))
    closed = waiting.update(decided_at=timezone.now(), decided_by=by, decision=decision)
    if closed:
        audit.record("close_reports", post, by=by, decision=decision)
    return closed
