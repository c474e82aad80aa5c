"""Deeds of an office ask once more who it is when the sign-in is a while ago; what was sent is kept and then done."""

import time

import pytest
from allauth.account.models import EmailAddress
from django.contrib.sessions.models import Session
from django.test import Client

from members.models import Representative, User
from tests.members.factories import (
    PASSWORD,
    fresh,
    make_admin,
    make_member,
    make_organisation,
    make_representative,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(settings):
    settings.FRESH_SECONDS = 900
    admin = make_admin(password=PASSWORD)
    EmailAddress.objects.create(user=admin, email=admin.email, verified=True, primary=True)
    return admin


@pytest.fixture
def office(client, admin):
    assert client.post("/accounts/login/", {"login": admin.email, "password": PASSWORD}).status_code == 302
    return client


@pytest.fixture
def later(monkeypatch):
    """A quarter of an hour has passed."""

    def pass_by():
        now = time.time()
        monkeypatch.setattr(time, "time", lambda: now + 901)

    return pass_by


def close(client: Client, person: User, query: str = ""):
    told = {"action": "deactivate", "_selected_action": [person.pk]}
    return client.post(f"/admin/members/user/{query}", told)


def test_who_just_signed_in_is_not_asked(office):
    person = make_member()
    close(office, person)
    assert not fresh(person).is_active


def test_later_the_deed_waits_for_the_password_and_is_done_then(office, later):
    person = make_member()
    later()
    asked = close(office, person, "?q=person")
    assert asked.url == "/accounts/reauthenticate/"
    assert fresh(person).is_active
    assert "Is it you?" in office.get(asked.url).content.decode()
    assert office.post(asked.url, {"password": "a wrong one"}).status_code == 200
    assert fresh(person).is_active
    done = office.post(asked.url, {"password": PASSWORD})
    assert (done.status_code, done.url) == (302, "/admin/members/user/?q=person")
    assert not fresh(person).is_active
    other = make_member()
    close(office, other)
    assert not fresh(other).is_active  # and for a while nobody asks again


def test_rights_given_in_a_form_are_kept_too(office, later):
    person = make_member()
    later()
    form = {
        "name": person.name,
        "role_title": "",
        "language": "en",
        "is_knowledge_manager": "on",
        **{f"representations-{part}": 0 for part in ("TOTAL_FORMS", "INITIAL_FORMS")},
    }
    asked = office.post(f"/admin/members/user/{person.pk}/change/", form)
    assert not fresh(person).is_knowledge_manager
    office.post(asked.url, {"password": PASSWORD})
    assert fresh(person).is_knowledge_manager


def test_looking_is_not_asked_for(office, later):
    later()
    assert office.get("/admin/members/user/").status_code == 200


def test_admin_on_a_team_page_is_asked_a_manager_is_not(office, later, settings):
    organisation = make_organisation()
    manager = make_representative(organisation=organisation, is_manager=True).person
    mandates = [make_representative(organisation=organisation) for _ in range(2)]
    later()
    path = f"/organisations/{organisation.slug}/team/{{}}/manager/"
    assert office.post(path.format(mandates[0].pk)).url == "/accounts/reauthenticate/"
    colleague = Client()
    colleague.force_login(manager)
    colleague.post(path.format(mandates[1].pk))
    found = Representative.objects.filter(pk__in=[row.pk for row in mandates], is_manager=True)
    assert list(found) == [mandates[1]]


def test_who_has_no_password_and_no_second_step_is_asked_by_their_own_service(client, admin):
    admin.set_unusable_password()
    admin.save()
    client.force_login(admin)
    person = make_member()
    close(client, person)
    assert not fresh(person).is_active


def test_who_has_shown_again_who_it_is_goes_on_under_another_key(office, later):
    """The key from before is nobody's; it is the same browser in the list of one's sessions."""
    old = office.session.session_key
    later()
    assert office.post("/accounts/reauthenticate/", {"password": PASSWORD}).status_code == 302
    assert office.session.session_key != old
    assert not Session.objects.filter(session_key=old).exists()
    page = office.get("/me/sessions/").content.decode()
    assert page.count('class="row__title"') == 1
