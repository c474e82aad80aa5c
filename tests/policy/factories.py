"""The smallest valid roundtables, recommendations, answers to them and reports."""

import itertools
from datetime import timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.utils import timezone

from knowledge.actions.keep import history_told
from members.enums import OrganisationType
from munistem.commons.files.models import FileKind, FileState, StoredFile
from munistem.commons.search.actions import index
from policy.enums import EndorsementState, Mandate, Progress, Stance, VersionState
from policy.models import (
    Consultation,
    ConsultationComment,
    Contribution,
    Endorsement,
    EndorsementShare,
    ProgressReport,
    Recommendation,
    RecommendationItem,
    RecommendationVersion,
    Roundtable,
    RoundtableSeat,
    VersionSource,
    VersionStep,
)
from policy.models.endorsement import DECIDED, ENDED
from policy.models.version import ONCE_ADOPTED
from policy.models.words import CODES, SAID
from tests.knowledge.factories import make_item
from tests.members.factories import make_admin, make_municipality, make_organisation, make_representative

numbers = itertools.count(1)


def make_roundtable(**fields: Any) -> Roundtable:
    number = next(numbers)
    return Roundtable.objects.create(
        **{
            "slug": f"roundtable-{number}",
            "title_he": f"שולחן {number}",
            "title_ar": f"طاولة {number}",
            "title_en": f"Roundtable {number}",
            "question_en": "What can a municipality do?",
            **fields,
        }
    )


def make_recommendation(**fields: Any) -> Recommendation:
    """A published recommendation with an adopted version, of a roundtable of its own unless one is given."""
    is_published = fields.pop("is_published", True)
    recommendation = make_bare_recommendation(**fields)
    version = make_version(recommendation, state=VersionState.ADOPTED)
    recommendation.current_version, recommendation.is_published = version, is_published
    recommendation.save()
    index(recommendation)
    return recommendation


def make_bare_recommendation(**fields: Any) -> Recommendation:
    """A recommendation without any version, known to admins alone."""
    number = next(numbers)
    return Recommendation.objects.create(
        **{
            "roundtable": fields.pop("roundtable", None) or make_roundtable(),
            "number": number,
            "slug": f"recommendation-{number}",
            "title_he": f"המלצה {number}",
            "title_ar": f"توصية {number}",
            "title_en": f"Recommendation {number}",
            "summary_en": "What it is about.",
            "rationale_en": "The first reason.\n\nThe second reason.",
            "actions_en": "Do this first\nThen do that",
            "life_stages": ["primary"],
            **fields,
        }
    )


def make_version(
    recommendation: Recommendation | None = None, state: str = VersionState.DRAFT, **fields: Any
) -> RecommendationVersion:
    """The next version of a recommendation, in its words unless told otherwise; a draft unless told otherwise."""
    recommendation = recommendation or make_bare_recommendation()
    number = recommendation.versions.count() + 1
    worded = {
        f"{field}_{code}": getattr(recommendation, f"{field}_{code}") for field in SAID for code in CODES
    }
    version = RecommendationVersion.objects.create(
        recommendation=recommendation,
        state=state,
        was_adopted=fields.pop("was_adopted", state in ONCE_ADOPTED),
        **{
            "number": number,
            "life_stages": recommendation.life_stages,
            "translated_from_ar": number,
            "translated_from_en": number,
            **worded,
            **fields,
        },
    )
    VersionStep.objects.create(
        version=version, state=state, reason="Overtaken." if state == VersionState.WITHDRAWN else ""
    )
    return version


def make_signed_page(by: Any = None, name: str = "signed.pdf") -> StoredFile:
    """A stored file with a few bytes."""
    number = next(numbers)
    stored = StoredFile(
        name=name,
        kind=FileKind.PDF,
        content_type="application/pdf",
        size=8,
        sha256=f"{number:064x}",
        state=FileState.READY,
        uploaded_by=by,
    )
    stored.blob.save(name, ContentFile(b"%PDF-1.4"), save=False)
    stored.save()
    return stored


def make_endorsement(organisation: Any = None, recommendation: Any = None, **fields: Any) -> Endorsement:
    """A confirmed endorsement of a municipality unless told otherwise (``state=``, ``stance=`` …)."""
    organisation = organisation or make_municipality()
    person = fields.pop("submitted_by", None) or make_representative(organisation=organisation).person
    state = fields.pop("state", EndorsementState.CONFIRMED)
    stance = fields.pop("stance", Stance.ENDORSES)
    values: dict[str, Any] = {"explanation": "Because of the budget."}
    if stance == Stance.ENDORSES:
        values = {"mandate": Mandate.COUNCIL, "decided_on": timezone.localdate()}
        values["signed_page"] = fields.pop("signed_page", None) or make_signed_page(person)
    if state in DECIDED:
        by = fields.pop("answered_by", None) or make_admin()
        values |= {"answered_at": timezone.now(), "answered_by": by}
    if state in ENDED:
        values |= {"ended_at": timezone.now(), "ended_by": person}
    if state == EndorsementState.RETURNED:
        values["reason"] = "The page is not signed."
    if state == EndorsementState.REVOKED:
        values["ended_reason"] = "The new council decided otherwise."
    recommendation = recommendation or make_recommendation()
    version = fields.pop("version", None) or recommendation.current_version
    return Endorsement.objects.create(
        organisation=organisation,
        recommendation=recommendation,
        version=version,
        stance=stance,
        state=state,
        submitted_by=person,
        **{**values, **fields},
    )


def make_share(
    organisation: Any = None, endorsement: Endorsement | None = None, **fields: Any
) -> EndorsementShare:
    """A municipality's share in the joint endorsement of a cluster, not answered unless told otherwise."""
    endorsement = endorsement or make_endorsement(make_organisation(type=OrganisationType.CLUSTER))
    organisation = organisation or make_municipality()
    return EndorsementShare.objects.create(endorsement=endorsement, organisation=organisation, **fields)


def make_report(endorsement: Endorsement | None = None, **fields: Any) -> ProgressReport:
    endorsement = endorsement or make_endorsement()
    return ProgressReport.objects.create(
        endorsement=endorsement,
        **{
            "status": Progress.UNDER_WAY,
            "body": "Two schools have begun.",
            "reported_by": endorsement.submitted_by,
            **fields,
        },
    )


def make_link(
    recommendation: Recommendation | None = None, item: Any = None, **fields: Any
) -> RecommendationItem:
    return RecommendationItem.objects.create(
        recommendation=recommendation or make_recommendation(), item=item or make_item(), **fields
    )


# Roundtables and consultations ---------------------------------------------------------------------------


def make_consultation(version: RecommendationVersion | None = None, **fields: Any) -> Consultation:
    """A version open to the network for two weeks."""
    version = version or make_version(state=VersionState.CONSULTATION)
    by = fields.pop("opened_by", None) or make_admin()
    return Consultation.objects.create(
        version=version,
        opened_by=by,
        **{"until_on": timezone.localdate() + timedelta(days=14), **fields},
    )


def make_comment(consultation: Consultation | None = None, **fields: Any) -> ConsultationComment:
    consultation = consultation or make_consultation()
    by = fields.pop("written_by", None) or make_representative().person
    return ConsultationComment.objects.create(
        consultation=consultation,
        written_by=by,
        **{"paragraph": "rationale-1", "body": "Say who pays.", "language": "en", **fields},
    )


def make_seat(roundtable: Roundtable | None = None, **fields: Any) -> RoundtableSeat:
    return RoundtableSeat.objects.create(
        roundtable=roundtable or make_roundtable(), **{"name": f"Guest {next(numbers)}", **fields}
    )


def make_contribution(roundtable: Roundtable | None = None, **fields: Any) -> Contribution:
    by = fields.pop("recorded_by", None) or make_admin()
    return Contribution.objects.create(
        roundtable=roundtable or make_roundtable(),
        recorded_by=by,
        **{"text": "We need labs in the neighbourhoods.", "language": "en", **fields},
    )


def make_source(version: RecommendationVersion, contribution: Contribution) -> VersionSource:
    with history_told():
        return VersionSource.objects.create(version=version, contribution=contribution)
