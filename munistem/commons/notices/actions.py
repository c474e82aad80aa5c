from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from munistem.commons.audit.actions import key
from munistem.commons.notices import tasks
from munistem.commons.notices.kinds import DEFAULTS, KINDS, Family
from munistem.commons.notices.models import Choice, Event, Notice, Rhythm


@transaction.atomic
def tell(
    kind: str,
    thing: Model,
    readers: Mapping[Any, str] | Iterable[Any],
    *,
    by: Any = None,
    reason: str = "concerned",
    **data: Any,
) -> Event | None:
    """Tell people that something happened: bell now, mail as each has chosen.

    kind: code of a registered Kind; thing: what it is about; readers: users, or a mapping of user → reason;
    by: who did it (never told of the own deed); data: small JSON for the sentence. Returns None when nobody is told.
    """
    reasons = dict(readers) if isinstance(readers, Mapping) else dict.fromkeys(readers, reason)
    told = {user.pk: why for user, why in reasons.items() if user.is_active and user != by}
    if not told:
        return None
    event = Event.objects.create(kind=kind, subject=key(thing), actor=by, data=data)
    family = KINDS[kind].family
    chosen = dict(Choice.objects.filter(person__in=told, family=family).values_list("person_id", "rhythm"))
    notices = Notice.objects.bulk_create(
        Notice(event=event, reader_id=pk, reason=why, rhythm=chosen.get(pk, DEFAULTS[family]))
        for pk, why in told.items()
    )
    at_once = [notice.pk for notice in notices if notice.rhythm == Rhythm.AT_ONCE]
    if at_once:
        tasks.mail_notices.defer(notices=at_once)
    return event


def mark_read(*, by: Any, notices: Iterable[int] | None = None, things: Iterable[Model] = ()) -> int:
    """Mark notices of a person as read: those listed, those about the things, or all when nothing is named."""
    unread = Notice.objects.visible_to(by).unread()
    if notices is not None:
        unread = unread.filter(pk__in=list(notices))
    elif things := list(things):
        unread = unread.filter(event__subject__in=[key(thing) for thing in things])
    return unread.update(read_at=timezone.now())


@transaction.atomic
def choose(*, by: Any, rhythms: Mapping[str, str]) -> None:
    """Keep how a person wants to hear of each family of events."""
    for family, rhythm in rhythms.items():
        Choice.objects.update_or_create(
            person=by, family=Family(family).value, defaults={"rhythm": Rhythm(rhythm).value}
        )
