"""What each deed changes, whom it tells, what it refuses; and that haste changes nothing."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from members.models import Organisation, User
from munistem.commons.audit.models import AuditEvent
from munistem.commons.files.models import StoredFile
from munistem.commons.notices.models import Event, Notice
from policy.actions import answer, decide, keep, report, version
from policy.enums import EndorsementState, Mandate, Progress, Stance
from policy.models import Endorsement, ProgressReport, Recommendation
from tests.commons.factories import pdf, uploaded
from tests.knowledge.factories import make_item
from tests.members.factories import (
    make_admin,
    make_member,
    make_municipality,
    make_organisation,
    make_representative,
    make_user,
)
from tests.moments import at_once
from tests.notices import told
from tests.policy.factories import make_endorsement, make_recommendation, make_report, make_version

pytestmark = pytest.mark.django_db


@pytest.fixture
def town():
    return make_municipality()


@pytest.fixture
def person(town):
    return make_representative(organisation=town).person


@pytest.fixture
def recommendation():
    return make_recommendation()


def page():
    return uploaded("signed.pdf", pdf())


def endorsed(person, town, recommendation, **fields):
    given = {
        "stance": Stance.ENDORSES,
        "mandate": Mandate.COUNCIL,
        "decided_on": timezone.localdate(),
        "signed_page": page(),
        **fields,
    }
    return answer.endorse(by=person, organisation=town, recommendation=recommendation, **given)


def considered(person, town, recommendation, **fields):
    given = {"stance": Stance.CONSIDERING, "explanation": "The council meets in May.", **fields}
    return answer.endorse(by=person, organisation=town, recommendation=recommendation, **given)


# Answering -----------------------------------------------------------------------------------------------


def test_endorsement_waits_with_its_page_and_tells_the_admins(person, town, recommendation):
    make_admin(name="Admin")
    make_admin(name="Gone", is_active=False)
    make_user(name="Curator", is_knowledge_manager=True)
    endorsement = endorsed(person, town, recommendation)
    endorsement.refresh_from_db()
    assert endorsement.state == EndorsementState.WAITING
    assert (endorsement.mandate, endorsement.submitted_by) == (Mandate.COUNCIL, person)
    assert endorsement.signed_page.name == "signed.pdf"
    assert told("endorsement_submitted") == ["Admin"]
    assert AuditEvent.objects.filter(deed="endorse", actor=person).count() == 1


def test_other_answers_keep_their_reason_and_no_mandate(person, town, recommendation):
    row = considered(person, town, recommendation, mandate=Mandate.MAYOR, decided_on=timezone.localdate())
    assert (row.mandate, row.decided_on, row.signed_page) == ("", None, None)
    assert row.explanation == "The council meets in May."


def test_form_sent_again_answers_with_what_it_made(person, town, recommendation):
    nonce = uuid4()
    first = endorsed(person, town, recommendation, nonce=nonce)
    assert endorsed(person, town, recommendation, nonce=nonce) == first
    assert StoredFile.objects.count() == 1


def test_second_answer_is_refused_while_one_waits(person, town, recommendation):
    first = considered(person, town, recommendation)
    with pytest.raises(answer.StillWaiting) as refusal:
        endorsed(person, town, recommendation)
    assert refusal.value.endorsement == first


def test_only_representatives_of_a_municipality_answer(person, town, recommendation):
    company = make_organisation()
    agent = make_representative(organisation=company).person
    for who, organisation in ((make_member(), town), (agent, company), (make_admin(), town)):
        with pytest.raises(answer.NoMandate):
            considered(who, organisation, recommendation)
    assert not Endorsement.objects.exists()


def test_decision_of_tomorrow_is_refused(person, town, recommendation):
    with pytest.raises(answer.DecidedTomorrow):
        endorsed(person, town, recommendation, decided_on=timezone.localdate() + timedelta(days=1))


@pytest.mark.parametrize("missing", ["mandate", "decided_on", "signed_page"])
def test_database_refuses_an_endorsement_without_its_mandate(person, town, recommendation, missing):
    with pytest.raises(IntegrityError), transaction.atomic():
        endorsed(person, town, recommendation, **{missing: "" if missing == "mandate" else None})


def test_database_refuses_other_answers_without_a_reason(person, town, recommendation):
    with pytest.raises(IntegrityError), transaction.atomic():
        considered(person, town, recommendation, explanation="")


# Deciding ------------------------------------------------------------------------------------------------


def test_confirmed_answer_is_in_force_and_told_to_who_sent_it(
    person, town, recommendation, run_jobs, mailoutbox
):
    admin = make_admin(name="Admin")
    make_admin(name="Other")
    row = endorsed(person, town, recommendation)
    decide.confirm(by=admin, endorsement=row)
    row.refresh_from_db()
    assert (row.state, row.answered_by) == (EndorsementState.CONFIRMED, admin)
    assert told("endorsement_confirmed") == [person.name]
    assert not Notice.objects.filter(event__kind="endorsement_submitted").unread().exists()
    run_jobs()
    assert [mail.to for mail in mailoutbox] == [[person.email]]
    assert "was confirmed" in mailoutbox[0].subject


def test_returned_answer_brings_its_reason_and_can_be_sent_again(person, town, recommendation):
    admin = make_admin()
    row = endorsed(person, town, recommendation)
    decide.return_with_reason(by=admin, endorsement=row, reason="The page is not signed.")
    row.refresh_from_db()
    assert (row.state, row.reason) == (EndorsementState.RETURNED, "The page is not signed.")
    assert told("endorsement_returned") == [person.name]
    assert Event.objects.get(kind="endorsement_returned").data["why"] == "The page is not signed."
    again = endorsed(person, town, recommendation)
    assert again.pk != row.pk


def test_new_answer_stands_beside_the_old_one_until_it_is_confirmed(person, town, recommendation):
    admin = make_admin()
    old = decide.confirm(by=admin, endorsement=considered(person, town, recommendation))
    new = endorsed(person, town, recommendation)
    assert [row.pk for row in Endorsement.objects.in_force()] == [old.pk]
    decide.confirm(by=admin, endorsement=new)
    old.refresh_from_db()
    assert (old.state, old.ended_by) == (EndorsementState.REPLACED, admin)
    assert [row.pk for row in Endorsement.objects.endorsing()] == [new.pk]


def test_each_answer_is_decided_once(person, town, recommendation):
    admin = make_admin()
    row = endorsed(person, town, recommendation)
    decide.confirm(by=admin, endorsement=row)
    for deed in (
        lambda: decide.confirm(by=admin, endorsement=row),
        lambda: decide.return_with_reason(by=admin, endorsement=row, reason="No"),
    ):
        with pytest.raises(answer.TooLate):
            deed()
    assert told("endorsement_confirmed") == [person.name]


def test_only_admins_decide(person, town, recommendation):
    row = endorsed(person, town, recommendation)
    for who in (person, make_user(is_knowledge_manager=True)):
        with pytest.raises(answer.TooLate):
            decide.confirm(by=who, endorsement=row)


def test_revoked_answer_is_out_of_force_and_everyone_concerned_is_told(person, town, recommendation):
    admin = make_admin(name="Admin")
    row = decide.confirm(by=admin, endorsement=endorsed(person, town, recommendation))
    colleague = make_representative(organisation=town).person
    answer.revoke(by=colleague, endorsement=row, reason="The new council decided otherwise.")
    row.refresh_from_db()
    assert (row.state, row.ended_by) == (EndorsementState.REVOKED, colleague)
    assert row.answered_by == admin
    assert told("endorsement_revoked") == sorted(["Admin", person.name])
    assert not Endorsement.objects.in_force().exists()
    with pytest.raises(answer.TooLate):
        answer.revoke(by=colleague, endorsement=row, reason="Again")
    endorsed(person, town, recommendation)


def test_waiting_answer_can_be_taken_back(person, town, recommendation):
    make_admin()
    row = endorsed(person, town, recommendation)
    answer.revoke(by=person, endorsement=row, reason="A wrong page")
    assert not Notice.objects.filter(event__kind="endorsement_submitted").unread().exists()
    assert told("endorsement_revoked") == []


# Reporting -----------------------------------------------------------------------------------------------


def test_report_is_kept_with_its_evidence_once(person, town, recommendation):
    row = make_endorsement(town, recommendation, submitted_by=person)
    given = {"status": Progress.UNDER_WAY, "body": "Two schools have begun.", "nonce": uuid4()}
    first = report.report_progress(by=person, endorsement=row, evidence=page(), **given)
    assert first.evidence.name == "signed.pdf"
    assert report.report_progress(by=person, endorsement=row, evidence=page(), **given) == first
    assert ProgressReport.objects.count() == 1
    with pytest.raises(answer.TooLate):
        report.report_progress(by=make_member(), endorsement=row, status=Progress.DONE, body="Done")


def test_report_is_due_once_a_period_opened(town):
    row = make_endorsement(town)
    make_endorsement(town, stance=Stance.ALREADY_DOING)
    assert list(Endorsement.objects.due_for_report()) == []
    long_ago = timezone.now() - timedelta(days=400)
    Endorsement.objects.update(answered_at=long_ago)
    assert list(Endorsement.objects.due_for_report()) == [row]
    made = make_report(row)
    assert list(Endorsement.objects.due_for_report()) == []
    ProgressReport.objects.filter(pk=made.pk).update(reported_at=long_ago)
    assert list(Endorsement.objects.due_for_report()) == [row]


def test_latest_report_of_each_answer():
    first, second = make_endorsement(), make_endorsement()
    make_report(first)
    latest, other = make_report(first), make_report(second)
    assert set(ProgressReport.objects.latest_of_each()) == {latest, other}


# Keeping -------------------------------------------------------------------------------------------------


def test_items_are_linked_once_and_unlinked(recommendation):
    curator, first, second = make_user(is_knowledge_manager=True), make_item(), make_item()
    for item in (first, second, first):
        keep.link_item(by=curator, recommendation=recommendation, item=item)
    links = recommendation.item_links.in_order()
    assert list(links.values_list("item", "position")) == [(first.pk, 0), (second.pk, 1)]
    keep.unlink_item(by=curator, recommendation=recommendation, item=first)
    keep.unlink_item(by=curator, recommendation=recommendation, item=first)
    assert list(links.values_list("item", flat=True)) == [second.pk]
    assert AuditEvent.objects.filter(deed__in=["link_item", "unlink_item"]).count() == 3


def test_recommendation_is_found_by_the_words_of_its_new_version(recommendation):
    make_version(recommendation, summary_en="A heptagonal thought")
    version.adopt(by=make_admin(), version=recommendation.versions.latest_first()[0])
    assert list(Recommendation.objects.matching("heptagonal")) == [recommendation]


def test_changed_organisation_is_found_by_its_new_words(town):
    keep.edit_organisation(by=make_admin(), organisation=town, about="We build an observatory", website="")
    assert list(Organisation.objects.matching("observatory")) == [town]


# Haste ---------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_one_form", [True, False], ids=["one form", "ten forms"])
def test_ten_endorsements_at_once_make_one(person, town, recommendation, is_one_form):
    make_admin()
    nonce = uuid4()

    def send():
        return endorsed(
            User.objects.get(pk=person.pk), town, recommendation, nonce=nonce if is_one_form else uuid4()
        ).pk

    answers = at_once(*[send] * 10)
    made = Endorsement.objects.get()
    if is_one_form:
        assert answers == [made.pk] * 10
    else:
        assert sum(one == made.pk for one in answers) == 1
        assert sum(isinstance(one, answer.StillWaiting) for one in answers) == 9
    assert StoredFile.objects.count() == Event.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_confirming_against_returning_gives_one_decision(person, town, recommendation):
    admins = [make_admin(), make_admin()]
    row = endorsed(person, town, recommendation)
    deeds = [
        lambda: decide.confirm(by=User.objects.get(pk=admins[0].pk), endorsement=row).state,
        lambda: (
            decide.return_with_reason(
                by=User.objects.get(pk=admins[1].pk), endorsement=row, reason="No"
            ).state
        ),
    ] * 4
    answers = at_once(*deeds)
    assert sum(isinstance(one, answer.TooLate) for one in answers) == 7
    row.refresh_from_db()
    assert row.state in answers
    assert Event.objects.exclude(kind="endorsement_submitted").count() == 1
