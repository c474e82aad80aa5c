"""The role of STEM excellence manager: one holder at a time, named by the municipality, seen as people are seen."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from members import rules
from members.actions import role as deeds
from members.actions.person import close_account
from members.actions.team import end_mandate
from members.models import LocalAuthority, RoleHolding
from munistem.commons.audit.models import AuditEvent
from munistem.commons.notices.models import Notice
from tests.members.factories import (
    fresh,
    make_admin,
    make_authority,
    make_holding,
    make_member,
    make_municipality,
    make_representative,
    make_user,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_pages")]


@pytest.fixture
def town():
    return make_municipality(name_en="Sandhill", name_he="גבעת חול")


@pytest.fixture
def manager(town, client):
    person = make_representative(make_user(name="Mira Manager"), town, is_manager=True).person
    client.force_login(person)
    return person


def address(town, rest=""):
    return f"/authorities/{town.authority_id}/role/{rest}"


def told(**fields):
    return {"person": "", "name": "", "since_on": timezone.localdate().isoformat(), **fields}


def days_ago(count):
    return timezone.localdate() - timedelta(days=count)


PERSONS = {
    "visitor": lambda town: None,
    "registered": lambda town: make_user(),
    "member": lambda town: make_member(),
    "colleague": lambda town: make_representative(organisation=town).person,
    "manager": lambda town: make_representative(organisation=town, is_manager=True).person,
    "another manager": lambda town: (
        make_representative(organisation=make_municipality(), is_manager=True).person
    ),
    "former colleague": lambda town: (
        make_representative(organisation=town, until_on=timezone.localdate(), from_on=days_ago(9)).person
    ),
    "admin": lambda town: make_admin(),
}
NAMED = {
    "visitor": set(),
    "registered": set(),
    "member": {"present", "outside"},
    "another manager": {"present", "outside"},
    "former colleague": set(),
    "colleague": {"present", "outside", "left"},
    "manager": {"present", "outside", "left"},
    "admin": {"present", "outside", "left"},
}


def test_who_sees_the_name_of_a_holder(town):
    acting = make_representative(organisation=town).person
    holdings = {
        "present": make_holding(town.authority, acting),
        "outside": make_holding(town.authority, name="Somebody Outside", until_on=days_ago(400)),
        "left": make_holding(town.authority, make_user(name="Gone"), until_on=days_ago(900)),
    }
    keys = {row.pk: name for name, row in holdings.items()}
    for name, make in PERSONS.items():
        person = make(town)
        by_query = {
            keys[pk] for pk in RoleHolding.objects.naming_to(fresh(person)).values_list("pk", flat=True)
        }
        by_rule = {key for key, row in holdings.items() if rules.can_see_holder(fresh(person), row)}
        assert (name, by_query) == (name, NAMED[name])
        assert by_query == by_rule
        assert set(RoleHolding.objects.visible_to(fresh(person))) == set(holdings.values())


def test_who_may_say_who_holds_it(town):
    may = {
        name for name, make in PERSONS.items() if rules.can_appoint_holder(fresh(make(town)), town.authority)
    }
    assert may == {"manager", "admin"}


def test_manager_hands_the_role_over_in_one_deed(client, town, manager):
    before = make_holding(
        town.authority, make_representative(organisation=town).person, since_on=days_ago(500)
    )
    nora = make_representative(make_user(name="Nora Next"), town).person
    page = client.get(address(town)).content.decode()
    assert "Hand the role over" in page
    for _twice in range(2):
        response = client.post(address(town), told(person=nora.pk, since_on=days_ago(3).isoformat()))
        assert response["Location"] == f"/authorities/{town.authority_id}/"
    before.refresh_from_db()
    present = RoleHolding.objects.open().get()
    assert (before.until_on, before.ended_by) == (days_ago(3), manager)
    assert (present.person, present.since_on, present.appointed_by) == (nora, days_ago(3), manager)
    assert AuditEvent.objects.filter(deed="appoint_holder").count() == 1
    assert AuditEvent.objects.filter(deed="end_holding").count() == 1
    kinds = {notice.reader: notice.event.kind for notice in Notice.objects.select_related("event", "reader")}
    assert kinds == {nora: "role_given", before.person: "role_ended"}


def test_somebody_without_an_account_is_called_by_name(client, read, town, manager):
    assert client.post(address(town), told(name="Dana Outside")).status_code == 302
    assert RoleHolding.objects.open().get().name == "Dana Outside"
    assert "Dana Outside" in read(f"/authorities/{town.authority_id}/")
    client.logout()
    page = read(f"/authorities/{town.authority_id}/?lang=en")
    assert "Dana Outside" not in page
    assert "In the role since" in page


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "Choose a colleague, or write one name"),
        ({"name": "Typed Name", "since_on": "soon"}, "Choose a day."),
        ({"name": "Typed Name", "since_on": ""}, "Choose a day."),
        ({"name": "Typed Name", "since_on": "0001-01-01"}, "Choose a day."),
        ({"name": "Typed Name", "since_on": "2999-01-01"}, "This day lies ahead."),
        ({"name": "Typed Name", "since_on": "2001-01-01"}, "The role was in other hands until then."),
        ({"person": "0"}, "Choose somebody of your team."),
        ({"name": "x" * 90}, "This is longer than 80 characters"),
    ],
)
def test_what_is_odd_gets_clear_words_and_stays_typed(client, town, manager, fields, words):
    make_holding(town.authority, until_on=days_ago(10))
    response = client.post(address(town), told(**fields))
    assert response.status_code == 200
    page = response.content.decode()
    assert words in page
    assert fields.get("name", "") in page
    assert not RoleHolding.objects.open().exists()


def test_colleague_and_name_together_are_one_too_many(client, town, manager):
    page = client.post(address(town), told(person=manager.pk, name="Other")).content.decode()
    assert "one of the two" in page


def test_only_people_of_the_team_are_appointed(town, manager):
    stranger = make_member()
    with pytest.raises(deeds.NotPossible):
        deeds.appoint_holder(by=manager, authority=town.authority, person=stranger, since_on=days_ago(1))
    with pytest.raises(deeds.NotPossible):
        deeds.appoint_holder(by=stranger, authority=town.authority, name="Other", since_on=days_ago(1))


def test_colleagues_read_and_do_not_appoint(client, town):
    client.force_login(make_representative(organisation=town).person)
    assert client.get(address(town)).status_code == 403
    assert client.post(address(town), told(name="Me")).status_code == 403
    make_holding(town.authority)
    assert client.post(address(town, "end/")).status_code == 403


def test_role_becomes_vacant_once_and_says_since_when(client, read, town, manager):
    holding = make_holding(town.authority, make_representative(organisation=town).person)
    for _twice in range(2):
        assert client.post(address(town, "end/"), {"end-reason": "On leave"}).status_code == 302
    holding.refresh_from_db()
    assert (holding.until_on, holding.ended_by, holding.reason) == (timezone.localdate(), manager, "On leave")
    assert AuditEvent.objects.filter(deed="end_holding").count() == 1
    client.logout()
    page = read(f"/authorities/{town.authority_id}/?lang=en")
    assert "Vacant since" in page
    assert "On leave" not in page


def test_reason_that_is_too_long_ends_nothing_and_stays_typed(client, town, manager):
    make_holding(town.authority, make_representative(organisation=town).person)
    page = client.post(address(town, "end/"), {"end-reason": "so " * 200}).content.decode()
    assert "This is longer than 500 characters" in page
    assert "so so so" in page
    assert RoleHolding.objects.open().exists()


def test_holder_lays_the_role_down(client, read, town):
    holder = make_representative(organisation=town).person
    make_holding(town.authority, holder)
    client.force_login(holder)
    assert "Lay the role down" in read(f"/authorities/{town.authority_id}/")
    page = read(address(town))
    assert "The role is vacant" in page
    assert 'id="appoint"' not in page
    assert client.post(address(town), told(name="My friend")).status_code == 403
    assert client.post(address(town, "end/")).status_code == 302
    assert not RoleHolding.objects.open().exists()


def test_who_stops_acting_for_the_municipality_holds_its_role_no_longer(town, manager):
    mandate = make_representative(organisation=town)
    elsewhere = make_authority()
    for place in (town.authority, elsewhere):
        make_holding(place, mandate.person)
    end_mandate(by=manager, mandate=mandate)
    assert RoleHolding.objects.open().get().authority == elsewhere


def test_closed_account_leaves_the_role_and_its_name(client, read, town, manager):
    holder = make_representative(make_user(name="Leaving Person"), town).person
    make_holding(town.authority, holder)
    close_account(by=holder, person=holder)
    page = read(f"/authorities/{town.authority_id}/")
    assert "Vacant since" in page
    assert "A former member" in page
    assert "Leaving Person" not in page


def test_other_towns_say_nothing_until_somebody_is_named(client, read):
    place = make_authority()
    assert "STEM excellence manager" not in read(f"/authorities/{place.pk}/")
    client.force_login(make_admin())
    assert "Nobody was named yet." in read(f"/authorities/{place.pk}/")
    assert client.post(f"/authorities/{place.pk}/role/", told(name="Known By Phone")).status_code == 302
    client.logout()
    assert "In the role since" in read(f"/authorities/{place.pk}/?lang=en")


def test_the_database_holds_what_must_be_true(town):
    place, person, day = town.authority, make_user(), date(2026, 1, 1)
    make_holding(place, person)
    for wrong in (
        {"person": person},
        {"name": "Both", "person": person, "until_on": day},
        {"name": "", "until_on": day},
        {"name": "Backwards", "since_on": day, "until_on": day - timedelta(days=1)},
        {"name": "Open end", "since_on": day, "ended_at": timezone.now(), "ended_by": person},
        {"name": "No end", "until_on": day, "ended_at": None},
        {"name": "Why", "reason": "Open with a reason", "authority": make_authority()},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            make_holding(**{"authority": place, "by": person, **wrong})


def test_pages_cost_the_same_for_one_and_thirty_holders(client, town, manager, count_queries):
    for number in range(31):
        until = days_ago(400 * (number + 1))
        make_holding(town.authority, make_user(), until_on=until)
        if number == 0:
            few = count_queries(address(town)), count_queries(f"/authorities/{town.authority_id}/")
    assert LocalAuthority.objects.count() == 1
    many = count_queries(address(town)), count_queries(f"/authorities/{town.authority_id}/")
    assert many == few
    assert max(many) <= 15
