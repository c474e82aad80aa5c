"""Who leaves the network takes along what was only begun: it is nobody else's, and nobody could go on with it."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from knowledge.actions import intake
from knowledge.actions.bulk.carry import delete_old_imports
from knowledge.models import BulkImport, Intake, LibraryFeed


@transaction.atomic
def forget_begun(*, by: Any, person: Any) -> None:
    """Give up the items a person began with files or a link, the tables they sent, their feed; what came of them stays.

    A table that is being taken in at this moment is cleared away by the clock. Harmless when repeated.
    """
    for begun in Intake.objects.filter(person=person):
        intake.drop(begun, by=by)
    LibraryFeed.objects.filter(person=person).delete()
    own = BulkImport.objects.filter(made_by=person)
    own.update(expires_at=timezone.now())
    delete_old_imports(rows=own)
