"""What was held over a rest: one letter a person when there are several, by community; nothing twice."""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from munistem.commons.notices import tasks
from munistem.commons.notices.digests import mail_together
from munistem.commons.notices.kinds import KINDS
from munistem.commons.notices.letters import mail_notices, rests
from munistem.commons.notices.models import Notice, Rhythm

OWN_JOB = timedelta(minutes=10)
#: What waited longer than the longest rest with room around it is no news any more; it stands in the portal.
HELD_DAYS = timedelta(days=7)
SEVERAL = 2
log = logging.getLogger(__name__)


def held(now: datetime) -> Any:
    """Notices for mail at once whose own job found a rest, or was lost."""
    waiting = Notice.objects.waiting_for_mail(Rhythm.AT_ONCE)
    return waiting.filter(event__happened_at__range=(now - HELD_DAYS, now - OWN_JOB)).order_by("pk")


def talk() -> list[str]:
    """Kinds of which several fit into one letter. Others bring what a line cannot: calendar entries, buttons, reasons."""
    return [code for code, kind in KINDS.items() if kind.is_talk]


def mail_held(*, now: datetime | None = None) -> int:
    """Queue the mailing of what was held; returns how many notices. Harmless when repeated."""
    now = now or timezone.now()
    if rests(now):
        return 0
    spoken: dict[int, list[int]] = {}
    alone = []
    for pk, reader, kind in held(now).values_list("pk", "reader_id", "event__kind"):
        if kind in KINDS and KINDS[kind].is_talk:
            spoken.setdefault(reader, []).append(pk)
        else:
            alone.append(pk)
    together = [reader for reader, keys in spoken.items() if len(keys) >= SEVERAL]
    alone += [pk for reader, keys in spoken.items() if len(keys) < SEVERAL for pk in keys]
    tasks.defer_mails(alone)
    tasks.defer_bundles(together)
    return len(alone) + sum(len(spoken[reader]) for reader in together)


def mail_bundles(readers: Iterable[int], *, now: datetime | None = None) -> int:
    """Post to each of these readers what was held for them; returns how many letters went out.

    A letter that cannot be made stops no other; its error is raised at the end.
    """
    now = now or timezone.now()
    if rests(now):
        return 0
    errors: list[Exception] = []
    count = 0
    for reader in get_user_model().objects.filter(pk__in=list(readers)).defer("search_vector").order_by("pk"):
        try:
            count += mail_bundle(reader, now=now)
        except Exception as error:
            log.exception("No letter could be made of what was held for person %s", reader.pk)
            errors.append(error)
    if errors:
        raise errors[0]
    return count


@transaction.atomic
def mail_bundle(reader: Any, *, now: datetime) -> bool:
    """Post what was held for one reader in one letter, a single piece of news as its own."""
    waiting = held(now).filter(reader=reader, event__kind__in=talk())
    keys = list(waiting.values_list("pk", flat=True))
    if len(keys) < SEVERAL:
        return bool(mail_notices(keys, now=now))
    return mail_together(
        waiting,
        reader,
        now=now,
        subject=_("What came while mails rested"),
        line=_("No mails leave on Shabbat and holidays. Here is what came meanwhile, in one mail."),
        reason=_("You received this because you chose to hear of these at once."),
        key="held",
    )
