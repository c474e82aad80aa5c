"""Who may mark, follow, collect and adapt; the same kind of questions as in the rest of the rules."""

from typing import Any

from communities.models import Community
from communities.rules import is_member
from knowledge.enums import Shown
from knowledge.models import Adaptation, Collection, Item
from knowledge.rules import acts_for, can_see_item, is_own, is_reviewer
from munistem.commons.enums import Visibility

# Marks, shelf and follows --------------------------------------------------------------------------------


def can_mark_item(user: Any, item: Item) -> bool:
    """Say that an item was useful, or keep it at hand; it has to be published."""
    return (
        user.is_authenticated
        and item.published_id is not None
        and item.withdrawn_at is None
        and can_see_item(user, item)
    )


def can_call_useful(user: Any, item: Item) -> bool:
    """One does not praise what one wrote."""
    return can_mark_item(user, item) and item.created_by_id != user.pk


def can_see_use(user: Any, item: Item) -> bool:
    """How often an item is read, by whom in general: for those who wrote it and those who review."""
    return is_reviewer(user) or is_own(user, item)


# Collections ---------------------------------------------------------------------------------------------


def can_see_collection(user: Any, collection: Collection) -> bool:
    """Twin of ``Collection.objects.visible_to``."""
    if is_reviewer(user) or (user.is_authenticated and collection.created_by_id == user.pk):
        return True
    if collection.closed_at is not None:
        return False
    if collection.visibility == Visibility.PUBLIC:
        return True
    if collection.visibility == Visibility.NETWORK:
        return user.is_authenticated and user.is_in_network
    return collection.community is not None and is_member(user, collection.community)


def can_collect(user: Any) -> bool:
    """Managers of organisations, facilitators, knowledge managers and admins make collections."""
    if is_reviewer(user):
        return True
    if not user.is_authenticated or not user.is_in_network:
        return False
    return any(row.is_manager for row in user.mandates) or Community.objects.facilitated_by(user).exists()


def is_collector(user: Any) -> bool:
    """The same without asking the database, of a person who was fetched with the session (``leads``)."""
    if not user.is_authenticated or not user.is_in_network:
        return False
    return is_reviewer(user) or getattr(user, "leads", False) or any(row.is_manager for row in user.mandates)


def keeps_collection(user: Any, collection: Collection) -> bool:
    """Who answers for it: who made it and may still collect, the facilitators of its community, reviewers."""
    if is_reviewer(user):
        return True
    if not can_collect(user):
        return False
    if collection.created_by_id == user.pk:
        return True
    led = Community.objects.facilitated_by(user)
    return collection.community_id is not None and led.filter(pk=collection.community_id).exists()


def can_edit_collection(user: Any, collection: Collection) -> bool:
    """Change its words and what stands in it, while it is open."""
    return (
        collection.closed_at is None
        and can_see_collection(user, collection)
        and keeps_collection(user, collection)
    )


def can_reopen_collection(user: Any, collection: Collection) -> bool:
    """Put a closed one back."""
    return (
        collection.closed_at is not None
        and can_see_collection(user, collection)
        and keeps_collection(user, collection)
    )


# Adaptations ---------------------------------------------------------------------------------------------


def can_see_adaptation(user: Any, adaptation: Adaptation) -> bool:
    """Twin of ``Adaptation.objects.visible_to``."""
    if is_reviewer(user):
        return True
    if not can_see_item(user, adaptation.item):
        return False
    if acts_for(user, adaptation.organisation_id) or is_own(user, adaptation.item):
        return True
    if adaptation.shown == Shown.NETWORK:
        return user.is_authenticated and user.is_in_network
    return adaptation.shown == Shown.PUBLIC


def can_adapt_item(user: Any, item: Item) -> bool:
    """Say for one's organisation that it adapts an item of another one."""
    if not can_mark_item(user, item) or not user.is_in_network:
        return False
    return user.acting_for is not None and user.acting_for.pk != item.organisation_id


def can_report_adaptation(user: Any, adaptation: Adaptation) -> bool:
    """Answer the five questions, and mend the answers: whoever acts for the organisation."""
    return adaptation.given_up_at is None and acts_for(user, adaptation.organisation_id)
