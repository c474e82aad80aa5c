"""The audit trail: ``from munistem.commons import audit`` then ``audit.record("close_topic", topic, by=user)``."""

from typing import Any


def record(deed: str, thing: Any, *, by: Any = None, **details: Any) -> Any:
    """See :func:`munistem.commons.audit.actions.record`."""
    from munistem.commons.audit.actions import record as write

    return write(deed, thing, by=by, **details)


def saw(thing: Any, *, by: Any, **details: Any) -> Any:
    """See :func:`munistem.commons.audit.actions.saw`."""
    from munistem.commons.audit.actions import saw as write

    return write(thing, by=by, **details)
