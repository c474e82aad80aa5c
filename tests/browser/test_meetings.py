"""A meeting from its template to the next one: dates are voted on, answers come from the mail, silence approves the minutes."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from communities.actions.minutes import approve_due_minutes
from communities.models import Meeting, Minutes, Task
from tests.browser.reader import Reader, address_in
from tests.browser.test_pages import overflow
from tests.communities.factories import make_community, make_facilitator, make_membership
from tests.members.factories import make_member

pytestmark = pytest.mark.django_db(transaction=True)
TITLE, PLACE = "Budgets 2027", "Karmiel"
NOTES = "Three towns told of their budgets."
DECISION, TASK = "Each town sends its sections.", "Collect the sections"


@pytest.fixture(autouse=True)
def _on_a_working_day(monkeypatch):
    """Letters leave and minutes are approved whatever day the tests run on."""
    monkeypatch.setattr("munistem.commons.days.quiet.is_rest", lambda day: False)


@pytest.mark.parametrize(("size", "language"), [("phone", "he"), ("desktop", "he"), ("phone", "ar")])
def test_meeting_from_template_to_the_next_one(open_page, login, letters, axe, size, language):
    community = make_community(name="Municipal labs", language=language)
    leader = make_facilitator(community, make_member(language=language, name="Noa Levi"))
    member = make_membership(community, make_member(language=language, name="Rami Haddad")).person
    noa = Reader(login(open_page(size, language), leader), language)
    rami = Reader(login(open_page(size, language), member), language)

    looked_at = [plan_by_vote(noa, community)]
    [letter, *_rest] = letters(member.email)
    rami.go(address_in(letter, "/meetings/"))
    for field in rami.page.locator(".votes fieldset").all():
        field.get_by_label(rami.say("Yes", "date")).check()
    rami.press("Send my vote")
    noa.page.reload()
    noa.press("Fix and invite")
    noa.reads("The date is fixed, and the members are invited.")
    meeting = Meeting.objects.get()

    [letter, *_rest] = letters(member.email)
    at_mail = Reader(open_page(size, language), language)  # nobody is signed in here
    at_mail.go(address_in(letter, f"/meetings/{meeting.pk}/answer/"))
    expect(at_mail.page.get_by_label(at_mail.say("I am coming", "answer"))).to_be_checked()
    looked_at.append(at_mail)
    at_mail.press("Send my answer")
    at_mail.reads("Noted: you are coming. See you there.")

    began = timezone.now() - timedelta(hours=1)
    Meeting.objects.update(starts_at=began, ends_at=began + timedelta(minutes=90))
    hold(noa, meeting)
    looked_at.append(noa)
    close(noa, meeting)
    [letter, *_rest] = letters(member.email)
    assert TITLE in letter.subject or TASK in letter.subject
    rami.go(f"/meetings/{meeting.pk}/minutes/")
    for text in (NOTES, DECISION, TASK, member.name):
        rami.sees(text)
    rami.reads("Open for remarks until")

    assert approve_due_minutes(timezone.now() + timedelta(days=6)) == 0
    assert approve_due_minutes(timezone.now() + timedelta(days=8)) == 1
    rami.page.reload()
    rami.reads("Locked. Fingerprint:")
    looked_at.append(rami)
    for one in looked_at:
        assert list(overflow(one.page, one.page.url)) == []
        axe(one.page)

    rami.go("/")
    rami.sees(TASK)
    plan_the_next(noa, meeting)
    first = noa.page.locator("#agenda ol > li").first
    expect(first).to_contain_text(TASK)
    rami.go("/")
    rami.press("Done", "task")
    rami.reads("Done. Thank you.")
    assert Task.objects.get().done_by == member
    assert list(overflow(noa.page, "the next meeting")) == []
    axe(noa.page)


def plan_by_vote(noa, community):
    """From a template, with two dates to choose from; returns who planned, at the vote."""
    noa.go(f"/communities/{community.slug}/meetings/")
    noa.follow("Plan a meeting")
    noa.follow("Working meeting", "meeting")
    noa.fill("Title", TITLE)
    noa.fill("Place", PLACE)
    fill_date(noa, "starts", 20)
    noa.open("Ask about several dates")
    fill_date(noa, "other_1", 27)
    expect(noa.page.locator(".day-said").first).not_to_be_empty()  # the Hebrew date, while one chooses
    noa.press("Plan and invite")
    go_on_all_the_same(noa)
    noa.stands_before_title(TITLE)
    noa.reads("Which date suits?")
    return noa


def fill_date(noa, name, days):
    day = timezone.localdate() + timedelta(days=days)
    noa.page.locator(f"[name={name}_0]").fill(f"{day:%Y-%m-%d}")
    noa.page.locator(f"[name={name}_1]").fill("10:00")


def go_on_all_the_same(noa):
    """A day of these weeks may be special to somebody; that is said once, and one may go on."""
    anyway = noa.find("button", "Invite all the same")
    expect(anyway.or_(noa.page.locator("#agenda"))).to_be_visible()
    if anyway.count():
        anyway.click()


def hold(noa, meeting):
    """Who is there, what is said, decided and taken on."""
    noa.go(f"/meetings/{meeting.pk}/")
    noa.follow("Attendance, notes, minutes")
    noa.press("Tick all who said they come")
    expect(noa.page.locator(".tick[data-here]")).to_have_count(1)
    noa.page.locator("#notes textarea").first.fill(NOTES)
    noa.press("Keep the notes")
    noa.page.locator("[name=decision]").fill(DECISION)
    noa.press("Note the decision")
    noa.sees(DECISION)
    noa.page.locator("[name=task]").fill(TASK)
    noa.page.locator("[name=owner]").select_option(label="Rami Haddad")
    due = timezone.localdate() + timedelta(days=14)
    noa.page.locator("[name=due_on]").fill(f"{due:%Y-%m-%d}")
    noa.press("Note the task")
    noa.sees(TASK)


def close(noa, meeting):
    noa.follow("Close the meeting")
    noa.fill("Address of the recording", "https://video.example/1")
    noa.press("Close and compose the minutes")
    noa.reads("The meeting is closed. This is the draft of the minutes.")
    noa.press("Send the draft")
    dialog = noa.page.get_by_role("dialog")
    dialog.get_by_role("button", name=noa.say("Send the draft")).click()
    noa.reads("Sent to those who were there. They have seven days for remarks.")
    assert Minutes.objects.get().meeting == meeting


def plan_the_next(noa, meeting):
    noa.go(f"/meetings/{meeting.pk}/")
    noa.follow("Plan the next one from this")
    noa.press("Plan and invite")
    go_on_all_the_same(noa)
    noa.stands_before_title(TITLE)
    assert Meeting.objects.count() == 2
