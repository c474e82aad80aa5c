"""Notes on calls to municipalities that are silent."""

from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from members.models import Organisation
from munistem.commons import audit
from policy.actions.answer import NoMandate
from policy.models import CallNote
from policy.rules.contact import can_see_silent


@transaction.atomic
def note_call(
    *,
    by: Any,
    organisation: Organisation,
    text: str,
    called_on: date | None = None,
    nonce: UUID | None = None,
) -> CallNote:
    """Keep what came of a call; a form sent again counts once. Raises NoMandate."""
    if not can_see_silent(by):
        raise NoMandate
    if nonce and (known := CallNote.objects.filter(nonce=nonce).first()):
        return known
    note = CallNote.objects.create(
        organisation=organisation,
        text=text,
        called_on=called_on or timezone.localdate(),
        nonce=nonce,
        written_by=by,
    )
    audit.record("note_call", organisation, by=by, note=note.pk)
    return note
