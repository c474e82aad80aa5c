"""Rules and their twins over one table of persons × situations."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from members import rules
from members.models import Invitation, Organisation, Representative, User
from tests.members.factories import (
    make_admin,
    make_invitation,
    make_organisation,
    make_representative,
    make_user,
)

pytestmark = pytest.mark.django_db

PERSONS = (
    "visitor",
    "registered",
    "member",
    "colleague",
    "manager",
    "former",
    "left",
    "knowledge",
    "admin",
    "closed",
)


@pytest.fixture
def own():
    """The organisation that the table is about."""
    return make_organisation()


@pytest.fixture
def persons(own):
    today = timezone.localdate()
    gone = make_organisation(left_on=today)
    return {
        "visitor": AnonymousUser(),
        "registered": make_user(),
        "member": make_representative().person,
        "colleague": make_representative(organisation=own).person,
        "manager": make_representative(organisation=own, is_manager=True).person,
        "former": make_representative(organisation=own, until_on=today).person,
        "left": make_representative(organisation=gone, is_manager=True).person,
        "knowledge": make_user(is_knowledge_manager=True),
        "admin": make_admin(),
        "closed": make_representative(make_user(is_active=False), own).person,
    }


def fresh(person):
    return person if isinstance(person, AnonymousUser) else User.objects.get(pk=person.pk)


def agree(persons, model, rule):
    """The queryset and the rule say the same of every person and every row; returns what they say."""
    said = {}
    for name, person in persons.items():
        user = fresh(person)
        seen = set(model.objects.visible_to(user).values_list("pk", flat=True))
        ruled = {row.pk for row in model.objects.all() if rule(user, row)}
        assert seen == ruled, name
        said[name] = seen
    return said


def test_people_see_each_other_in_the_network_only(persons):
    nameless = make_representative(make_user(name="")).person
    said = agree(persons, User, rules.can_see_person)
    in_directory = {persons[name].pk for name in ("member", "colleague", "manager", "knowledge", "admin")}
    everyone = set(User.objects.values_list("pk", flat=True))
    assert nameless.pk in everyone
    assert said == {
        "visitor": set(),
        **{name: {persons[name].pk} for name in ("registered", "former", "left", "closed")},
        **dict.fromkeys(("member", "colleague", "manager", "knowledge"), in_directory),
        "admin": everyone,
    }


def test_directory_by_name_lists_whom_the_directory_holds(persons):
    make_representative(person=persons["manager"])  # acts for two
    for person in persons.values():
        directory = User.objects.visible_to(person).in_directory()
        expected = list(directory.by_name()) if rules.can_list_people(person) else []
        assert list(User.objects.listed_to(person).by_name()) == expected


def test_organisations_that_left_are_for_admins(persons, own):
    said = agree(persons, Organisation, rules.can_see_organisation)
    gone = Organisation.objects.get(left_on__isnull=False).pk
    assert {name for name, seen in said.items() if gone in seen} == {"admin"}
    assert all(own.pk in seen for seen in said.values())


def test_mandates_are_seen_by_the_network_and_ended_ones_by_the_team(persons, own):
    said = agree(persons, Representative, rules.can_see_mandate)
    ended = Representative.objects.get(person=persons["former"]).pk
    present = Representative.objects.get(person=persons["colleague"]).pk
    assert {name for name, seen in said.items() if ended in seen} == {
        *("colleague", "manager", "former", "admin", "closed")
    }
    assert {name for name, seen in said.items() if present in seen} == {
        *("member", "colleague", "manager", "knowledge", "admin", "closed")
    }


def test_invitations_are_for_those_who_decide(persons, own):
    make_invitation(own)
    make_invitation()
    said = agree(persons, Invitation, rules.can_see_invitation)
    assert {name: len(seen) for name, seen in said.items() if seen} == {"manager": 1, "admin": 2}


def test_photo_is_seen_by_the_network_and_its_person(persons):
    subject = persons["former"]
    assert {name for name in PERSONS if rules.can_see_photo(fresh(persons[name]), subject)} == {
        *("member", "colleague", "manager", "former", "knowledge", "admin")
    }


def test_team_is_seen_by_its_people_and_kept_by_its_managers(persons, own):
    fresh_ones = {name: fresh(person) for name, person in persons.items()}
    assert {name for name, user in fresh_ones.items() if rules.can_see_team(user, own)} == {
        *("colleague", "manager", "admin")
    }
    assert {name for name, user in fresh_ones.items() if rules.can_manage_team(user, own)} == {
        "manager",
        "admin",
    }
    own.left_on = timezone.localdate()
    own.save()
    assert not any(rules.can_manage_team(fresh(person), own) for person in persons.values())


def mandate_of(person):
    return Representative.objects.select_related("organisation", "person").get(person=person)


def test_who_ends_whose_mandate(persons, own):
    ending = {
        whose: {
            name
            for name in PERSONS
            if rules.can_end_mandate(fresh(persons[name]), mandate_of(persons[whose]))
        }
        for whose in ("colleague", "manager", "former")
    }
    assert ending == {"colleague": {"colleague", "manager", "admin"}, "manager": set(), "former": set()}
    make_representative(organisation=own, is_manager=True)
    assert rules.can_end_mandate(fresh(persons["manager"]), mandate_of(persons["manager"]))


def test_a_team_of_one_is_ended_by_admins_alone(persons):
    alone = make_representative(is_manager=True)
    assert not rules.can_end_mandate(fresh(alone.person), mandate_of(alone.person))
    assert rules.can_end_mandate(persons["admin"], mandate_of(alone.person))


def test_manager_with_a_closed_account_does_not_count(own):
    only = make_representative(organisation=own, is_manager=True)
    make_representative(make_user(is_active=False), own, is_manager=True)
    assert not rules.can_end_mandate(only.person, mandate_of(only.person))


def test_invitation_is_accepted_by_its_confirmed_address_while_it_holds(persons, own):
    person = persons["registered"]
    invitation = make_invitation(own, email=person.email.upper())
    assert not rules.can_accept_invitation(person, invitation)
    person.emailaddress_set.create(email=person.email, verified=False)
    assert not rules.can_accept_invitation(person, invitation)
    person.emailaddress_set.update(verified=True)
    assert rules.can_accept_invitation(person, invitation)
    assert not rules.can_accept_invitation(persons["member"], invitation)
    for ended in (
        {"expires_at": timezone.now() - timedelta(minutes=1)},
        {"revoked_at": timezone.now()},
        {"accepted_at": timezone.now()},
    ):
        over = make_invitation(make_organisation(), email=person.email, **ended)
        assert not rules.can_accept_invitation(person, over)


def test_acting_for_follows_the_choice_and_survives_its_end():
    person = make_user()
    first, second = make_representative(person), make_representative(person)
    assert fresh(person).acting_for == first.organisation
    User.objects.filter(pk=person.pk).update(acting_choice=second.organisation)
    assert fresh(person).acting_for == second.organisation
    Representative.objects.filter(pk=second.pk).update(until_on=timezone.localdate())
    assert fresh(person).acting_for == first.organisation
    assert make_user().acting_for is None
