"""What hangs on the role passes to its next holder; the pack tells it, on the page and on paper."""

from datetime import timedelta

import pypdfium2
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from communities.enums import Access, MembershipState
from communities.models import Membership
from members.actions.role import appoint_holder, end_holding
from members.actions.team import end_mandate
from munistem.commons.audit.models import AuditEvent
from munistem.commons.days.school import current_school_year
from munistem.commons.notices.models import Notice
from munistem.front.actions.departure import leave_network
from policy.emails.asking import acting_for
from policy.enums import EndorsementState, PlanState, Progress
from policy.models.handover import things_of
from policy.views.pack import Pack
from tests.communities.factories import (
    make_community,
    make_facilitator,
    make_held_meeting,
    make_meeting,
    make_membership,
    make_minutes,
    make_task,
)
from tests.knowledge.factories import make_collection, make_item
from tests.members.factories import (
    fresh,
    make_admin,
    make_authority,
    make_holding,
    make_member,
    make_municipality,
    make_organisation,
    make_representative,
    make_user,
)
from tests.policy.calls import NOW, make_call
from tests.policy.factories import make_endorsement, make_recommendation, make_report, make_share
from tests.policy.programmes import make_plan_item, make_programme

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_pages")]


@pytest.fixture
def manager(town):
    return make_representative(make_user(name="Mira Manager"), town, is_manager=True).person


@pytest.fixture
def before(town):
    """Who held the role until now."""
    person = make_representative(make_user(name="Bella Before"), town).person
    make_holding(town.authority, person)
    return person


@pytest.fixture
def after(town):
    """A colleague who will hold it."""
    return make_representative(make_user(name="Aya After"), town).person


def hand_over(town, manager, person=None, **fields):
    day = timezone.localdate()
    return appoint_holder(by=manager, authority=town.authority, person=person, since_on=day, **fields)


def address(town, rest=""):
    return f"/policy/authorities/{town.authority_id}/handover/{rest}"


def told(kind):
    return {notice.reader for notice in Notice.objects.filter(event__kind=kind).select_related("reader")}


# What passes ---------------------------------------------------------------------------------------------


def test_open_things_of_the_plan_pass_to_the_successor(town, manager, before, after):
    theirs, done = (
        make_plan_item(before, town.authority),
        make_plan_item(
            before, town.authority, state=PlanState.DONE, settled_at=timezone.now(), settled_by=before
        ),
    )
    colleagues = make_plan_item(manager, town.authority)
    orphan = make_plan_item(make_user(), town.authority)
    admins = make_plan_item(make_admin(), town.authority)
    elsewhere = make_plan_item(before, make_authority())
    owners = {row: row.owner for row in (done, colleagues, admins, elsewhere)} | {
        theirs: after,
        orphan: after,
    }
    hand_over(town, manager, after)
    for row, owner in owners.items():
        row.refresh_from_db()
        assert (row.pk, row.owner) == (row.pk, owner)
    assert AuditEvent.objects.filter(deed="pass_plan_item").count() == 2


def test_plan_waits_while_the_role_is_vacant_and_of_who_left(town, manager, before, after):
    item = make_plan_item(before, town.authority)
    end_mandate(by=manager, mandate=before.representations.get())
    item.refresh_from_db()
    assert item.owner == before
    hand_over(town, manager, name="Somebody Outside")
    item.refresh_from_db()
    assert item.owner == before
    hand_over(town, manager, after)
    item.refresh_from_db()
    assert item.owner == after


def test_endorsements_name_the_new_holder_as_responsible(town, manager, before, after):
    theirs = make_endorsement(town, responsible="bella before")
    waiting = make_endorsement(town, state=EndorsementState.WAITING, responsible="Bella Before")
    others = make_endorsement(town, responsible="Somebody else")
    over = make_endorsement(town, state=EndorsementState.RETURNED, responsible="Bella Before")
    foreign = make_endorsement(make_municipality(), responsible="Bella Before")
    hand_over(town, manager, after)
    names = []
    for row in (theirs, waiting, others, over, foreign):
        row.refresh_from_db()
        names.append(row.responsible)
    assert names == ["Aya After", "Aya After", "Somebody else", "Bella Before", "Bella Before"]


def test_seats_in_communities_follow_their_rules_of_admission(town, manager, before, after):
    default = make_community(access=Access.REQUEST, is_default=True)
    closed = make_community(access=Access.CLOSED, name="Closed circle")
    refused = make_community(access=Access.REQUEST, is_default=True)
    leader = make_facilitator(closed)
    for community in (default, closed, refused):
        make_membership(community, before)
    make_membership(refused, after, state=MembershipState.REMOVED)
    hand_over(town, manager, after)
    joined = Membership.objects.filter(person=after, state=MembershipState.ACTIVE)
    assert [row.community for row in joined] == [default]
    assert told("role_passed") == {leader}


def test_successor_takes_up_seats_as_each_community_takes_people_in(
    client, read, town, manager, before, after
):
    circles = {
        access: make_community(access=access, name=f"{access} circle")
        for access in (Access.OPEN, Access.REQUEST, Access.CLOSED)
    }
    for community in circles.values():
        make_membership(community, before)
    elsewhere = make_community(access=Access.OPEN)
    hand_over(town, manager, after)
    client.force_login(after)
    page = read(address(town))
    assert "open circle" in page
    assert "request circle" in page
    assert "closed circle" not in page
    for _twice in range(2):
        for community in (*circles.values(), elsewhere):
            status = client.post(address(town, f"seats/{community.slug}/")).status_code
            assert status == (404 if community.access == Access.CLOSED else 302)
    states = dict(Membership.objects.filter(person=after).values_list("community__access", "state"))
    assert states == {Access.OPEN: MembershipState.ACTIVE, Access.REQUEST: MembershipState.ASKED}
    assert not Membership.objects.filter(person=after, community=elsewhere).exists()


def test_seats_wait_even_if_who_held_them_left_the_network_for_good(
    client, read, town, manager, before, after
):
    stays, left = make_community(access=Access.OPEN, name="Circle"), make_community(name="Left long ago")
    make_membership(stays, before)
    leave_network(by=before)
    still_here = make_representative(organisation=town).person
    make_holding(town.authority, still_here, until_on=timezone.localdate())
    make_membership(left, still_here, state=MembershipState.LEFT)
    hand_over(town, manager, after)
    client.force_login(after)
    page = read(address(town))
    assert "Circle" in page
    assert "Left long ago" not in page
    assert client.post(address(town, f"seats/{stays.slug}/")).status_code == 302
    assert Membership.objects.get(person=after).community == stays


def test_colleagues_take_no_seat(client, town, manager, before, after):
    community = make_community(access=Access.OPEN)
    make_membership(community, before)
    hand_over(town, manager, after)
    client.force_login(manager)
    assert client.post(address(town, f"seats/{community.slug}/")).status_code == 302
    assert not Membership.objects.filter(person=manager).exists()
    client.force_login(make_member())
    assert client.post(address(town, f"seats/{community.slug}/")).status_code == 403


# The pack ------------------------------------------------------------------------------------------------


def fill(town, holder, number=0):
    """One more of each thing of the pack."""
    day = timezone.localdate() + timedelta(days=10)
    community = make_community(access=Access.OPEN, name=f"Circle {number}")
    leader = make_facilitator(community)
    make_membership(community, holder)
    titles = {f"title_{code}": f"Promise {number}" for code in ("he", "ar", "en")}
    endorsement = make_endorsement(town, make_recommendation(**titles), responsible="Nobody")
    make_report(endorsement, status=Progress.UNDER_WAY)
    make_share(organisation=town)
    make_plan_item(holder, town.authority, what=f"Plan {number}", due_on=day)
    make_meeting(community, leader, title=f"Meeting {number}")
    held = make_held_meeting(community, leader, title=f"Held {number}")
    make_minutes(held, "approved")
    make_task(held, holder, text=f"Task {number}")
    funder = make_organisation(name_en=f"Funder {number}")
    make_representative(organisation=funder)
    make_call(title=f"Call {number}")
    year = current_school_year()
    make_programme(town, name=f"Programme {number}", funders=[funder], since=year, until=year)
    make_item(title=f"Item {number}", organisation=town)
    make_collection(make_item(), title=f"Collection {number}", created_by=holder)


def test_pack_tells_everything_that_hangs_on_the_role(client, read, town, before):
    fill(town, before)
    client.force_login(before)
    page = read(address(town))
    for words in (
        *(
            "Promise 0",
            "version 1",
            "Under way",
            "Plan 0",
            "Meeting 0",
            "With our cluster?",
            "Task 0",
            "Held 0",
        ),
        *("Programme 0", "Item 0", "Collection 0", "facilitates", "Funder 0", "Bella Before"),
    ):
        assert words in page, words


def test_empty_pack_speaks_kindly(client, read, town, after):
    client.force_login(after)
    page = read(address(town))
    for words in ("Nothing is due.", "No task is open.", "Nobody was named yet."):
        assert words in page
    assert client.get(address(town, "pdf/")).content.startswith(b"%PDF-")


def test_pack_is_for_the_municipality_and_admins_only(client, town, after):
    for person, status in ((make_member(), 403), (after, 200), (make_admin(), 200)):
        client.force_login(person)
        for rest in ("", "pdf/"):
            response = client.get(address(town, rest))
            assert response.status_code == status
            if status == 200:
                assert "no-store" in response["Cache-Control"]
                assert "noindex" in response["X-Robots-Tag"]
    assert client.get("/policy/authorities/1/handover/").status_code == 404


def test_pack_shows_no_more_than_the_pages_themselves(client, read, town, manager, before, after):
    closed = make_community(access=Access.CLOSED, name="Closed circle")
    leader = make_facilitator(closed)
    leader.phone = "04-1234567"
    leader.save(update_fields=["phone"])
    make_membership(closed, before)
    held = make_held_meeting(closed, leader, title="Closed meeting")
    make_minutes(held, "approved")
    make_task(held, before, text="Closed task")
    make_meeting(closed, leader, title="Coming closed meeting")
    hand_over(town, manager, after)
    client.force_login(after)
    page = read(address(town))
    for words in ("Closed", "04-1234567", leader.name):
        assert words not in page, words
    client.force_login(before)
    page = read(address(town))
    for words in ("Closed meeting", "Closed task", "Coming closed meeting", "04-1234567"):
        assert words in page, words


def test_contacts_show_addresses_only_where_people_do(client, read, town, before):
    community = make_community(access=Access.OPEN)
    make_membership(community, before)
    shy, open_ = make_facilitator(community), make_facilitator(community)
    shy.is_email_shown = False
    shy.save(update_fields=["is_email_shown"])
    client.force_login(before)
    page = read(address(town))
    assert shy.name in page
    assert f"mailto:{open_.email}" in page
    assert shy.email not in page


def test_who_held_the_role_before_is_called_first(client, read, town, manager, before, after):
    make_holding(town.authority, name="Olga Outside", until_on=timezone.localdate() - timedelta(days=500))
    gone = make_user(name="Gone Abroad")
    make_holding(town.authority, gone, until_on=timezone.localdate() - timedelta(days=900))
    hand_over(town, manager, after)
    client.force_login(after)
    page = read(address(town))
    assert f"mailto:{before.email}" in page
    assert "Olga Outside" in page
    assert "Gone Abroad" in page
    assert gone.email not in page
    assert str(gone.uuid) not in page


def test_calls_that_close_soon_stand_there_if_they_fit(client, read, town, before):
    left = (NOW.date() - timezone.localdate()).days
    make_call(20 - left, title="Money for all", asked={})
    make_call(20 - left, title="Money for small towns", asked={"size": "-1000"})
    make_call(120 - left, title="Money in spring", asked={})
    town.authority.population = 50_000
    town.authority.save(update_fields=["population"])
    client.force_login(before)
    page = read(address(town))
    assert "Money for all" in page
    assert "Money for small towns" not in page
    assert "Money in spring" not in page


@pytest.mark.parametrize("language", ["he", "ar", "en"])
def test_paper_says_the_same_in_its_order(client, town, before, language):
    fill(town, before)
    client.force_login(before)
    response = client.get(f"{address(town, 'pdf/')}?lang={language}")
    paper = pypdfium2.PdfDocument(response.content)
    try:
        text = " ".join(" ".join(page.get_textpage().get_text_bounded().split()) for page in paper)
    finally:
        paper.close()
    with translation.override(language):
        heads = [part.title for part in Pack(town.authority, town, [], [], [], []).parts]
    if language != "ar":  # whose letters join, so that headings come out in other signs
        assert [head for head in heads if head not in text] == []
    places = [text.find(word) for word in ("Promise", "Plan", "Held", "Task", "Programme", "Item")]
    assert -1 not in places
    assert places == sorted(places)
    assert b"pdfuaid" in response.content


def test_two_worlds_that_differ_in_what_is_hidden_read_the_same(town, before, after):
    fill(town, before)
    seen = things_of(fresh(after), town.authority, town)
    closed = make_community(access=Access.CLOSED)
    leader = make_facilitator(closed)
    make_membership(closed, before)
    make_minutes(make_held_meeting(closed, leader), "approved")
    make_meeting(closed, leader)
    make_item(organisation=town, state="draft")
    make_programme(make_municipality(), until=current_school_year())
    make_plan_item(make_user(), make_authority())
    assert things_of(fresh(after), town.authority, town) == seen


def queries_of_paper(client, town):
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address(town, "pdf/")).status_code == 200
    return len(queries)


def test_pack_costs_the_same_for_one_and_thirty(client, town, before, count_queries):
    client.force_login(before)
    for place in range(9):
        near = make_municipality()
        make_representative(organisation=near, is_manager=True)
        if place == 0:
            fill(town, before)
            few = count_queries(address(town)), queries_of_paper(client, town)
    for number in range(1, 31):
        fill(town, before, number)
    many = count_queries(address(town)), queries_of_paper(client, town)
    assert many == few
    assert max(many) <= 15, many


def test_letter_leads_to_the_pack(client, town, manager, before, after):
    hand_over(town, manager, after)
    event = Notice.objects.get(reader=after).event
    assert event.kind == "role_given"
    client.force_login(after)
    assert client.get(f"/policy/authorities/{event.data['code']}/handover/").status_code == 200


def test_vacancy_is_told_in_the_pack(client, read, town, manager, before):
    end_holding(by=manager, holding=before.role_holdings.get())
    client.force_login(manager)
    assert "Vacant since" in read(address(town))


# My day --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days_vacant", "days_member", "is_asked"),
    [(31, 400, True), (29, 400, False), (None, 31, True), (None, 29, False)],
)
def test_managers_are_asked_who_holds_the_role_once_it_is_vacant_for_long(
    client, read, town, manager, days_vacant, days_member, is_asked
):
    today = timezone.localdate()
    town.joined_on = today - timedelta(days=days_member)
    town.save(update_fields=["joined_on"])
    if days_vacant:
        make_holding(town.authority, until_on=today - timedelta(days=days_vacant))
    client.force_login(manager)
    assert ("Who holds the STEM role now?" in read("/")) == is_asked
    client.force_login(make_representative(organisation=town).person)
    assert "Who holds the STEM role now?" not in read("/")


def test_nobody_is_asked_while_somebody_holds_it(client, read, town, manager, before):
    town.joined_on = timezone.localdate() - timedelta(days=400)
    town.save(update_fields=["joined_on"])
    client.force_login(manager)
    assert "Who holds the STEM role now?" not in read("/")


def test_who_holds_the_role_is_asked_as_managers_are(town, manager, before, after):
    assert acting_for([town.pk])[town.pk] == [manager, before]
    hand_over(town, manager, after)
    assert acting_for([town.pk])[town.pk] == [manager, after]
