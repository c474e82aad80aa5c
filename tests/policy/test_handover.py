"""What hangs on the role passes to its next holder."""

from datetime import timedelta

import pytest
from django.utils import timezone

from communities.enums import Access, MembershipState
from communities.models import Membership
from members.actions.team import end_mandate
from munistem.commons.audit.models import AuditEvent
from munistem.commons.notices.models import Notice
from munistem.front.actions.departure import leave_network
from policy.emails.asking import acting_for
from policy.enums import EndorsementState, PlanState
from tests.communities.factories import (
    make_community,
    make_facilitator,
    make_membership,
)
from tests.members.factories import (
    make_admin,
    make_authority,
    make_holding,
    make_member,
    make_municipality,
    make_representative,
    make_user,
)
from tests.policy.factories import make_endorsement
from tests.policy.holders import hand_over, pack_address
from tests.policy.programmes import make_plan_item

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_pages")]


def told(kind):
    return {notice.reader for notice in Notice.objects.filter(event__kind=kind).select_related("reader")}


# What passes ---------------------------------------------------------------------------------------------


def test_open_things_of_the_plan_pass_to_the_successor(town, town_manager, before, after):
    theirs, done = (
        make_plan_item(before, town.authority),
        make_plan_item(
            before, town.authority, state=PlanState.DONE, settled_at=timezone.now(), settled_by=before
        ),
    )
    colleagues = make_plan_item(town_manager, town.authority)
    orphan = make_plan_item(make_user(), town.authority)
    admins = make_plan_item(make_admin(), town.authority)
    elsewhere = make_plan_item(before, make_authority())
    owners = {row: row.owner for row in (done, colleagues, admins, elsewhere)} | {
        theirs: after,
        orphan: after,
    }
    hand_over(town, town_manager, after)
    for row, owner in owners.items():
        row.refresh_from_db()
        assert (row.pk, row.owner) == (row.pk, owner)
    assert AuditEvent.objects.filter(deed="pass_plan_item").count() == 2


def test_plan_waits_while_the_role_is_vacant_and_of_who_left(town, town_manager, before, after):
    item = make_plan_item(before, town.authority)
    end_mandate(by=town_manager, mandate=before.representations.get())
    item.refresh_from_db()
    assert item.owner == before
    hand_over(town, town_manager, name="Somebody Outside")
    item.refresh_from_db()
    assert item.owner == before
    hand_over(town, town_manager, after)
    item.refresh_from_db()
    assert item.owner == after


def test_endorsements_name_the_new_holder_as_responsible(town, town_manager, before, after):
    theirs = make_endorsement(town, responsible="bella before")
    waiting = make_endorsement(town, state=EndorsementState.WAITING, responsible="Bella Before")
    others = make_endorsement(town, responsible="Somebody else")
    over = make_endorsement(town, state=EndorsementState.RETURNED, responsible="Bella Before")
    foreign = make_endorsement(make_municipality(), responsible="Bella Before")
    hand_over(town, town_manager, after)
    names = []
    for row in (theirs, waiting, others, over, foreign):
        row.refresh_from_db()
        names.append(row.responsible)
    assert names == ["Aya After", "Aya After", "Somebody else", "Bella Before", "Bella Before"]


def test_seats_in_communities_follow_their_rules_of_admission(town, town_manager, before, after):
    default = make_community(access=Access.REQUEST, is_default=True)
    closed = make_community(access=Access.CLOSED, name="Closed circle")
    refused = make_community(access=Access.REQUEST, is_default=True)
    leader = make_facilitator(closed)
    for community in (default, closed, refused):
        make_membership(community, before)
    make_membership(refused, after, state=MembershipState.REMOVED)
    hand_over(town, town_manager, after)
    joined = Membership.objects.filter(person=after, state=MembershipState.ACTIVE)
    assert [row.community for row in joined] == [default]
    assert told("role_passed") == {leader}


def test_successor_takes_up_seats_as_each_community_takes_people_in(
    client, read, town, town_manager, before, after
):
    circles = {
        access: make_community(access=access, name=f"{access} circle")
        for access in (Access.OPEN, Access.REQUEST, Access.CLOSED)
    }
    for community in circles.values():
        make_membership(community, before)
    elsewhere = make_community(access=Access.OPEN)
    hand_over(town, town_manager, after)
    client.force_login(after)
    page = read(pack_address(town))
    assert "open circle" in page
    assert "request circle" in page
    assert "closed circle" not in page
    for _twice in range(2):
        for community in (*circles.values(), elsewhere):
            status = client.post(pack_address(town, f"seats/{community.slug}/")).status_code
            assert status == (404 if community.access == Access.CLOSED else 302)
    states = dict(Membership.objects.filter(person=after).values_list("community__access", "state"))
    assert states == {Access.OPEN: MembershipState.ACTIVE, Access.REQUEST: MembershipState.ASKED}
    assert not Membership.objects.filter(person=after, community=elsewhere).exists()


def test_seats_wait_even_if_who_held_them_left_the_network_for_good(
    client, read, town, town_manager, before, after
):
    stays, left = make_community(access=Access.OPEN, name="Circle"), make_community(name="Left long ago")
    make_membership(stays, before)
    leave_network(person=before)
    still_here = make_representative(organisation=town).person
    make_holding(town.authority, still_here, until_on=timezone.localdate())
    make_membership(left, still_here, state=MembershipState.LEFT)
    hand_over(town, town_manager, after)
    client.force_login(after)
    page = read(pack_address(town))
    assert "Circle" in page
    assert "Left long ago" not in page
    assert client.post(pack_address(town, f"seats/{stays.slug}/")).status_code == 302
    assert Membership.objects.get(person=after).community == stays


def test_colleagues_take_no_seat(client, town, town_manager, before, after):
    community = make_community(access=Access.OPEN)
    make_membership(community, before)
    hand_over(town, town_manager, after)
    client.force_login(town_manager)
    assert client.post(pack_address(town, f"seats/{community.slug}/")).status_code == 302
    assert not Membership.objects.filter(person=town_manager).exists()
    client.force_login(make_member())
    assert client.post(pack_address(town, f"seats/{community.slug}/")).status_code == 403


def test_letter_leads_to_the_pack(client, town, town_manager, before, after):
    hand_over(town, town_manager, after)
    event = Notice.objects.get(reader=after).event
    assert event.kind == "role_given"
    client.force_login(after)
    assert client.get(f"/policy/authorities/{event.data['code']}/handover/").status_code == 200


# My day --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days_vacant", "days_member", "is_asked"),
    [(31, 400, True), (29, 400, False), (None, 31, True), (None, 29, False)],
)
def test_managers_are_asked_who_holds_the_role_once_it_is_vacant_for_long(
    client, read, town, town_manager, days_vacant, days_member, is_asked
):
    today = timezone.localdate()
    town.joined_on = today - timedelta(days=days_member)
    town.save(update_fields=["joined_on"])
    if days_vacant:
        make_holding(town.authority, until_on=today - timedelta(days=days_vacant))
    client.force_login(town_manager)
    assert ("Who holds the STEM role now?" in read("/")) == is_asked
    client.force_login(make_representative(organisation=town).person)
    assert "Who holds the STEM role now?" not in read("/")


def test_nobody_is_asked_while_somebody_holds_it(client, read, town, town_manager, before):
    town.joined_on = timezone.localdate() - timedelta(days=400)
    town.save(update_fields=["joined_on"])
    client.force_login(town_manager)
    assert "Who holds the STEM role now?" not in read("/")


def test_who_holds_the_role_is_asked_as_managers_are(town, town_manager, before, after):
    assert acting_for([town.pk])[town.pk] == [town_manager, before]
    hand_over(town, town_manager, after)
    assert acting_for([town.pk])[town.pk] == [town_manager, after]
