"""Facilitators in touch: open tasks and the question to their owners, notes to silent members; now and then, never more."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from communities.actions import contact as deeds
from communities.actions.membership import TooLate, leave
from communities.emails import prepared_note
from communities.enums import Access
from communities.models import Membership, Note, Nudge
from communities.views.facilitation import silent
from munistem.commons.audit.models import AuditEvent
from munistem.commons.mail.models import Bounce
from munistem.commons.notices.models import Notice
from tests.communities.factories import (
    make_community,
    make_facilitator,
    make_held_meeting,
    make_meeting,
    make_member,
    make_membership,
    make_task,
    make_topic,
    make_user,
)
from tests.members.factories import make_admin

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_pages")]


def page(community):
    return f"/communities/{community.slug}/facilitation/"


def given_task(community, **fields):
    owner = make_membership(community, make_member(name="Dana", language="en")).person
    return make_task(make_held_meeting(community), owner, **{"approved_at": timezone.now(), **fields})


def quiet_member(community, **fields):
    person = make_member(**{"name": "Quiet Dana", "language": "en", **fields})
    row = make_membership(community, person)
    Membership.objects.filter(pk=row.pk).update(since=timezone.now() - timedelta(days=200))
    return row


# Tasks ---------------------------------------------------------------------------------------------------


def test_open_tasks_stand_with_their_next_step(client, community, leader):
    given_task(community, text="Call the ministry", due_on=timezone.localdate() - timedelta(days=3))
    given_task(community, text="Done already", done_at=timezone.now(), done_by=leader)
    given_task(community, text="Not told yet", approved_at=None)
    given_task(make_community(), text="Elsewhere")
    html = client.get(page(community)).content.decode()
    assert "Call the ministry" in html and "Overdue" in html and "Ask how it goes" in html
    for other in ("Done already", "Not told yet", "Elsewhere"):
        assert other not in html


def test_owner_is_asked_once_a_week(client, community, leader, run_jobs):
    task = given_task(community, text="Call the ministry")
    for _time in range(2):
        assert client.post(f"/tasks/{task.pk}/ask/").status_code == 302
    run_jobs()
    assert [letter.to for letter in mail.outbox] == [[task.owner.email]]
    assert "Call the ministry" in mail.outbox[0].subject
    assert mail.outbox[0].reply_to == [leader.email]
    assert AuditEvent.objects.filter(deed="nudge_owner", actor=leader).count() == 1
    html = client.get(page(community)).content.decode()
    assert "Ask how it goes" not in html and "See the minutes" in html
    Nudge.objects.update(sent_at=timezone.now() - timedelta(days=7, minutes=1))
    assert "Ask how it goes" in client.get(page(community)).content.decode()
    assert deeds.nudge(by=leader, task=task)[1]


def test_own_task_leads_to_the_minutes(client, community, leader):
    task = make_task(make_held_meeting(community), leader, approved_at=timezone.now())
    assert "Ask how it goes" not in client.get(page(community)).content.decode()
    with pytest.raises(TooLate):
        deeds.nudge(by=leader, task=task)


def test_what_is_done_is_not_asked_after(client, community, leader):
    task = given_task(community, done_at=timezone.now(), done_by=leader)
    client.post(f"/tasks/{task.pk}/ask/")
    assert not Nudge.objects.exists()


@pytest.mark.parametrize(
    ("who", "status"),
    [("owner", 403), ("member", 403), ("outsider", 404), ("registered", 404), ("admin", 302)],
)
def test_asking_is_for_those_who_lead(client, community, who, status):
    task = given_task(community)
    person = {
        "owner": lambda: task.owner,
        "member": lambda: make_membership(community).person,
        "outsider": make_member,
        "registered": make_user,
        "admin": make_admin,
    }[who]()
    client.force_login(person)
    assert client.post(f"/tasks/{task.pk}/ask/").status_code == status
    assert Nudge.objects.exists() == (status == 302)


# Notes ---------------------------------------------------------------------------------------------------


def test_note_is_prepared_in_the_language_of_the_member_and_says_what_is_on(community, leader):
    row = quiet_member(community)
    make_meeting(community, title="Labs at night", starts_at=timezone.now() + timedelta(days=9))
    make_topic(community, title="Who pays for printers?")
    make_topic(make_community(), title="Elsewhere")
    text = prepared_note(row)
    assert "Labs at night" in text and "Who pays for printers?" in text and "Elsewhere" not in text
    with translation.override("he"):
        assert prepared_note(row) == text


def test_note_goes_out_once_and_rests_for_two_weeks(client, community, leader, run_jobs):
    row = quiet_member(community)
    door = f"/communities/{community.slug}/people/{row.pk}/note/"
    assert door in client.get(page(community)).content.decode()
    assert "Hello" in client.get(door).content.decode()
    for _time in range(2):
        assert client.post(door, {"text": "How are you?\n\nRina"}).status_code == 302
    run_jobs()
    assert Note.objects.count() == 1
    letter = mail.outbox[0]
    assert letter.to == [row.person.email] and letter.reply_to == [leader.email]
    assert "How are you?" in letter.body and "Rina Levi" in letter.from_email
    now = timezone.now()
    assert silent(community, leader, now).count == 0
    later = silent(community, leader, now + timedelta(days=15))
    assert [one.written_at for one in later.rows] == [Note.objects.get().sent_at]


def test_empty_note_is_told_and_nothing_is_sent(client, community, leader):
    row = quiet_member(community)
    html = client.post(f"/communities/{community.slug}/people/{row.pk}/note/", {"text": " "}).content.decode()
    assert "field__error" in html
    assert not Note.objects.exists()


def test_who_left_is_not_written_to(client, community, leader):
    row = quiet_member(community)
    leave(by=row.person, community=community)
    assert client.get(f"/communities/{community.slug}/people/{row.pk}/note/").status_code == 403
    with pytest.raises(TooLate):
        deeds.write_note(by=leader, membership=row, text="Hello")


@pytest.mark.parametrize("access", Access.values)
def test_notes_are_for_those_who_lead(client, access):
    community = make_community(access=access)
    row = quiet_member(community)
    door = f"/communities/{community.slug}/people/{row.pk}/note/"
    for person, allowed in (
        (make_membership(community).person, False),
        (make_facilitator(), False),
        (make_facilitator(community), True),
    ):
        client.force_login(person)
        assert (client.post(door, {"text": "Hello"}).status_code == 302) == allowed


def test_notice_of_a_note_ends_with_the_membership(community, leader):
    row = quiet_member(community)
    deeds.write_note(by=leader, membership=row, text="Hello")
    notice = Notice.objects.get(reader=row.person)
    from munistem.commons.notices.kinds import visible_events

    assert visible_events(row.person, [notice.event]) == {notice.event.pk}
    leave(by=row.person, community=community)
    assert visible_events(row.person, [notice.event]) == set()


def test_page_asks_the_same_queries_for_one_and_for_thirty(client, community, leader):
    def count():
        with CaptureQueriesContext(connection) as queries:
            assert client.get(page(community)).status_code == 200
        return len(queries)

    given_task(community)
    quiet_member(community)
    client.get(page(community))
    few = count()
    for _number in range(29):
        given_task(community)
        quiet_member(community)
    assert count() == few


def test_own_page_says_that_mail_comes_back_and_to_nobody_else(client):
    person, other = make_member(), make_member()
    Bounce.objects.create(address=person.email.lower())
    for viewer, is_told in ((person, True), (other, False)):
        client.force_login(viewer)
        html = client.get(f"/people/{person.uuid}/").content.decode()
        assert ("Mails to you come back" in html) == is_told
