"""Silent municipalities and notes on calls: for admins and facilitators only."""

from typing import Any

from policy.models.contact import CallNote, sees_silent


def can_see_silent(user: Any) -> bool:
    return sees_silent(user)


def can_see_call_note(user: Any, note: CallNote) -> bool:
    """Twin of ``CallNote.objects.visible_to``."""
    return sees_silent(user)
