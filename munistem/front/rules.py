"""Who may open the rooms of the porch."""

from typing import Any

from django.conf import settings

from communities.models import Community


def can_review_knowledge(user: Any) -> bool:
    return user.is_authenticated and (user.is_staff or user.is_knowledge_manager)


def can_decide_for_network(user: Any) -> bool:
    return user.is_authenticated and user.is_staff


def leads_a_community(user: Any) -> bool:
    return user.is_authenticated and Community.objects.facilitated_by(user).exists()


def can_use_desk(user: Any) -> bool:
    """Whoever decides on something: admins, knowledge managers, facilitators."""
    return can_review_knowledge(user) or leads_a_community(user)


def can_read_trial_letters() -> bool:
    """Letters of a trial are everybody's; a real portal has no such page."""
    return bool((settings.TRIAL or settings.DEMO) and settings.EMAIL_FOLDER)
