"""Invitations by list: what each line means, who gets which letter, how one comes in, reminders and ends of terms."""

from collections import Counter
from datetime import timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from communities import rules
from communities.actions import invitation as deeds
from communities.actions import membership as memberships
from communities.actions.departure import leave_all
from communities.actions.invitation import Line
from communities.actions.membership import TooLate
from communities.enums import Access, Finding, InvitationState, MembershipState
from communities.models import CommunityInvitation, Membership
from members.actions.mandate import give_mandate
from members.actions.participation import participation_changed
from munistem.commons.audit.models import AuditEvent
from munistem.commons.notices.models import Notice
from tests.communities.factories import (
    make_community,
    make_community_invitation,
    make_facilitator,
    make_member,
    make_membership,
    make_user,
)
from tests.communities.test_rules import PERSONS
from tests.members.factories import fresh, make_admin, make_municipality

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_pages")]


@pytest.fixture
def community():
    return make_community(name="Municipal labs", purpose="Labs that last.")


def page(community):
    return f"/communities/{community.slug}/people/invite/"


def lines(*addresses):
    return [Line(number, address, typed=address) for number, address in enumerate(addresses, start=1)]


def invite(community, leader, *addresses, **more):
    return deeds.invite_by_list(by=leader, community=community, lines=lines(*addresses), **more)


# Inviting ------------------------------------------------------------------------------------------------


def test_list_invites_everybody_once_however_often_it_is_sent(client, community, leader, run_jobs):
    known = make_member(email="known@city.example", language="ar")
    asked = make_membership(community, make_member(email="asked@city.example"), state=MembershipState.ASKED)
    data = {
        "people": "Dana <dana@city.example>\nknown@city.example\nasked@city.example\nwrong",
        "text": "Come and see.",
        "language": "en",
        "confirm": "1",
    }
    for _time in range(2):
        assert client.post(page(community), data).status_code == 302
        run_jobs()
    asked.refresh_from_db()
    assert asked.is_active
    assert Membership.objects.get(person=known).state == MembershipState.INVITED
    new = CommunityInvitation.objects.get(email="dana@city.example")
    assert (new.name, new.person, new.state, new.text) == ("Dana", None, "open", "Come and see.")
    assert new.mailed_at and CommunityInvitation.objects.count() == 2
    letters = Counter(address for letter in mail.outbox for address in letter.to)
    assert letters == {"dana@city.example": 1, "known@city.example": 1, "asked@city.example": 1}
    assert AuditEvent.objects.filter(deed="invite_by_list", actor=leader).count() == 2


def test_letter_to_a_newcomer_says_who_what_and_how_to_say_no(community, leader, run_jobs):
    invite(community, leader, "dana@city.example", text="Come and see.", language="en")
    run_jobs()
    letter = mail.outbox[0]
    invitation = CommunityInvitation.objects.get()
    assert letter.subject == "\u2068Rina Levi\u2069 invites you to \u2068Municipal labs\u2069"
    assert letter.reply_to == [leader.email]
    for said in (
        "Labs that last.",
        "Come and see.",
        f"/invitations/communities/{invitation.key}/",
        "No, thank you",
    ):
        assert said in letter.body
    assert f"{invitation.key}" in letter.extra_headers["List-Unsubscribe"]


def test_letter_to_a_person_of_the_network_carries_the_words_and_the_page(community, leader, run_jobs):
    known = make_member(email="known@city.example", language="en")
    invite(community, leader, known.email, text="Come and see.", language="he")
    run_jobs()
    invitation = CommunityInvitation.objects.get(person=known)
    assert "Come and see." in mail.outbox[0].body
    assert f"/invitations/communities/{invitation.key}/" in mail.outbox[0].body


def test_nobody_may_invite_the_whole_country_in_a_day(client, community, leader, monkeypatch):
    monkeypatch.setattr(deeds, "MOST_A_DAY", 3)
    invite(community, leader, "a@x.example", "b@x.example")
    data = {"people": "c@x.example\nd@x.example", "language": "en", "confirm": "1"}
    assert "At most 3 people" in client.post(page(community), data).content.decode()
    assert CommunityInvitation.objects.count() == 2
    invite(community, leader, "c@x.example")
    assert CommunityInvitation.objects.count() == 3


@pytest.mark.parametrize(
    "who", ["registered", "outsider", "member", "facilitator", "facilitator elsewhere", "admin"]
)
def test_inviting_is_for_those_who_lead(client, community, who):
    invitation = make_community_invitation(community)
    client.force_login(PERSONS[who](community))
    leads = who in {"facilitator", "admin"}
    assert client.get(page(community)).status_code == (200 if leads else 403)
    data = {"people": "a@x.example", "language": "en", "confirm": "1"}
    assert client.post(page(community), data).status_code == (302 if leads else 403)
    door = f"/communities/{community.slug}/people/invitations/{invitation.pk}/withdraw/"
    assert client.post(door).status_code == (302 if leads else 404)
    invitation.refresh_from_db()
    assert (invitation.state == InvitationState.WITHDRAWN) == leads


def test_nobody_is_invited_into_what_was_closed_down(client, leader, community):
    community.archived_at = timezone.now()
    community.save()
    assert client.get(page(community)).status_code == 403
    with pytest.raises(TooLate):
        invite(community, leader, "a@x.example")


@pytest.mark.parametrize("access", Access.values)
def test_rule_and_queryset_are_twins(access):
    community = make_community(access=access)
    make_community_invitation(community)
    make_community_invitation()
    for name, make in PERSONS.items():
        person = make(community)
        by_query = set(CommunityInvitation.objects.visible_to(fresh(person)))
        by_rule = {
            one for one in CommunityInvitation.objects.all() if rules.can_see_invitation(fresh(person), one)
        }
        assert by_query == by_rule, name


def test_list_of_invitations_asks_the_same_queries_for_one_and_for_thirty(client, community, leader):
    def count():
        with CaptureQueriesContext(connection) as queries:
            assert client.get(page(community)).status_code == 200
        return len(queries)

    make_community_invitation(community, invited_by=leader)
    client.get(page(community))
    few = count()
    for number in range(29):
        make_community_invitation(community, invited_by=leader, name=f"P{number}")
    assert count() == few


def test_two_open_invitations_to_one_address_are_impossible(community):
    make_community_invitation(community, email="a@x.example")
    with pytest.raises(IntegrityError), transaction.atomic():
        make_community_invitation(community, email="a@x.example")


def test_list_shows_who_said_what(client, community, leader):
    make_community_invitation(community, name="Waiting")
    make_community_invitation(community, name="Wants", wanted_at=timezone.now())
    make_community_invitation(community, name="Refused", state="declined", ended_at=timezone.now())
    html = client.get(page(community)).content.decode()
    assert "Waiting" in html and "Said yes" in html and "Refused" not in html
    assert "Refused" in client.get(page(community) + "?state=all").content.decode()
    for row in CommunityInvitation.objects.all():
        assert str(row.key) not in html, "the key is in the letter alone"


# Answering -----------------------------------------------------------------------------------------------


def test_person_of_the_network_joins_with_one_click_without_signing_in(client, community, leader):
    known = make_member()
    invite(community, leader, known.email)
    invitation = CommunityInvitation.objects.get()
    client.logout()
    client.cookies["django_language"] = "en"
    html = client.get(invitation.get_absolute_url()).content.decode()
    assert "Yes, I want to take part" in html
    assert Membership.objects.get(person=known).state == MembershipState.INVITED, "opening changes nothing"
    for _time in range(2):
        done = client.post(invitation.get_absolute_url(), {"answer": "yes"}, follow=True).content.decode()
        assert "You are a member" in done
    invitation.refresh_from_db()
    assert Membership.objects.get(person=known).is_active
    assert invitation.state == InvitationState.ACCEPTED and invitation.ended_at
    assert AuditEvent.objects.filter(deed="accept_invitation").count() == 1


def test_answer_in_the_portal_ends_the_invitation_too(community, leader):
    for deed, state in [
        (memberships.accept_invitation, "accepted"),
        (memberships.decline_invitation, "declined"),
    ]:
        known = make_member()
        memberships.invite(by=leader, community=community, person=known)
        deed(by=known, community=community)
        assert CommunityInvitation.objects.get(person=known).state == state


def test_newcomer_says_yes_and_is_a_member_once_in_the_network(client, community, leader, run_jobs):
    invite(community, leader, "dana@city.example")
    invitation = CommunityInvitation.objects.get()
    client.logout()
    client.cookies["django_language"] = "en"
    html = client.post(invitation.get_absolute_url(), {"answer": "yes"}, follow=True).content.decode()
    assert "One step is left" in html and 'href="/join/"' in html
    person = make_user(email="Dana@city.example")
    assert not Membership.objects.filter(person=person).exists()
    give_mandate(
        by=make_admin(), organisation=make_municipality(), person=person, role="Manager", is_manager=True
    )
    assert Membership.objects.get(person=person).is_active
    invitation.refresh_from_db()
    assert invitation.state == InvitationState.ACCEPTED
    assert [notice.event.kind for notice in Notice.objects.filter(reader=person)] == ["admitted"]
    participation_changed(person)
    assert Membership.objects.filter(person=person).count() == 1


def test_newcomer_of_a_member_organisation_is_shown_its_team(client, community, leader):
    karmiel = make_municipality(name_en="Karmiel", email_domain="karmiel.example")
    invite(community, leader, "dana@karmiel.example")
    invitation = CommunityInvitation.objects.get()
    client.logout()
    client.cookies["django_language"] = "en"
    html = client.post(invitation.get_absolute_url(), {"answer": "yes"}, follow=True).content.decode()
    assert f'href="/join/team/{karmiel.slug}/"' in html


def test_newcomer_who_has_not_answered_is_invited_once_in_the_network(community, leader):
    invite(community, leader, "dana@city.example", text="Come.")
    person = make_user(email="dana@city.example")
    give_mandate(by=make_admin(), organisation=make_municipality(), person=person, role="", is_manager=False)
    assert Membership.objects.get(person=person).state == MembershipState.INVITED
    assert [row.person for row in CommunityInvitation.objects.open()] == [person]


def test_no_is_noted_and_not_asked_again(client, community, leader):
    known = make_member()
    invite(community, leader, known.email, "dana@city.example")
    client.logout()
    client.cookies["django_language"] = "en"
    for invitation in CommunityInvitation.objects.all():
        for data in ({"answer": "no"}, {"List-Unsubscribe": "One-Click"}):
            client.post(invitation.get_absolute_url(), data)
        invitation.refresh_from_db()
        assert invitation.state == InvitationState.DECLINED
        assert "do not want to take part" in client.get(invitation.get_absolute_url()).content.decode()
    assert Membership.objects.get(person=known).state == MembershipState.LEFT
    again = invite(community, leader, known.email, "dana@city.example")
    assert again == {Finding.DECLINED: 2}


def test_mail_program_says_no_in_one_request_without_cookies(client, community):
    from django.test import Client

    invitation = make_community_invitation(community)
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post(invitation.get_absolute_url(), {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    invitation.refresh_from_db()
    assert invitation.state == InvitationState.DECLINED


def test_other_person_is_told_that_it_is_not_for_them(client, community):
    invitation = make_community_invitation(community)
    client.force_login(make_member(email="other@city.example"))
    assert "for another address" in client.get(invitation.get_absolute_url()).content.decode()


@pytest.mark.parametrize("state", ["withdrawn", "expired", "archived", "removed"])
def test_what_is_over_can_no_longer_be_accepted(client, community, state):
    known = make_member()
    invitation = make_community_invitation(community, email=known.email, person=known)
    membership = make_membership(community, known, state=MembershipState.INVITED)
    if state == "withdrawn":
        deeds.take_back(by=make_admin(), invitation=invitation)
    elif state == "expired":
        past = timezone.now() - timedelta(days=40)
        CommunityInvitation.objects.update(invited_at=past, expires_at=past + timedelta(days=30))
    elif state == "archived":
        community.archived_at = timezone.now()
        community.save()
    else:
        deeds.accept(invitation=invitation)
        membership.refresh_from_db()
        memberships.remove(by=make_admin(), membership=membership, reason="Gone")
    client.post(invitation.get_absolute_url(), {"answer": "yes"})
    membership.refresh_from_db()
    assert not membership.is_active
    html = client.get(invitation.get_absolute_url()).content.decode()
    assert ("has expired" if state == "expired" else "was taken back") in html


def test_forged_key_is_not_found(client):
    assert client.get("/invitations/communities/00000000-0000-4000-8000-000000000000/").status_code == 404


def test_withdrawing_the_membership_ends_the_invitation_and_the_other_way_round(community, leader):
    first, second = make_member(), make_member()
    invite(community, leader, first.email, second.email)
    memberships.withdraw_invitation(by=leader, membership=Membership.objects.get(person=first))
    deeds.take_back(by=leader, invitation=CommunityInvitation.objects.get(person=second))
    deeds.take_back(by=leader, invitation=CommunityInvitation.objects.get(person=second))
    assert set(CommunityInvitation.objects.values_list("state", flat=True)) == {InvitationState.WITHDRAWN}
    assert not Membership.objects.invited().exists()
    assert invite(community, leader, first.email) == {Finding.PERSON: 1}


def test_leaving_the_network_forgets_the_address(community, leader):
    known = make_member()
    invite(community, leader, known.email)
    leave_all(by=known, person=known)
    assert not CommunityInvitation.objects.exists()


def test_old_letter_to_another_address_of_who_was_removed_leads_back_no_more():
    """One of two addresses was known; the key in the letter to the other stays open until its term."""
    community = make_community(access=Access.CLOSED)
    facilitator = make_facilitator(community)
    invitation = make_community_invitation(community, email="second@karmiel.example", invited_by=facilitator)
    membership = make_membership(community, make_member())
    memberships.remove(by=facilitator, membership=membership, reason="Left the municipality.")
    person = membership.person
    type(person).objects.filter(pk=person.pk).update(email="second@karmiel.example")
    with pytest.raises(TooLate):
        deeds.accept(invitation=invitation)
    assert not Membership.objects.get(person=person).is_active
    CommunityInvitation.objects.filter(pk=invitation.pk).update(invited_at=timezone.now())
    deeds.accept(invitation=invitation)  # who is asked in again comes in again
    assert Membership.objects.get(person=person).is_active
