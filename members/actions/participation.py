"""A person begins or ceases to take part in the network: who has to know of it, in this room and in those above."""

from collections.abc import Callable

from members.models import User
from munistem.commons.search.actions import index

Follow = Callable[[User], None]
_FOLLOWING: list[Follow] = []


def when_participation_changes(follow: Follow) -> None:
    """Call ``follow(person)`` in the transaction in which a person begins or ceases to take part; for ``apps.ready``."""
    if follow not in _FOLLOWING:
        _FOLLOWING.append(follow)


def participation_changed(person: User) -> None:
    """Index the person anew and tell those who follow; part of the deed that changed mandates or the account."""
    person.__dict__.pop("mandates", None)
    index(person)
    for follow in _FOLLOWING:
        follow(person)
