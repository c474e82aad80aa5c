"""docs/retention.yaml against the models, against the code, and by a moved clock: every rule does what it says."""

import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.conf import settings as configured
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db.models import EmailField
from django.utils import timezone
from procrastinate.contrib.django import app

from communities.actions.invitation_terms import KEPT as INVITATIONS_KEPT
from communities.models import CalendarFeed, TopicRead
from knowledge.actions.export import KEPT as EXPORTS_KEPT
from members.actions.person import GRACE
from members.models import (
    Application,
    ApplicationMessage,
    Archive,
    Departure,
    Device,
    Invitation,
    TeamRequest,
    User,
)
from munistem.commons.audit.models import AuditEvent
from munistem.commons.guards.models import Hit
from munistem.commons.mail.actions import KEPT as LETTERS_KEPT
from munistem.commons.mail.models import Bounce, IncomingMail, OutgoingMail
from munistem.commons.mail.receiving import KEPT as MAIL_KEPT
from munistem.commons.notices.models import Event, Notice
from munistem.front.actions.archive import KEPT as ARCHIVES_KEPT
from munistem.front.actions.departure import begin_to_leave
from munistem.front.actions.retention import DEEDS, keep_rules, read, rules
from policy.models import CallChoice
from tests.communities.factories import make_community, make_membership, make_topic
from tests.members.factories import (
    fresh,
    make_admin,
    make_application,
    make_archive,
    make_device,
    make_invitation,
    make_member,
    make_team_request,
    make_user,
)

#: Terms that stand in the code because a deed needs them at once; the file has to say the same.
TERMS = {
    "account": GRACE,
    "archives": ARCHIVES_KEPT,
    "letters": LETTERS_KEPT,
    "invitations": INVITATIONS_KEPT,
    "sessions": timedelta(seconds=configured.SESSION_COOKIE_AGE),
}
DAY = timedelta(days=1)
pytestmark = pytest.mark.django_db


# The file ------------------------------------------------------------------------------------------------------


def models():
    return {model._meta.label: model for model in apps.get_models(include_auto_created=True)}


def test_every_table_has_a_rule_or_holds_nothing_of_persons():
    listed = [*read()["tables"], *read()["impersonal"].split()]
    assert sorted(listed) == sorted(set(listed)), "named twice"
    assert sorted(models().keys() - set(listed)) == [], "tables that docs/retention.yaml does not know"
    assert sorted(set(listed) - models().keys()) == [], "tables that are no more"


def test_no_table_without_rule_names_a_person():
    def columns(label):
        for field in models()[label]._meta.local_concrete_fields:
            if field.related_model is get_user_model() or isinstance(field, EmailField):
                yield f"{label}.{field.name}"

    assert [column for label in read()["impersonal"].split() for column in columns(label)] == []


def test_every_rule_is_used_and_every_table_names_one_that_is_there():
    assert set(read()["tables"].values()) | {"unused", "bounces"} >= {rule.code for rule in rules()} - {
        "sights"
    }
    assert set(read()["tables"].values()) <= {rule.code for rule in rules()}


def test_every_deed_is_done_and_every_term_has_its_deed():
    assert {rule.deed for rule in rules() if rule.deed} == set(DEEDS)
    assert [rule.code for rule in rules() if bool(rule.days) != bool(rule.deed)] == []


def test_number_in_the_words_is_the_number_of_days():
    def said(rule):
        number, unit = re.search(r"(\d+) (day|month|year)", rule.kept).groups()
        return int(number) * {"day": 1, "month": 365.25 / 12, "year": 365.25}[unit]

    assert [
        rule.code
        for rule in rules()
        if rule.days and "leave." not in rule.kept and abs(said(rule) - rule.days) > 1
    ] == []


def test_terms_of_the_code_are_those_of_the_file():
    days = {rule.code: rule.days for rule in rules()}
    assert {code: term.days for code, term in TERMS.items()} == {code: days[code] for code in TERMS}
    assert EXPORTS_KEPT == ARCHIVES_KEPT and MAIL_KEPT == LETTERS_KEPT


def test_rules_are_kept_every_night():
    assert "front.keep_rules" in [row.task.name for row in app.periodic_registry.periodic_tasks.values()]


def test_privacy_page_says_every_rule(client, read):
    page = read("/privacy/")
    for rule in rules():
        assert rule.what in page and rule.why in page and rule.kept.replace("'", "&#x27;") in page


# The deeds -----------------------------------------------------------------------------------------------------


def older(model, column, days, **which):
    """Move a row's day just past or just before its term."""
    model.objects.filter(**which).update(
        **{column: timezone.now() - timedelta(days=days) - timedelta(hours=1)}
    )


def test_night_without_anything_due_ends_nothing():
    assert not any(keep_rules().values())


def test_browsers_and_sessions_are_forgotten(client):
    old, young = make_device(), make_device()
    older(Device, "seen_at", 396, pk=old.pk)
    older(Device, "seen_at", 395, pk=young.pk)
    client.force_login(make_user())
    Session.objects.update(expire_date=timezone.now() - DAY)
    keep_rules()
    assert list(Device.objects.all()) == [young]
    assert not Session.objects.exists()


def test_addresses_of_limits_are_forgotten():
    Hit.objects.create(key="over", expires_at=timezone.now() - DAY)
    Hit.objects.create(key="counts", expires_at=timezone.now() + DAY)
    keep_rules()
    assert [hit.key for hit in Hit.objects.all()] == ["counts"]


def test_notices_are_forgotten_read_or_not():
    reader = make_member()
    for days in (366, 364):
        event = Event.objects.create(kind="topic_opened", subject="communities.topic:1")
        Notice.objects.create(event=event, reader=reader, reason="member")
        Event.objects.filter(pk=event.pk).update(happened_at=timezone.now() - timedelta(days=days))
    keep_rules()
    assert (Event.objects.count(), Notice.objects.count()) == (1, 1)


def test_letters_in_and_out_are_forgotten():
    for state in ("sent", "refused", "waiting"):
        row = OutgoingMail.objects.create(
            key=state, recipients="a@b.example", subject="x", message=b"x", state=state
        )
        OutgoingMail.objects.filter(pk=row.pk).update(
            queued_at=timezone.now() - 31 * DAY,
            sent_at=timezone.now() - 31 * DAY if state == "sent" else None,
        )
    mail = IncomingMail.objects.create(key="k", address="a", sender="b@c.example", message=b"x")
    older(IncomingMail, "came_at", 30, pk=mail.pk)
    keep_rules()
    assert [row.state for row in OutgoingMail.objects.all()] == ["waiting"]
    assert not IncomingMail.objects.exists()


def test_addresses_from_which_mail_came_back_are_tried_again():
    for address in ("old@x.example", "young@x.example"):
        Bounce.objects.create(address=address)
    older(Bounce, "happened_at", 365, address="old@x.example")
    keep_rules()
    assert [row.address for row in Bounce.objects.all()] == ["young@x.example"]


def test_archives_are_deleted():
    over = make_archive(expires_at=timezone.now() - DAY)
    make_archive()
    keep_rules()
    assert Archive.objects.get(pk=over.pk).state == "over"
    assert Archive.objects.filter(state="ready").count() == 1


def test_applicants_are_forgotten_and_their_organisation_stays_known():
    admin = make_admin()
    old, young = (
        make_application(state="declined", reason="No.", decided_at=timezone.now(), decided_by=admin)
        for _ in range(2)
    )
    ApplicationMessage.objects.create(application=old, body="Call me: 050-1234567")
    older(Application, "decided_at", 730, pk=old.pk)
    older(Application, "decided_at", 729, pk=young.pk)
    waiting = make_application()
    older(Application, "created_at", 900, pk=waiting.pk)
    keep_rules()
    assert [bool(Application.objects.get(pk=row.pk).email) for row in (old, young, waiting)] == [
        False,
        True,
        True,
    ]
    old.refresh_from_db()
    assert (old.contact_name, old.phone, old.name) == ("", "", old.organisation_name)
    assert not old.messages.exists()
    assert keep_rules()["forget_applicants"] == 0


def test_invitations_and_requests_are_forgotten():
    old, young = make_invitation(), make_invitation()
    older(Invitation, "expires_at", 365, pk=old.pk)
    older(Invitation, "expires_at", 364, pk=young.pk)
    request = make_team_request(state="declined")
    older(TeamRequest, "decided_at", 365, pk=request.pk)
    keep_rules()
    assert list(Invitation.objects.all()) == [young]
    assert not TeamRequest.objects.exists()


def test_lines_of_the_trail_go_by_their_own_terms():
    def line(deed, days):
        AuditEvent.objects.create(
            deed=deed, subject="x:1", happened_at=timezone.now() - timedelta(days=days, hours=1)
        )

    for deed, days in (("see_user", 730), ("see_user", 729), ("edit", 730), ("edit", 2557)):
        line(deed, days)
    admin = make_admin()
    log = LogEntry.objects.create(
        user=admin,
        content_type=ContentType.objects.get_for_model(User),
        object_repr="Dana",
        action_flag=CHANGE,
    )
    older(LogEntry, "action_time", 730, pk=log.pk)
    keep_rules()
    assert sorted(AuditEvent.objects.values_list("deed", flat=True)) == ["edit", "see_user"]
    assert not LogEntry.objects.exists()


def test_who_left_is_forgotten_with_what_only_served_them():
    person = make_member(name="Dana Levi")
    community = make_community()
    make_membership(community, person)
    topic = make_topic(community, author=person)
    TopicRead.objects.create(topic=topic, person=person, number=1)
    CalendarFeed.objects.create(person=person, token="t")
    EmailAddress.objects.create(user=person, email=person.email)
    make_device(person)
    begin_to_leave(by=person)
    older(Departure, "due_at", 0)
    assert keep_rules()["end_departures"] == 1
    assert fresh(person).name == ""
    for own in (TopicRead, CalendarFeed, Device, CallChoice):
        assert not own.objects.filter(person=person).exists()
    assert not EmailAddress.objects.filter(user=person).exists()
    assert not AuditEvent.objects.filter(label__contains="Dana").exists()


def test_rule_that_fails_stops_no_other(monkeypatch):
    def fail(kept):
        raise RuntimeError

    monkeypatch.setitem(DEEDS, "end_departures", fail)
    older_one = make_device()
    older(Device, "seen_at", 396, pk=older_one.pk)
    with pytest.raises(RuntimeError):
        keep_rules()
    assert not Device.objects.exists()
