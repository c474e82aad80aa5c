"""Who may do what with knowledge: pure questions about a person (visitors included) and one thing.

``can_see_…`` are the twins of ``visible_to``.
"""

from typing import Any

from communities.models import Community
from communities.rules import can_moderate, is_member
from knowledge.enums import Answer, ItemKind, RevisionState
from knowledge.models import (
    BulkImport,
    Consent,
    Export,
    Item,
    Offer,
    Review,
    Revision,
    RevisionFile,
    ValidityQuestion,
)
from knowledge.models.reviewing import needs_two_persons
from munistem.commons.enums import Visibility


def is_reviewer(user: Any) -> bool:
    """Knowledge managers and network admins."""
    return user.is_authenticated and (user.is_staff or user.is_knowledge_manager)


def acts_for(user: Any, organisation_id: int | None) -> bool:
    """Whether the person has a mandate in force for the organisation."""
    return user.is_authenticated and any(row.organisation_id == organisation_id for row in user.mandates)


def manages(user: Any, organisation_id: int | None) -> bool:
    """Whether the person is a manager of the organisation."""
    return user.is_authenticated and any(
        row.organisation_id == organisation_id and row.is_manager for row in user.mandates
    )


def is_own(user: Any, item: Item) -> bool:
    """Whether the person wrote the item or manages the organisation it belongs to."""
    return user.is_authenticated and (item.created_by_id == user.pk or manages(user, item.organisation_id))


# Seeing --------------------------------------------------------------------------------------------------


def can_see_item(user: Any, item: Item) -> bool:
    """Twin of ``Item.objects.visible_to``."""
    if is_reviewer(user) or is_own(user, item):
        return True
    if item.published_id is None or item.withdrawn_at is not None:
        return False
    if item.visibility == Visibility.PUBLIC:
        return True
    if item.visibility == Visibility.NETWORK:
        return user.is_authenticated and user.is_in_network
    return item.community is not None and is_member(user, item.community)


def can_see_revision(user: Any, revision: Revision) -> bool:
    """Twin of ``Revision.objects.visible_to``."""
    if is_reviewer(user) or is_own(user, revision.item):
        return True
    return revision.item.published_id == revision.pk and can_see_item(user, revision.item)


def can_see_revision_file(user: Any, held: RevisionFile) -> bool:
    """Twin of ``RevisionFile.objects.visible_to``."""
    return can_see_revision(user, held.revision)


def can_see_revisions(user: Any, item: Item) -> bool:
    """Whether the list of what the item said before is shown."""
    return is_reviewer(user) or is_own(user, item)


# Writing -------------------------------------------------------------------------------------------------


def can_add_item(user: Any) -> bool:
    """Managers of organisations, facilitators, knowledge managers and admins."""
    if is_reviewer(user):
        return True
    if not user.is_authenticated or not user.is_in_network:
        return False
    return any(row.is_manager for row in user.mandates) or leads_community(user)


def leads_community(user: Any) -> bool:
    """Whether a person is a facilitator; of one who was fetched with the session (``leads``) it is known already."""
    known = getattr(user, "leads", None)
    return bool(known) if known is not None else Community.objects.facilitated_by(user).exists()


def can_edit_item(user: Any, item: Item) -> bool:
    """The author while entitled, the organisation's managers, reviewers; not while the item is withdrawn."""
    if item.withdrawn_at is not None or not user.is_authenticated:
        return False
    return keeps_item(user, item)


def can_confirm_item(user: Any, item: Item) -> bool:
    """Say that a published item still holds; the day of a call is its deadline, which only its text changes."""
    if item.published is None or item.published.kind == ItemKind.CALL or item.valid_until is None:
        return False
    return can_edit_item(user, item)


def can_see_validity_question(user: Any, question: ValidityQuestion) -> bool:
    """Twin of ``ValidityQuestion.objects.visible_to``."""
    return is_reviewer(user) or is_own(user, question.item)


def can_add_edition(user: Any, item: Item) -> bool:
    """Write what is published in another language too; editions are of the one written first."""
    return item.published_id is not None and item.edition_of_id is None and can_edit_item(user, item)


def keeps_item(user: Any, item: Item) -> bool:
    """Who answers for an item. An author who no longer acts for its organisation does not."""
    if is_reviewer(user) or manages(user, item.organisation_id):
        return True
    if item.created_by_id != user.pk:
        return False
    if item.organisation_id is not None and not acts_for(user, item.organisation_id):
        return False
    return can_add_item(user) or (user.is_in_network and Offer.objects.filter(item=item).exists())


def can_drop_changes(user: Any, revision: Revision) -> bool:
    """Give up a change of a published item that is not (or no longer) in review."""
    if revision.state not in (RevisionState.DRAFT, RevisionState.RETURNED):
        return False
    return revision.item.published_id is not None and can_edit_item(user, revision.item)


def can_withdraw_item(user: Any, item: Item) -> bool:
    """Take an item out of the library; nothing is lost and it can be restored."""
    return item.withdrawn_at is None and user.is_authenticated and keeps_item(user, item)


def can_restore_item(user: Any, item: Item) -> bool:
    """What a reviewer withdrew is restored by reviewers; what its keepers withdrew, by them too."""
    if item.withdrawn_at is None or not user.is_authenticated:
        return False
    if is_reviewer(user):
        return True
    return keeps_item(user, item) and item.withdrawn_by is not None and not is_reviewer(item.withdrawn_by)


def can_curate_tags(user: Any) -> bool:
    """Put free tags in order: let them join the vocabulary or become words of it."""
    return is_reviewer(user)


# Reviewing -----------------------------------------------------------------------------------------------


def can_review_revision(user: Any, revision: Revision) -> bool:
    """Publish or return what was submitted. Not the own item, unless one person is enough in this network; admins may.

    Twin of ``Revision.objects.waiting_for``.
    """
    if revision.state != RevisionState.SUBMITTED or revision.item.withdrawn_at is not None:
        return False
    if not is_reviewer(user):
        return False
    is_others = user.pk not in (revision.item.created_by_id, revision.created_by_id)
    return user.is_staff or is_others or not needs_two_persons()


def can_see_review(user: Any, review: Review) -> bool:
    """Twin of ``Review.objects.visible_to``: who sees all revisions of an item reads what reviewers said of them."""
    return can_see_revisions(user, review.revision.item)


def can_change_reviewing(user: Any) -> bool:
    """Say whether two persons are needed for what is published."""
    return user.is_authenticated and user.is_staff


# Offering a discussion -----------------------------------------------------------------------------------


def can_see_offer(user: Any, offer: Offer) -> bool:
    """Twin of ``Offer.objects.visible_to``."""
    return is_reviewer(user) or (user.is_authenticated and offer.made_by_id == user.pk)


def can_see_consent(user: Any, consent: Consent) -> bool:
    """Twin of ``Consent.objects.visible_to``: that somebody was left out is known to that person alone."""
    if user.is_authenticated and consent.person_id == user.pk:
        return True
    return consent.answer == Answer.GIVEN and can_see_offer(user, consent.offer)


def can_answer_consent(user: Any, consent: Consent) -> bool:
    """Say yes or no, and think better of it, until the item is published."""
    item = consent.offer.item
    is_own = user.is_authenticated and user.is_active and consent.person_id == user.pk
    return is_own and item.published_id is None and item.withdrawn_at is None


def can_give_consent(user: Any, consent: Consent) -> bool:
    """What is in review is read as it is: nobody's words come in any more, but they may still be taken out."""
    in_review = Revision.objects.filter(item=consent.offer.item_id, state=RevisionState.SUBMITTED)
    return can_answer_consent(user, consent) and not in_review.exists()


def can_send_offer(user: Any, offer: Offer) -> bool:
    """Send the item made of a discussion for review."""
    if offer.made_by_id != user.pk or not can_edit_item(user, offer.item):
        return False
    ready = (RevisionState.DRAFT, RevisionState.RETURNED)
    return offer.item.published_id is None and offer.item.revisions.filter(state__in=ready).exists()


def can_see_export(user: Any, export: Export) -> bool:
    """Twin of ``Export.objects.visible_to``."""
    return can_moderate(user, export.community)


# Bringing many items in ----------------------------------------------------------------------------------


def can_import_items(user: Any) -> bool:
    """Knowledge managers, admins and managers of organisations."""
    if is_reviewer(user):
        return True
    return user.is_authenticated and user.is_in_network and any(row.is_manager for row in user.mandates)


def can_see_import(user: Any, bulk: BulkImport) -> bool:
    """Twin of ``BulkImport.objects.visible_to``."""
    return user.is_authenticated and (user.is_staff or bulk.made_by_id == user.pk)
