import json
import re
from collections.abc import Iterator
from datetime import timedelta
from itertools import chain
from typing import Any

from django.db.models import Model, QuerySet
from django.utils import timezone

from munistem.commons import downloads
from munistem.commons.audit.models import AuditEvent

#: Begins the names of lines that tell who looked, not who did something.
SIGHT = "see_"


#: What somebody without a name, and an invitation, are called by.
ADDRESS = re.compile(r"([^\s@<>\"])[^\s@<>\"]*@")


def veiled(text: str) -> str:
    """The text, of e-mail addresses in it only the first letter and the domain: lines are kept longer than what they are about."""
    return ADDRESS.sub(r"\1…@", text) if "@" in text else text


def key(thing: Model) -> str:
    """Name a row across all tables, e.g. ``communities.topic:12``."""
    return f"{thing._meta.label_lower}:{thing.pk}"


def record(deed: str, thing: Model, *, by: Any = None, **details: Any) -> AuditEvent:
    """Write down a deed in the transaction of the deed itself.

    deed: a verb and noun, e.g. ``approve_application``; thing: the row it was done to;
    by: the person, None for the clock; details: what a later reader needs, JSON types only.
    """
    actor = by if by is not None and by.is_authenticated else None
    if "email" in details:
        details["email"] = veiled(str(details["email"]))
    label = veiled(str(thing)[:200])
    return AuditEvent.objects.create(actor=actor, deed=deed, subject=key(thing), label=label, details=details)


def saw(thing: Model | type[Model], *, by: Any, **details: Any) -> AuditEvent:
    """Write down that somebody looked at personal details by virtue of an office.

    thing: the row, or the model for a list; details: e.g. how many rows a list showed.
    """
    if isinstance(thing, Model):
        return record(f"{SIGHT}{thing._meta.model_name}", thing, by=by, **details)
    return AuditEvent.objects.create(
        actor=by,
        deed=f"{SIGHT}list_of_{thing._meta.model_name}",
        subject=thing._meta.label_lower,
        label=str(thing._meta.verbose_name_plural),
        details=details,
    )


def csv_lines(events: QuerySet[AuditEvent]) -> Iterator[str]:
    """The trail as a table, line by line."""
    heads = ["when", "who", "deed", "what", "label", "details"]
    return downloads.csv_lines(chain([heads], map(line_of, events.iterator(chunk_size=1000))))


def line_of(event: AuditEvent) -> list[str]:
    who = event.actor.email if event.actor else ""
    told = json.dumps(event.details, ensure_ascii=False) if event.details else ""
    return [event.happened_at.isoformat(), who, event.deed, event.subject, event.label, told]


def forget_names(person: Any) -> int:
    """Take the name of somebody who left out of the trail; what was done stays. Returns how many lines had it."""
    own = [key(person), *(key(row) for row in related(person))]
    return AuditEvent.objects.filter(subject__in=own).exclude(label="").update(label="")


def related(person: Any) -> Iterator[Model]:
    """Rows that are called by the name of a person: mandates, departures and the like."""
    for relation in person._meta.related_objects:
        if relation.field.name == "person" and not relation.many_to_many:
            yield from relation.related_model._default_manager.filter(person=person).only("pk")


def forget_sights(kept: timedelta) -> int:
    """Delete the sights of so long ago; the database refuses it for younger ones. Returns how many."""
    old = AuditEvent.objects.filter(deed__startswith=SIGHT, happened_at__lt=timezone.now() - kept)
    return old.delete()[0]


def forget_deeds(kept: timedelta) -> int:
    """Delete the deeds of so long ago; returns how many. Labels that name an address, as they once did, go at once."""
    AuditEvent.objects.filter(label__regex=r"[^\s@…]@").update(label="")
    return AuditEvent.objects.filter(happened_at__lt=timezone.now() - kept).delete()[0]


def history(thing: Model):
    """The deeds done to a thing, latest first."""
    return (
        AuditEvent.objects.filter(subject=key(thing)).select_related("actor").order_by("-happened_at", "-pk")
    )
