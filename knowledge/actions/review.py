"""Reviewing: a knowledge manager publishes what was submitted, or returns it with remarks; each revision once."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from knowledge import emails, rules
from knowledge.actions.keep import forget_papers, lock
from knowledge.actions.news import spread
from knowledge.actions.write import StaleEdit, TooLate
from knowledge.enums import RevisionState
from knowledge.models import Review, ReviewSettings, Revision
from knowledge.models.details import valid_by_default
from munistem.commons import audit
from munistem.commons.notices.models import Notice
from munistem.commons.search.actions import index


@transaction.atomic
def publish(
    *, by: Any, revision: Revision, seen: str | None = None, noted: Mapping[str, Any] | None = None
) -> Revision:
    """Make a submitted revision the one readers see; the one before stands replaced.

    seen: its marker as the reviewer read it; noted: ``answers`` and ``remarks`` as ``Review`` keeps them. Raises TooLate when it is decided or taken back, StaleEdit when changed.
    """
    row = _take(revision, by=by, seen=seen)
    item, before = row.item, row.item.published
    if before:
        before.state = RevisionState.REPLACED
        before.save(update_fields=["state"])
    row.state, row.decided_at, row.decided_by = RevisionState.PUBLISHED, timezone.now(), by
    row.save(update_fields=["state", "decided_at", "decided_by"])
    item.published, item.published_at = row, item.published_at or row.decided_at
    item.visibility, item.community, item.language = row.visibility, row.community, row.language
    item.valid_until = row.valid_until or valid_by_default(row.kind, row.details, timezone.localdate())
    item.save(
        update_fields=["published", "published_at", "visibility", "community", "language", "valid_until"]
    )
    _note(row, by=by, noted=noted)
    audit.record("publish_revision", row, by=by, is_own=by.pk in (item.created_by_id, row.created_by_id))
    index(item)
    forget_papers(item)
    spread(row, before)
    _settle(row)
    emails.tell_authors("item_published", row, by=by)
    emails.tell_named(row, by=by)
    return row


@transaction.atomic
def return_with_reason(
    *,
    by: Any,
    revision: Revision,
    reason: str,
    seen: str | None = None,
    noted: Mapping[str, Any] | None = None,
) -> Revision:
    """Give a submitted revision back to its author with remarks. Raises as ``publish`` does."""
    row = _take(revision, by=by, seen=seen)
    row.state, row.decided_at, row.decided_by, row.reason = RevisionState.RETURNED, timezone.now(), by, reason
    row.save(update_fields=["state", "decided_at", "decided_by", "reason"])
    _note(row, by=by, noted=noted, reason=reason)
    audit.record("return_revision", row, by=by, reason=reason)
    _settle(row)
    emails.tell_authors("item_returned", row, by=by, why=reason)
    return row


def _note(row: Revision, *, by: Any, noted: Mapping[str, Any] | None, reason: str = "") -> None:
    """Keep what the reviewer answered and remarked."""
    assert row.submitted_at and row.decided_at  # the database sees to it
    Review.objects.create(
        revision=row,
        version=row.version,
        decision=row.state,
        reason=reason,
        submitted_at=row.submitted_at,
        decided_at=row.decided_at,
        decided_by=by,
        **(noted or {}),
    )


@transaction.atomic
def choose_reviewing(*, by: Any, needs_two_persons: bool) -> None:
    """Say whether what somebody wrote is decided on by somebody else. Raises TooLate for who may not."""
    if not rules.can_change_reviewing(by):
        raise TooLate
    fields = {"needs_two_persons": needs_two_persons, "changed_at": timezone.now(), "changed_by": by}
    row, _is_new = ReviewSettings.objects.update_or_create(key=1, defaults=fields)
    audit.record("choose_reviewing", row, by=by, needs_two_persons=needs_two_persons)


def _take(revision: Revision, *, by: Any, seen: str | None) -> Revision:
    """The revision anew, its item locked first, if this person may decide on it now."""
    item = lock(revision.item)
    row = (
        Revision.objects.select_for_update(of=("self",), no_key=True)
        .select_related("created_by")
        .get(pk=revision.pk)
    )
    row.item = item
    if not rules.can_review_revision(by, row):
        raise TooLate
    if seen is not None and seen != row.marker:
        raise StaleEdit
    return row


def _settle(revision: Revision) -> None:
    """What waited for all reviewers waits for none of them any more."""
    waiting = Notice.objects.unread().filter(
        event__kind="item_submitted", event__subject=emails.subject_of(revision)
    )
    waiting.update(read_at=timezone.now())
