"""Whether an endorsement still stands, and who stands behind one that a cluster gave for its members."""

from typing import Any

from members.enums import OrganisationType
from policy.models import Endorsement, EndorsementShare
from policy.rules import represents


def standing_of(user: Any, endorsement: Endorsement) -> dict[str, Any]:
    """For ``policy/endorsement.html``: the open question, if any, and the shares that the person may see."""
    asked = endorsement.reconfirmations.order_by("-asked_at", "-pk").first()
    is_open = asked is not None and asked.answered_at is None and endorsement.state == "confirmed"
    return {
        "asked_again": asked if is_open else None,
        "stood_at": asked.answered_at if asked else None,
        "can_reconfirm": is_open and represents(user, endorsement.organisation_id),
        **shares_of(user, endorsement),
    }


def shares_of(user: Any, endorsement: Endorsement) -> dict[str, Any]:
    if endorsement.organisation.type != OrganisationType.CLUSTER:
        return {"shares": [], "share_count": 0, "own_share": None}
    rows = EndorsementShare.objects.visible_to(user).filter(endorsement=endorsement)
    rows = rows.select_related("organisation").defer(
        "organisation__search_vector", "organisation__search_title"
    )
    shares = list(rows.order_by("organisation__sort_name", "pk"))
    mine = {mandate.organisation_id for mandate in user.mandates} if user.is_authenticated else set()
    return {
        "shares": shares,
        "share_count": sum(share.confirmed_at is not None for share in shares),
        "own_share": next(
            (share for share in shares if share.organisation_id in mine and share.is_waiting), None
        ),
    }
