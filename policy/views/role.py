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
    ``vacant_since``, and where who keeps it goes from here.
    """
    if authority is None:
        return {"role": None}
    rows = list(RoleHolding.objects.of(authority).for_reader(user).latest_first()[: MOST_EARLIER + 1])
    present = next((row for row in rows if row.is_open), None)
    past = [row for row in rows if not row.is_open]
    can_appoint = can_appoint_holder(user, authority)
    if not rows and not is_member and not can_appoint:
        return {"role": None}
    if present:
        present.authority = authority
    page = reverse("appoint_holder", args=[authority.pk])
    role = {
        "present": present,
        "past": past[:MOST_EARLIER],
        "vacant_since": past[0].until_on if past and present is None else None,
        "appoint_url": page if can_appoint else "",
        "end_url": page if present and not can_appoint and can_end_holding(user, present) else "",
        "handover_url": reverse("show_handover", args=[authority.pk])
        if can_keep_programmes(user, authority)
        else "",
    }
    return {"role": role}
