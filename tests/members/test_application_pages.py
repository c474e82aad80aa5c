"""The way into the network as an applicant walks it: from the first page to the answer, and what is limited."""

import re

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from communities.actions.admission import admit
from communities.models import Membership
from members.actions import application as deeds
from members.enums import ApplicationState, OrganisationType
from members.models import Application, User
from munistem.commons.guards.models import Hit
from tests.communities.factories import make_community
from tests.members.factories import (
    make_admin,
    make_application,
    make_draft,
    make_municipality,
    make_organisation,
    make_user,
)
from tests.visits import link_in

pytestmark = pytest.mark.django_db


CONTACT = {
    "contact_name": "Dana Levi",
    "email": "Dana@Karmiel.example",
    "role": "STEM manager",
    "phone": "04-123 4567",
    "motive": "To learn",
    "life_stages": ["primary", "employment"],
    "speaks_for": "on",
    "agrees": "on",
}


def text(response, status=200):
    assert response.status_code == status, response.status_code
    return response.content.decode()


# The whole way -----------------------------------------------------------------------------------------


def test_municipality_applies_is_asked_answers_is_approved_and_lands_on_my_day(client, town, run_jobs):
    community, admin = make_community(is_default=True), make_admin()
    text(client.get("/join/"))
    at = client.post("/join/", {"type": "municipality"}).headers["Location"]
    text(client.get(at))
    at = client.post(at, {"place": "karm"}).headers["Location"]
    application = Application.objects.get()
    assert (application.authority, at) == (town, f"/join/{application.key}/contact/")
    text(client.get(at))
    at = client.post(at, CONTACT).headers["Location"]
    assert "Karmiel" in text(client.get(at))
    at = client.post(at).headers["Location"]
    assert "dana@karmiel.example" in text(client.get(at))
    # The link of the mail: a scanner that opens it confirms nothing, the button does.
    (letter,) = mail.outbox
    confirm = link_in(letter)
    text(client.get(confirm))
    assert Application.objects.get().state == ApplicationState.DRAFT
    page = client.post(confirm).headers["Location"]
    assert page != f"/join/{application.key}/"
    text(client.get(f"/join/{application.key}/"), 404)
    assert "It is with us" in text(client.get(page))
    assert link_in(mail.outbox[-1]) == page
    # Asked, answered.
    application = Application.objects.get()
    deeds.ask(by=admin, application=application, body="Since when?")
    assert link_in(mail.outbox[-1]) == page
    assert "Since when?" in text(client.get(page))
    client.post(f"{page}answer/", {"body": "Since May."})
    assert "Since May." in text(client.get(page))
    # Approved: the mail leads to the sign-in by code, and the code to My day.
    admit(by=admin, application=application)
    assert link_in(mail.outbox[-1]) == page
    assert "Mail me a code" in text(client.get(page))
    at = client.post(reverse("account_request_login_code"), {"email": "dana@karmiel.example"}).headers[
        "Location"
    ]
    code = re.search(r"^[A-Z0-9]{4,6}(?:-?[A-Z0-9]{3,4})?$", mail.outbox[-1].body, re.MULTILINE)
    assert code, mail.outbox[-1].body
    answer = client.post(at, {"code": code.group()})
    assert answer.headers["Location"] == "/"
    assert User.objects.get(email="dana@karmiel.example").is_in_network
    assert Membership.objects.get().community == community


def test_my_day_follows_the_first_sign_in(client, town):
    application = make_application(
        type=OrganisationType.MUNICIPALITY, authority=town, email="dana@karmiel.example"
    )
    admit(by=make_admin(), application=application)
    client.force_login(User.objects.get(email="dana@karmiel.example"))
    assert "To My day" in text(client.get(application.get_absolute_url()))


def test_pages_behind_a_key_are_kept_from_caches_and_search_engines(client):
    application = make_application()
    response = client.get(application.get_absolute_url())
    assert "no-store" in response["Cache-Control"]
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert response["Referrer-Policy"] == "same-origin"
    assert "canonical" not in text(response)


def test_pages_speak_the_readers_language(client, town):
    client.cookies["django_language"] = "ar"
    at = client.post("/join/", {"type": "municipality"}).headers["Location"]
    client.post(at, {"place": "1139"})
    assert Application.objects.get().language == "ar"
    response = client.get(at)
    assert 'dir="rtl"' in text(response)
    assert "كرميئيل" in text(response)


# Beginnings --------------------------------------------------------------------------------------------


def test_page_of_an_authority_leads_straight_to_its_application(client, town):
    assert "Karmiel" in text(client.get("/join/?authority=1139"))
    at = client.post("/join/?authority=1139", {"type": "municipality", "place": "1139"}).headers["Location"]
    assert at.endswith("/contact/")
    assert Application.objects.get().authority == town


@pytest.mark.parametrize(
    "query",
    ["authority=0", "authority=99999999999999999999", "authority=abc", "authority=١", "organisation=nobody"],
)
def test_odd_beginnings_are_just_the_first_step(client, query):
    text(client.get(f"/join/?{query}"))


def test_member_leads_to_its_team(client):
    town = make_municipality()
    team = f"/join/team/{town.slug}/"
    assert client.get(f"/join/?authority={town.authority_id}").headers["Location"] == team
    assert client.get(f"/join/?organisation={town.slug}").headers["Location"] == team
    draft = make_draft(type=OrganisationType.MUNICIPALITY)
    at = f"/join/{draft.key}/organisation/"
    assert client.post(at, {"place": town.authority.name_he}).headers["Location"] == team
    assert client.get(f"/join/{draft.key}/check/").headers["Location"] == team


def test_member_that_left_applies_anew(client):
    town = make_municipality(left_on=timezone.localdate())
    text(client.get(f"/join/?authority={town.authority_id}"))
    text(client.get(f"/join/?organisation={town.slug}"))


def test_applicant_of_a_members_domain_is_asked_whether_it_is_theirs(client):
    organisation = make_organisation(name_he="Robots", email_domain="robots.example")
    draft = make_draft(email="new@robots.example")
    assert f"/join/team/{organisation.slug}/" in text(client.get(f"/join/{draft.key}/check/"))
    stranger = make_draft(email="new@gmail.com")
    assert "/join/team/" not in text(client.get(f"/join/{stranger.key}/check/"))


# The page of an application ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("received", "It is with us"),
        ("in_review", "It is with us"),
        ("question", "We have a question for you"),
        ("approved", "Welcome to the network"),
        ("declined", "Not this time"),
        ("merged", "A colleague applied"),
        ("withdrawn", "You took the application back"),
    ],
)
def test_page_tells_how_it_stands(client, state, said):
    decided = (
        {"decided_at": timezone.now(), "decided_by": make_admin()}
        if state in {"approved", "declined", "merged"}
        else {}
    )
    application = make_application(state=state, reason="Not this time", **decided)
    assert said in text(client.get(application.get_absolute_url()))


def test_joined_application_leads_to_the_team_once_there_is_one(client):
    admin, target = make_admin(), make_application()
    application = deeds.merge(by=admin, application=make_application(), into=target)
    assert "/join/team/" not in text(client.get(application.get_absolute_url()))
    organisation = admit(by=admin, application=target).organisation
    assert f"/join/team/{organisation.slug}/" in text(client.get(application.get_absolute_url()))


def test_answer_without_words_is_told(client):
    application = make_application(state="question")
    at = f"{application.get_absolute_url()}answer/"
    assert "Write a few words first" in text(client.post(at, {"body": " \u200b "}))
    assert client.get(at).status_code == 302


def test_answer_sent_twice_counts_once(client):
    application = make_application(state="question")
    for _ in range(2):
        answer = client.post(f"{application.get_absolute_url()}answer/", {"body": "Yes"})
        assert answer.headers["Location"] == application.get_absolute_url()
    assert application.messages.count() == 1


def test_application_is_taken_back_once(client):
    application = make_application()
    for _ in range(2):
        assert client.post(f"{application.get_absolute_url()}withdraw/").status_code == 302
    application.refresh_from_db()
    assert application.state == ApplicationState.WITHDRAWN


def test_pages_cost_the_same_for_one_and_thirty_messages(client, django_assert_max_num_queries):
    application = make_application(state="question")
    admin = make_admin()
    for number in range(30):
        application.messages.create(body=f"M{number}", author=admin if number % 2 else None)
    with django_assert_max_num_queries(4):
        text(client.get(application.get_absolute_url()))


def test_waiting_page_shows_the_applicant_how_it_stands(client):
    application = make_application(email="dana@karmiel.example")
    client.force_login(make_user(email="Dana@karmiel.example"))
    assert application.get_absolute_url() in text(client.get("/"))


# Limits ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "fields", "most"),
    [("/join/", {"type": "ngo"}, 60), ("/join/continue/", {"email": "a@b.example"}, 10)],
)
def test_forms_are_limited(client, path, fields, most):
    for _ in range(most):
        assert client.post(path, fields).status_code == 302
    assert client.post(path, fields).status_code == 429
    Hit.objects.all().delete()
    assert client.post(path, fields).status_code == 302
