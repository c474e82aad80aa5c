"""Three people introduced to each other: who is proposed, what goes out, never twice; and handing facilitation over."""

from datetime import timedelta
from email import message_from_bytes, policy

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from communities import rules
from communities.actions import introduction as deeds
from communities.actions.introduction import introduce, mail_waiting_introductions, want_introductions
from communities.actions.membership import TooLate, leave
from communities.actions.succession import hand_over
from communities.enums import Access
from communities.models import Introduction, Membership
from communities.models.trios import suggest_trios
from communities.tasks import CLOCKWORK
from munistem.commons.audit.models import AuditEvent
from munistem.commons.mail.models import Bounce
from munistem.commons.notices.models import Notice
from tests.communities.factories import (
    make_community,
    make_facilitator,
    make_member,
    make_membership,
    make_post,
    make_topic,
)
from tests.communities.test_rules import PERSONS
from tests.members.factories import fresh, make_authority, make_municipality, make_representative, make_user
from tests.moments import at, stop_clock

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_pages")]


def manager(community, name, *, population=40_000, cluster=5, **fields):
    """A member who manages STEM in a municipality of this size and standing."""
    town = make_municipality(
        authority=make_authority(
            population=population, socioeconomic_cluster=cluster, population_group="jewish"
        )
    )
    given = {"name": name, "role_title": "STEM manager", "language": "en", **fields}
    person = make_user(**given)
    make_representative(organisation=town, person=person)
    make_membership(community, person)
    return person


def three(community, **fields):
    return [manager(community, name, **fields) for name in ("Avi", "Bella", "Carmel")]


def names(trio):
    return [person.name for person in trio.people]


def keys(people):
    return [person.pk for person in people]


def page(community):
    return f"/communities/{community.slug}/facilitation/introductions/"


# Who is proposed -----------------------------------------------------------------------------------------


def test_three_in_one_role_and_alike_towns_are_proposed(community):
    three(community)
    manager(community, "Other role", role_title="School nurse")
    manager(community, "Other size", population=900_000, cluster=9)
    manager(community, "Other language", language="ar")
    found = suggest_trios(community)
    assert [names(trio) for trio in found] == [["Avi", "Bella", "Carmel"]]
    assert found[0].reasons == ("size", "cluster", "group")


def test_role_is_the_same_for_women_and_men(community):
    for name, role in [
        ("אבי", "מנהל מצוינות STEM"),
        ("בלה", "מנהלת מצוינות STEM"),
        ("כרמל", "מנהלת מצוינות STEM"),
    ]:
        manager(community, name, role_title=role, language="he")
    assert len(suggest_trios(community)) == 1


@pytest.mark.parametrize(
    "how", ["topic", "elsewhere", "introduced", "optout", "hidden", "bounced", "left", "one town"]
)
def test_who_knows_each_other_or_may_not_be_introduced_is_not_proposed(community, how):
    avi, bella, _carmel = three(community)
    if how in {"topic", "elsewhere"}:
        topic = make_topic(community if how == "topic" else make_community(access=Access.CLOSED), avi)
        make_post(topic, bella)
    elif how == "introduced":
        other = make_user()
        first, second, third = sorted([avi.pk, bella.pk, other.pk])
        Introduction.objects.create(
            community=make_community(),
            first_id=first,
            second_id=second,
            third_id=third,
            language="en",
            text="Hello",
            introduced_by=avi,
        )
    elif how == "optout":
        want_introductions(by=avi, community=community, is_wanted=False)
    elif how == "hidden":
        type(avi).objects.filter(pk=avi.pk).update(is_email_shown=False)
    elif how == "bounced":
        Bounce.objects.create(address=avi.email.lower())
    elif how == "left":
        leave(by=avi, community=community)
    else:
        make_representative(organisation=bella.mandates[0].organisation, person=avi)
        avi.mandates[0].__class__.objects.filter(pk=avi.mandates[0].pk).update(until_on=timezone.localdate())
    assert suggest_trios(community) == []


def test_nobody_is_in_two_proposals(community):
    for number in range(7):
        manager(community, f"M{number}")
    found = [person.pk for trio in suggest_trios(community) for person in trio.people]
    assert len(found) == len(set(found)) == 6


def test_proposing_asks_the_same_queries_for_three_and_for_thirty(community):
    def count():
        with CaptureQueriesContext(connection) as queries:
            assert suggest_trios(community)
        return len(queries)

    three(community)
    few = count()
    for number in range(27):
        manager(community, f"M{number}")
    assert count() == few <= 4


# Introducing ---------------------------------------------------------------------------------------------


def test_one_mail_goes_to_the_three_and_nothing_else(client, community, leader, run_jobs):
    people = three(community)
    html = client.get(page(community)).content.decode()
    assert "municipalities of similar size" in html and "Avi" in html
    data = {"people": ",".join(map(str, keys(people))), "text": "Hello you three.\n\nTalk!"}
    for _time in range(2):
        assert client.post(page(community), data).status_code == 302
    run_jobs()
    assert Introduction.objects.count() == len(mail.outbox) == 1
    assert not Notice.objects.exists()
    letter = message_from_bytes(mail.outbox[0].message().as_bytes(), policy=policy.default)
    assert [one.addr_spec for one in letter["To"].addresses] == [person.email for person in people]
    assert {one.addr_spec for one in letter["Reply-To"].addresses} == {
        leader.email,
        *(person.email for person in people),
    }
    text = letter.get_body(("plain",)).get_content()
    for said in ("Hello you three.", "Rina Levi", "STEM manager", "#introductions"):
        assert said in text
    assert AuditEvent.objects.filter(deed="introduce_members", actor=leader).count() == 1
    assert "Introduced lately" in client.get(page(community)).content.decode()


def test_hebrew_three_are_written_to_in_hebrew(client, community, leader, run_jobs):
    people = [manager(community, name, language="he") for name in ("אבי", "בלה", "כרמל")]
    introduce(by=leader, community=community, people=keys(people), text="שלום לכם")
    run_jobs()
    assert mail.outbox[0].extra_headers["Content-Language"] == "he"
    assert 'dir="rtl"' in mail.outbox[0].alternatives[0][0]


def test_what_was_typed_stays_when_it_is_empty(client, community, leader):
    people = three(community)
    data = {"people": ",".join(map(str, keys(people))), "text": "  "}
    html = client.post(page(community), data).content.decode()
    assert "field__error" in html and not Introduction.objects.exists()
    assert client.post(page(community), {"people": "1,1,1", "text": "Hello"}).status_code == 200
    assert client.post(page(community), {"people": "nobody", "text": "Hello"}).status_code == 200


@pytest.mark.parametrize("how", ["outsider", "optout", "language"])
def test_who_may_not_be_introduced_is_refused(community, leader, how):
    people = three(community)
    if how == "outsider":
        people[0] = make_member()
    elif how == "optout":
        want_introductions(by=people[0], community=community, is_wanted=False)
    else:
        type(people[0]).objects.filter(pk=people[0].pk).update(language="ar")
    with pytest.raises(TooLate):
        introduce(by=leader, community=community, people=keys(people), text="Hello")


def test_no_triple_is_introduced_twice_whatever_the_community(community, leader):
    people = three(community)
    introduce(by=leader, community=community, people=keys(people), text="Hello")
    other = make_community()
    for person in people:
        make_membership(other, person)
    again, is_new = introduce(
        by=make_facilitator(other), community=other, people=keys(people)[::-1], text="Hi"
    )
    assert not is_new and again.community == community
    first = Introduction.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        first.pk = None
        first.save(force_insert=True)


def test_letter_waits_for_the_end_of_shabbat_and_goes_once(
    settings, community, leader, run_jobs, monkeypatch
):
    settings.MAIL_RESTS = True
    stop_clock(monkeypatch, at("2027-01-16 12:00"))
    introduce(by=leader, community=community, people=keys(three(community)), text="Hello")
    run_jobs()
    assert [
        mail_waiting_introductions(at(f"2027-01-16 {clock}")) for clock in ("20:40", "20:50", "21:00")
    ] == [0, 1, 0]
    assert len(mail.outbox) == 1


def test_letter_is_dropped_when_one_has_left_meanwhile(community, leader):
    people = three(community)
    introduce(by=leader, community=community, people=keys(people), text="Hello")
    leave(by=people[0], community=community)
    later = timezone.now() + timedelta(days=2)
    assert [mail_waiting_introductions(later), mail_waiting_introductions(later)] == [0, 0]
    assert Introduction.objects.get().dropped_at and mail.outbox == []


def test_clockwork_knows_of_introductions():
    assert deeds.mail_waiting_introductions in CLOCKWORK


@pytest.mark.parametrize("access", Access.values)
def test_rule_and_queryset_are_twins(access):
    community = make_community(access=access)
    by = make_facilitator(community)
    for place in (community, make_community()):
        people = [make_member() for _ in range(3)]
        first, second, third = sorted(keys(people))
        Introduction.objects.create(
            community=place,
            first_id=first,
            second_id=second,
            third_id=third,
            language="en",
            text="Hello",
            introduced_by=by,
        )
    for name, make in PERSONS.items():
        person = make(community)
        by_query = set(Introduction.objects.visible_to(fresh(person)))
        by_rule = {
            one for one in Introduction.objects.all() if rules.can_see_introduction(fresh(person), one)
        }
        assert by_query == by_rule, name


@pytest.mark.parametrize("who", ["outsider", "member", "facilitator", "facilitator elsewhere", "admin"])
def test_introducing_is_for_those_who_lead(client, community, who):
    client.force_login(PERSONS[who](community))
    leads = who in {"facilitator", "admin"}
    assert client.get(page(community)).status_code == (200 if leads else 403)


def test_member_says_no_to_introductions_and_yes_again(client, community):
    row = make_membership(community)
    client.force_login(row.person)
    door = f"/communities/{community.slug}/people/introductions/"
    for data, wish in [({}, False), ({}, False), ({"on": "1"}, True)]:
        assert client.post(door, data).status_code == 302
        row.refresh_from_db()
        assert row.wants_introductions == wish
    client.force_login(make_member())
    assert client.post(door).status_code == 403


# Handing over --------------------------------------------------------------------------------------------


def test_last_facilitator_hands_over_in_one_deed_and_can_leave_then(client, community, leader):
    successor = make_membership(community, make_member(name="Successor"))
    people = f"/communities/{community.slug}/people/"
    assert "Hand facilitation over" in client.get(people).content.decode()
    assert "Successor" in client.get(f"{people}hand-over/").content.decode()
    assert "This field" in client.post(f"{people}hand-over/", {"successor": ""}).content.decode()
    assert client.post(f"/communities/{community.slug}/leave/").url == f"{people}hand-over/"
    for status in (302, 403):
        answer = client.post(f"{people}hand-over/", {"successor": successor.pk})
        assert answer.status_code == status
    hand_over(by=leader, membership=successor)
    roles = dict(Membership.objects.filter(community=community).values_list("person", "is_facilitator"))
    assert roles == {leader.pk: False, successor.person_id: True}
    assert [notice.event.kind for notice in Notice.objects.filter(reader=successor.person)] == [
        "made_facilitator"
    ]
    assert client.post(f"/communities/{community.slug}/leave/").status_code == 302
    assert not rules.is_member(fresh(leader), community)


def test_nothing_is_handed_over_to_who_is_gone(community, leader):
    successor = make_membership(community)
    leave(by=successor.person, community=community)
    with pytest.raises(TooLate):
        hand_over(by=leader, membership=successor)
    assert rules.is_facilitator(fresh(leader), community)


@pytest.mark.parametrize(("who", "status"), [("member", 403), ("outsider", 403), ("admin", 403)])
def test_handing_over_is_for_who_facilitates(client, community, leader, who, status):
    successor = make_membership(community)
    client.force_login(PERSONS[who](community))
    assert (
        client.post(
            f"/communities/{community.slug}/people/hand-over/", {"successor": successor.pk}
        ).status_code
        == status
    )
    assert not Membership.objects.get(pk=successor.pk).is_facilitator


def test_facilitators_see_to_whom_mail_comes_back(client, community, leader):
    person = make_membership(community).person
    Bounce.objects.create(address=person.email.lower())
    people = f"/communities/{community.slug}/people/"
    assert client.get(people).content.decode().count("Mail comes back") == 1
    client.force_login(make_membership(community).person)
    assert "Mail comes back" not in client.get(people).content.decode()
