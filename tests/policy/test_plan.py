"""A gap becomes a thing of the work plan: once, with its figure then and now, seen by the municipality only."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from munistem.commons.audit.models import AuditEvent
from munistem.commons.days.school import current_school_year
from policy.enums import Gap, PlanState
from policy.models import PlanItem
from policy.rules.programme import can_see_plan_item
from tests.members.factories import fresh, make_municipality, make_representative, make_user
from tests.policy.programmes import make_figure, make_plan_item, make_programme
from tests.policy.test_rules import PERSONS

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_pages")]

YEAR = current_school_year()


def address(town, rest=""):
    return f"/policy/picture/{town.authority_id}/{rest}"


def told(person, **fields):
    day = timezone.localdate() + timedelta(days=60)
    return {
        "gap": Gap.GIRLS,
        "what": "Invite girls by name",
        "owner": person.pk,
        "due_on": day.isoformat(),
        "nonce": str(uuid4()),
        **fields,
    }


def test_rule_and_queryset_are_twins():
    town, left = make_municipality(), make_municipality(left_on=timezone.localdate())
    for place in (town, left):
        make_plan_item(make_user(), place.authority)
    for name, make in PERSONS.items():
        person = make(town)
        by_query = set(PlanItem.objects.visible_to(fresh(person)))
        assert by_query == {row for row in PlanItem.objects.all() if can_see_plan_item(fresh(person), row)}, (
            name
        )


def test_whole_way_from_a_gap_to_the_next_years_figure(client, read, person, town):
    programme = make_programme(town)
    make_figure(programme, YEAR - 1, participants=100, girls=20)
    gap = address(town, "gaps/primary/formal/")
    plan = f"{gap}plan/?year={YEAR - 1}"
    assert plan in read(f"{gap}?year={YEAR - 1}")
    given = told(person)
    for _twice in range(2):
        assert client.post(plan, given)["Location"] == address(town, "plan/")
    item = PlanItem.objects.get()
    assert (item.year, item.participants, item.girls, item.counted) == (YEAR - 1, 100, 20, 100)
    assert AuditEvent.objects.filter(deed="add_to_plan").count() == 1
    assert "20%" in read(address(town, "plan/"))
    make_figure(programme, YEAR, participants=100, girls=45)
    page = read(address(town, "plan/"))
    assert "20%" in page
    assert "45%" in page
    assert "Invite girls by name" in read("/")


def test_what_is_dropped_says_why_and_is_settled_once(client, read, person, town):
    item = make_plan_item(person, town.authority)
    url = address(town, f"plan/{item.pk}/")
    page = client.post(url, {"state": "dropped", "reason": ""}).content.decode()
    assert "Say in a few words why it was dropped." in page
    assert client.post(url, {"state": "dropped", "reason": "No money."}).status_code == 302
    client.post(url, {"state": "done", "reason": "Done after all."})
    item.refresh_from_db()
    assert (item.state, item.reason, item.settled_by) == (PlanState.DROPPED, "No money.", person)
    assert AuditEvent.objects.filter(deed="settle_plan_item").count() == 1
    assert "No money." in read(address(town, "plan/"))
    assert "Bring robotics" not in read("/")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"what": " "}, "Say in a sentence what will be done."),
        ({"due_on": "2001-01-01"}, "This day is over."),
        ({"due_on": "soon"}, "Choose a day."),
        ({"owner": "0"}, "Choose who does it."),
        ({"gap": "hole"}, "Select a valid choice"),
    ],
)
def test_what_is_odd_gets_clear_words(client, person, town, fields, words):
    response = client.post(address(town, "gaps/primary/formal/plan/"), told(person, **fields))
    assert response.status_code == 200
    assert words in response.content.decode()
    assert not PlanItem.objects.exists()


def test_another_towns_people_own_nothing_here_and_see_nothing(client, person, town):
    stranger = make_representative().person
    page = client.post(address(town, "gaps/primary/formal/plan/"), told(person, owner=stranger.pk))
    assert "Choose who does it." in page.content.decode()
    item = make_plan_item(person, town.authority)
    client.force_login(stranger)
    for rest in ("plan/", f"plan/{item.pk}/", "gaps/primary/formal/plan/"):
        assert client.get(address(town, rest)).status_code == 403
    other = make_municipality()
    client.force_login(make_representative(organisation=other).person)
    assert client.get(address(other, f"plan/{item.pk}/")).status_code == 404


def test_the_database_holds_what_must_be_true(person, town):
    for wrong in (
        {"what": ""},
        {"state": PlanState.DONE},
        {"state": PlanState.DROPPED, "settled_at": timezone.now(), "settled_by": person},
        {"gap": "hole"},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            make_plan_item(person, town.authority, **wrong)


def test_the_plan_takes_as_many_queries_for_30_rows_as_for_one(
    client, person, town, django_assert_max_num_queries
):
    counts = []
    for more in (1, 29):
        for _each in range(more):
            make_plan_item(make_representative(organisation=town).person, town.authority)
        with django_assert_max_num_queries(15) as asked:
            assert client.get(address(town, "plan/")).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1]
