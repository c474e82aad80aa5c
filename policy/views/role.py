"""Who holds the role of STEM excellence manager, as the pages of a municipality show it."""

from typing import Any

from django.urls import reverse

from members.models import LocalAuthority, RoleHolding
from members.rules import can_appoint_holder, can_end_holding
from policy.rules.programme import can_keep_programmes

MOST_EARLIER = 12


def context_of_role(user: Any, authority: LocalAuthority | None, *, is_member: bool) -> dict[str, Any]:
    """What ``policy/_role.html`` shows; one query. Of who is no member and named nobody, nothing is said.

    role: ``present`` and ``past`` holders (each ``is_named`` where the reader sees who it is), since when it is
    ``vacant_since``, and where one goes on from here.
    """
    if authority is None:
        return {"role": None}
    rows = list(RoleHolding.objects.of(authority).for_reader(user).latest_first()[: MOST_EARLIER + 1])
    if not rows and not is_member and not can_appoint_holder(user, authority):
        return {"role": None}
    present = next((row for row in rows if row.is_open), None)
    past = [row for row in rows if not row.is_open]
    vacant_since = past[0].until_on if past and present is None else None
    ways = ways_on(user, authority, present)
    return {"role": {"present": present, "past": past[:MOST_EARLIER], "vacant_since": vacant_since, **ways}}


def ways_on(user: Any, authority: LocalAuthority, present: RoleHolding | None) -> dict[str, str]:
    """Where who keeps the role hands it over, where its holder lays it down, and the pack; "" for what is not theirs."""
    can_appoint = can_appoint_holder(user, authority)
    if present:
        present.authority = authority
    can_end = present is not None and not can_appoint and can_end_holding(user, present)
    page, pack = (reverse(name, args=[authority.pk]) for name in ("appoint_holder", "show_handover"))
    return {
        "appoint_url": page if can_appoint else "",
        "end_url": page if can_end else "",
        "handover_url": pack if can_keep_programmes(user, authority) else "",
    }
