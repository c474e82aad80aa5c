"""Versions of a recommendation: worded, adopted, superseded, withdrawn; past the draft no word changes."""

import pytest
from django.db import IntegrityError, transaction

from knowledge.actions.keep import history_told
from munistem.commons.audit.models import AuditEvent
from policy.actions import answer, version
from policy.enums import Stance, VersionState
from policy.models import Recommendation, RecommendationVersion, VersionStep
from tests.members.factories import make_admin, make_member, make_municipality, make_representative, make_user
from tests.policy.factories import make_recommendation, make_roundtable, make_version

pytestmark = pytest.mark.django_db


@pytest.fixture
def convener():
    return make_user(name="Convener")


@pytest.fixture
def table(convener):
    table = make_roundtable()
    table.conveners.add(convener)
    return table


@pytest.fixture
def draft(convener, table):
    return version.begin(by=convener, roundtable=table, slug="more-labs", title_he="יותר מעבדות")


def worded(draft, by, edition=None, follows=(), **texts):
    return version.write(
        by=by,
        version=draft,
        edition=edition or draft.edition,
        texts=texts,
        life_stages=["primary"],
        populations=[],
        indicators=["girls_share"],
        follows=follows,
    )


def test_recommendation_begins_as_a_draft_of_its_roundtable(draft, table):
    assert (draft.number, draft.state, draft.recommendation.number) == (1, VersionState.DRAFT, 1)
    assert not draft.recommendation.is_published
    assert not Recommendation.objects.visible_to(make_member()).exists()
    assert list(draft.steps.values_list("state", flat=True)) == ["draft"]


def test_adopted_version_is_what_the_network_recommends(draft, convener):
    worded(draft, convener, title_he="עוד מעבדות", summary_he="בכל שכונה")
    admin = make_admin()
    version.adopt(by=admin, version=draft, reason="Decided on Sunday")
    row = Recommendation.objects.get()
    assert (row.is_published, row.current_version, row.title_he) == (True, draft, "עוד מעבדות")
    assert row.life_stages == ["primary"]
    assert list(Recommendation.objects.matching("שכונה")) == [row]
    step = draft.steps.get(state=VersionState.ADOPTED)
    assert (step.taken_by, step.reason) == (admin, "Decided on Sunday")


def test_next_version_begins_with_the_words_of_the_last_and_supersedes_it(convener, table):
    recommendation = make_recommendation(roundtable=table, summary_he="כבר כאן")
    first = recommendation.current_version
    second = version.draft_next(by=convener, recommendation=recommendation)
    assert version.draft_next(by=convener, recommendation=recommendation) == second
    assert (second.number, second.summary_he, second.state) == (2, "כבר כאן", VersionState.DRAFT)
    worded(second, convener, title_he="נוסח שני")
    recommendation.refresh_from_db()
    assert recommendation.title_he == first.title_he
    version.adopt(by=make_admin(), version=second)
    first.refresh_from_db()
    recommendation.refresh_from_db()
    assert (first.state, recommendation.current_version) == (VersionState.SUPERSEDED, second)
    assert recommendation.title_he == "נוסח שני"


def test_only_who_may_words_adopts_and_withdraws(draft, convener):
    for person in (make_member(), make_representative(organisation=make_municipality()).person):
        with pytest.raises(version.OutOfTurn):
            worded(draft, person, title_he="אחר")
    with pytest.raises(version.OutOfTurn):
        version.adopt(by=convener, version=draft)
    adopted = version.adopt(by=make_admin(), version=draft)
    for deed in (
        lambda: version.adopt(by=make_admin(), version=draft),
        lambda: worded(adopted, convener, title_he="אחר"),
        lambda: version.withdraw(by=convener, version=adopted, reason="No"),
    ):
        with pytest.raises(version.OutOfTurn):
            deed()
    assert AuditEvent.objects.filter(deed="adopt_version").count() == 1


def test_stale_form_overwrites_nothing(draft, convener):
    worded(draft, convener, title_he="ראשון")
    with pytest.raises(version.Stale):
        worded(draft, convener, edition=1, title_he="שני")
    assert RecommendationVersion.objects.get().title_he == "ראשון"


def test_withdrawn_recommendation_stays_to_be_read_and_asks_for_no_answer():
    recommendation, town = make_recommendation(), make_municipality()
    person = make_representative(organisation=town).person
    version.withdraw(by=make_admin(), version=recommendation.current_version, reason="The law changed")
    assert recommendation in Recommendation.objects.visible_to(person)
    assert not Recommendation.objects.in_force().exists()
    with pytest.raises(answer.NotInForce):
        answer.endorse(
            by=person,
            organisation=town,
            recommendation=recommendation,
            stance=Stance.CONSIDERING,
            explanation="Soon",
        )


def test_answer_names_the_version_in_force(convener, table):
    recommendation, town = make_recommendation(roundtable=table), make_municipality()
    second = version.draft_next(by=convener, recommendation=recommendation)
    version.adopt(by=make_admin(), version=second)
    given = {"organisation": town, "stance": Stance.CONSIDERING, "explanation": "Soon"}
    row = answer.endorse(
        by=make_representative(organisation=town).person, recommendation=recommendation, **given
    )
    assert row.version == second


# Translations --------------------------------------------------------------------------------------------


def test_translation_of_an_earlier_hebrew_is_outdated_until_it_follows(convener, table):
    recommendation = make_recommendation(roundtable=table)
    second = version.draft_next(by=convener, recommendation=recommendation)
    assert not any(second.is_outdated(code) for code in ("he", "ar", "en"))
    second = worded(second, convener, title_he="נוסח שני", title_ar="صيغة ثانية", follows=["ar"])
    assert [code for code in ("he", "ar", "en") if second.is_outdated(code)] == ["en"]
    version.adopt(by=make_admin(), version=second)
    third = version.draft_next(by=convener, recommendation=recommendation)
    third = worded(third, convener, title_en="A second wording", follows=["en"])
    assert (third.hebrew_since, third.translated_from_ar, third.translated_from_en) == (2, 2, 3)
    assert not any(third.is_outdated(code) for code in ("he", "ar", "en"))


def test_missing_translation_is_missing_and_not_outdated(draft, convener):
    draft = worded(draft, convener, title_he="שלום", follows=["ar", "en"])
    assert (draft.translated_from_ar, draft.is_translated("ar"), draft.is_outdated("ar")) == (
        None,
        False,
        False,
    )


# The lock ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [state for state in VersionState if state != VersionState.DRAFT])
def test_database_refuses_to_change_a_word_past_the_draft(state):
    row = make_version(state=state)
    deeds = [
        lambda: RecommendationVersion.objects.filter(pk=row.pk).update(cost_he="חינם"),
        lambda: RecommendationVersion.objects.filter(pk=row.pk).update(
            state=VersionState.DRAFT, was_adopted=False
        ),
        lambda: VersionStep.objects.filter(version=row).update(reason="Another"),
        lambda: VersionStep.objects.filter(version=row).delete(),
    ]
    for deed in deeds:
        with pytest.raises(IntegrityError, match="cannot be changed"), transaction.atomic():
            deed()
    with history_told():
        RecommendationVersion.objects.filter(pk=row.pk).update(cost_he="חינם")


def test_database_lets_one_version_be_in_force():
    recommendation = make_recommendation()
    with pytest.raises(IntegrityError, match="one_version_in_force"):
        make_version(recommendation, state=VersionState.ADOPTED)
