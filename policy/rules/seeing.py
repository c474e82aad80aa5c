"""The ground of seeing: who is an admin, who convenes a roundtable, who sees what came out of it."""

from typing import Any

from policy.models import Recommendation, Roundtable


def is_admin(user: Any) -> bool:
    return user.is_authenticated and user.is_staff


def convenes(user: Any, roundtable_id: int) -> bool:
    """Whether the person is active and prepares and leads the roundtable."""
    if not (user.is_authenticated and user.is_active):
        return False
    return user.convened_roundtables.filter(pk=roundtable_id).exists()


def can_see_roundtable(user: Any, roundtable: Roundtable) -> bool:
    """Twin of ``Roundtable.objects.visible_to``."""
    return roundtable.is_published or is_admin(user) or convenes(user, roundtable.pk)


def can_see_recommendation(user: Any, recommendation: Recommendation) -> bool:
    """Twin of ``Recommendation.objects.visible_to``."""
    if is_admin(user) or (recommendation.is_published and recommendation.roundtable.is_published):
        return True
    return convenes(user, recommendation.roundtable_id)
