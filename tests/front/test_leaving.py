"""Leaving with grace: duties are handed over first, for 30 days one may come back, then the person is forgotten."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.utils import timezone

from communities.models import Membership, Post
from members.actions.person import GRACE, ask_to_leave, come_back, deactivate_person, reactivate_person
from members.models import Departure, Representative, User
from members.rules import can_come_back
from munistem.commons.audit.models import AuditEvent
from munistem.front.actions.departure import begin_to_leave, duties_of, end_departures
from tests.communities.factories import make_community, make_membership, make_topic
from tests.members.factories import (
    PASSWORD,
    fresh,
    make_admin,
    make_member,
    make_municipality,
    make_organisation,
    make_representative,
    make_user,
)
from tests.moments import at_once
from tests.visits import link_in

pytestmark = pytest.mark.django_db
SURE = {"is_sure": "on", "signed": "nobody"}


@pytest.fixture
def person(client):
    organisation = make_municipality()
    make_representative(organisation=organisation, is_manager=True)
    person = make_user(name="Dana Levi", phone="04-1234567", password=PASSWORD)
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    mandate = make_representative(person, organisation, role="Head of education")
    client.force_login(mandate.person)
    return mandate.person


def end_of_grace(person):
    Departure.objects.open().filter(person=person).update(due_at=timezone.now() - timedelta(minutes=1))


def letters(person):
    return [letter for letter in mail.outbox if letter.to == [person.email]]


def test_who_leaves_is_out_at_once_and_forgotten_after_thirty_days(client, person, read):
    elsewhere = Client()
    elsewhere.force_login(person)
    reader = make_membership(make_community()).person
    community = make_community()
    make_membership(community, reader)
    make_membership(community, person)
    topic = make_topic(community, title="What I asked", author=person)
    assert client.post("/me/data/leave/", SURE).url == "/"
    assert elsewhere.get("/me/data/").status_code == 302
    left = fresh(person)
    assert (left.name, left.is_active) == ("Dana Levi", False)
    community.refresh_from_db()
    assert community.member_count == 1
    client.force_login(reader)
    assert f"/people/{left.uuid}/" not in read("/people/")
    page = read(f"/people/{left.uuid}/")  # the name under the text leads here, and to no more than this
    assert "Dana Levi" in page and "This person is leaving the network." in page and left.email not in page
    assert Client().get(f"/people/{left.uuid}/").status_code == 302
    departure = Departure.objects.get()
    assert departure.due_at - departure.asked_at == pytest.approx(GRACE, abs=timedelta(seconds=1))
    assert end_departures() == 0
    end_of_grace(person)
    assert end_departures() == 1
    assert end_departures() == 0
    assert client.get(f"/people/{left.uuid}/").status_code == 404
    left = fresh(person)
    assert (left.name, left.phone, left.is_active, left.email) == ("", "", False, f"{left.uuid}@left.invalid")
    assert Membership.objects.get(person=left, community=community).state == "left"
    assert not Representative.objects.active().filter(person=left).exists()
    assert Post.objects.filter(author=left).count() == 1
    page = read(f"/topics/{topic.pk}/")
    assert "A former member" in page
    assert "Dana Levi" not in page


def test_role_and_municipality_may_stand_under_the_texts(client, person, read):
    place = person.acting_for.name
    assert f"Head of education, {place}" in read("/me/data/leave/").replace("\u2068", "").replace(
        "\u2069", ""
    )
    reader = make_membership(make_community()).person
    community = make_community()
    make_membership(community, reader)
    make_membership(community, person)
    topic = make_topic(community, author=person)
    client.post("/me/data/leave/", {**SURE, "signed": "role"})
    end_of_grace(person)
    end_departures()
    client.force_login(reader)
    page = read(f"/topics/{topic.pk}/")
    assert f"Head of education, {place}" in page
    assert "Dana Levi" not in page
    assert f"Head of education, {place}" not in read("/people/")


def test_signing_in_brings_back_whoever_left(client, person, run_jobs):
    community = make_community()
    make_membership(community, person)
    client.post("/me/data/leave/", SURE)
    response = Client().post("/accounts/login/", {"login": person.email, "password": PASSWORD})
    assert response.url == "/"
    assert fresh(person).is_in_network
    assert Departure.objects.get().returned_at
    community.refresh_from_db()
    assert community.member_count == 1
    end_of_grace(person)
    assert end_departures() == 0
    run_jobs()
    assert [letter.subject.split(";")[0] for letter in letters(person)] == [
        "You left muni:STEM",
        "Welcome back to muni:STEM",
    ]


def test_second_factor_is_asked_for_before_one_is_back(client, person):
    from allauth.mfa.totp.internal.auth import TOTP

    TOTP.activate(person, "JBSWY3DPEHPK3PXP")
    client.post("/me/data/leave/", SURE)
    Client().post("/accounts/login/", {"login": person.email, "password": PASSWORD})
    assert not fresh(person).is_active


def test_link_of_the_letter_brings_back_too(client, person, run_jobs, read):
    client.post("/me/data/leave/", SURE)
    run_jobs()
    link = link_in(letters(person)[0])
    assert "Come back?" in read(link)
    assert client.post(link).url == "/accounts/login/"
    assert fresh(person).is_active
    assert client.post(link).status_code == 200  # a second tap harms nothing
    assert "You are back" in read(link)
    read("/me/data/come-back/forged/", 404)


def test_after_the_days_of_grace_nobody_comes_back(client, person, run_jobs, read):
    client.post("/me/data/leave/", SURE)
    run_jobs()
    end_of_grace(person)
    link = link_in(letters(person)[0])
    assert "The time is over" in read(link)
    client.post(link)
    sign_in = Client().post("/accounts/login/", {"login": person.email, "password": PASSWORD})
    assert sign_in.url == "/accounts/inactive/"
    assert not fresh(person).is_active


def test_who_is_leaving_and_is_closed_by_an_admin_does_not_come_back(person):
    """Whoever stole an account would else only have to leave with it before the admin comes."""
    ask_to_leave(by=person)
    for _twice in range(2):
        deactivate_person(by=make_admin(), person=person)
    assert AuditEvent.objects.filter(deed="deactivate_person").exclude(actor=person).count() == 1
    assert not can_come_back(fresh(person))
    come_back(by=person, person=person)
    thief = Client()
    thief.post("/accounts/login/", {"login": person.email, "password": PASSWORD})
    assert not fresh(person).is_active
    assert thief.get("/me/data/").status_code == 302
    end_of_grace(person)
    assert end_departures() == 1  # forgotten all the same, as was asked


def test_admin_opens_the_account_of_who_was_leaving(person):
    ask_to_leave(by=person)
    deactivate_person(by=make_admin(), person=person)
    reactivate_person(by=make_admin(), person=person)
    assert fresh(person).is_active
    assert not Departure.objects.open().exists()


def test_page_that_was_on_its_way_while_an_admin_closed_the_account_is_no_way_back(person):
    deactivate_person(by=make_admin(), person=person)
    ask_to_leave(by=person)
    assert not can_come_back(fresh(person))


def test_who_was_closed_by_an_admin_does_not_come_back(person):
    person.is_active = False
    person.save()
    sign_in = Client().post("/accounts/login/", {"login": person.email, "password": PASSWORD})
    assert sign_in.url == "/accounts/inactive/"


def test_successors_are_asked_for_first_and_told(client, read, run_jobs):
    organisation = make_organisation(name_he="עמותה")
    leaver = make_representative(organisation=organisation, is_manager=True).person
    colleague = make_representative(organisation=organisation).person
    community = make_community(name="Labs")
    make_membership(community, leaver, is_facilitator=True)
    member = make_membership(community).person
    client.force_login(leaver)
    assert "Who facilitates" in read("/me/data/leave/")
    assert "Choose who goes on" in client.post("/me/data/leave/", SURE).content.decode()
    assert fresh(leaver).is_active
    team, led = duties_of(fresh(leaver))
    chosen = {team.key: team.candidates[0].pk, led.key: led.candidates[0].pk}
    assert client.post("/me/data/leave/", {**SURE, **chosen}).status_code == 302
    assert Representative.objects.get(person=colleague).is_manager
    assert Membership.objects.get(person=member, community=community).is_facilitator
    assert not fresh(leaver).is_active
    run_jobs()
    assert letters(colleague) and letters(member)


def test_stranger_cannot_be_made_a_successor(client):
    leaver = make_member()
    community = make_community()
    make_membership(community, leaver, is_facilitator=True)
    make_membership(community)
    elsewhere = make_membership(make_community())
    client.force_login(leaver)
    [led] = duties_of(fresh(leaver))
    page = client.post("/me/data/leave/", {**SURE, led.key: elsewhere.pk})
    assert page.status_code == 200
    assert fresh(leaver).is_active


def test_where_nobody_can_go_on_the_admins_are_named(client, read):
    leaver = make_member()
    make_membership(make_community(name="Alone"), leaver, is_facilitator=True)
    client.force_login(leaver)
    assert "Alone" in read("/me/data/leave/")
    assert client.post("/me/data/leave/", SURE).status_code == 302


def test_duties_cost_the_same_for_one_and_thirty(client, count_queries):
    leaver = make_member()
    client.force_login(leaver)

    def lead(times):
        for _ in range(times):
            community = make_community()
            make_membership(community, leaver, is_facilitator=True)
            make_membership(community)

    lead(1)
    few = count_queries("/me/data/leave/")
    lead(29)
    assert count_queries("/me/data/leave/") == few <= 15


def test_leaving_and_coming_back_twice_are_harmless(person):
    begin_to_leave(by=person)
    begin_to_leave(by=person)
    ask_to_leave(by=person)
    assert Departure.objects.count() == 1
    come_back(by=person, person=person)
    come_back(by=person, person=person)
    assert AuditEvent.objects.filter(deed="come_back").count() == 1
    assert len(letters(person)) == 2
    begin_to_leave(by=fresh(person))
    assert Departure.objects.open().count() == 1


def test_admin_who_opens_an_account_again_ends_the_departure(client, person):
    from members.actions.person import reactivate_person

    begin_to_leave(by=person)
    reactivate_person(by=make_admin(), person=person)
    end_of_grace(person)
    assert end_departures() == 0
    assert fresh(person).name == "Dana Levi"


def test_admin_may_leave_once_there_is_another(client, read):
    admin = make_admin()
    client.force_login(admin)
    assert "only network admin" in client.post("/me/data/leave/", SURE).content.decode()
    make_admin()
    assert client.post("/me/data/leave/", SURE).status_code == 302
    end_of_grace(admin)
    assert end_departures() == 1
    assert not fresh(admin).is_staff


def test_departure_that_fails_stops_no_other(person, monkeypatch):
    from munistem.front.actions import departure as deeds

    other = make_member()
    begin_to_leave(by=other)
    begin_to_leave(by=person)
    Departure.objects.update(due_at=timezone.now() - timedelta(days=1))
    Departure.objects.filter(person=other).update(due_at=timezone.now() - timedelta(days=2))
    leave = deeds.leave_network

    def fail(*, person, signature):
        if person == other:
            raise RuntimeError
        leave(person=person, signature=signature)

    monkeypatch.setattr(deeds, "leave_network", fail)
    with pytest.raises(RuntimeError):
        end_departures()
    assert (User.objects.get(pk=other.pk).name != "", User.objects.get(pk=person.pk).name) == (True, "")


@pytest.mark.django_db(transaction=True)
def test_eight_copies_of_one_form_leave_once_and_pack_once():
    from members.models import Archive
    from munistem.front.actions.archive import ask_archive

    person = make_member()
    at_once(*[lambda: ask_archive(by=person)] * 8)
    assert Archive.objects.count() == 1
    at_once(*[lambda: begin_to_leave(by=person)] * 8)
    assert Departure.objects.count() == 1
    assert len(letters(person)) == 1
    at_once(*[lambda: come_back(by=person, person=person)] * 8)
    assert AuditEvent.objects.filter(deed="come_back").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_nights_at_once_close_an_account_once():
    person = make_member()
    begin_to_leave(by=person)
    end_of_grace(person)
    assert sorted(at_once(end_departures, end_departures)) == [0, 1]
    assert AuditEvent.objects.filter(deed="close_account").count() == 1
