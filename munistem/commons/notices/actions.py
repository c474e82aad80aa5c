from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Model, Q, QuerySet
from django.utils import timezone

from munistem.commons.audit.actions import key
from munistem.commons.notices import tasks
from munistem.commons.notices.choices import Wishes, choose, family_of
from munistem.commons.notices.kinds import KINDS
from munistem.commons.notices.models import Event, Notice, Rhythm

__all__ = ["choose", "mark_read", "put_away", "reach", "tell", "was_told"]


@transaction.atomic(savepoint=False)  # part of the deed it tells of: one does not stand without the other
def tell(
    kind: str,
    thing: Model,
    readers: Mapping[Any, str] | Iterable[Any],
    *,
    by: Any = None,
    reason: str = "concerned",
    scope: str = "",
    thread: str = "",
    **data: Any,
) -> Event | None:
    """Tell people that something happened: bell now, mail as each has chosen.

    kind: code of a registered Kind; thing: what it is about; readers: users, or a mapping of user → reason;
    by: who did it (never told of the own deed); scope: key of the community, thread: key of the topic or meeting, so
    that people can choose for these; data: small JSON for the sentence. Returns None when nobody is told. The number of
    queries does not depend on the number of readers.
    """
    reasons = dict(readers) if isinstance(readers, Mapping) else dict.fromkeys(readers, reason)
    told = {user.pk: why for user, why in reasons.items() if user.is_active and user != by}
    rhythms = rhythms_of(kind, told, scope, thread)
    if not rhythms:
        return None
    event = Event.objects.create(
        kind=kind,
        subject=key(thing),
        actor=by,
        scope=scope,
        thread=thread,
        bundle=f"{kind} {thread}" if thread and KINDS[kind].many else "",
        data=data,
    )
    notices = Notice.objects.bulk_create(
        Notice(event=event, reader_id=pk, reason=told[pk], rhythm=rhythm) for pk, rhythm in rhythms.items()
    )
    at_once = [notice.pk for notice in notices if notice.rhythm == Rhythm.AT_ONCE]
    if at_once:
        tasks.defer_mails(at_once)
    return event


def was_told(kind: str, thing: Model, **data: Any) -> bool:
    """Whether an event of this kind with these data was told of a thing before.

    Jobs ask it in the transaction in which they tell, so that one done twice, at once or again, tells once: copies wait here
    for each other.
    """
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"{kind} {key(thing)}"])
    return Event.objects.filter(subject=key(thing), kind=kind, data__contains=data).exists()


def put_away(event: Event, people: QuerySet) -> int:
    """Mark an event as read for people who know already what it tells; returns for how many."""
    return event.notices.unread().filter(reader__in=people).update(read_at=timezone.now())


def rhythms_of(kind: str, told: Mapping[int, str], scope: str, thread: str) -> dict[int, Rhythm]:
    """Person → how they hear of an event of this kind, without those who do not hear of it at all."""
    if not told:
        return {}
    wishes = Wishes.of(told, (scope, thread))
    wanted = {
        pk: wishes.rhythm(pk, family_of(KINDS[kind].family, why), scope, thread) for pk, why in told.items()
    }
    return {pk: rhythm for pk, rhythm in wanted.items() if rhythm}


def reach(kind: str, readers: Iterable[Any], *, scope: str = "", thread: str = "") -> dict[str, int]:
    """How many of these people an event would reach: ``at_once``, ``digest``, ``bell``, ``not_at_all``."""
    told = dict.fromkeys((user.pk for user in readers if user.is_active), "member")
    rhythms = Counter(rhythms_of(kind, told, scope, thread).values())
    return {
        "at_once": rhythms[Rhythm.AT_ONCE],
        "digest": rhythms[Rhythm.DAILY] + rhythms[Rhythm.WEEKLY],
        "bell": rhythms[Rhythm.BELL],
        "not_at_all": len(told) - rhythms.total(),
    }


def forget_notices(kept: timedelta) -> int:
    """Delete what was told so long ago, read or not; returns how many notices."""
    before = timezone.now() - kept
    count = Notice.objects.filter(event__happened_at__lt=before).delete()[0]
    Event.objects.filter(happened_at__lt=before, notices__isnull=True).delete()
    return count


def mark_read(*, by: Any, notices: Iterable[int] | None = None, things: Iterable[Model] = ()) -> int:
    """Mark notices of a person as read: those listed, those about the things, or all when nothing is named.

    What is told as one is read as one.
    """
    unread = Notice.objects.visible_to(by).unread()
    if notices is not None:
        named = unread.filter(pk__in=list(notices))
        bundles = named.exclude(event__bundle="").values("event__bundle")
        unread = unread.filter(Q(pk__in=named.values("pk")) | Q(event__bundle__in=bundles))
    elif things := list(things):
        keys = [key(thing) for thing in things]
        unread = unread.filter(Q(event__subject__in=keys) | Q(event__thread__in=keys))
    return unread.update(read_at=timezone.now())
