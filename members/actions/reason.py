"""The reasons to decline that admins choose from: brought with the portal, changed in the admin."""

import tomllib
from pathlib import Path
from typing import Any

from django.db import transaction

from members.models import DeclineReason
from munistem.commons import audit

FILE = Path(__file__).resolve().parent.parent / "data" / "reasons.toml"


@transaction.atomic
def found_reasons() -> int:
    """Make the reasons to decline that are missing, known by their code; answers how many. Edited ones stay as they are."""
    known = set(DeclineReason.objects.values_list("code", flat=True))
    rows = tomllib.loads(FILE.read_text(encoding="utf-8"))["reason"]
    missing = [row for row in rows if row["code"] not in known]
    DeclineReason.objects.bulk_create(
        DeclineReason(code=row["code"], text_he=row["he"], text_ar=row["ar"], text_en=row["en"])
        for row in missing
    )
    return len(missing)


@transaction.atomic
def keep_reason(*, by: Any, reason: DeclineReason) -> DeclineReason:
    """Write a new or changed reason down; letters that went out stay as they were."""
    reason.save()
    audit.record("keep_decline_reason", reason, by=by)
    return reason
