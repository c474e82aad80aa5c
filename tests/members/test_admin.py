"""The admin of people, organisations and the register: found by search, changed through the actions alone."""

import pytest
from django.utils import timezone

from members.enums import OrganisationType
from members.models import Organisation, Representative, User
from munistem.commons.audit.models import AuditEvent
from tests.members.factories import (
    make_admin,
    make_authority,
    make_cluster,
    make_invitation,
    make_member,
    make_municipality,
    make_organisation,
    make_representative,
    make_user,
)

pytestmark = pytest.mark.django_db
TABLES = (
    "user",
    "organisation",
    "representative",
    "invitation",
    "localauthority",
    "regionalcluster",
    "roleholding",
)


@pytest.fixture
def admin(client):
    person = make_admin(name="Admin")
    client.force_login(person)
    return person


def do(client, table, action, *rows):
    data = {"action": action, "_selected_action": [row.pk for row in rows]}
    return client.post(f"/admin/members/{table}/", data, follow=True).content.decode()


@pytest.mark.parametrize("table", TABLES)
def test_every_table_is_listed_searched_and_opened(client, admin, table):
    make_municipality()
    make_cluster()
    make_invitation(make_representative().organisation)
    model = {
        "user": User,
        "organisation": Organisation,
        "representative": Representative,
    }
    assert client.get(f"/admin/members/{table}/").status_code == 200
    assert client.get(f"/admin/members/{table}/?q=a").status_code == 200
    if table in model:
        row = model[table].objects.first()
        assert client.get(f"/admin/members/{table}/{row.pk}/change/").status_code == 200
    assert client.post(f"/admin/members/{table}/1/delete/", {"post": "yes"}).status_code in {302, 403}


def test_admin_who_is_no_superuser_may_look_after_people(client):
    client.force_login(make_user(is_staff=True))
    person = make_member()
    page = client.get(f"/admin/members/user/{person.pk}/change/").content.decode()
    assert 'name="name"' in page
    assert 'name="is_staff"' not in page


@pytest.mark.parametrize("person", [make_member, make_user])
def test_others_find_no_admin(client, person):
    client.force_login(person())
    assert client.get("/admin/members/user/").status_code == 302


def test_accounts_are_closed_and_opened_but_never_ones_own(client, admin):
    person = make_member()
    assert "1 person was changed" in do(client, "user", "deactivate", person, admin)
    person.refresh_from_db()
    admin.refresh_from_db()
    assert (person.is_active, admin.is_active) == (False, True)
    do(client, "user", "reactivate", person)
    person.refresh_from_db()
    assert person.is_active
    do(client, "user", "sign_out", person)
    deeds = set(AuditEvent.objects.filter(actor=admin).values_list("deed", flat=True))
    assert deeds == {"deactivate_person", "reactivate_person", "sign_out_person", "see_list_of_user"}


def test_name_and_rights_are_corrected_through_the_actions(client, admin):
    person = make_member()
    data = {"name": "Dana", "role_title": "", "language": "he", "is_staff": "on"}
    data |= {"representations-TOTAL_FORMS": 0, "representations-INITIAL_FORMS": 0}
    assert client.post(f"/admin/members/user/{person.pk}/change/", data).status_code == 302
    person.refresh_from_db()
    assert (person.name, person.is_staff, person.is_superuser) == ("Dana", True, True)
    assert User.objects.matching("dana").get() == person
    assert AuditEvent.objects.filter(deed="give_rights").count() == 1


def test_ones_own_rights_stay(client, admin):
    data = {"name": "Admin", "role_title": "", "language": "en"}
    data |= {"representations-TOTAL_FORMS": 0, "representations-INITIAL_FORMS": 0}
    assert client.post(f"/admin/members/user/{admin.pk}/change/", data).status_code == 302
    admin.refresh_from_db()
    assert admin.is_staff


def organisation_said(**fields):
    return {
        "type": "ngo",
        "authority": "",
        "cluster": "",
        "name_he": "עמותה",
        "name_ar": "",
        "name_en": "Lab",
        "about": "",
        "website": "",
        "email_domain": "",
        "joined_on": "2026-01-01",
        **fields,
    }


def test_organisation_is_added_and_renamed(client, admin):
    assert client.post("/admin/members/organisation/add/", organisation_said()).status_code == 302
    made = Organisation.objects.get()
    assert (made.slug, made.sort_name) == ("עמותה", "עמותה")
    url = f"/admin/members/organisation/{made.pk}/change/"
    assert client.post(url, organisation_said(name_en="Quantum Lab", type="company")).status_code == 302
    made.refresh_from_db()
    assert made.type == OrganisationType.NGO
    assert Organisation.objects.matching("quantum").get() == made


@pytest.mark.parametrize(
    "wrong",
    [
        {"type": "municipality"},
        {"type": "cluster"},
        {"name_he": "", "name_en": ""},
        {"type": "ngo", "authority": "1"},
    ],
)
def test_organisation_that_cannot_be_is_refused_in_words(client, admin, wrong):
    make_authority(cbs_code=1)
    response = client.post("/admin/members/organisation/add/", organisation_said(**wrong))
    assert response.status_code == 200
    assert "errornote" in response.content.decode()
    assert not Organisation.objects.exists()


def test_organisation_leaves_and_comes_back_with_its_people(client, admin):
    mandate = make_representative(organisation=make_organisation())
    invitation = make_invitation(mandate.organisation)
    do(client, "organisation", "end", mandate.organisation)
    mandate.organisation.refresh_from_db()
    invitation.refresh_from_db()
    assert mandate.organisation.left_on == timezone.localdate()
    assert invitation.revoked_at
    assert not User.objects.get(pk=mandate.person.pk).is_in_network
    do(client, "organisation", "renew", mandate.organisation)
    assert User.objects.get(pk=mandate.person.pk).is_in_network


def test_mandates_are_given_widened_and_ended(client, admin):
    organisation, person = make_organisation(), make_user()
    data = {"organisation": organisation.pk, "person": person.pk, "role": "Lead"}
    assert client.post("/admin/members/representative/add/", data).status_code == 302
    mandate = Representative.objects.get()
    do(client, "representative", "make_managers", mandate)
    mandate.refresh_from_db()
    assert mandate.is_manager
    make_representative(organisation=organisation)
    assert "nobody else manages" in do(client, "representative", "end", mandate)
    do(client, "representative", "make_managers", *Representative.objects.all())
    do(client, "representative", "end", mandate)
    mandate.refresh_from_db()
    assert (mandate.until_on, mandate.ended_by) == (timezone.localdate(), admin)
