"""Communities as their readers see them: the list, the door, joining and leaving, people, changes and the admin."""

import pytest
from django.utils import timezone

from communities.actions import topic as deeds
from communities.enums import Access, MembershipState, TopicKind
from communities.models import Community, Membership
from tests.communities.factories import (
    make_community,
    make_facilitator,
    make_member,
    make_membership,
    make_post,
    make_topic,
)
from tests.members.factories import make_admin
from tests.visits import read

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_pages")]


@pytest.fixture
def community():
    return make_community(access=Access.OPEN, name="Municipal labs")


def test_list_shows_mine_first_with_news(client, topic, member):
    make_community(access=Access.REQUEST, name="Another one")
    page = read(client, "/communities/")
    assert "Nothing new" in page
    make_post(topic)
    page = read(client, "/communities/")
    assert page.index("Municipal labs") < page.index("Another one")
    assert "one topic with news" in page
    read(client, f"/communities/{topic.community.slug}/")
    assert "Nothing new" in read(client, "/communities/")


def test_community_shows_pinned_first_unread_and_marks(client, community, member):
    quiet = make_topic(community, title="Pinned one", is_pinned=True)
    lively = make_topic(community, title="Lively one")
    deeds.mark_read(by=member, topic=lively, number=1)
    for _ in range(3):
        make_post(lively)
    page = read(client, f"/communities/{community.slug}/")
    assert page.index("Pinned one") < page.index("Lively one")
    assert f"/topics/{lively.pk}/#new" in page
    assert ">3 new<" in page
    assert f'href="/topics/{quiet.pk}/"' in page


def test_kinds_are_filtered(client, community):
    make_topic(community, title="A case", kind=TopicKind.CASE)
    make_topic(community, title="A question")
    page = read(client, f"/communities/{community.slug}/?kind=case")
    assert "A case" in page
    assert "A question" not in page
    assert "A case" in read(client, f"/communities/{community.slug}/?kind=nonsense")


def test_hidden_topics_are_listed_for_facilitators_only(client, community):
    hidden = {"hidden_at": timezone.now(), "hidden_by": make_admin(), "hidden_reason": "Slip"}
    make_topic(community, title="Hidden one", **hidden)
    address = f"/communities/{community.slug}/?kind=hidden"
    assert "Hidden one" not in read(client, address)
    client.force_login(make_facilitator(community))
    assert "Hidden one" in read(client, address)


def test_pages_of_a_list_are_clamped(client, community):
    for _ in range(30):
        make_topic(community)
    for number in ("2", "0", "-1", "999999999999999999999", "x", "٣"):
        read(client, f"/communities/{community.slug}/?page={number}")
    assert 'aria-current="page">2<' in read(client, f"/communities/{community.slug}/?page=200")


def test_door_of_a_community_by_request(client):
    community = make_community(purpose="We plan together.")
    make_topic(community, title="Inner matter")
    facilitator = make_facilitator(community, make_member(name="Leading Person"))
    page = read(client, f"/communities/{community.slug}/")
    assert "We plan together." in page
    assert "How to join" in page
    assert "Inner matter" not in page
    assert "Leading Person" not in page
    client.force_login(make_member())
    page = read(client, f"/communities/{community.slug}/")
    assert "Leading Person" in page
    assert "Ask to join" in page
    assert str(facilitator.uuid) in page


def test_joining_asking_and_leaving_by_forms(client, community):
    person = make_member()
    client.force_login(person)
    client.post(f"/communities/{community.slug}/join/")
    client.post(f"/communities/{community.slug}/join/")
    assert Membership.objects.get().is_active
    client.post(f"/communities/{community.slug}/leave/")
    assert Membership.objects.get().state == MembershipState.LEFT
    closed = make_community()
    client.post(f"/communities/{closed.slug}/ask/", {"note": "Hello\x07\u202e"})
    row = Membership.objects.get(community=closed)
    assert (row.state, row.note) == (MembershipState.ASKED, "Hello")
    client.post(f"/communities/{closed.slug}/ask/withdraw/")
    row.refresh_from_db()
    assert row.state == MembershipState.LEFT


def test_last_facilitator_is_told_what_to_do(client, community):
    client.force_login(make_facilitator(community))
    response = client.post(f"/communities/{community.slug}/leave/", follow=True)
    assert "You are the only facilitator" in response.content.decode()


def test_facilitator_invites_admits_declines_removes(client):
    community = make_community()
    facilitator, guest = make_facilitator(community), make_member(email="guest@example.org")
    asked = [make_membership(community, state=MembershipState.ASKED, note="Please") for _ in range(2)]
    client.force_login(facilitator)
    base = f"/communities/{community.slug}/people/"
    assert "Please" in read(client, base)
    client.post(base, {"email": "GUEST@example.org"})
    assert Membership.objects.get(person=guest).state == MembershipState.INVITED
    response = client.post(base, {"email": "nobody@example.org"})
    assert "Nobody in the network has this address" in response.content.decode()
    client.post(f"{base}{asked[0].pk}/admit/")
    client.post(f"{base}{asked[0].pk}/admit/")
    client.post(f"{base}{asked[1].pk}/decline/", {"reason": ""})
    client.post(f"{base}{asked[1].pk}/decline/", {"reason": "For others"})
    client.post(f"{base}{asked[0].pk}/facilitator/")
    states = dict(Membership.objects.values_list("pk", "state"))
    assert (states[asked[0].pk], states[asked[1].pk]) == (MembershipState.ACTIVE, MembershipState.DECLINED)
    assert Membership.objects.get(pk=asked[0].pk).is_facilitator
    member = make_membership(community)
    client.post(f"{base}{member.pk}/remove/", {"reason": "Gone"})
    member.refresh_from_db()
    assert member.state == MembershipState.REMOVED


def test_invited_person_accepts_or_declines(client):
    for answer, state in [("accept", MembershipState.ACTIVE), ("decline", MembershipState.LEFT)]:
        row = make_membership(make_community(access=Access.CLOSED), state=MembershipState.INVITED)
        client.force_login(row.person)
        assert "You are invited" in read(client, f"/communities/{row.community.slug}/")
        client.post(f"/communities/{row.community.slug}/invitation/", {"answer": answer})
        row.refresh_from_db()
        assert row.state == state


def test_people_are_found_for_mentions(client, community, member):
    dana = make_membership(community, make_member(name="Dana Cohen", role_title="Manager")).person
    make_member(name="Dana Outside")
    make_membership(community, make_member(name="Dana Invited"), state=MembershipState.INVITED)
    answer = client.get(f"/communities/{community.slug}/people/find/?q=@dan").json()
    assert answer == [{"value": dana.name, "label": dana.name, "hint": "Manager"}]
    assert client.get(f"/communities/{community.slug}/people/find/?q=").json() == []


def test_facilitator_changes_the_community(client, community):
    client.force_login(make_facilitator(community))
    form = {"name": "New labs", "purpose": "Better", "access": "request", "language": "ar"}
    client.post(f"/communities/{community.slug}/edit/", form)
    community.refresh_from_db()
    assert (community.name, community.access, community.language) == ("New labs", "request", "ar")


def test_admin_opens_changes_and_archives_communities(client):
    client.force_login(make_admin())
    form = {"name": "Labs", "slug": "", "purpose": "To share", "access": "open", "language": "he"}
    empty = {
        f"memberships-{name}": "0"
        for name in ("TOTAL_FORMS", "INITIAL_FORMS", "MIN_NUM_FORMS", "MAX_NUM_FORMS")
    }
    person = make_member()
    response = client.post(
        "/admin/communities/community/add/", {**form, **empty, "facilitators": [person.pk]}
    )
    assert response.status_code == 302
    community = Community.objects.get()
    assert community.memberships.get().is_facilitator
    counted = {**empty, "memberships-TOTAL_FORMS": "1", "memberships-INITIAL_FORMS": "1"}
    counted |= {"memberships-0-id": community.memberships.get().pk, "memberships-0-community": community.pk}
    changed = {**form, **counted, "name": "Better labs", "slug": "labs"}
    client.post(f"/admin/communities/community/{community.pk}/change/", changed)
    community.refresh_from_db()
    assert community.name == "Better labs"
    client.post("/admin/communities/community/", {"action": "archive", "_selected_action": [community.pk]})
    community.refresh_from_db()
    assert community.archived_at
    topic = make_topic(community)
    for address in ("community/", "membership/", "topic/", f"topic/{topic.pk}/change/"):
        assert client.get(f"/admin/communities/{address}").status_code == 200


def test_facilitator_hands_over_on_the_people_page(client, community):
    leaving = make_facilitator(community, make_member(name="Leaving Person"))
    heir = make_membership(community, make_member(name="Heir"))
    client.force_login(leaving)
    own = Membership.objects.get(person=leaving)
    assert "Lay facilitation down" not in read(client, f"{community.get_absolute_url()}people/")
    for _ in range(2):  # two clicks are one deed
        url = f"{community.get_absolute_url()}people/{heir.pk}/facilitator/"
        assert client.post(url).status_code == 302
    assert "Lay facilitation down" in read(client, f"{community.get_absolute_url()}people/")
    for _ in range(2):
        url = f"{community.get_absolute_url()}people/{own.pk}/facilitator/end/"
        assert client.post(url).status_code == 302
    assert list(community.memberships.facilitators().values_list("person__name", flat=True)) == ["Heir"]
    url = f"{community.get_absolute_url()}people/{heir.pk}/facilitator/end/"
    assert client.post(url).status_code == 403
