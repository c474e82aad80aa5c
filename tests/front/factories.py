"""What the porch's tests need of the policy room, in the smallest valid form."""

import itertools
from typing import Any

from django.utils import timezone

from munistem.commons.files.models import FileKind, StoredFile
from munistem.commons.search.actions import index
from policy.enums import EndorsementState, Mandate, Stance
from policy.models import Endorsement, Recommendation, Roundtable
from tests.members.factories import make_admin, make_municipality, make_representative

numbers = itertools.count(1)


def make_recommendation(**fields: Any) -> Recommendation:
    number = next(numbers)
    roundtable, _ = Roundtable.objects.get_or_create(
        slug="table", defaults={"title_he": "שולחן", "title_en": "Table"}
    )
    names = {"title_he": f"המלצה {number}", "title_en": f"Recommendation {number}"}
    recommendation = Recommendation.objects.create(
        **{"roundtable": roundtable, "number": number, "slug": f"recommendation-{number}", **names, **fields}
    )
    index(recommendation)
    return recommendation


def make_signed_endorsement(
    organisation: Any = None, recommendation: Any = None, **fields: Any
) -> Endorsement:
    """A confirmed endorsement with its signed page (no bytes on disk)."""
    number = next(numbers)
    organisation = organisation or make_municipality()
    person = fields.pop("submitted_by", None) or make_representative(organisation=organisation).person
    page = StoredFile.objects.create(
        name="page.pdf",
        kind=FileKind.PDF,
        content_type="application/pdf",
        size=1,
        sha256=f"{number:064x}",
        blob=f"bb/{number}",
    )
    state = fields.pop("state", EndorsementState.CONFIRMED)
    answered = (
        {}
        if state == EndorsementState.WAITING
        else {"answered_at": timezone.now(), "answered_by": make_admin()}
    )
    return Endorsement.objects.create(
        **{
            "organisation": organisation,
            "recommendation": recommendation or make_recommendation(),
            "stance": Stance.ENDORSES,
            "mandate": Mandate.MAYOR,
            "decided_on": timezone.localdate(),
            "signed_page": page,
            "state": state,
            "submitted_by": person,
            **answered,
            **fields,
        }
    )
