"""Endorsements as they are given, read, reported on and revoked, and as an admin answers them."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from munistem.commons.files.models import StoredFile
from munistem.commons.notices.models import Notice
from policy.enums import EndorsementState, Mandate, Progress, Stance
from policy.models import Endorsement, ProgressReport
from tests.commons.factories import pdf, uploaded
from tests.members.factories import (
    make_admin,
    make_member,
    make_municipality,
    make_representative,
)
from tests.policy.factories import (
    make_endorsement,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_pages")]


TOMORROW = (timezone.localdate() + timedelta(days=2)).isoformat()


def leave(client):
    """Become a visitor who still reads English."""
    client.logout()
    client.cookies["django_language"] = "en"


def answer(**fields):
    given = {
        "stance": Stance.ENDORSES,
        "mandate": Mandate.MAYOR,
        "decided_on": timezone.localdate().isoformat(),
        "responsible": "Dana Levi, head of education",
        "first_actions": "Name a manager",
        "target_on": (timezone.localdate() + timedelta(days=300)).isoformat(),
        "nonce": str(uuid4()),
        **fields,
    }
    if given["stance"] != Stance.ENDORSES:
        given.setdefault("explanation", "The council meets in May.")
    return {name: value for name, value in given.items() if value is not None}


# Reading -----------------------------------------------------------------------------------------------


def test_names_of_people_and_the_signed_page_are_not_for_visitors(read, client, town):
    endorsement = make_endorsement(town)
    endorsement.submitted_by.name = "Private Person"
    endorsement.submitted_by.save()
    page = read(endorsement.get_absolute_url())
    assert "Private Person" not in page
    assert "signed.pdf" not in page
    client.force_login(make_member())
    page = read(endorsement.get_absolute_url())
    assert "Private Person" in page
    assert "signed.pdf" not in page
    client.force_login(make_representative(organisation=town).person)
    assert "signed.pdf" in read(endorsement.get_absolute_url())


def test_reading_the_answer_marks_its_notice_read(client, read, person, town, recommendation):
    admin = make_admin()
    client.post(f"{recommendation.get_absolute_url()}endorse/", answer(stance=Stance.CONSIDERING))
    endorsement = Endorsement.objects.get()
    client.force_login(admin)
    assert Notice.objects.visible_to(admin).unread().exists()
    assert "This answer waits for you." in read(endorsement.get_absolute_url())
    assert not Notice.objects.visible_to(admin).unread().exists()


# Answering ---------------------------------------------------------------------------------------------


def test_whole_way_of_an_endorsement(client, read, person, town, recommendation):
    url = f"{recommendation.get_absolute_url()}endorse/"
    assert "On whose decision?" in read(url)
    response = client.post(url, answer(signed_page=uploaded("declaration.pdf", pdf())))
    endorsement = Endorsement.objects.get()
    assert response["Location"] == endorsement.get_absolute_url()
    assert "Only your colleagues and the admins see it until then." in read(endorsement.get_absolute_url())
    client.force_login(make_admin())
    response = client.post(f"{endorsement.get_absolute_url()}answer/", {"answer": "confirm"}, follow=True)
    assert "Confirmed. The municipality is told." in response.content.decode()
    client.force_login(person)
    response = client.post(
        f"{endorsement.get_absolute_url()}report/",
        {
            "status": Progress.STUCK,
            "body": "No budget yet.",
            "evidence": uploaded("minutes.pdf", pdf()),
            "evidence_url": "example.org/minutes",
            "nonce": str(uuid4()),
        },
        follow=True,
    )
    page = response.content.decode()
    for part in ("No budget yet.", "minutes.pdf", "https://example.org/minutes", "Stuck"):
        assert part in page
    leave(client)
    for place in (recommendation.get_absolute_url(), "/policy/adoption/", town.get_absolute_url()):
        assert "Sandhill" in read(place)


def test_returned_answer_is_corrected_and_replaces_nothing(client, read, person, town, recommendation):
    waiting = make_endorsement(town, recommendation, state=EndorsementState.WAITING, submitted_by=person)
    client.force_login(make_admin())
    url = f"{waiting.get_absolute_url()}answer/"
    response = client.post(url, {"answer": "return", "reason": " "})
    assert response.status_code == 200
    assert "Write a sentence on why." in response.content.decode()
    client.post(url, {"answer": "return", "reason": "The page is not signed."})
    client.post(url, {"answer": "confirm"})
    waiting.refresh_from_db()
    assert waiting.state == EndorsementState.RETURNED
    client.force_login(person)
    assert "The page is not signed." in read(waiting.get_absolute_url())
    client.post(
        f"{recommendation.get_absolute_url()}endorse/", answer(signed_page=uploaded("again.pdf", pdf()))
    )
    assert Endorsement.objects.waiting().count() == 1


def test_only_admins_answer_and_strangers_learn_nothing(client, person, town):
    waiting = make_endorsement(town, state=EndorsementState.WAITING)
    url = f"{waiting.get_absolute_url()}answer/"
    assert client.post(url, {"answer": "confirm"}).status_code == 403
    client.force_login(make_member())
    assert client.post(url, {"answer": "confirm"}).status_code == 404
    waiting.refresh_from_db()
    assert waiting.state == EndorsementState.WAITING


def test_one_form_sent_twice_counts_once(client, person, recommendation):
    url = f"{recommendation.get_absolute_url()}endorse/"
    given = answer(stance=Stance.CONSIDERING)
    first, second = client.post(url, given), client.post(url, given)
    other = client.post(url, answer(stance=Stance.NOT_RELEVANT))
    assert first["Location"] == second["Location"] == other["Location"]
    assert Endorsement.objects.count() == 1
    assert client.get(url)["Location"] == first["Location"]


def test_representative_of_two_towns_chooses_for_which(client, read, person, town, recommendation):
    other = make_municipality(name_en="Lakeside")
    make_representative(person, other)
    url = f"{recommendation.get_absolute_url()}endorse/"
    assert "For whom do you answer?" in read(url)
    client.post(url, answer(stance=Stance.CONSIDERING, organisation=other.pk))
    assert Endorsement.objects.get().organisation == other
    stranger = make_municipality()
    response = client.post(url, answer(stance=Stance.CONSIDERING, organisation=stranger.pk))
    assert response.status_code == 200
    assert Endorsement.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"stance": None}, "Choose an answer."),
        ({"stance": "loves"}, "Select a valid choice"),
        ({"mandate": None}, "Say who decided it."),
        ({"mandate": "king"}, "Select a valid choice"),
        ({"decided_on": None}, "Give the date of the decision."),
        ({"decided_on": "soon"}, "This date could not be read."),
        ({"decided_on": TOMORROW}, "This day is still to come."),
        ({"decided_on": "0001-01-01"}, "This date lies too far back."),
        ({"decided_on": "99999-01-01"}, "This date could not be read."),
        ({"signed_page": None}, "Attach the signed page."),
        ({"responsible": " "}, "Name the person who is responsible."),
        ({"first_actions": ""}, "Name at least one first action."),
        ({"target_on": ""}, "Give the day by which"),
        ({"target_on": "2020-01-01"}, "This day has passed."),
        ({"target_on": "2999-01-01"}, "This date lies too far ahead."),
        ({"stance": Stance.CONSIDERING, "explanation": " "}, "Write a sentence on why."),
        ({"stance": Stance.NOT_RELEVANT, "explanation": "x" * 2001}, "Shorten it."),
    ],
)
def test_what_is_missing_or_odd_gets_clear_words_and_keeps_the_rest(
    client, person, recommendation, fields, words
):
    given = {"signed_page": uploaded("declaration.pdf", pdf()), "explanation": "Kept words", **fields}
    response = client.post(f"{recommendation.get_absolute_url()}endorse/", answer(**given))
    page = response.content.decode()
    assert response.status_code == 200
    assert words in page
    if "explanation" not in fields:
        assert "Kept words" in page
    assert not Endorsement.objects.exists()
    assert not StoredFile.objects.exists()


def test_signed_page_is_a_pdf_or_a_picture(client, person, recommendation):
    url = f"{recommendation.get_absolute_url()}endorse/"
    for file in (uploaded("page.pdf", b"<script>alert(1)</script>"), uploaded("page.txt", b"We endorse it")):
        response = client.post(url, answer(signed_page=file))
        assert response.status_code == 200
        assert "The file has to be chosen again" in response.content.decode()
    assert not Endorsement.objects.exists()


def test_odd_signs_in_words_are_made_harmless(client, person, town, recommendation):
    client.post(
        f"{recommendation.get_absolute_url()}endorse/",
        answer(stance=Stance.CONSIDERING, explanation="A\u202eB <script>alert(1)</script>", nonce="no-uuid"),
    )
    endorsement = Endorsement.objects.get()
    assert endorsement.explanation == "AB <script>alert(1)</script>"
    page = client.get(endorsement.get_absolute_url()).content.decode()
    assert "<script>alert" not in page


# Reporting and revoking --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"status": ""}, "Choose where it stands."),
        ({"status": "splendid"}, "Select a valid choice"),
        ({"body": ""}, "Write a sentence or two."),
        ({"evidence_url": "javascript:alert(1)"}, "This is no web address."),
        ({"evidence_url": "http://[bad"}, "This is no web address."),
    ],
)
def test_report_with_odd_fields_is_given_back(client, person, town, fields, words):
    endorsement = make_endorsement(town)
    given = {"status": Progress.DONE, "body": "Finished.", **fields}
    response = client.post(f"{endorsement.get_absolute_url()}report/", given)
    assert response.status_code == 200
    assert words in response.content.decode()
    assert not ProgressReport.objects.exists()


def test_revoking_asks_for_a_reason_and_takes_it_off_every_page(client, read, person, town, recommendation):
    endorsement = make_endorsement(town, recommendation)
    url = f"{endorsement.get_absolute_url()}revoke/"
    assert "no longer stand among those who answered" in read(url)
    assert "Write a sentence on why." in client.post(url, {"reason": ""}).content.decode()
    assert client.post(url, {"reason": "The council changed."}).status_code == 302
    assert client.post(url, {"reason": "Again"}).status_code == 403
    assert "The council changed." in read(endorsement.get_absolute_url())
    leave(client)
    read(endorsement.get_absolute_url(), 404)
    assert "Sandhill" not in read(recommendation.get_absolute_url())


# The admin ---------------------------------------------------------------------------------------------


def test_admin_confirms_and_returns_in_the_django_admin(client, read, town, recommendation):
    staff = make_admin(is_superuser=False)
    client.force_login(staff)
    row = make_endorsement(town, recommendation, state=EndorsementState.WAITING)
    url = f"/admin/policy/endorsement/{row.pk}/change/"
    assert "signed.pdf" in read(url)
    assert "Write a sentence on why." in client.post(url, {"decision": "return"}).content.decode()
    client.post(url, {"decision": "return", "remarks": "The page is not signed."})
    row.refresh_from_db()
    assert (row.state, row.reason) == (EndorsementState.RETURNED, "The page is not signed.")
    again = make_endorsement(town, recommendation, state=EndorsementState.WAITING)
    chosen = {"action": "confirm_chosen", "_selected_action": [again.pk, row.pk]}
    client.post("/admin/policy/endorsement/", chosen)
    again.refresh_from_db()
    row.refresh_from_db()
    assert (again.state, again.answered_by) == (EndorsementState.CONFIRMED, staff)
    assert row.state == EndorsementState.RETURNED
    assert "Decide later" not in read(f"/admin/policy/endorsement/{again.pk}/change/")
