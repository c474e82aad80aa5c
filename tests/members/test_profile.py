"""What a person tells of themself: saved, found, shown to the right readers; pictures; closing an account."""

import pytest
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from communities.models import Community
from members.actions import person as deeds
from members.models import Representative, User
from munistem.commons.audit.models import AuditEvent
from munistem.commons.files.models import StoredFile
from munistem.commons.notices.models import Notice
from tests.commons.factories import picture
from tests.communities.factories import make_community, make_membership
from tests.knowledge.factories import make_term
from tests.members.factories import (
    PASSWORD,
    make_admin,
    make_invitation,
    make_member,
    make_representative,
    make_user,
)

pytestmark = pytest.mark.django_db
PROFILE = "/me/profile/"
TOLD = {
    "name": "Dana Levi",
    "role_title": "STEM manager",
    "ask_me_about": "robotics leagues for girls",
    "about": "Twelve years in education.\nTwo in the town hall.",
    "languages": ["he", "ar"],
    "phone": "04-9085671",
    "is_email_shown": "on",
    "language": "en",
}


def image(name: str = "me.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, picture(), "image/jpeg")


@pytest.fixture
def member(client):
    person = make_member(name="Before")
    client.force_login(person)
    return person


def test_profile_is_saved_indexed_and_audited(client, member):
    term = make_term()
    answer = client.post(PROFILE, {**TOLD, "topics": [term.pk]})
    assert answer.url == f"/people/{member.uuid}/"
    member.refresh_from_db()
    assert (member.name, member.phone, member.languages) == ("Dana Levi", "04-9085671", ["he", "ar"])
    assert list(member.topics.all()) == [term]
    assert User.objects.matching("robotics girls").get() == member
    assert not User.objects.matching("Before").exists()
    event = AuditEvent.objects.get(deed="edit_profile")
    assert "phone" in event.details["fields"]


def test_saving_says_so_in_the_language_just_chosen(client, member):
    client.post(PROFILE, {**TOLD, "language": "he"})
    member.refresh_from_db()
    assert member.language == "he"
    assert 'lang="he"' in client.get(PROFILE).content.decode()


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("name", "", "required"),
        ("name", "\u202e \u200f", "required"),
        ("name", "x" * 81, "longer than 80"),
        ("phone", "call me", "with digits"),
        ("about", "x" * 2001, "longer than 2000"),
        ("languages", ["xx"], "Select a valid choice"),
        ("language", "xx", "Select a valid choice"),
        ("topics", ["999999"], "Select a valid choice"),
        ("topics", ["abc"], "not a valid value"),
    ],
)
def test_bad_profile_is_refused_and_kept(client, member, field, value, said):
    make_term()
    response = client.post(PROFILE, {**TOLD, field: value})
    page = response.content.decode()
    assert response.status_code == 200
    assert said in page
    if field != "about":
        assert "Twelve years in education." in page
    member.refresh_from_db()
    assert member.name == "Before"


def test_direction_overrides_in_a_name_are_harmless(client, member):
    client.post(PROFILE, {**TOLD, "name": "Dana\u202e Levi\u200b"})
    member.refresh_from_db()
    assert member.name == "Dana Levi"


def test_newcomer_reads_what_is_still_to_tell(client, read):
    person = make_user(name="")
    client.force_login(person)
    assert client.get("/me/").url == PROFILE
    page = read(PROFILE)
    assert "You do not act for an organisation yet" in page
    make_representative(person)
    page = read(PROFILE)
    assert "Still to tell" in page
    assert "what one may ask you about" in page


def test_me_leads_to_the_own_page(client, member, read):
    assert client.get("/me/").url == f"/people/{member.uuid}/"
    assert "Before" in read(f"/people/{member.uuid}/")


@pytest.mark.parametrize("url", ["/me/", PROFILE, "/me/data/", "/me/data/leave/"])
def test_visitor_is_asked_to_sign_in(client, url):
    assert client.get(url).status_code == 302
    assert "/accounts/login/" in client.get(url).url


# Pictures ------------------------------------------------------------------------------------------------


def test_picture_is_drawn_anew_and_served_with_safe_headers(client, member):
    client.post(PROFILE, {**TOLD, "photo": image()})
    member.refresh_from_db()
    assert member.photo.content_type == "image/webp"
    response = client.get(member.photo_url)
    assert response.status_code == 200
    assert b"".join(response.streaming_content)[8:12] == b"WEBP"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response["Content-Security-Policy"]
    assert response["Content-Disposition"].startswith("inline")


def test_new_picture_takes_the_place_of_the_old_and_can_be_taken_away(
    client, member, django_capture_on_commit_callbacks
):
    client.post(PROFILE, {**TOLD, "photo": image()})
    first = StoredFile.objects.get()
    client.post(PROFILE, {**TOLD, "photo": image("again.jpg")})
    assert StoredFile.objects.get() != first
    client.post(PROFILE, TOLD)
    assert StoredFile.objects.count() == 1
    client.post(PROFILE, {**TOLD, "drops_photo": "on"})
    assert not StoredFile.objects.exists()
    assert client.get(f"/people/{member.uuid}/photo/").status_code == 404


@pytest.mark.parametrize(
    ("name", "content"),
    [("me.png", b"<svg onload=alert(1)>"), ("me.svg", b"<svg/>"), ("me.png", b""), ("me.pdf", b"%PDF-1.4")],
)
def test_what_is_no_picture_is_refused_and_the_rest_kept(client, member, name, content):
    response = client.post(PROFILE, {**TOLD, "photo": SimpleUploadedFile(name, content)})
    assert response.status_code == 200
    assert "One thing to correct" in response.content.decode()
    assert 'value="STEM manager"' in response.content.decode()
    assert not StoredFile.objects.exists()


def test_picture_is_for_the_network(client, member):
    client.post(PROFILE, {**TOLD, "photo": image()})
    member.refresh_from_db()
    address = member.photo_url

    def status(person) -> int:
        reader = Client()
        if person:
            reader.force_login(person)
        response = reader.get(address)
        if response.streaming:
            list(response.streaming_content)
        return response.status_code

    assert [status(None), status(make_user())] == [302, 404]
    assert [status(make_member()), status(make_admin())] == [200, 200]


# Accounts ------------------------------------------------------------------------------------------------


def test_deactivation_ends_sessions_and_opens_again(client, member):
    community = make_community()
    make_membership(community, member)
    other = Client()
    other.force_login(make_member())
    deeds.deactivate_person(by=make_admin(), person=member)
    assert client.get(PROFILE).status_code == 302
    assert Session.objects.count() == 1  # the other's
    assert Community.objects.get().member_count == 0
    deeds.reactivate_person(by=make_admin(), person=member)
    assert User.objects.get(pk=member.pk).is_active
    assert client.get(PROFILE).status_code == 302
    assert Community.objects.get().member_count == 1
    assert AuditEvent.objects.filter(deed="deactivate_person").count() == 1


def test_closed_account_cannot_sign_in(client):
    person = make_member(password=PASSWORD)
    person.emailaddress_set.create(email=person.email, verified=True, primary=True)
    assert client.login(email=person.email, password=PASSWORD)
    deeds.close_account(by=person, person=person)
    client.logout()
    assert not client.login(email=person.email, password=PASSWORD)


def test_closing_forgets_who_it_was(member):
    make_invitation(invited_by=member)
    organisation = member.mandates[0].organisation
    Representative.objects.update(is_manager=True)
    admin = make_admin(name="Admin")
    deeds.close_account(by=member, person=member)
    left = User.objects.get(pk=member.pk)
    assert (left.name, left.phone, left.about, left.email) == ("", "", "", f"{left.uuid}@left.invalid")
    assert not left.is_active
    assert not left.has_usable_password()
    assert not organisation.representatives.active().exists()
    assert organisation.invitations.open().count() == 0 or organisation.invitations.count() == 0
    [notice] = Notice.objects.filter(event__kind="team_without_manager")
    assert notice.reader == admin
    assert not User.objects.matching("Before").exists()


def test_last_admin_stays():
    admin = make_admin()
    make_admin(is_active=False)
    with pytest.raises(deeds.LastAdmin):
        deeds.close_account(by=admin, person=admin)
    make_admin()
    deeds.close_account(by=admin, person=admin)
