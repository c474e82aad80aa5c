"""Who may see and keep the versions of a recommendation and the roundtable they come from."""

from typing import Any

from policy.enums import VersionState
from policy.models import Consultation, RecommendationVersion, Roundtable
from policy.rules.seeing import can_see_recommendation, convenes, is_admin


def can_see_version(user: Any, version: RecommendationVersion) -> bool:
    """Twin of ``RecommendationVersion.objects.visible_to``."""
    if is_admin(user) or convenes(user, version.recommendation.roundtable_id):
        return True
    if version.state == VersionState.CONSULTATION:
        return user.is_authenticated and user.is_in_network
    return version.was_adopted and can_see_recommendation(user, version.recommendation)


def can_keep_roundtable(user: Any, roundtable: Roundtable) -> bool:
    """Prepare a roundtable and word what comes out of it: those who convene it and admins."""
    return is_admin(user) or convenes(user, roundtable.pk)


def can_write_version(user: Any, version: RecommendationVersion) -> bool:
    """Word a draft."""
    return version.state == VersionState.DRAFT and can_keep_roundtable(
        user, version.recommendation.roundtable
    )


def can_adopt_version(user: Any, version: RecommendationVersion) -> bool:
    """Make a draft, or what the network was asked about and no longer comments on, the word of the network."""
    if not is_admin(user):
        return False
    if version.state == VersionState.CONSULTATION:
        return not Consultation.objects.filter(version=version, closed_at__isnull=True).exists()
    return version.state == VersionState.DRAFT


def can_withdraw_version(user: Any, version: RecommendationVersion) -> bool:
    return version.state == VersionState.ADOPTED and is_admin(user)
