"""The annual brief of a municipality is signed off: from then on it stays as it is, a later one is another edition."""

import hashlib
import json
from typing import Any, NamedTuple

from django.db import transaction

from members.models import LocalAuthority
from munistem.commons import audit
from policy.actions.programme import NotTheirs
from policy.models import BriefCopy, BriefSignOff
from policy.rules import brief as rules


class Copy(NamedTuple):
    """The brief in one language: what was set, and the PDF that came of it."""

    told: dict[str, Any]
    paper: bytes


def fingerprint_of(told: dict[str, dict[str, Any]]) -> str:
    """Of the words of a brief in all its languages, without the day and the name that stand on it."""
    words = {code: [one["title"], one["body"]] for code, one in sorted(told.items())}
    return hashlib.sha256(json.dumps(words, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


@transaction.atomic
def sign_brief(
    *, by: Any, authority: LocalAuthority, year: int, asks: str, copies: dict[str, Copy]
) -> BriefSignOff:
    """Sign the brief of a school year off; the same words signed again are the same edition. Raises NotTheirs.

    copies: by language; what stands in them is told to everyone.
    """
    if not rules.can_sign_brief(by, authority):
        raise NotTheirs
    LocalAuthority.objects.select_for_update(no_key=True).only("pk").get(pk=authority.pk)
    mark = fingerprint_of({code: copy.told for code, copy in copies.items()})
    latest = BriefSignOff.objects.of(authority).of_year(year).latest_first().first()
    if latest and latest.fingerprint == mark:
        return latest
    last = latest.edition if latest else 0
    signed = BriefSignOff.objects.create(
        authority=authority, year=year, edition=last + 1, asks=asks, fingerprint=mark, signed_by=by
    )
    BriefCopy.objects.bulk_create(
        BriefCopy(sign_off=signed, language=code, told=copy.told, paper=copy.paper)
        for code, copy in copies.items()
    )
    audit.record(
        "sign_brief", signed, by=by, authority=authority.pk, school_year=year, edition=signed.edition
    )
    return signed
