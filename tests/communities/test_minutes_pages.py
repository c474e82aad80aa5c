"""The page of a meeting under way, its minutes and the decisions of a community, as their readers see them."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from communities.actions import gathering
from communities.actions.minutes import approve_due_minutes
from communities.enums import Access, Coming, MinutesState
from communities.models import Decision, Invitee, Minutes, MinutesFile, Remark, Task
from munistem.commons.days.quiet import next_allowed
from tests.commons.factories import hostile, uploaded
from tests.communities.factories import (
    make_agenda_item,
    make_attachment,
    make_community,
    make_decision,
    make_facilitator,
    make_held_meeting,
    make_invitee,
    make_meeting,
    make_member,
    make_membership,
    make_minutes,
    make_task,
)
from tests.members.factories import make_admin
from tests.visits import read

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_pages")]


@pytest.fixture
def leader(client):
    person = make_facilitator(make_community(language="en"))
    client.force_login(person)
    return person


@pytest.fixture
def meeting(leader):
    return make_held_meeting(leader.memberships.get().community, leader)


def run(meeting):
    return f"/meetings/{meeting.pk}/run/"


PAGES = {
    # address: status for visitor, outsider of the network, member, who was there, facilitator, admin
    "/meetings/{open}/run/": (302, 404, 403, 403, 200, 200),
    "/meetings/{open}/close/": (302, 404, 403, 403, 200, 200),
    "/meetings/{open}/minutes/": (302, 404, 404, 404, 404, 404),
    "/meetings/{draft}/run/": (302, 404, 403, 403, 200, 200),
    "/meetings/{draft}/close/": (302, 404, 403, 403, 302, 302),
    "/meetings/{draft}/minutes/": (302, 404, 404, 404, 200, 200),
    "/meetings/{sent}/minutes/": (302, 404, 404, 200, 200, 200),
    "/meetings/{sent}/minutes/papers/": (302, 404, 404, 403, 200, 200),
    "/meetings/{sent}/minutes/files/{file}/": (302, 404, 404, 200, 200, 200),
    "/paragraphs/{p}/edit/": (302, 404, 404, 403, 200, 200),
    "/paragraphs/{p}/remark/": (302, 404, 404, 200, 200, 403),
    "/remarks/{r}/answer/": (302, 404, 404, 403, 200, 200),
    "/meetings/{approved}/minutes/": (302, 404, 200, 200, 200, 200),
    "/meetings/{approved}/minutes/?number=1": (302, 404, 200, 200, 200, 200),
    "/meetings/{approved}/minutes/?number=2": (302, 404, 404, 404, 404, 404),
    "/meetings/{approved}/run/": (302, 404, 403, 403, 403, 403),
    "{c}decisions/": (302, 403, 200, 200, 200, 200),
    "{c}decisions/?q=lab": (302, 403, 200, 200, 200, 200),
}
PLACES = ["visitor", "outsider", "member", "attendee", "facilitator", "admin"]


@pytest.mark.parametrize("place", range(6), ids=PLACES)
def test_every_page_answers_by_one_table(client, place):
    community = make_community()
    meetings = {name: make_held_meeting(community) for name in ("open", "draft", "sent", "approved")}
    make_minutes(meetings["draft"])
    sent = make_minutes(meetings["sent"], MinutesState.SENT)
    make_minutes(meetings["approved"], MinutesState.APPROVED)
    file = make_attachment().file
    file.post_attachment.delete()
    file.blob.save("slides", ContentFile(b"slides"))
    MinutesFile.objects.create(minutes=sent, file=file)
    attendee = make_membership(community).person
    for meeting in meetings.values():
        make_invitee(meeting, attendee, attended=True)
    paragraph = sent.paragraphs.get(kind="text")
    remark = Remark.objects.create(paragraph=paragraph, author=attendee, body="Four.", nonce=uuid4())
    people = [
        lambda: None,
        make_member,
        lambda: make_membership(community).person,
        lambda: attendee,
        lambda: make_facilitator(community),
        make_admin,
    ]
    if person := people[place]():
        client.force_login(person)
    names = {name: meeting.pk for name, meeting in meetings.items()}
    names |= {"p": paragraph.pk, "r": remark.pk, "file": file.key, "c": f"/communities/{community.slug}/"}
    answers = {}
    for page in PAGES:
        response = client.get(page.format(**names))
        answers[page] = response.status_code
        if response.streaming:
            b"".join(response.streaming_content)
    assert answers == {page: statuses[place] for page, statuses in PAGES.items()}


def test_every_button_keeps_all_that_was_typed(client, leader, meeting):
    first, second = make_agenda_item(meeting), make_agenda_item(meeting)
    row, helper = make_invitee(meeting, answer=Coming.COMING), make_membership(meeting.community).person
    empty = gathering.notes_version("")
    typed = {
        f"notes-{first.pk}": "We heard three towns.",
        f"seen-{first.pk}": empty,
        f"notes-{second.pk}": "Short.",
        f"seen-{second.pk}": empty,
        f"substitute-{row.pk}": "Rina",
        "newcomer": helper.pk,
        "decision": "We open a lab",
        "decision_nonce": uuid4(),
        "task": "Ask the treasurer",
        "owner": helper.pk,
        "due_on": "2026-12-24",
        "task_nonce": uuid4(),
        "point": "Summer camp",
        "there": row.pk,
    }
    for _twice in range(2):
        assert client.post(run(meeting), typed).status_code in {302, 200}
    notes = list(meeting.agenda.in_order().values_list("notes", flat=True))
    assert sorted(notes) == ["", "Short.", "We heard three towns."]
    assert Invitee.objects.filter(attended=True).count() == 2
    assert (Decision.objects.count(), Task.objects.count(), meeting.agenda.count()) == (1, 1, 3)
    page = read(client, run(meeting))
    assert "We open a lab" in page
    assert "Rina" in page
    client.post(run(meeting), {"away": row.pk})
    assert Invitee.objects.get(pk=row.pk).attended is None


def test_notes_written_by_two_are_shown_beside_each_other(client, leader, meeting):
    item = make_agenda_item(meeting, notes="Hers")
    stale = {f"notes-{item.pk}": "Mine", f"seen-{item.pk}": gathering.notes_version(""), "decision": "Yes"}
    response = client.post(run(meeting), stale)
    page = response.content.decode()
    assert response.status_code == 409
    assert "Someone wrote here at the same time" in page
    assert "Hers" in page
    assert "Mine" in page
    assert Decision.objects.get().text == "Yes"  # what was not stale is kept
    again = {f"notes-{item.pk}": "Hers, mine", f"seen-{item.pk}": gathering.notes_version("Hers")}
    assert client.post(run(meeting), again).status_code == 302


def test_a_task_without_owner_is_kept_on_the_page_and_the_rest_is_saved(client, leader, meeting):
    item = make_agenda_item(meeting)
    typed = {f"notes-{item.pk}": "Said", f"seen-{item.pk}": gathering.notes_version("")}
    typed |= {"task": "Ask", "decision": "Yes", "decision_nonce": uuid4()}
    page = client.post(run(meeting), typed).content.decode()
    assert "Choose who takes it on" in page
    assert 'value="Ask"' in page
    assert 'value="Yes"' not in page
    item.refresh_from_db()
    assert (item.notes, Decision.objects.count(), Task.objects.count()) == ("Said", 1, 0)


@pytest.mark.parametrize(
    "odd",
    [
        {"task": "x", "owner": "999", "due_on": "no"},
        {"decision": "x" * 400},
        {"newcomer": "abc"},
        {"there": "abc"},
        {"drop_task": "9" * 30},
        {"decision": "Yes", "decision_nonce": "forged"},
    ],
)
def test_odd_input_is_answered_calmly(client, leader, meeting, odd):
    assert client.post(run(meeting), odd).status_code in {200, 302}
    assert not Task.objects.exists()


def test_lines_are_taken_away_and_old_tasks_done_on_the_page(client, leader, meeting):
    decision, task = make_decision(meeting), make_task(meeting)
    earlier = make_held_meeting(meeting.community, leader, starts_at=timezone.now() - timedelta(days=30))
    left, strange = make_task(earlier), make_task()
    assert "From last time" in read(client, run(meeting))
    client.post(run(meeting), {"drop_decision": decision.pk, "drop_task": task.pk, "done": left.pk})
    client.post(run(meeting), {"done": strange.pk})
    assert not Decision.objects.exists()
    assert list(Task.objects.filter(done_at__isnull=True)) == [strange]
    assert "From last time" not in read(client, run(meeting))


def test_from_closing_to_approval(client, leader, meeting):
    attendee = make_invitee(meeting, attended=True).person
    slides = uploaded("slides.txt", b"Slides")
    page = client.post(
        f"/meetings/{meeting.pk}/close/",
        {"recording_url": "https://v.example/1", "files": slides},
        follow=True,
    ).content.decode()
    assert "Watch the recording" in page
    assert "slides.txt" in page
    assert "1 person from 1 organisation" in page
    for _twice in range(2):
        client.post(f"/meetings/{meeting.pk}/minutes/send/")
    minutes = Minutes.objects.get()
    paragraph = minutes.paragraphs.first()
    client.force_login(attendee)
    assert "wait for your remarks" in read(client, "/")
    page = read(client, f"/meetings/{meeting.pk}/minutes/")
    assert f"/paragraphs/{paragraph.pk}/remark/" in page
    nonce = uuid4()
    for _twice in range(2):
        client.post(f"/paragraphs/{paragraph.pk}/remark/", {"body": "I was there too", "nonce": nonce})
    assert (
        "This field is required"
        in client.post(f"/paragraphs/{paragraph.pk}/remark/", {"body": ""}).content.decode()
    )
    remark = Remark.objects.get()
    client.force_login(leader)
    answer = f"/remarks/{remark.pk}/answer/"
    assert "Say why it stays" in client.post(answer, {"is_taken_in": "no"}).content.decode()
    assert client.post(answer, {"is_taken_in": "no", "answer": "You were not."}).status_code == 302
    assert "You were not." in read(client, f"/meetings/{meeting.pk}/minutes/")


def test_a_stale_paragraph_keeps_both_texts(client, leader, meeting):
    minutes = make_minutes(meeting)
    paragraph = minutes.paragraphs.get(kind="text")
    url = f"/paragraphs/{paragraph.pk}/edit/"
    assert client.post(url, {"heading": "A", "body": "One", "seen": 1}).status_code == 302
    response = client.post(url, {"heading": "A", "body": "Two", "seen": 1})
    page = response.content.decode()
    assert response.status_code == 409
    assert "One" in page
    assert "Two" in page
    assert client.post(url, {"heading": "A", "body": "Two", "seen": 2}).status_code == 302
    assert client.post(url, {"heading": "A", "body": "Two", "seen": "x"}).status_code == 200


def test_bad_papers_are_refused_with_a_word(client, leader, meeting):
    make_minutes(meeting)
    url = f"/meetings/{meeting.pk}/minutes/papers/"
    assert "https://" in client.post(url, {"recording_url": "javascript:alert(1)"}).content.decode()
    for name, content in list(hostile().items())[:3]:
        response = client.post(url, {"recording_url": "", "files": uploaded(name, content)})
        assert response.status_code == 200, name
    assert not MinutesFile.objects.exists()


def test_approved_minutes_are_locked_and_corrected_by_a_new_row(client, leader, meeting):
    minutes = make_minutes(meeting, MinutesState.APPROVED)
    make_decision(meeting, number=1, approved_at=timezone.now())
    page = read(client, f"/meetings/{meeting.pk}/minutes/")
    assert "approved" in page
    assert f"/knowledge/new/?minutes={minutes.pk}" in page
    assert client.post(f"/meetings/{meeting.pk}/minutes/send/").status_code == 403
    assert client.post(f"/paragraphs/{minutes.paragraphs.get(kind='text').pk}/edit/").status_code == 403
    for _twice in range(2):
        client.post(f"/meetings/{meeting.pk}/minutes/correct/")
    assert Minutes.objects.count() == 2
    assert "Correction of minutes" in read(client, f"/meetings/{meeting.pk}/minutes/")
    assert "The correction under way" in read(client, f"/meetings/{meeting.pk}/minutes/?number=1")


def test_a_correction_takes_decisions_and_tasks_back_on_the_page(client, leader, meeting):
    make_minutes(meeting, MinutesState.APPROVED)
    now = timezone.now()
    decision = make_decision(meeting, text="Two labs", number=1, approved_at=now)
    task = make_task(meeting, text="Buy both", approved_at=now)
    client.post(f"/meetings/{meeting.pk}/minutes/correct/")
    absent = make_invitee(meeting)
    pressed = {"drop_decision": decision.pk, "drop_task": task.pk, "decision": "One lab", "there": absent.pk}
    client.post(run(meeting), {**pressed, "decision_nonce": uuid4()})
    absent.refresh_from_db()
    assert absent.attended is None  # who was there is not corrected
    page = read(client, run(meeting))
    assert "Taken back by this correction" in page and "Who is here" not in page
    client.post(run(meeting), {"keep_task": task.pk})
    page = read(client, f"/meetings/{meeting.pk}/minutes/")
    assert page.count("Taken back by this correction") == 1 and "New in this correction" in page
    assert "One lab" not in read(client, f"/meetings/{meeting.pk}/minutes/?number=1")
    client.post(f"/meetings/{meeting.pk}/minutes/send/")
    Minutes.objects.filter(state=MinutesState.SENT).update(approves_at=now - timedelta(days=1))
    assert approve_due_minutes(next_allowed(now + timedelta(days=1))) == 1
    page = read(client, f"/meetings/{meeting.pk}/minutes/?number=1")
    assert "Two labs" in page and "Taken back by minutes" in page
    page = read(client, f"/communities/{meeting.community.slug}/decisions/")
    assert "One lab" in page and "Taken back by minutes" in page


def test_my_day_shows_tasks_until_done_with_a_way_back(client):
    task = make_task(due_on=timezone.localdate() - timedelta(days=1))
    client.force_login(task.owner)
    assert "Overdue" in read(client, "/")
    for _twice in range(2):
        client.post(f"/tasks/{task.pk}/done/")
    page = read(client, "/")
    assert "Overdue" not in page
    assert "Not done yet" in page
    client.post(f"/tasks/{task.pk}/done/", {"off": 1, "next": "minutes"})
    assert Task.objects.get().done_at is None
    Task.objects.update(done_at=timezone.now() - timedelta(days=2), done_by=task.owner)
    assert "My tasks" not in read(client, "/")
    client.force_login(make_membership(task.community).person)
    assert client.post(f"/tasks/{task.pk}/done/").status_code == 404


def test_decisions_are_found(client, leader, meeting):
    now = timezone.now()
    make_decision(meeting, text="We open a robotics lab", number=1, approved_at=now)
    make_decision(meeting, text="We meet in May", number=2, approved_at=now)
    make_decision(meeting, text="Not approved yet")
    url = f"/communities/{meeting.community.slug}/decisions/"
    page = read(client, url)
    assert "robotics" in page
    assert "Not approved yet" not in page
    found = read(client, f"{url}?q=robotics")
    assert "robotics" in found
    assert "in May" not in found
    assert "No decision found" in read(client, f"{url}?q=zebra")


def count(client, url):
    read(client, url)
    with CaptureQueriesContext(connection) as found:
        read(client, url)
    return len(found)


def test_pages_ask_as_often_for_many_rows_as_for_one(client, leader, meeting):
    closed = make_held_meeting(meeting.community, leader)
    minutes = make_minutes(closed, MinutesState.SENT)
    urls = [
        run(meeting),
        f"/meetings/{closed.pk}/minutes/",
        f"/communities/{meeting.community.slug}/decisions/",
        "/",
    ]
    paragraph, now = minutes.paragraphs.first(), timezone.now()

    def fill(number):
        for where in (meeting, closed):
            person = make_invitee(where, attended=True).person
            make_agenda_item(where, owner=person)
            make_decision(where)
            make_decision(where, number=number + (100 if where == closed else 0), approved_at=now)
            make_task(where, person)
            make_task(where, leader)
        Remark.objects.create(paragraph=paragraph, author=person, body="Four.", nonce=uuid4())

    fill(1)
    before = [count(client, url) for url in urls]
    for number in range(2, 8):
        fill(number)
    assert [count(client, url) for url in urls] == before


def test_an_open_community_keeps_its_minutes_to_members(client):
    meeting = make_held_meeting(make_community(access=Access.OPEN))
    make_minutes(meeting, MinutesState.APPROVED)
    client.force_login(make_member())
    assert client.get(f"/meetings/{meeting.pk}/minutes/").status_code == 404
    assert client.get(f"/communities/{meeting.community.slug}/decisions/").status_code == 403


def test_a_meeting_of_next_week_is_not_run_yet(client, leader):
    later = make_meeting(leader.memberships.get().community, leader)
    assert client.get(run(later)).status_code == 403
