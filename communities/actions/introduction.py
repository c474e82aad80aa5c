"""Introducing three members to each other, no three of them twice; and saying that one does not want it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from communities import rules, tasks
from communities.actions.membership import TooLate, lock
from communities.emails import mail_introductions
from communities.models import Community, Introduction, Membership
from communities.models.trios import ready_for_introductions
from munistem.commons import audit

OWN_JOB = timedelta(minutes=10)


@transaction.atomic
def introduce(
    *, by: Any, community: Community, people: Sequence[int], text: str
) -> tuple[Introduction, bool]:
    """Introduce three members by one letter to all; returns the introduction and whether it is new.

    people: three keys. Raises TooLate when one of them is no member (any more), does not want introductions, or writes
    in another language than the others.
    """
    row = lock(community)
    if not rules.can_introduce(by, row):
        raise TooLate
    first, second, third = sorted(people)
    known = Introduction.objects.filter(first=first, second=second, third=third).first()
    if known:
        return known, False
    found = list(ready_for_introductions(row).filter(pk__in=people))
    languages = {person.language for person in found}
    if len(found) != len(set(people)) or len(languages) != 1:
        raise TooLate
    introduction = Introduction.objects.create(
        community=row,
        first_id=first,
        second_id=second,
        third_id=third,
        language=languages.pop(),
        text=text,
        introduced_by=by,
    )
    audit.record("introduce_members", introduction, by=by, people=[first, second, third])
    tasks.mail_introduction.defer(introduction=introduction.pk)
    return introduction, True


def mail_waiting_introductions(now: datetime | None = None) -> int:
    """Queue letters that were held over a rest, or whose job was lost; returns how many. Harmless when done again."""
    now = now or timezone.now()
    late = Introduction.objects.waiting_for_mail().filter(introduced_at__lt=now - OWN_JOB)
    return mail_introductions(late.order_by("pk").values_list("pk", flat=True), now=now)


@transaction.atomic
def want_introductions(*, by: Any, community: Community, is_wanted: bool) -> Membership | None:
    """Say whether facilitators may introduce one to others; None for who is no member."""
    row = lock(community)
    found = Membership.objects.filter(community=row, person=by).active().first()
    if found and found.wants_introductions != is_wanted:
        found.wants_introductions = is_wanted
        found.save(update_fields=["wants_introductions", "changed_at"])
        audit.record("want_introductions", found, by=by, is_wanted=is_wanted)
    return found
