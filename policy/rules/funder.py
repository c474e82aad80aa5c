"""Who may see where the programmes of a funder stand, beside those of others."""

from typing import Any

from members.enums import OrganisationType
from members.models import Organisation
from policy.rules import is_admin, represents

#: Who is looked after by the recommendations and the overall picture is no funder of others.
NEVER = (OrganisationType.MUNICIPALITY, OrganisationType.CLUSTER)


def can_see_funding(user: Any, organisation: Organisation, *, pays: bool) -> bool:
    """Representatives of the funder and admins; they see programmes that they may read, of all funders.

    pays: whether a programme names it as a funder; foundations are funders before they pay for the first.
    """
    if organisation.type in NEVER or (organisation.type != OrganisationType.FOUNDATION and not pays):
        return False
    return is_admin(user) or (organisation.left_on is None and represents(user, organisation.pk))


def can_list_funders(user: Any) -> bool:
    """Admins, and whoever acts for a foundation; other members that pay find theirs on their own page."""
    if not user.is_authenticated:
        return False
    own = [row.organisation for row in user.mandates if row.organisation.type == OrganisationType.FOUNDATION]
    return is_admin(user) or any(represents(user, organisation.pk) for organisation in own)
