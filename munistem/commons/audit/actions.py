from typing import Any

from django.db.models import Model

from munistem.commons.audit.models import AuditEvent


def key(thing: Model) -> str:
    """Name a row across all tables, e.g. ``communities.topic:12``."""
    return f"{thing._meta.label_lower}:{thing.pk}"


def record(deed: str, thing: Model, *, by: Any = None, **details: Any) -> AuditEvent:
    """Write down a deed in the transaction of the deed itself.

    deed: a verb and noun, e.g. ``approve_application``; thing: the row it was done to;
    by: the person, None for the clock; details: what a later reader needs, JSON types only.
    """
    actor = by if by is not None and by.is_authenticated else None
    return AuditEvent.objects.create(
        actor=actor, deed=deed, subject=key(thing), label=str(thing)[:200], details=details
    )


def history(thing: Model):
    """The deeds done to a thing, latest first."""
    return (
        AuditEvent.objects.filter(subject=key(thing)).select_related("actor").order_by("-happened_at", "-pk")
    )
