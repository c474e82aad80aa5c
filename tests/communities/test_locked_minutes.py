"""Approved minutes: the database itself refuses to change them."""

import uuid

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from communities.models import Decision, Minutes, MinutesFile, Paragraph, Remark, Task
from munistem.commons.search.actions import index
from tests.communities.factories import (
    make_attachment,
    make_decision,
    make_held_meeting,
    make_minutes,
    make_task,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def minutes():
    return make_minutes(make_held_meeting(), "approved")


def refused(deed):
    try:
        with transaction.atomic():
            deed()
    except IntegrityError as error:
        return "approved" in str(error)
    return False


def test_nothing_of_approved_minutes_changes(minutes):
    other = make_minutes()
    part, loose = minutes.paragraphs.first(), other.paragraphs.first()
    file = make_attachment().file
    remark = {"author": minutes.created_by, "body": "No", "nonce": uuid.uuid4()}
    rows = Minutes.objects.filter(pk=minutes.pk)
    for deed in (
        lambda: rows.update(recording_url="https://example.org/"),
        lambda: rows.update(state="draft", number=None, approved_at=None, fingerprint=""),
        lambda: rows.update(people_count=99),
        lambda: minutes.delete(),
        lambda: Paragraph.objects.filter(pk=part.pk).update(body="Otherwise"),
        lambda: Paragraph.objects.filter(pk=part.pk).update(minutes=other, position=99),
        lambda: Paragraph.objects.filter(pk=loose.pk).update(minutes=minutes, position=99),
        lambda: Paragraph.objects.filter(pk=part.pk).delete(),
        lambda: Paragraph.objects.create(minutes=minutes, position=99, body="More"),
        lambda: Remark.objects.create(paragraph=part, **remark),
        lambda: MinutesFile.objects.create(minutes=minutes, file=file),
        lambda: connection.cursor().execute("update communities_paragraph set body = 'x'"),
    ):
        assert refused(deed)


def test_search_columns_may_be_written_anew(minutes):
    index(minutes)
    Minutes.objects.filter(pk=minutes.pk).update(search_title="anew")


def test_what_is_not_approved_is_free(minutes):
    draft = make_minutes()
    draft.paragraphs.update(body="Otherwise")
    Minutes.objects.filter(pk=draft.pk).update(recording_url="https://example.org/")
    draft.delete()


def test_decisions_and_tasks_keep_what_they_say(minutes):
    now = timezone.now()
    decision = make_decision(minutes.meeting, number=1, approved_at=now)
    task = make_task(minutes.meeting, approved_at=now)
    decisions, tasks = Decision.objects.filter(pk=decision.pk), Task.objects.filter(pk=task.pk)
    for deed in (
        lambda: decisions.update(text="Otherwise"),
        lambda: decisions.update(number=2),
        lambda: decisions.update(approved_at=None, number=None),
        lambda: decision.delete(),
        lambda: tasks.update(text="Otherwise"),
        lambda: tasks.update(due_on=timezone.localdate()),
        lambda: tasks.update(owner=minutes.created_by),
        lambda: task.delete(),
    ):
        assert refused(deed)
    index(decision)
    tasks.update(done_at=now, done_by=task.owner, reminded_at=now)
    decisions.update(dropped_in=minutes, dropped_at=now)
