"""A whole community in one file: asked for, made by the worker, kept for a week."""

import logging
import os
import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.core.files import File
from django.db import transaction
from django.utils import timezone, translation

from communities.actions.membership import TooLate
from communities.models import Community
from communities.rules import can_moderate
from knowledge import tasks
from knowledge.actions.bundle import write_bundle
from knowledge.enums import ExportState
from knowledge.models import Export
from munistem.commons import audit
from munistem.commons.audit.actions import key
from munistem.commons.files.uploads import incoming
from munistem.commons.notices.actions import tell

KEPT = timedelta(days=7)
#: So long the making may take; then another may be asked for.
LONGEST = timedelta(hours=2)
log = logging.getLogger("munistem.exports")


@transaction.atomic
def ask_export(*, by: Any, community: Community) -> Export:
    """Ask for all of a community in one file; while one is being made, that is it. Raises TooLate for who may not."""
    Community.objects.select_for_update(no_key=True).only("pk").get(pk=community.pk)
    if not can_moderate(by, community):
        raise TooLate
    waiting = Export.objects.filter(community=community, state=ExportState.WAITING)
    waiting.filter(asked_at__lt=timezone.now() - LONGEST).update(state=ExportState.FAILED)
    if known := waiting.first():
        return known
    export = Export.objects.create(community=community, language=by.language, asked_by=by)
    audit.record("ask_export", export, by=by, community=community.pk)
    tasks.build_export.defer(export=export.pk)
    return export


def build_export(pk: int) -> bool:
    """Make the file, with what the person who asked may see now; returns whether it was made. Harmless when repeated."""
    rows = Export.objects.select_related("community", "asked_by").defer("community__search_vector")
    export = rows.filter(pk=pk, state=ExportState.WAITING).first()
    if export is None:
        return False
    descriptor, name = tempfile.mkstemp(dir=incoming(), suffix=".zip")
    os.close(descriptor)
    try:
        if not can_moderate(export.asked_by, export.community):
            raise TooLate
        with translation.override(export.language):
            write_bundle(name, export.community, export.asked_by)
        with Path(name).open("rb") as made:
            return keep(export, File(made))
    except Exception:
        Export.objects.filter(pk=pk, state=ExportState.WAITING).update(state=ExportState.FAILED)
        log.exception("Export %s could not be made", pk)
        raise
    finally:
        Path(name).unlink(missing_ok=True)


@transaction.atomic
def keep(export: Export, made: File) -> bool:
    """Keep the file that was made, and tell who asked."""
    row = Export.objects.select_for_update().select_related("community", "asked_by").get(pk=export.pk)
    if row.state != ExportState.WAITING:
        return False
    row.state, row.built_at, row.size = ExportState.READY, timezone.now(), made.size
    row.expires_at = row.built_at + KEPT
    row.blob.save("export.zip", made, save=False)
    row.save(update_fields=["state", "built_at", "size", "expires_at", "blob"])
    audit.record("build_export", row, by=None, size=row.size)
    community = row.community
    known = {"community": community.name, "slug": community.slug, "scope": key(community)}
    tell("export_ready", row, {row.asked_by: "sender"}, **known)
    return True


def note_taken(*, by: Any, export: Export) -> None:
    """Write down that somebody took the file along."""
    audit.record("take_export", export, by=by, community=export.community_id)


def delete_old_exports(now: datetime | None = None) -> int:
    """Delete the files whose week is over; returns how many. Harmless when repeated."""
    over = Export.objects.over(now or timezone.now())
    return sum(_delete(pk) for pk in list(over.values_list("pk", flat=True)))


@transaction.atomic
def _delete(pk: int) -> bool:
    row = Export.objects.select_for_update(skip_locked=True).filter(pk=pk, state=ExportState.READY).first()
    if row is None:
        return False
    storage, name = row.blob.storage, str(row.blob.name)
    row.state, row.blob = ExportState.OVER, ""
    row.save(update_fields=["state", "blob"])
    audit.record("delete_export", row)
    transaction.on_commit(lambda: storage.delete(name))
    return True
