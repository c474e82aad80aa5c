"""Accounts that nobody uses: three warnings by mail, then closed as if their person had left."""

import logging
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from members.actions.person import LastAdmin, lock
from members.emails.account import warn_of_closing
from members.models import ClosingWarning, User
from munistem.commons import audit
from munistem.commons.audit.models import AuditEvent
from munistem.front.actions.departure import leave_network

#: So many days before the account is closed its person is written to.
STEPS = (60, 30, 7)
log = logging.getLogger("munistem.departures")


def unused_since(moment: datetime) -> QuerySet[User]:
    """People who have neither come nor done anything since; deeds by mail count. ``last`` says when they came last."""
    came = Greatest(Coalesce("seen_at", "joined_at"), Coalesce("last_login", "joined_at"), "joined_at")
    did = AuditEvent.objects.filter(actor=OuterRef("pk"), happened_at__gte=moment)
    people = User.objects.filter(is_active=True).annotate(last=came).filter(~Exists(did), last__lte=moment)
    return people.defer("search_vector").order_by("pk")


def close_unused(kept: timedelta) -> int:
    """Warn whose time comes, close whose time is over; returns how many were closed. Harmless when repeated.

    Nobody is closed who was not warned three times, the last time seven days before; after a pause of the clock the
    day moves on. One account that cannot be closed stops no other.
    """
    closed, errors = 0, []
    for person in unused_since(timezone.now() - kept + timedelta(days=STEPS[0])).iterator():
        try:
            closed += go_on(person, kept)
        except LastAdmin:
            log.warning("Person %s is the only network admin and was not closed", person.pk)
        except Exception as error:
            log.exception("Person %s could not be warned or closed", person.pk)
            errors.append(error)
    if errors:
        raise errors[0]
    return closed


@transaction.atomic
def go_on(person: Any, kept: timedelta) -> bool:
    """One step with one person, if its day has come; whether the account was closed."""
    row, today = lock(person), timezone.localdate()
    given = ClosingWarning.objects.filter(person=row, sent_at__gt=person.last)
    latest = given.order_by("-closes_on", "days").first()
    if latest is None:
        return warn(row, STEPS[0], max(timezone.localdate(person.last + kept), today + timedelta(STEPS[0])))
    left = (latest.closes_on - today).days
    if latest.days == STEPS[-1]:
        return left <= 0 and close(row)
    step = STEPS[STEPS.index(latest.days) + 1]
    return left <= step and warn(row, step, max(latest.closes_on, today + timedelta(step)))


def warn(person: User, days: int, closes_on: date) -> bool:
    """Write to the person, once a step."""
    ClosingWarning.objects.create(person=person, days=days, closes_on=closes_on)
    audit.record("warn_of_closing", person, days=days, closes_on=str(closes_on))
    warn_of_closing(person, closes_on)
    return False


def close(person: User) -> bool:
    audit.record("close_unused", person)
    leave_network(person=person)
    return True
