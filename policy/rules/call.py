"""Who may say what of a call for proposals; ``can_see_…`` are the twins of ``visible_to``."""

from typing import Any

from knowledge.models import Item
from knowledge.rules import can_see_item
from members.enums import OrganisationType
from members.models import Organisation
from policy.models.calls import CallChoice, CallReminder, is_open_call


def can_see_call_choice(user: Any, choice: CallChoice) -> bool:
    """Twin of ``CallChoice.objects.visible_to``."""
    return user.is_authenticated and choice.person_id == user.pk


def can_see_call_reminder(user: Any, reminder: CallReminder) -> bool:
    """Twin of ``CallReminder.objects.visible_to``."""
    return user.is_authenticated and reminder.person_id == user.pk


def can_answer_calls(user: Any) -> bool:
    """Follow calls or put them aside: people of the network."""
    return user.is_authenticated and user.is_active and user.is_in_network


def can_answer_call(user: Any, item: Item) -> bool:
    """The same of one call: it is open, and the person may read it."""
    return can_answer_calls(user) and can_see_item(user, item) and is_open_call(item)


def town_of_reader(user: Any) -> Organisation | None:
    """The municipality for which calls are looked at: the one this person acts for now, else the first of theirs."""
    if not user.is_authenticated or not user.is_active:
        return None
    own = [
        row.organisation for row in user.mandates if row.organisation.type == OrganisationType.MUNICIPALITY
    ]
    acting_for = getattr(user, "acting_for", None)
    return next((row for row in own if acting_for and row.pk == acting_for.pk), own[0] if own else None)
