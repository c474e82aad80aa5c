"""Calls for proposals: following one or putting it aside, and reminding before its day."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from knowledge.actions.keep import lock
from knowledge.models import Item
from knowledge.rules import can_see_item
from members.enums import OrganisationType
from members.models import Representative, User
from munistem.commons import audit
from munistem.commons.days.quiet import is_quiet
from munistem.commons.notices.actions import mark_read
from policy.emails import calls as emails
from policy.enums.call import CallWish, Fit
from policy.models import CallChoice, CallReminder
from policy.models.calls import STEPS, deadline_of, open_among, soonest_first, work_of
from policy.models.fitting import checks_of, fit_of, town_of
from policy.rules.call import can_answer_call

FROM_HOUR, UNTIL_HOUR = 8, 20


class NotOpen(Exception):
    """The call is over, is none, or is not for this person to answer."""


@transaction.atomic
def say_of_call(*, by: Any, item: Item, wish: str) -> CallChoice | None:
    """Follow a call, put it aside, or ("") neither; of all its editions, and said twice it counts once. Raises NotOpen."""
    item = lock(item)
    if not can_answer_call(by, item):
        raise NotOpen
    work = work_of(item)
    known = CallChoice.objects.filter(person=by, item=work).first()
    if (known.wish if known else "") == wish:
        return known
    choice = None
    if wish:
        choice, _is_new = CallChoice.objects.update_or_create(
            person=by, item_id=work, defaults={"wish": CallWish(wish), "said_at": timezone.now()}
        )
    elif known:
        known.delete()
    if wish == CallWish.NOT_FOR_US:
        mark_read(by=by, things=list(Item.objects.of_work(item).defer("search_vector")))
    audit.record("say_of_call", item, by=by, wish=wish)
    return choice


# By the clock --------------------------------------------------------------------------------------------


def remind_of_calls(now: datetime | None = None) -> int:
    """Remind of calls that close in two weeks and in three days; returns how many people. Harmless when done again.

    A day that was missed (a holy day, a machine that stood still) is made up for until the next step.
    """
    now = timezone.localtime(now or timezone.now())
    if is_quiet(now) or not FROM_HOUR <= now.hour < UNTIL_HOUR:
        return 0
    today = now.date()
    calls = open_among(Item.objects.published(), today)
    near = calls.filter(deadline__lte=(today + timedelta(days=max(STEPS))).isoformat())
    works = {edition or pk for pk, edition in near.order_by("pk").values_list("pk", "edition_of")}
    return sum(remind_of(work, today) for work in sorted(works))


@transaction.atomic
def remind_of(work: int, today: Any) -> int:
    """Remind of one call, in all its editions, whoever was not reminded yet; returns how many people."""
    lock(Item(pk=work))
    rows = open_among(Item.objects.published().of_work(Item(pk=work)), today)
    editions = list(soonest_first(rows.select_related("published", "organisation").defer("search_vector")))
    deadline = deadline_of(editions[0]) if editions else None
    if deadline is None or (deadline - today).days > max(STEPS):
        return 0
    step = min(step for step in STEPS if (deadline - today).days <= step)
    before = CallReminder.objects.filter(item=work, deadline=deadline, step=step)
    done = set(before.values_list("person_id", flat=True))
    people = [person for person in concerned(work, editions[0]) if person.pk not in done]
    told: dict[int, list[Any]] = {}
    for person in people:
        if edition := edition_for(person, editions):
            told.setdefault(edition.pk, []).append(person)
    reminded = [person for readers in told.values() for person in readers]
    CallReminder.objects.bulk_create(
        CallReminder(person=person, item_id=work, step=step, deadline=deadline) for person in reminded
    )
    for edition in editions:
        if readers := told.get(edition.pk):
            emails.tell_of_closing(edition, readers, deadline)
    return len(reminded)


def concerned(work: int, item: Item) -> list[Any]:
    """Who follows a call, and managers of municipalities that it fits; never who put it aside, nor who calls."""
    said = CallChoice.objects.filter(item=work)
    aside = set(said.dismissing().values_list("person_id", flat=True))
    people = User.objects.filter(is_active=True).defer("search_vector")
    found = {row.pk: row for row in people.filter(pk__in=said.following().values("person"))}
    asked = item.published.details if item.published else {}
    for mandate in managers_of_towns():
        authority = mandate.organisation.authority
        checks = checks_of(asked, town_of(authority, authority.cluster))
        if mandate.organisation_id != item.organisation_id and fit_of(checks) == Fit.FITS:
            found.setdefault(mandate.person_id, mandate.person)
    concerned = [person for key, person in sorted(found.items()) if key not in aside]
    User.read_mandates(concerned)
    return concerned


def managers_of_towns() -> Any:
    rows = Representative.objects.active().managers().filter(person__is_active=True)
    rows = rows.filter(organisation__type=OrganisationType.MUNICIPALITY)
    rows = rows.select_related("person", "organisation__authority__cluster").order_by("pk")
    return rows.defer(
        "person__search_vector", "organisation__search_vector", "organisation__authority__search_vector"
    )


def edition_for(person: Any, editions: list[Item]) -> Item | None:
    """The edition in the person's language, else the first that they may see."""
    seen = [item for item in editions if can_see_item(person, item)]
    return next((item for item in seen if item.language == person.language), seen[0] if seen else None)
