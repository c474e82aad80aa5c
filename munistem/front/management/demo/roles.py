"""Who holds the STEM role in the demo's municipalities: in most somebody does, in one it is vacant."""

from datetime import date, timedelta
from random import Random

from members.models import RoleHolding
from munistem.front.management.demo.people import MARK, Cast
from munistem.front.management.demo.pouring import Calendar, pour

KARMIEL, NAZARETH = 1139, 7300
#: Who held the role before, and from when the present one does.
BEFORE = f"אורית שחר ({MARK['he']})"
BEGAN, CHANGED = date(2021, 9, 1), date(2024, 1, 15)
LAST = f"سهير نجّار ({MARK['ar']})"
VACANT_FOR = timedelta(days=45)
SHARE_HELD = 0.6


def hold_roles(cast: Cast, calendar: Calendar, rng: Random) -> None:
    """Write the holders."""
    manager, admin = cast.accounts["manager"], cast.accounts["admin"]
    ended = {"ended_at": calendar.ago(1), "ended_by": admin, "appointed_by": admin}
    vacant = calendar.today - VACANT_FOR
    rows = [
        RoleHolding(authority_id=KARMIEL, name=BEFORE, since_on=BEGAN, until_on=CHANGED, **ended),
        RoleHolding(authority_id=KARMIEL, person=manager, since_on=CHANGED, appointed_by=manager),
        RoleHolding(authority_id=NAZARETH, name=LAST, since_on=BEGAN, until_on=vacant, **ended),
    ]
    known = {KARMIEL, NAZARETH}
    for mandate in cast.mandates:
        code, person = mandate.organisation.authority_id, mandate.person
        if code and code not in known and mandate.is_manager and mandate.until_on is None:
            known.add(code)
            if rng.random() < SHARE_HELD:
                since = mandate.from_on - timedelta(days=rng.randrange(30, 900))
                rows.append(
                    RoleHolding(authority_id=code, person=person, since_on=since, appointed_by=person)
                )
    pour(rows)
