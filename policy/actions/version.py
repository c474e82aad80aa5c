"""A recommendation from its draft to the word of the network: begun, worded, adopted, withdrawn."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from munistem.commons import audit
from munistem.commons.search.actions import index
from policy import rules
from policy.emails import consultation as emails
from policy.enums import VersionState
from policy.models import Recommendation, RecommendationVersion, Roundtable, VersionSource, VersionStep
from policy.models.version import TEXTS, in_words
from policy.models.words import CODES

#: What a draft takes from the version before it.
CARRIED = tuple(f"{field}_{code}" for field in TEXTS for code in CODES)
CARRIED += ("life_stages", "indicators", "hebrew_since", "translated_from_ar", "translated_from_en")

#: What a later version overtakes.
SPOKEN = (VersionState.ADOPTED, VersionState.CONSULTATION)


class OutOfTurn(Exception):
    """The version is not (or no longer) in the state that the deed needs, or the person may not."""


class AddressTaken(Exception):
    """Another recommendation has this address."""


class Stale(Exception):
    """The draft was saved by someone else since the form was opened."""


def lock(recommendation_id: int) -> Recommendation:
    """The recommendation's row, so that what becomes of its versions happens one after another."""
    rows = Recommendation.objects.select_for_update(of=("self",), no_key=True).select_related("roundtable")
    return rows.without_index().get(pk=recommendation_id)


def take(version: RecommendationVersion) -> RecommendationVersion:
    """The version anew, its recommendation locked first."""
    recommendation = lock(version.recommendation_id)
    row = RecommendationVersion.objects.get(pk=version.pk)
    row.recommendation = recommendation
    return row


def step(version: RecommendationVersion, state: VersionState, *, by: Any, reason: str = "") -> None:
    """Put a version into a state and note when, by whom and why."""
    version.state = state
    version.was_adopted = version.was_adopted or state == VersionState.ADOPTED
    version.save(update_fields=["state", "was_adopted"])
    VersionStep.objects.create(version=version, state=state, taken_by=by, reason=reason)


@transaction.atomic
def begin(
    *, by: Any, roundtable: Roundtable, slug: str, number: int | None = None, **worded: Any
) -> RecommendationVersion:
    """A new recommendation, seen by who convenes its roundtable, with the draft of its first version.

    worded: fields of the version. Raises OutOfTurn when the person may not, AddressTaken.
    """
    if by is not None and not rules.can_keep_roundtable(by, roundtable):
        raise OutOfTurn
    Roundtable.objects.select_for_update(no_key=True).get(pk=roundtable.pk)
    if Recommendation.objects.filter(slug=slug).exists():
        raise AddressTaken
    if number is None:
        number = (roundtable.recommendations.aggregate(last=Max("number"))["last"] or 0) + 1
    shown = {name: worded[name] for name in worded if name.startswith(("title_", "summary_"))}
    recommendation = Recommendation.objects.create(roundtable=roundtable, number=number, slug=slug, **shown)
    translated = {f"translated_from_{code}": 1 for code in ("ar", "en") if worded.get(f"title_{code}")}
    version = RecommendationVersion.objects.create(
        recommendation=recommendation, number=1, written_by=by, **{**translated, **worded}
    )
    VersionStep.objects.create(version=version, state=VersionState.DRAFT, taken_by=by)
    audit.record("create_recommendation", recommendation, by=by)
    return version


@transaction.atomic
def draft_next(*, by: Any, recommendation: Recommendation) -> RecommendationVersion:
    """The draft of the next version, which begins with the words of the latest; the draft at hand, if there is one.

    Raises OutOfTurn when the person may not.
    """
    recommendation = lock(recommendation.pk)
    if not rules.can_keep_roundtable(by, recommendation.roundtable):
        raise OutOfTurn
    latest = recommendation.versions.latest_first()[0]
    if latest.state == VersionState.DRAFT:
        return latest
    carried = {name: getattr(latest, name) for name in CARRIED}
    version = RecommendationVersion.objects.create(
        recommendation=recommendation, number=latest.number + 1, written_by=by, **carried
    )
    version.populations.set(latest.populations.all())
    VersionSource.objects.bulk_create(
        VersionSource(version=version, contribution_id=pk)
        for pk in latest.sources.values_list("contribution", flat=True)
    )
    VersionStep.objects.create(version=version, state=VersionState.DRAFT, taken_by=by)
    audit.record("draft_version", recommendation, by=by, number=version.number)
    return version


@transaction.atomic
def write(
    *,
    by: Any,
    version: RecommendationVersion,
    edition: int,
    texts: Mapping[str, str],
    life_stages: list[str],
    populations: Iterable[Any],
    indicators: list[str],
    follows: Iterable[str] = (),
) -> RecommendationVersion:
    """Word a draft.

    edition: the one that the form was opened with. texts: fields like ``title_he``. follows: languages whose text is said to
    follow the Hebrew of now. Raises OutOfTurn when it is no draft or the person may not, Stale.
    """
    row = take(version)
    if not rules.can_write_version(by, row):
        raise OutOfTurn
    if row.edition != edition:
        raise Stale
    for name, text in texts.items():
        setattr(row, name, text)
    row.life_stages, row.indicators = life_stages, indicators
    row.edition, row.written_by, row.written_at = row.edition + 1, by, timezone.now()
    before = row.recommendation.versions.filter(number__lt=row.number).latest_first().first()
    is_same = before is not None and before.words("he") == row.words("he")
    row.hebrew_since = before.hebrew_since if before and is_same else row.number
    for code in ("ar", "en"):
        name = f"translated_from_{code}"
        if not row.is_translated(code):
            setattr(row, name, None)
        elif code in follows:
            setattr(row, name, row.number)
        else:
            setattr(row, name, getattr(before, name) if before else None)
    row.save()
    row.populations.set(populations)
    if row.recommendation.current_version_id is None:
        show(row)
    audit.record("write_version", row.recommendation, by=by, number=row.number)
    return row


@transaction.atomic
def adopt(*, by: Any, version: RecommendationVersion, reason: str = "") -> RecommendationVersion:
    """Make a version the word of the network; those before it stand superseded, and everyone can read it.

    by: an admin; None when the network is founded. Raises OutOfTurn.
    """
    row = take(version)
    if by is not None and not rules.can_adopt_version(by, row):
        raise OutOfTurn
    supersede(row, by=by)
    step(row, VersionState.ADOPTED, by=by, reason=reason)
    recommendation = row.recommendation
    recommendation.current_version, recommendation.is_published = row, True
    show(row)
    index(recommendation)
    audit.record("adopt_version", recommendation, by=by, number=row.number)
    if by is not None:
        emails.tell_endorsers(row, by=by)
    return row


def supersede(row: RecommendationVersion, *, by: Any, states: tuple[VersionState, ...] = SPOKEN) -> None:
    """What was said before stands behind this version."""
    for earlier in row.recommendation.versions.filter(number__lt=row.number, state__in=states):
        step(earlier, VersionState.SUPERSEDED, by=by)


def show(row: RecommendationVersion) -> None:
    """Give the recommendation the words of a version, for lists, search and the API."""
    recommendation = row.recommendation
    for name, text in {**in_words(row), "life_stages": row.life_stages}.items():
        setattr(recommendation, name, text)
    recommendation.save(
        update_fields=["current_version", "is_published", "life_stages", *in_words(row)],
    )


@transaction.atomic
def withdraw(*, by: Any, version: RecommendationVersion, reason: str) -> RecommendationVersion:
    """Say that the network no longer stands by the version in force; it stays to be read. Raises OutOfTurn."""
    row = take(version)
    if not rules.can_withdraw_version(by, row):
        raise OutOfTurn
    step(row, VersionState.WITHDRAWN, by=by, reason=reason)
    audit.record("withdraw_version", row.recommendation, by=by, number=row.number, reason=reason)
    return row
