"""Who may see what an item begins with, and the cards of links: twins of their ``visible_to``."""

from typing import Any

from knowledge import rules
from knowledge.models import Intake, LinkCard, Revision


def can_see_intake(user: Any, intake: Intake) -> bool:
    """Twin of ``Intake.objects.visible_to``."""
    return user.is_authenticated and intake.person_id == user.pk


def can_see_link_card(user: Any, card: LinkCard) -> bool:
    """Twin of ``LinkCard.objects.visible_to``."""
    if card.intake is not None:
        return can_see_intake(user, card.intake)
    holders = Revision.objects.filter(item=card.item_id, links__url=card.url).select_related("item")
    return any(rules.can_see_revision(user, revision) for revision in holders)
