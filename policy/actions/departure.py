"""Who leaves the network takes along what only served them: what they chose of calls, and what they were reminded of."""

from typing import Any

from policy.models import CallChoice, CallReminder


def forget_choices(*, person: Any) -> None:
    """Harmless when repeated."""
    CallChoice.objects.filter(person=person).delete()
    CallReminder.objects.filter(person=person).delete()
