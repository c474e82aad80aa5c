"""Teams: invitations that are accepted once by the right person, mandates that widen and end."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from communities.models import Community
from members.actions import team as deeds
from members.enums import TeamRequestState
from members.models import Invitation, Representative, User
from munistem.commons.audit.models import AuditEvent
from munistem.commons.notices.models import Notice
from tests.communities.factories import make_community, make_membership
from tests.members.factories import (
    PASSWORD,
    make_admin,
    make_invitation,
    make_member,
    make_organisation,
    make_representative,
    make_team_request,
    make_user,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def organisation():
    return make_organisation(name_en="Town of Labs", name_he="עיר המעבדות")


@pytest.fixture
def manager(organisation):
    return make_representative(make_user(name="Mira Manager"), organisation, is_manager=True).person


@pytest.fixture
def team(organisation):
    return f"/organisations/{organisation.slug}/team/"


def confirmed(person: User) -> User:
    person.emailaddress_set.create(email=person.email, verified=True, primary=True)
    return person


def told(kind: str) -> set[str]:
    return {notice.reader.name for notice in Notice.objects.filter(event__kind=kind).select_related("reader")}


# Inviting ------------------------------------------------------------------------------------------------

INVITATION = {"email": "New.Colleague@Town.example", "name": "Nora", "role": "STEM lead", "language": "ar"}


def test_manager_invites_by_a_letter_in_the_chosen_language(client, manager, team, run_jobs, mailoutbox):
    client.force_login(manager)
    assert client.post(team, INVITATION).status_code == 302
    invitation = Invitation.objects.get()
    assert invitation.email == "new.colleague@town.example"
    assert not invitation.is_manager
    run_jobs()
    [letter] = mailoutbox
    assert letter.to == ["new.colleague@town.example"]
    assert letter.extra_headers["Content-Language"] == "ar"
    assert f"/invitations/{invitation.key}/" in letter.body


def test_known_person_is_written_to_in_their_language(client, manager, team, run_jobs, mailoutbox):
    person = make_user(language="he")
    client.force_login(manager)
    client.post(team, {**INVITATION, "email": person.email})
    run_jobs()
    assert mailoutbox[0].extra_headers["Content-Language"] == "he"


def test_two_clicks_make_one_invitation_and_one_letter(client, manager, team, run_jobs, mailoutbox):
    client.force_login(manager)
    for _ in range(2):
        client.post(team, INVITATION)
    client.post(f"/invitations/{Invitation.objects.get().key}/resend/")
    run_jobs()
    assert len(mailoutbox) == 1


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("email", "nobody", "valid email"),
        ("email", "", "required"),
        ("name", "x" * 81, "longer than 80"),
        ("language", "xx", "Select a valid choice"),
    ],
)
def test_bad_invitation_is_refused_and_kept(client, manager, team, field, value, said):
    client.force_login(manager)
    response = client.post(team, {**INVITATION, field: value})
    page = response.content.decode()
    assert response.status_code == 200
    assert said in page
    assert 'value="STEM lead"' in page
    assert not Invitation.objects.exists()


def test_who_is_in_the_team_is_not_invited(client, manager, organisation, team):
    colleague = make_representative(organisation=organisation).person
    client.force_login(manager)
    page = client.post(team, {**INVITATION, "email": colleague.email.upper()}).content.decode()
    assert "in your team already" in page


def test_plain_representative_sees_the_team_and_may_not_invite(client, organisation, team, read):
    client.force_login(make_representative(organisation=organisation).person)
    page = read(team)
    assert "Invite a colleague" not in page
    assert client.post(team, INVITATION).status_code == 403
    client.force_login(make_member())
    assert client.get(team).status_code == 403
    client.logout()
    assert client.get(team).status_code == 302


def test_invitation_is_taken_back_and_sent_again_by_the_team_alone(client, manager, organisation):
    invitation = make_invitation(organisation)
    client.force_login(make_representative(is_manager=True).person)
    for deed in ("resend", "revoke"):
        assert client.post(f"/invitations/{invitation.key}/{deed}/").status_code == 404
    client.force_login(manager)
    for _ in range(2):
        assert client.post(f"/invitations/{invitation.key}/revoke/").status_code == 302
    invitation.refresh_from_db()
    assert invitation.revoked_at
    client.post(f"/invitations/{invitation.key}/resend/")
    assert not Invitation.objects.open().exists()


def test_expired_invitation_holds_again_once_it_is_sent_again(
    client, manager, organisation, run_jobs, mailoutbox
):
    invitation = make_invitation(organisation, expires_at=timezone.now() - timedelta(days=1))
    client.force_login(manager)
    client.post(f"/invitations/{invitation.key}/resend/")
    assert Invitation.objects.open().get() == invitation
    run_jobs()
    assert len(mailoutbox) == 1


# Accepting -----------------------------------------------------------------------------------------------


def test_invited_person_accepts_once(client, organisation, manager, read):
    person = confirmed(make_user(name="Nora"))
    invitation = make_invitation(
        organisation, email=person.email, role="STEM lead", is_manager=True, invited_by=manager
    )
    make_team_request(organisation, email=person.email)
    client.force_login(person)
    assert "Accept the invitation" in read(f"/invitations/{invitation.key}/")
    for _ in range(2):
        assert client.post(f"/invitations/{invitation.key}/accept/").status_code == 302
    mandate = Representative.objects.get(person=person)
    assert (mandate.organisation, mandate.role, mandate.is_manager) == (organisation, "STEM lead", True)
    assert told("team_accepted") == {"Mira Manager"}
    assert organisation.team_requests.get().state == TeamRequestState.ACCEPTED
    assert AuditEvent.objects.filter(deed="accept_invitation").count() == 1
    assert person in User.objects.matching("Town of Labs")
    assert "You are in the team" in read(f"/invitations/{invitation.key}/")
    client.force_login(make_user())
    assert "was accepted already" in read(f"/invitations/{invitation.key}/")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"expires_at": timezone.now() - timedelta(minutes=1)}, "has expired"),
        ({"revoked_at": timezone.now()}, "was taken back"),
    ],
)
def test_invitation_that_no_longer_holds_says_so(client, organisation, fields, said, read):
    person = confirmed(make_user())
    invitation = make_invitation(organisation, email=person.email, **fields)
    address = f"/invitations/{invitation.key}/"
    assert said in read(address)
    client.force_login(person)
    assert client.post(f"{address}accept/").status_code == 302
    assert said in read(address)
    assert not Representative.objects.filter(person=person).exists()


def test_invitation_of_an_organisation_that_left_says_so(client, organisation, read):
    person = confirmed(make_user())
    invitation = make_invitation(organisation, email=person.email)
    organisation.left_on = timezone.localdate()
    organisation.save()
    client.force_login(person)
    assert "was taken back" in read(f"/invitations/{invitation.key}/")
    with pytest.raises(Exception):  # noqa: B017 – any refusal
        deeds.accept_invitation(by=person, invitation=invitation)


def test_wrong_address_is_told_which_one_is_meant(client, organisation, read):
    invitation = make_invitation(organisation, email="nora@town.example")
    client.force_login(confirmed(make_user()))
    page = read(f"/invitations/{invitation.key}/")
    assert "for another address" in page
    assert "nora@town.example" in page
    client.post(f"/invitations/{invitation.key}/accept/")
    assert not organisation.representatives.exists()


def test_page_of_an_invitation_is_kept_by_nobody(client):
    response = client.get(f"/invitations/{make_invitation().key}/")
    assert "noindex" in response["X-Robots-Tag"]
    assert "no-store" in response["Cache-Control"]
    assert client.get("/invitations/00000000-0000-4000-8000-000000000000/").status_code == 404


def test_unknown_person_signs_up_with_the_address_and_accepts(
    client, organisation, run_jobs, mailoutbox, read
):
    invitation = make_invitation(organisation, email="nora@town.example", role="STEM lead")
    here = f"/invitations/{invitation.key}/"
    page = read(here)
    [link] = re.findall(r'href="(/accounts/signup/[^"]+)"', page)
    form = read(link.replace("&amp;", "&"))
    assert 'value="nora@town.example"' in form
    answer = client.post(
        "/accounts/signup/",
        {"email": "nora@town.example", "name": "Nora", "password1": PASSWORD, "next": here},
    )
    assert answer.status_code == 302
    run_jobs()
    [letter] = mailoutbox
    [code] = re.findall(r"\b[A-Z0-9]{4}-[A-Z0-9]{4}\b", letter.body)
    answer = client.post(answer.url, {"code": code})
    assert (answer.status_code, answer.url) == (302, here)
    assert "Accept the invitation" in read(here)
    client.post(f"{here}accept/")
    assert Representative.objects.get().person.email == "nora@town.example"


# Mandates ------------------------------------------------------------------------------------------------


def test_mandate_ends_with_its_effects_and_texts_stay(client, organisation, manager, team):
    person = make_representative(make_user(name="Nora"), organisation).person
    community = make_community()
    membership = make_membership(community, person)
    make_membership(community)
    mandate = Representative.objects.get(person=person)
    client.force_login(manager)
    assert "no longer acts" in client.get(f"{team}{mandate.pk}/end/").content.decode()
    for _ in range(2):
        assert client.post(f"{team}{mandate.pk}/end/").status_code == 302
    mandate.refresh_from_db()
    assert (mandate.until_on, mandate.ended_by) == (timezone.localdate(), manager)
    person = User.objects.get(pk=person.pk)
    assert not person.is_in_network
    assert not User.objects.in_directory().filter(pk=person.pk).exists()
    assert Community.objects.get().member_count == 1
    membership.refresh_from_db()
    assert membership.is_active
    assert told("mandate_ended") == {"Nora"}
    assert AuditEvent.objects.filter(deed="end_mandate").count() == 1
    deeds.give_mandate(by=manager, organisation=organisation, person=person)
    assert Community.objects.get().member_count == 2


def test_person_with_two_mandates_stays_in_the_network(organisation, manager):
    person = make_representative(organisation=organisation).person
    make_representative(person)
    deeds.end_mandate(
        by=manager, mandate=Representative.objects.get(person=person, organisation=organisation)
    )
    assert User.objects.get(pk=person.pk).is_in_network


def test_last_manager_stays_until_another_is_made(client, organisation, manager, team, read):
    colleague = make_representative(make_user(name="Nora"), organisation)
    own = Representative.objects.get(person=manager)
    client.force_login(manager)
    assert "Nobody else manages" in read(f"{team}{own.pk}/end/")
    client.post(f"{team}{own.pk}/end/")
    own.refresh_from_db()
    assert own.until_on is None
    for _ in range(2):
        client.post(f"{team}{colleague.pk}/manager/")
    assert told("made_manager") == {"Nora"}
    client.post(f"{team}{own.pk}/end/")
    own.refresh_from_db()
    assert own.until_on == timezone.localdate()
    assert told("left_team") == {"Nora"}
    assert client.get(team).status_code == 403


def test_plain_representative_ends_only_the_own_mandate(client, organisation, manager, team):
    own = make_representative(organisation=organisation)
    other = make_representative(organisation=organisation)
    client.force_login(own.person)
    assert client.post(f"{team}{other.pk}/end/").status_code == 403
    assert client.post(f"{team}{other.pk}/manager/").status_code == 403
    assert client.post(f"{team}{own.pk}/end/").status_code == 302
    own.refresh_from_db()
    assert own.until_on
    elsewhere = make_representative()
    assert client.post(f"{team}{elsewhere.pk}/end/").status_code == 403


def test_admin_keeps_every_team(client, organisation, manager, team):
    mandate = make_representative(organisation=organisation)
    client.force_login(make_admin())
    client.post(team, INVITATION)
    client.post(f"{team}{mandate.pk}/manager/")
    client.post(f"{team}{Representative.objects.get(person=manager).pk}/end/")
    assert Invitation.objects.count() == 1
    assert not Representative.objects.active().filter(person=manager).exists()


def test_requests_wait_on_the_team_page(client, organisation, manager, team, read):
    asked = make_team_request(organisation, name="Asking Colleague")
    client.force_login(manager)
    assert "Asking Colleague" in read(team)
    client.post(f"/join/requests/{asked.key}/accept/")
    page = read(team)
    assert "They ask to join" not in page
    assert asked.email in page or "Asking Colleague" in page


def test_team_page_costs_the_same_for_one_and_thirty(client, organisation, manager, team, count_queries):
    client.force_login(manager)
    make_representative(organisation=organisation, is_manager=True)
    make_representative(organisation=organisation, until_on=timezone.localdate())
    make_invitation(organisation)
    make_team_request(organisation)
    few = count_queries(team)
    for number in range(30):
        make_representative(organisation=organisation, is_manager=number % 2 == 0)
        make_representative(organisation=organisation, until_on=timezone.localdate())
        make_invitation(organisation)
        make_team_request(organisation)
    assert count_queries(team) == few
    assert few <= 15


def test_chosen_organisation_stands_in_the_header(client, organisation):
    person = make_user()
    first = make_representative(person, make_organisation(name_en="First one")).organisation
    second = make_representative(person, make_organisation(name_en="Second one")).organisation
    client.force_login(person)
    page = client.get("/people/").content.decode()
    assert "Acting for: First one" in page
    assert "Act for Second one" in page
    answer = client.post("/me/acting-for/", {"organisation": second.slug, "next": "/people/"})
    assert answer.url == "/people/"
    assert "Acting for: Second one" in client.get("/people/").content.decode()
    assert client.post("/me/acting-for/", {"organisation": organisation.slug}).status_code == 404
    assert client.post("/me/acting-for/", {"organisation": first.slug, "next": "//evil.example/"}).url == "/"
