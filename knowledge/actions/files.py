"""What an author says of the files of a revision."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from knowledge import rules
from knowledge.actions.keep import lock
from knowledge.actions.write import StaleEdit, TooLate, submit
from knowledge.models import Item, Revision, RevisionFile
from munistem.commons import audit


@transaction.atomic
def describe_files(
    *, by: Any, item: Item, seen: str, told: Mapping[int, Mapping[str, Any]], submits: bool = False
) -> Revision:
    """Keep titles, order and what pictures show, of the open revision; ``submits`` sends it for review.

    told: key of the RevisionFile → title, place, and of pictures alt and is_decorative. Raises StaleEdit when somebody
    saved or decided in between, TooLate when the item may not be changed or nothing of it is open.
    """
    item = lock(item)
    revision = item.revisions.select_for_update(no_key=True).open().first()
    if revision is None or not rules.can_edit_item(by, item):
        raise TooLate
    if revision.marker != seen:
        raise StaleEdit
    revision.item = item
    held = {row.pk: row for row in revision.files.all()}
    order = sorted(
        held.values(), key=lambda row: (told.get(row.pk, {}).get("place", 99), row.position, row.pk)
    )
    for place, row in enumerate(order):
        said = told.get(row.pk, {})
        row.position = place
        row.title = said.get("title", row.title)
        row.alt, row.is_decorative = said.get("alt", row.alt), said.get("is_decorative", row.is_decorative)
    RevisionFile.objects.bulk_update(order, ["position", "title", "alt", "is_decorative"])
    revision.version += 1
    revision.changed_at = timezone.now()
    revision.save(update_fields=["version", "changed_at"])
    audit.record("describe_files", revision, by=by, version=revision.version)
    if submits:
        submit(revision, by=by)
    return revision
