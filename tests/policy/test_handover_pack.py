"""The handover pack: what it tells, to whom, what it costs, and the same on paper."""

from datetime import timedelta

import pypdfium2
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from communities.enums import Access
from members.actions.role import end_holding
from munistem.commons.days.school import current_school_year
from policy.enums import Progress
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
from tests.policy.holders import hand_over, pack_address
from tests.policy.programmes import make_plan_item, make_programme

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_pages")]


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
    page = read(pack_address(town))
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
    page = read(pack_address(town))
    for words in ("Nothing is due.", "No task is open.", "Nobody was named yet."):
        assert words in page
    assert client.get(pack_address(town, "pdf/")).content.startswith(b"%PDF-")


def test_pack_is_for_the_municipality_and_admins_only(client, town, after):
    for person, status in ((make_member(), 403), (after, 200), (make_admin(), 200)):
        client.force_login(person)
        for rest in ("", "pdf/"):
            response = client.get(pack_address(town, rest))
            assert response.status_code == status
            if status == 200:
                assert "no-store" in response["Cache-Control"]
                assert "noindex" in response["X-Robots-Tag"]
    assert client.get("/policy/authorities/1/handover/").status_code == 404


def test_pack_shows_no_more_than_the_pages_themselves(client, read, town, town_manager, before, after):
    closed = make_community(access=Access.CLOSED, name="Closed circle")
    leader = make_facilitator(closed)
    leader.phone = "04-1234567"
    leader.save(update_fields=["phone"])
    make_membership(closed, before)
    held = make_held_meeting(closed, leader, title="Closed meeting")
    make_minutes(held, "approved")
    make_task(held, before, text="Closed task")
    make_meeting(closed, leader, title="Coming closed meeting")
    hand_over(town, town_manager, after)
    client.force_login(after)
    page = read(pack_address(town))
    for words in ("Closed", "04-1234567", leader.name):
        assert words not in page, words
    client.force_login(before)
    page = read(pack_address(town))
    for words in ("Closed meeting", "Closed task", "Coming closed meeting", "04-1234567"):
        assert words in page, words


def test_contacts_show_addresses_only_where_people_do(client, read, town, before):
    community = make_community(access=Access.OPEN)
    make_membership(community, before)
    shy, open_ = make_facilitator(community), make_facilitator(community)
    shy.is_email_shown = False
    shy.save(update_fields=["is_email_shown"])
    client.force_login(before)
    page = read(pack_address(town))
    assert shy.name in page
    assert f"mailto:{open_.email}" in page
    assert shy.email not in page


def test_who_held_the_role_before_is_called_first(client, read, town, town_manager, before, after):
    make_holding(town.authority, name="Olga Outside", until_on=timezone.localdate() - timedelta(days=500))
    gone = make_user(name="Gone Abroad")
    make_holding(town.authority, gone, until_on=timezone.localdate() - timedelta(days=900))
    hand_over(town, town_manager, after)
    client.force_login(after)
    page = read(pack_address(town))
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
    page = read(pack_address(town))
    assert "Money for all" in page
    assert "Money for small towns" not in page
    assert "Money in spring" not in page


@pytest.mark.parametrize("language", ["he", "ar", "en"])
def test_paper_says_the_same_in_its_order(client, town, before, language):
    fill(town, before)
    client.force_login(before)
    response = client.get(f"{pack_address(town, 'pdf/')}?lang={language}")
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
        assert client.get(pack_address(town, "pdf/")).status_code == 200
    return len(queries)


def test_pack_costs_the_same_for_one_and_thirty(client, town, before, count_queries):
    client.force_login(before)
    for place in range(9):
        near = make_municipality()
        make_representative(organisation=near, is_manager=True)
        if place == 0:
            fill(town, before)
            few = count_queries(pack_address(town)), queries_of_paper(client, town)
    for number in range(1, 31):
        fill(town, before, number)
    many = count_queries(pack_address(town)), queries_of_paper(client, town)
    assert many == few
    assert max(many) <= 15, many


def test_vacancy_is_told_in_the_pack(client, read, town, town_manager, before):
    end_holding(by=town_manager, holding=before.role_holdings.get())
    client.force_login(town_manager)
    assert "Vacant since" in read(pack_address(town))
