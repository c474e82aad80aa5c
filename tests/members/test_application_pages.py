"""The way into the network as an applicant walks it: each step, each mail, each refusal."""

import re
from datetime import timedelta
from uuid import uuid4

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
    make_authority,
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


@pytest.fixture
def town():
    return make_authority(cbs_code=1139, name_he="כרמיאל", name_en="Karmiel", name_ar="كرميئيل")


def text(response, status=200):
    assert response.status_code == status, response.status_code
    return response.content.decode()


# The whole way -------------------------------------------------------------------------------------------


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


# Beginnings ----------------------------------------------------------------------------------------------


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


# Steps ---------------------------------------------------------------------------------------------------


def test_picker_finds_by_any_name_and_tells_members(client, town):
    member = make_municipality(authority=make_authority(name_he="כרמי יוסף"))
    found = client.get("/join/find/", {"type": "municipality", "q": "כרמי"}).json()
    assert {"value": "1139", "label": "Karmiel", "hint": ""} in found
    assert [entry["hint"] for entry in found if entry["value"] == str(member.authority_id)] == [
        "A member already"
    ]
    for odd in ({}, {"type": "ngo", "q": "x"}, {"type": "municipality", "q": ""}, {"type": "x", "q": "x"}):
        assert client.get("/join/find/", odd).json() == []


def test_picker_costs_the_same_for_one_and_thirty(client, town, django_assert_num_queries):
    url = "/join/find/?type=municipality&q=r"
    client.get(url)
    for many in (False, True):
        if many:
            for _ in range(30):
                make_municipality()
        with django_assert_num_queries(3):
            client.get("/join/find/?type=municipality&q=a")


def test_several_matches_come_back_as_a_choice_without_script(client):
    first, second = make_authority(name_he="נצרת א"), make_authority(name_he="נצרת ב")
    draft = make_draft(type=OrganisationType.MUNICIPALITY, description="")
    at = f"/join/{draft.key}/organisation/"
    page = text(client.post(at, {"place": "נצרת"}))
    assert f'value="{first.pk}"' in page
    assert 'value="נצרת"' in page
    client.post(at, {"place": "נצרת", "picked": str(second.pk)})
    draft.refresh_from_db()
    assert draft.authority == second


@pytest.mark.parametrize("typed", ["", "Atlantis", "%", "\u202e", "9" * 90])
def test_unknown_place_is_told_and_kept(client, town, typed):
    draft = make_draft(type=OrganisationType.MUNICIPALITY)
    page = text(client.post(f"/join/{draft.key}/organisation/", {"place": typed}))
    assert "data-errors" in page
    assert not typed.isalnum() or typed in page


def test_described_organisation_needs_name_and_words(client):
    at = client.post("/join/", {"type": "ngo"}).headers["Location"]
    page = text(
        client.post(at, {"organisation_name": "Robots", "website": "nonsense address", "description": ""})
    )
    assert "This is no web address" in page
    assert "Robots" in page
    fields = {
        "organisation_name": "\u202eRo\u200bbots",
        "website": "robots.example",
        "description": "We\x07 teach.",
    }
    assert client.post(at, fields).status_code == 302
    draft = Application.objects.get()
    assert (draft.organisation_name, draft.website, draft.description) == (
        "Robots",
        "https://robots.example",
        "We teach.",
    )


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("contact_name", "", "required"),
        ("contact_name", "x" * 81, "longer than 80"),
        ("email", "dana", "This is no e-mail address"),
        ("email", "a@b@c", "This is no e-mail address"),
        ("phone", "call me", "This is no phone number"),
        ("motive", "x" * 2001, "longer than 2000"),
        ("life_stages", ["kindergarten"], "not one of the available choices"),
        ("speaks_for", "", "Only who works for the organisation"),
        ("agrees", "", "Without your consent"),
    ],
)
def test_bad_contact_is_told_and_the_rest_is_kept(client, field, value, told):
    draft = make_draft(contact_name="")
    page = text(client.post(f"/join/{draft.key}/contact/", {**CONTACT, field: value}))
    assert told in page
    assert "To learn" in page or field == "motive"
    draft.refresh_from_db()
    assert draft.contact_name == ""


def test_nul_and_huge_input_are_no_errors_of_ours(client):
    draft = make_draft()
    text(client.post(f"/join/{draft.key}/contact/", {**CONTACT, "motive": "a\x00b"}), 400)
    assert (
        client.post(f"/join/{draft.key}/contact/", {**CONTACT, "motive": "x" * 3_000_000}).status_code == 413
    )
    text(client.post("/join/", {"type": "x" * 5000, "place": "y" * 5000}))
    assert Application.objects.count() == 1


def test_steps_left_out_lead_back_to_them(client):
    draft = make_draft(type=OrganisationType.MUNICIPALITY, consented_at=None)
    key = draft.key
    assert client.get(f"/join/{key}/check/").headers["Location"] == f"/join/{key}/organisation/"
    assert client.post(f"/join/{key}/check/").headers["Location"] == f"/join/{key}/organisation/"
    assert client.get(f"/join/{key}/").headers["Location"] == f"/join/{key}/organisation/"
    text(client.get(f"/join/{key}/nonsense/"), 404)
    text(client.get(f"/join/{uuid4()}/contact/"), 404)
    assert mail.outbox == []


def test_signed_in_person_need_not_type_who_they_are(client):
    client.force_login(make_user(name="Known Person", email="known@example.org"))
    at = client.post("/join/", {"type": "ngo"}).headers["Location"]
    client.post(at, {"organisation_name": "Robots", "description": "We teach."})
    page = text(client.get(f"/join/{Application.objects.get().key}/contact/"))
    assert "Known Person" in page
    assert "known@example.org" in page


# Draft and links -----------------------------------------------------------------------------------------


def test_draft_is_continued_by_the_mailed_link(client, run_jobs):
    draft = make_draft(consented_at=None)
    known = text(client.post("/join/continue/", {"email": draft.email.upper()}, follow=True))
    run_jobs()
    link = link_in(mail.outbox[0])
    assert client.get(link).headers["Location"] == f"/join/{draft.key}/"
    unknown = text(client.post("/join/continue/", {"email": "nobody@example.org"}, follow=True))
    run_jobs()
    assert len(mail.outbox) == 1
    strip = re.compile(r'nonce="[^"]*"|csrfmiddlewaretoken" value="[^"]*"')
    assert strip.sub("", known) == strip.sub("", unknown)


@pytest.mark.parametrize("page", ["/join/continue/{}/", "/join/confirm/{}/", "/join/team/confirm/{}/"])
def test_forged_and_old_links_offer_a_new_one(client, page, monkeypatch, run_jobs):
    for token in ("x", "a:b:c", "א", "%00", "é" * 200):
        answer = client.get(page.format(token))
        assert answer.status_code in {400, 410}
        assert client.post(page.format(token)).status_code in {400, 405, 410}
    draft = make_draft()
    deeds.ask_way_back(email=draft.email)
    run_jobs()
    monkeypatch.setattr(deeds, "LINK_HOLDS", timedelta(seconds=-1))
    assert "does not hold" in text(client.get(link_in(mail.outbox[0])), 410)


def test_sent_application_can_be_corrected_and_sent_once_more(client):
    draft = deeds.send_off(application=make_draft(), language="en")
    confirm = link_in(mail.outbox[0])
    page = draft.get_absolute_url()
    assert client.post(f"{page}resend/").headers["Location"] == page
    text(client.get(page))
    assert (
        client.post(f"/join/{draft.key}/contact/", {**CONTACT, "email": "right@example.org"}).status_code
        == 302
    )
    assert client.get(confirm).status_code == 410
    client.post(f"/join/{draft.key}/check/")
    assert mail.outbox[-1].to == ["right@example.org"]


def test_draft_is_discarded_and_a_second_click_is_harmless(client):
    draft = make_draft()
    for _ in range(2):
        assert client.post(f"/join/{draft.key}/discard/").headers["Location"] == "/join/"
    assert not Application.objects.exists()
    application = make_application()
    client.post(f"/join/{application.key}/discard/")
    assert Application.objects.exists()


# The page of an application ------------------------------------------------------------------------------


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


# Limits --------------------------------------------------------------------------------------------------


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
