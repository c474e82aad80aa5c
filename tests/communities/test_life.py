"""How communities begin and end: proposed, opened or declined, closed down, taken up again."""

from uuid import uuid4

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core import mail
from django.db import IntegrityError, transaction

from communities import rules
from communities.actions import life as deeds
from communities.actions.membership import TooLate
from communities.enums import Access, ProposalState
from communities.models import Community, CommunityProposal, Topic
from members.models import User
from munistem.commons.notices.models import Notice
from tests.communities.factories import (
    make_community,
    make_facilitator,
    make_meeting,
    make_member,
    make_membership,
    make_topic,
    make_user,
)
from tests.members.factories import make_admin
from tests.notices import told

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_pages")]


@pytest.fixture
def admin():
    return make_admin()


@pytest.fixture
def person():
    return make_member(name="Dana")


def proposed(person, **fields):
    fields = {"name": "Robotics", "purpose": "To share kits.", "audience": "Teachers", **fields}
    return deeds.propose_community(
        by=person,
        **{"access": Access.REQUEST, "language": "en", "nonce": uuid4(), "facilitators": [person], **fields},
    )


def fields_of_form(**fields):
    return {
        "name": "Robotics",
        "audience": "Teachers",
        "purpose": "To share kits.",
        "access": "request",
        "language": "en",
        "facilitates": "on",
        **fields,
    }


def test_proposals_are_seen_by_who_made_them_and_admins(admin, person):
    proposal = proposed(person, facilitators=[other := make_member()])
    people = [person, admin, other, make_user(), make_facilitator(), make_user(is_knowledge_manager=True)]
    for one in [*people, AnonymousUser()]:
        found = CommunityProposal.objects.visible_to(one).filter(pk=proposal.pk).exists()
        assert found == rules.can_see_proposal(one, proposal) == (one in (person, admin))


def test_member_proposes_and_admin_opens_it(client, admin, person, run_jobs):
    colleague = make_member(name="Colleague")
    client.force_login(person)
    nonce = uuid4()
    for _twice in range(2):
        client.post("/communities/proposals/new/", fields_of_form(others=colleague.email, nonce=nonce))
    proposal = CommunityProposal.objects.get()
    assert set(proposal.facilitators.all()) == {person, colleague}
    assert told("community_proposed") == [admin.name]
    assert "Robotics" in client.get("/communities/").content.decode()
    client.force_login(admin)
    url = f"/admin/communities/communityproposal/{proposal.pk}/change/"
    assert "Robotics" in client.get("/desk/").content.decode()
    assert "1 community was proposed" in client.get("/").content.decode()
    assert "To share kits." in client.get(url).content.decode()
    for _twice in range(2):
        client.post(url, {"deed": "approve", "name": "Robots", "purpose": "Kits", "access": "open"})
    run_jobs()
    community = Community.objects.get()
    assert (community.name, community.access, community.member_count) == ("Robots", "open", 2)
    assert set(community.memberships.facilitators().values_list("person", flat=True)) == {
        person.pk,
        colleague.pk,
    }
    assert told("community_approved") == ["Dana"]
    assert told("made_facilitator") == ["Colleague"]
    assert {"Dana", "Colleague"} <= {User.objects.get(email=m.to[0]).name for m in mail.outbox}
    client.force_login(person)
    assert community.get_absolute_url() in client.get(proposal.get_absolute_url()).content.decode()


def test_declined_proposal_comes_with_its_reason(client, admin, person):
    proposal = proposed(person)
    client.force_login(admin)
    url = f"/admin/communities/communityproposal/{proposal.pk}/change/"
    assert client.post(url, {"deed": "decline", "reason": ""}).status_code == 200
    client.post(url, {"deed": "decline", "reason": "There is one already."})
    client.post(url, {"deed": "approve", "name": "Robots", "purpose": "Kits", "access": "open"})
    assert not Community.objects.exists()
    assert told("community_declined") == ["Dana"]
    client.force_login(person)
    assert "There is one already." in client.get(proposal.get_absolute_url()).content.decode()
    assert not Notice.objects.filter(reader=person, read_at=None).exists()


def test_proposal_is_taken_back_once_and_not_by_others(client, admin, person):
    proposal = proposed(person)
    client.force_login(make_member())
    assert client.post(f"{proposal.get_absolute_url()}withdraw/").status_code == 404
    client.force_login(person)
    for _twice in range(2):
        assert client.post(f"{proposal.get_absolute_url()}withdraw/").status_code == 302
    proposal.refresh_from_db()
    assert proposal.state == ProposalState.WITHDRAWN
    with pytest.raises(TooLate):
        deeds.approve_proposal(by=admin, proposal=proposal, name="A", purpose="B", access="open")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"others": "nobody@example.org"}, "Nobody in the network has this address: nobody@example.org"),
        ({"facilitates": ""}, "Somebody has to facilitate"),
        ({"name": ""}, "Robotics kits"),
        ({"access": "secret"}, "Robotics kits"),
    ],
)
def test_bad_proposal_says_what_to_do_and_keeps_the_text(client, person, wrong, said):
    client.force_login(person)
    answer = client.post("/communities/proposals/new/", fields_of_form(purpose="Robotics kits", **wrong))
    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert not CommunityProposal.objects.exists()


def test_only_the_network_proposes(client):
    client.force_login(make_user())
    assert client.get("/communities/proposals/new/").status_code == 403


def test_nobody_leads_what_nobody_can_lead(admin, person):
    proposal = proposed(person, facilitators=[make_user()])
    with pytest.raises(deeds.NobodyLeads):
        deeds.approve_proposal(by=admin, proposal=proposal, name="A", purpose="B", access="open")
    assert not Community.objects.exists()


def test_database_keeps_decisions_whole(person):
    proposal = proposed(person)
    for wrong in ({"state": "approved"}, {"reason": "Why"}, {"decided_by": person}, {"name": ""}):
        with pytest.raises(IntegrityError), transaction.atomic():
            CommunityProposal.objects.filter(pk=proposal.pk).update(**wrong)


def test_facilitator_closes_down_and_takes_up_again(client, settings):
    community = make_community(name="Makers", access=Access.OPEN)
    leader, member = (
        make_facilitator(community),
        make_membership(community, make_member(name="Member")).person,
    )
    topic = make_topic(community, member, title="Lighthouse")
    client.force_login(member)
    assert client.get(f"{community.get_absolute_url()}archive/").status_code == 403
    client.force_login(leader)
    url = f"{community.get_absolute_url()}archive/"
    assert client.post(url, {"reason": ""}).status_code == 200
    for _twice in range(2):
        assert client.post(url, {"reason": "Its task is done."}).status_code == 302
    assert "Member" in told("community_archived")
    client.force_login(member)
    page = client.get(community.get_absolute_url()).content.decode()
    assert "Its task is done." in page
    assert "Open a topic" not in page
    assert client.post(topic.get_absolute_url(), {"body": "<p>x</p>"}).status_code == 403
    assert list(Topic.objects.visible_to(member).matching("lighthouse")) == [topic]
    client.force_login(leader)
    for _twice in range(2):
        client.post(f"{community.get_absolute_url()}reopen/")
    community.refresh_from_db()
    assert (community.archived_at, community.archived_by, community.archive_reason) == (None, None, "")
    assert told("community_reopened").count("Member") == 1


def test_community_with_meetings_ahead_is_not_closed_down(client):
    community = make_community()
    leader = make_facilitator(community)
    make_meeting(community, leader)
    client.force_login(leader)
    page = client.post(f"{community.get_absolute_url()}archive/", {"reason": "Done"}).content.decode()
    assert "Call them off first" in page
    assert Community.objects.current().exists()


def test_who_leads_no_longer_neither_closes_down_nor_takes_up_again(admin, community, facilitator):
    community.memberships.filter(person=facilitator).update(is_facilitator=False)
    with pytest.raises(TooLate):
        deeds.archive_community(by=facilitator, community=community)
    deeds.archive_community(by=admin, community=community)
    with pytest.raises(TooLate):
        deeds.reopen_community(by=facilitator, community=community)
    community.refresh_from_db()
    assert community.archived_by == admin
