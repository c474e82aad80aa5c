"""Letting an organisation in and taking it back: all of it, once, however often and at once it is clicked."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.core import mail
from django.utils import timezone

from communities.actions.admission import admit, undo_admission
from communities.models import Membership
from members.actions import application as deeds
from members.actions.application import TooLate
from members.actions.mandate import AccountClosed
from members.actions.organisation import MemberAlready
from members.enums import ApplicationState, OrganisationType
from members.models import Application, Organisation, Representative, User
from munistem.commons.audit.models import AuditEvent
from munistem.commons.notices.kinds import visible_events
from munistem.commons.notices.models import Event, Notice
from tests.communities.factories import make_community
from tests.members.factories import (
    PASSWORD,
    make_admin,
    make_application,
    make_authority,
    make_cluster,
    make_invitation,
    make_municipality,
    make_organisation,
    make_representative,
    make_user,
)
from tests.moments import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin():
    return make_admin(name="Admin")


@pytest.fixture
def application():
    town = make_authority(
        name_he="כרמיאל", name_en="Karmiel", name_ar="كرميئيل", website="https://karmiel.example"
    )
    return make_application(
        type=OrganisationType.MUNICIPALITY,
        authority=town,
        organisation_name="",
        contact_name="Dana Levi",
        email="dana@karmiel.example",
        role="STEM manager",
        phone="04-1234567",
    )


def letters(to):
    return [letter for letter in mail.outbox if letter.to == [to]]


# What an admission makes ---------------------------------------------------------------------------------


def test_admission_makes_everything(admin, application):
    first, other = make_community(is_default=True), make_community()
    admit(by=admin, application=application, note="See you on Sunday.")
    application.refresh_from_db()
    organisation, person = Organisation.objects.get(), User.objects.get(email="dana@karmiel.example")
    assert (application.state, application.decided_by, application.organisation) == (
        "approved",
        admin,
        organisation,
    )
    assert (organisation.name_he, organisation.name_en, organisation.name_ar) == (
        "כרמיאל",
        "Karmiel",
        "كرميئيل",
    )
    assert (organisation.slug, organisation.email_domain) == ("karmiel", "karmiel.example")
    assert organisation.authority == application.authority
    assert organisation.website == "https://karmiel.example"
    assert (person.name, person.language, person.role_title) == ("Dana Levi", "en", "STEM manager")
    assert not person.has_usable_password()
    assert (
        EmailAddress.objects.filter(user=person, email=person.email, verified=True, primary=True).count() == 1
    )
    mandate = Representative.objects.get()
    assert (mandate.person, mandate.is_manager, mandate.role) == (person, True, "STEM manager")
    assert list(Membership.objects.active().values_list("community", "person")) == [(first.pk, person.pk)]
    assert not Membership.objects.filter(community=other).exists()
    assert person.is_in_network
    assert list(Organisation.objects.matching("karmiel")) == [organisation]
    assert AuditEvent.objects.filter(deed="approve_application", actor=admin).count() == 1


def test_letter_speaks_the_applicants_language(admin, application, run_jobs, mailoutbox):
    Application.objects.filter(pk=application.pk).update(language="ar")
    admit(by=admin, application=application, note="See you on Sunday.")
    run_jobs()
    (letter,) = mailoutbox
    assert letter.to == ["dana@karmiel.example"]
    assert letter.extra_headers["Content-Language"] == "ar"
    assert "See you on Sunday." in letter.body
    assert application.get_absolute_url() in letter.body
    assert "كرميئيل" in letter.body


def test_bell_says_it_without_a_second_mail(admin, application, run_jobs, mailoutbox):
    admit(by=admin, application=application)
    run_jobs()
    assert Notice.objects.get(event__kind="application_approved").reader.email == "dana@karmiel.example"
    assert len(mailoutbox) == 1


def test_cluster_and_described_organisation_get_their_names(admin):
    cluster = make_cluster(name_he="אשכול הגליל")
    admit(
        by=admin,
        application=make_application(type=OrganisationType.CLUSTER, cluster=cluster, organisation_name=""),
    )
    assert Organisation.objects.get(cluster=cluster).name_he == "אשכול הגליל"
    described = make_application(organisation_name="جمعية المستقبل", language="ar", email="amal@gmail.com")
    organisation = admit(by=admin, application=described).organisation
    assert (organisation.name_ar, organisation.name_he, organisation.email_domain) == (
        "جمعية المستقبل",
        "",
        "",
    )


def test_two_of_one_name_get_different_addresses(admin):
    first, second = (
        admit(by=admin, application=make_application(organisation_name="Same")) for _ in range(2)
    )
    assert first.organisation.slug != second.organisation.slug


def test_known_person_stays_who_they_are(admin, application):
    person = make_user(email="dana@karmiel.example", name="Dana of old", password=PASSWORD)
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    admit(by=admin, application=application)
    person = User.objects.get(email="dana@karmiel.example")
    assert person.name == "Dana of old"
    assert person.check_password(PASSWORD)
    assert Representative.objects.get().person == person


def test_account_that_a_stranger_opened_with_the_address_is_handed_over_closed_to_them(admin, application):
    person = make_user(email="dana@karmiel.example", password=PASSWORD)
    EmailAddress.objects.create(user=person, email=person.email, verified=False, primary=True)
    SocialAccount.objects.create(user=person, provider="google", uid="1")
    admit(by=admin, application=application)
    person.refresh_from_db()
    assert not person.check_password(PASSWORD)
    assert not SocialAccount.objects.exists()
    assert EmailAddress.objects.get().verified


def test_second_confirmed_address_belongs_to_the_same_person(admin, application):
    person = make_user(email="dana@home.example")
    EmailAddress.objects.create(user=person, email="dana@home.example", verified=True, primary=True)
    EmailAddress.objects.create(user=person, email="dana@karmiel.example", verified=True, primary=False)
    admit(by=admin, application=application)
    assert Representative.objects.get().person == person
    assert EmailAddress.objects.get(primary=True).email == "dana@home.example"


def test_deactivated_person_is_not_let_in_through_the_back_door(admin, application):
    make_user(email="Dana@karmiel.example", is_active=False)
    with pytest.raises(AccountClosed):
        admit(by=admin, application=application)
    assert not Organisation.objects.exists()
    assert not letters("dana@karmiel.example")


def test_municipality_that_is_a_member_is_not_made_twice(admin, application):
    make_organisation(type=OrganisationType.MUNICIPALITY, authority=application.authority)
    with pytest.raises(MemberAlready):
        admit(by=admin, application=application)
    application.refresh_from_db()
    assert application.state == ApplicationState.RECEIVED
    assert not User.objects.filter(email=application.email).exists()


def test_municipality_that_left_comes_back_without_its_people_of_then(admin, application):
    organisation = make_municipality(authority=application.authority, left_on=timezone.localdate())
    former = make_representative(organisation=organisation).person
    admit(by=admin, application=application)
    organisation.refresh_from_db()
    assert organisation.left_on is None
    assert not User.objects.get(pk=former.pk).is_in_network
    assert Representative.objects.active().get().person.email == application.email


def test_joined_applicants_are_pointed_to_the_team(admin, application):
    other = make_application(
        type=OrganisationType.MUNICIPALITY, authority=application.authority, email="b@x.example"
    )
    deeds.merge(by=admin, application=other, into=application)
    admit(by=admin, application=application)
    assert len(letters("b@x.example")) == 2


@pytest.mark.parametrize("state", ["approved", "declined", "withdrawn", "draft"])
def test_only_what_waits_is_approved(admin, application, state):
    decided = {"decided_at": timezone.now(), "decided_by": admin} if state in {"approved", "declined"} else {}
    Application.objects.filter(pk=application.pk).update(state=state, reason="R", **decided)
    with pytest.raises(TooLate):
        admit(by=admin, application=application)


def test_only_admins_approve(application):
    with pytest.raises(TooLate):
        admit(by=make_user(is_knowledge_manager=True), application=application)


# Taking back ---------------------------------------------------------------------------------------------


def test_fresh_admission_leaves_nothing_behind_when_taken_back(admin, application):
    community = make_community(is_default=True)
    admit(by=admin, application=application)
    undo_admission(by=admin, application=application)
    application.refresh_from_db()
    assert (application.state, application.organisation, application.decided_at) == ("in_review", None, None)
    assert not Organisation.objects.exists()
    assert not Representative.objects.exists()
    assert not Membership.objects.exists()
    community.refresh_from_db()
    assert community.member_count == 0
    assert len(letters("dana@karmiel.example")) == 2
    person = User.objects.get(email="dana@karmiel.example")
    assert not person.is_in_network
    assert visible_events(person, Event.objects.filter(kind="application_approved")) == set()


def test_admission_on_which_something_stands_is_ended_instead(admin, application):
    admit(by=admin, application=application)
    organisation = Organisation.objects.get()
    make_invitation(organisation)
    undo_admission(by=admin, application=application)
    organisation.refresh_from_db()
    assert organisation.left_on == timezone.localdate()
    assert Representative.objects.get().until_on == timezone.localdate()
    admit(by=admin, application=application)
    organisation.refresh_from_db()
    assert organisation.left_on is None
    assert Representative.objects.active().count() == 1


def test_after_a_day_it_stands(admin, application):
    admit(by=admin, application=application)
    Application.objects.update(decided_at=timezone.now() - timedelta(hours=24, minutes=1))
    with pytest.raises(TooLate):
        undo_admission(by=admin, application=application)
    assert Organisation.objects.exists()


def test_taking_back_counts_once(admin, application):
    admit(by=admin, application=application)
    undo_admission(by=admin, application=application)
    with pytest.raises(TooLate):
        undo_admission(by=admin, application=application)
    assert len(letters("dana@karmiel.example")) == 2


# Haste ---------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_eight_clicks_at_once_admit_once(admin, application):
    make_community(is_default=True)
    answers = at_once(*[lambda: admit(by=admin, application=application)] * 8)
    assert sum(isinstance(answer, Application) for answer in answers) == 1
    assert sum(isinstance(answer, TooLate) for answer in answers) == 7
    assert Organisation.objects.count() == Representative.objects.count() == Membership.objects.count() == 1
    assert len(letters("dana@karmiel.example")) == 1


@pytest.mark.django_db(transaction=True)
def test_approval_against_refusal_is_one_decision_and_one_letter(admin, application):
    answers = at_once(
        lambda: admit(by=admin, application=application),
        lambda: deeds.decline(by=admin, application=application, reason="No"),
        lambda: admit(by=admin, application=application),
        lambda: deeds.withdraw(application=application),
    )
    assert sum(isinstance(answer, Application) for answer in answers) == 1
    application.refresh_from_db()
    assert len(letters("dana@karmiel.example")) == (application.state != ApplicationState.WITHDRAWN)
    assert Organisation.objects.count() == (application.state == ApplicationState.APPROVED)


@pytest.mark.django_db(transaction=True)
def test_two_applications_of_one_town_at_once_make_one_member(admin, application):
    other = make_application(
        type=OrganisationType.MUNICIPALITY, authority=application.authority, organisation_name=""
    )
    answers = at_once(
        lambda: admit(by=admin, application=application), lambda: admit(by=admin, application=other)
    )
    assert sum(isinstance(answer, MemberAlready) for answer in answers) == 1
    assert Organisation.objects.count() == 1
