"""The audit trail: lines are added and never bent; who looked by virtue of an office is in it; it can be taken along."""

import csv
import io
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from munistem.commons import audit
from munistem.commons.audit.actions import csv_lines, forget_deeds, forget_names
from munistem.commons.audit.models import AuditEvent
from munistem.commons.office.site import shows_persons
from munistem.front.actions.departure import begin_to_leave
from tests.members.factories import make_admin, make_application, make_invitation, make_member, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client, english_pages):
    admin = make_admin()
    client.force_login(admin)
    return admin


def seen_by(admin):
    return list(
        AuditEvent.objects.filter(actor=admin, deed__startswith="see_").values_list("deed", "subject")
    )


def refused(deed):
    with pytest.raises(IntegrityError), transaction.atomic():
        deed()
    return True


@pytest.mark.parametrize(
    "change",
    [
        {"deed": "other"},
        {"label": "Somebody else"},
        {"details": {"x": 1}},
        {"actor": None},
        {"subject": "x:1"},
    ],
)
def test_line_cannot_be_changed(change):
    audit.record("edit", make_user(), by=make_admin(), why="because")
    assert refused(lambda: AuditEvent.objects.update(**change))


def test_moment_of_a_line_cannot_be_moved():
    audit.record("edit", make_user())
    assert refused(lambda: AuditEvent.objects.update(happened_at=timezone.now() - timedelta(days=900)))


def test_young_line_cannot_be_deleted_an_old_one_can():
    audit.record("edit", make_user())
    old = AuditEvent.objects.create(
        deed="edit", subject="x:1", happened_at=timezone.now() - timedelta(days=731)
    )
    assert refused(AuditEvent.objects.filter(deed="edit").delete)
    old.delete()
    assert AuditEvent.objects.count() == 1


def test_name_of_who_left_is_taken_out_and_nothing_else():
    person, other = make_member(name="Dana Levi"), make_user(name="Noa")
    audit.record("edit_profile", person, by=person, fields=["name"])
    audit.record("give_mandate", person.mandates and person.representations.get(), by=other)
    audit.record("edit_profile", other, by=person)
    assert forget_names(person) == 2
    assert sorted(AuditEvent.objects.values_list("label", flat=True)) == ["", "", "Noa"]
    assert AuditEvent.objects.filter(actor=person).count() == 2


# Who looked ----------------------------------------------------------------------------------------------------


def test_list_and_row_of_people_are_written_down_once_a_look(client, admin):
    person = make_member()
    client.get("/admin/members/user/")
    client.get(f"/admin/members/user/{person.pk}/change/")
    client.get(f"/admin/members/user/{person.pk}/history/")
    assert seen_by(admin) == [
        ("see_list_of_user", "members.user"),
        ("see_user", f"members.user:{person.pk}"),
        ("see_user", f"members.user:{person.pk}"),
    ]
    rows = AuditEvent.objects.get(deed="see_list_of_user").details["rows"]
    assert sorted(rows) == sorted([str(admin.pk), str(person.pk)])


def test_application_opened_by_an_admin_is_written_down(client, admin):
    application = make_application()
    client.get(f"/admin/members/application/{application.pk}/change/")
    assert seen_by(admin) == [("see_application", f"members.application:{application.pk}")]


def test_things_that_are_about_nobody_are_not(client, admin):
    client.get("/admin/members/organisation/")
    client.get("/admin/members/localauthority/")
    assert seen_by(admin) == []


def test_whoever_is_refused_saw_nothing(client):
    client.force_login(make_member())
    assert client.get("/admin/members/user/").status_code == 302
    assert not AuditEvent.objects.exists()


def test_list_of_departures_is_written_down_too(client, admin):
    begin_to_leave(by=make_member())
    assert "A former member" not in client.get("/admin/members/departure/").content.decode()
    assert ("see_list_of_departure", "members.departure") in seen_by(admin)


def test_trail_of_thirty_lines_costs_what_one_costs(client, admin, count_queries):
    audit.record("edit", make_user(), by=make_user())
    few = count_queries("/admin/commons/auditevent/?tells=done")
    for _ in range(29):
        audit.record("edit", make_user(), by=make_user())
    assert count_queries("/admin/commons/auditevent/?tells=done") == few


def test_pages_of_the_admin_that_are_about_persons_are_these():
    from django.contrib import admin

    watched = {model._meta.label for model in admin.site._registry if shows_persons(model)}
    assert watched >= {
        *("members.User", "members.Representative", "members.Invitation", "members.Application"),
        *("commons.OutgoingMail", "commons.IncomingMail", "commons.Bounce", "commons.AuditEvent"),
        "account.EmailAddress",
    }
    assert not watched & {"members.Organisation", "members.LocalAuthority", "communities.Community"}


# Taken along ---------------------------------------------------------------------------------------------------


def test_trail_is_read_and_searched_and_taken_along(client, admin):
    person = make_user(name="=cmd()")
    audit.record("edit_profile", person, by=person)
    page = client.get("/admin/commons/auditevent/?tells=done").content.decode()
    assert "edit_profile" in page
    assert client.get(f"/admin/commons/auditevent/?q={person.email}").status_code == 200
    answer = client.post(
        "/admin/commons/auditevent/",
        {"action": "take_along", "_selected_action": list(AuditEvent.objects.values_list("pk", flat=True))},
    )
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert rows[0] == ["when", "who", "deed", "what", "label", "details"]
    assert [row[1:5] for row in rows if row[2] == "edit_profile"] == [
        [person.email, "edit_profile", f"members.user:{person.pk}", "'=cmd()"]
    ]
    assert AuditEvent.objects.filter(details__has_key="taken_along", actor=admin).count() == 1


def test_trail_can_only_be_read(client, admin):
    event = audit.record("edit", make_user())
    assert client.get("/admin/commons/auditevent/add/").status_code == 403
    assert client.post(f"/admin/commons/auditevent/{event.pk}/delete/", {"post": "yes"}).status_code == 403
    assert client.get(f"/admin/commons/auditevent/{event.pk}/change/").status_code == 200


def test_table_is_read_in_one_go(django_assert_num_queries):
    for _ in range(30):
        audit.record("edit", make_user(), by=make_user())
    with django_assert_num_queries(1):
        assert len(list(csv_lines(AuditEvent.objects.select_related("actor")))) == 31


def test_line_names_no_address_but_its_first_letter_and_its_domain():
    person = make_member(name="", email="dana.levi@karmiel.example")
    event = audit.record("receive_application", person, email="dana.levi@karmiel.example")
    event.refresh_from_db()
    assert (event.label, event.details) == ("d…@karmiel.example", {"email": "d…@karmiel.example"})
    invitation = make_invitation(email="dana.levi@karmiel.example")
    assert "dana.levi" not in audit.record("invite_to_team", invitation).label


def test_label_with_an_address_from_before_is_emptied_at_night():
    person = make_member()
    event = audit.record("invite_to_team", person)
    AuditEvent.objects.bulk_create(
        [AuditEvent(deed="invite_to_team", subject="x:1", label="dana.levi@karmiel.example → Karmiel")]
    )
    assert forget_deeds(timedelta(days=2557)) == 0
    assert list(
        AuditEvent.objects.filter(deed="invite_to_team").order_by("pk").values_list("label", flat=True)
    ) == [
        event.label,
        "",
    ]
