"""The first page for visitors, for people still outside and for members."""

from datetime import timedelta

import pytest
from django.utils import timezone

from communities.enums import Access, Coming, MeetingState, MembershipState
from knowledge.enums import RevisionState
from members.models.person import PersonTerm
from munistem.commons.audit.models import AuditEvent
from munistem.commons.enums import Visibility
from policy.enums import EndorsementState
from policy.models import Endorsement
from tests.communities.factories import (
    make_community,
    make_facilitator,
    make_held_meeting,
    make_invitee,
    make_meeting,
    make_membership,
    make_minutes,
    make_post,
    make_task,
    make_topic,
)
from tests.knowledge.factories import make_item, make_revision, make_term
from tests.members.factories import (
    make_admin,
    make_application,
    make_member,
    make_municipality,
    make_representative,
    make_team_request,
    make_user,
)
from tests.policy.factories import make_endorsement, make_recommendation

pytestmark = pytest.mark.django_db


def test_visitor_reads_what_the_network_is(read):
    make_endorsement(make_municipality(), make_recommendation(title_en="A named manager"))
    make_item(life_stages=["primary"])
    make_item(visibility=Visibility.NETWORK, life_stages=["service"])
    make_community(access=Access.CLOSED, name="Secret circle")
    page = read("/")
    assert "A named manager" in page
    assert "one municipality endorsed it" in page
    assert "/knowledge/?stage=primary" in page
    assert "Apply to join" in page
    assert "Secret circle" not in page
    assert 'property="og:title"' in page


def test_visitors_figures_count_only_what_is_public(client):
    make_item()
    make_item(visibility=Visibility.NETWORK)
    make_item(RevisionState.DRAFT)
    make_community(access=Access.OPEN)
    make_community(access=Access.CLOSED)
    figures = client.get("/").context["figures"]
    assert figures["items"] == 1
    assert figures["communities"] == 1


def test_home_of_visitors_costs_the_same_for_one_and_many(count_queries):
    make_endorsement()
    make_item()
    few = count_queries("/")
    for _ in range(8):
        make_endorsement()
        make_item()
    assert count_queries("/") == few <= 6


def test_applicant_sees_how_the_application_stands(client, read):
    person = make_user()
    client.force_login(person)
    assert "Apply to join" in read("/")
    make_application(email=person.email, organisation_name="Code for all")
    make_team_request(email=person.email)
    page = read("/")
    assert "Code for all" in page
    assert "Received" in page
    assert "Waiting for a manager" in page


def test_member_sees_what_is_new_in_own_communities_only(client, read):
    person = make_member()
    mine = make_membership(make_community(), person, since=timezone.now() - timedelta(days=3)).community
    make_topic(mine, title="Labs after school")
    make_topic(make_community(), title="Not for your eyes")
    client.force_login(person)
    page = read("/")
    assert "Labs after school" in page
    assert "Not for your eyes" not in page


def test_member_sees_new_knowledge_on_own_topics(client):
    person, term = make_member(), make_term()
    PersonTerm.objects.create(content_object=person, tag=term)
    mine = make_item(terms=[term])
    make_item()
    make_item(terms=[term], visibility=Visibility.COMMUNITY)
    client.force_login(person)
    context = client.get("/").context
    assert context["items"] == [mine]
    assert context["is_by_topic"]


def test_returned_item_waits_for_its_author(client, read):
    person = make_member()
    item = make_item(RevisionState.RETURNED, created_by=person, title="Our model")
    client.force_login(person)
    page = read("/")
    assert f"/knowledge/{item.slug}/edit/" in page
    assert "Please add the costs." in page


def test_team_request_waits_for_the_manager_alone(client, read):
    organisation = make_municipality()
    make_team_request(organisation)
    sentence = "1 colleague asks to join your organisation"
    client.force_login(make_representative(organisation=organisation).person)
    assert sentence not in read("/")
    client.force_login(make_representative(organisation=organisation, is_manager=True).person)
    page = read("/")
    assert sentence in page
    assert f'href="/organisations/{organisation.slug}/team/"' in page


def test_facilitator_sees_who_wants_to_join(client, read):
    community = make_community()
    person = make_facilitator(community)
    make_membership(community, state=MembershipState.ASKED)
    make_membership(make_community(), state=MembershipState.ASKED)
    client.force_login(person)
    assert "1 person asks to join a community" in read("/")


def test_admin_and_knowledge_manager_see_what_they_decide(client, read):
    make_application()
    make_revision(make_item())
    make_item(RevisionState.SUBMITTED)
    make_endorsement(state=EndorsementState.WAITING)
    client.force_login(make_user(is_knowledge_manager=True))
    page = read("/")
    assert "1 knowledge item waits for review" in page
    assert "organisation applies" not in page
    client.force_login(make_admin())
    page = read("/")
    assert "1 organisation applies to join the network" in page
    assert "1 endorsement waits for confirmation" in page


def test_municipality_is_reminded_of_unanswered_recommendations_and_due_reports(client, read):
    organisation = make_municipality()
    person = make_representative(organisation=organisation).person
    endorsed = make_endorsement(organisation, make_recommendation(title_en="An overall picture"))
    make_recommendation(title_en="More resources")
    client.force_login(person)
    page = read("/")
    assert "More resources" in page
    assert "An overall picture" not in page
    Endorsement.objects.filter(pk=endorsed.pk).update(answered_at=timezone.now() - timedelta(days=400))
    assert "A progress report is due" in read("/")


@pytest.mark.parametrize("page", ["/", "/policy/"])
def test_whoever_acts_for_a_municipality_finds_its_picture_at_once(client, read, page):
    town = make_municipality()
    door = f'href="/policy/picture/{town.authority_id}/"'
    client.force_login(make_representative(organisation=town).person)
    assert read(page).count(door) == 1
    client.force_login(make_member())
    assert door not in read(page)


def test_first_steps_disappear_when_done(client, read):
    person = make_member()
    client.force_login(person)
    assert "First steps" in read("/")
    assert client.get("/first-steps/recommendations/").status_code == 302
    assert client.get("/first-steps/recommendations/").status_code == 302
    assert AuditEvent.objects.filter(deed="read_recommendations").count() == 1
    person.role_title, person.about = "Director", "Labs"
    person.save()
    PersonTerm.objects.create(content_object=person, tag=make_term())
    make_post(make_topic(), make_membership(person=person).person)
    assert "First steps" not in read("/")


def test_first_steps_can_be_put_away(client, read):
    client.force_login(make_member())
    assert client.post("/first-steps/done/").status_code == 302
    assert "First steps" not in read("/")


@pytest.mark.parametrize("maker", [make_member, make_admin])
def test_my_day_costs_the_same_for_one_and_thirty(client, count_queries, maker):
    organisation = make_municipality()
    person = maker() if maker is make_admin else maker(organisation=organisation, is_manager=True)

    def fill(times: int) -> None:
        for _ in range(times):
            community = make_membership(person=person, since=timezone.now() - timedelta(days=9)).community
            make_topic(community)
            make_membership(person=person, state=MembershipState.INVITED)
            make_item(RevisionState.RETURNED, created_by=person)
            make_item()
            make_recommendation()
            make_team_request(organisation)
            make_task(owner=person)
            make_minutes(
                make_invitee(person=person, meeting=make_held_meeting(community), attended=True).meeting,
                "sent",
            )

    fill(1)
    client.force_login(person)
    few = count_queries("/")
    fill(29)
    assert count_queries("/") == few <= 15


def test_my_day_shows_next_meetings_and_what_waits_for_my_answer(client, read):
    community = make_community(name="Municipal labs")
    member = make_membership(community).person
    asked, answered, declined = (
        make_meeting(community, title=f"Meeting {n}") for n in ("asked", "kept", "left")
    )
    poll = make_meeting(community, state=MeetingState.POLL, title="Visit", starts_at=None)
    make_meeting(make_community(), title="Of others")
    make_meeting(community, state=MeetingState.DRAFT, title="Draft")
    make_invitee(asked, member)
    make_invitee(answered, member, answer=Coming.COMING)
    make_invitee(declined, member, answer=Coming.NO)
    client.force_login(member)
    day = client.get("/").context
    assert [meeting.title for meeting in day["meetings"]] == ["Meeting asked", "Meeting kept"]
    urls = {task.url for task in day["tasks"]}
    assert urls == {f"/meetings/{asked.pk}/#answer", f"/meetings/{poll.pk}/#dates"}
