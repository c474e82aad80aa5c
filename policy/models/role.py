"""What hangs on the role of STEM excellence manager: communities in which the municipality had a seat."""

from typing import Any

from django.db.models import Q

from communities.enums import MembershipState
from communities.models import Community, Membership
from members.models import LocalAuthority, RoleHolding

#: Seats that count as the role's: of who sits there, or left it together with the role.
SEATS = (MembershipState.ACTIVE, MembershipState.LEFT)


def earlier_holders(authority: LocalAuthority) -> Any:
    """Keys of the people who held the role before, as a subquery."""
    ended = RoleHolding.objects.of(authority).filter(until_on__isnull=False, person__isnull=False)
    return ended.values("person")


def seats_of(people: Any) -> Any:
    """Memberships of earlier holders that the next one may take up; what ended otherwise is nobody's seat."""
    return Membership.objects.filter(person__in=people, state__in=SEATS).exclude(
        Q(state=MembershipState.LEFT, person__is_active=True)
    )


def communities_open_to(user: Any, authority: LocalAuthority) -> Any:
    """Communities in which an earlier holder sat, that this person may know of and does not sit in.

    A closed community stays unknown to who is not invited: its facilitators are told of the successor instead.
    """
    seats = seats_of(earlier_holders(authority)).values("community")
    known = Community.objects.visible_to(user).current().filter(pk__in=seats)
    joined = Community.objects.joined_by(user).values("pk")
    return known.exclude(pk__in=joined).defer("search_vector", "search_title").by_name()
