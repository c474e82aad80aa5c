"""The steps of an application: each answer and refusal, the draft and the links that continue it."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core import mail

from members.actions import application as deeds
from members.enums import OrganisationType
from members.models import Application
from tests.members.factories import (
    make_application,
    make_authority,
    make_draft,
    make_municipality,
    make_user,
)
from tests.members.test_application_pages import CONTACT, text
from tests.visits import link_in

pytestmark = pytest.mark.django_db


# Steps -------------------------------------------------------------------------------------------------


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


# Draft and links ---------------------------------------------------------------------------------------


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
