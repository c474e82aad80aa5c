"""Somebody has a topic open while others answer: told in a line, shown when they wish, and never disturbed in writing."""

import re
from collections import Counter
from datetime import datetime
from itertools import pairwise
from time import monotonic

import pytest
from django.utils import translation
from playwright.sync_api import expect

from communities.actions import topic as deeds
from tests.browser.conftest import settled
from tests.communities.factories import make_community, make_membership, make_topic
from tests.members.factories import make_member

pytestmark = pytest.mark.django_db(transaction=True)
BAR = "%(count)d new answers – show"
SOON, PATIENCE = 20_000, 120


def answers(topic, count, body="Yes"):
    by = make_membership(topic.community).person
    for number in range(count):
        deeds.reply(by=by, topic=topic, body=f"<p>{body} {number}.</p>")


@pytest.fixture
def before_topic(reader, language):
    """A member before the topic she opened; the clock of her browser is ours, and each answer to a question is noted."""

    def open_(prepare):
        person = make_membership(make_community(language=language), make_member(language=language)).person
        one = reader(person)
        one.topic = make_topic(person.memberships.get().community, author=person, title="Robots")
        one.told = []
        one.page.on("response", lambda answer: "/live/" in answer.url and one.told.append(answer.status))
        one.asked = Counter()
        for step in ("request", "requestfinished", "requestfailed"):
            one.page.on(
                step, lambda asked, step=step: one.asked.update([step] if "/live/" in asked.url else [])
            )
        prepare(one.page.clock)
        return one.go(f"/topics/{one.topic.pk}/")

    return open_


@pytest.fixture
def noa(before_topic):
    """Her clock goes on by itself, and can be put forward."""
    return before_topic(lambda clock: clock.install())


@pytest.fixture
def idle(before_topic):
    """Her clock stands still until it is put forward: she asks nothing but in the time that a test lets pass."""

    def stop(clock):
        clock.install(time=datetime(2026, 11, 24, 9))
        clock.pause_at(datetime(2026, 11, 24, 10))

    one = before_topic(stop)
    one.page.evaluate(
        "() => import(document.getElementById('portal').dataset.ask).then(() => null)"
    )  # it is there
    return one


def pass_time(one, is_reached):
    """Let time pass until something is so; not while the page hears an answer, for it would give that up."""
    until = monotonic() + PATIENCE
    while not is_reached():
        assert monotonic() < until, "The page asks nothing."
        if one.asked["request"] <= one.asked["requestfinished"] + one.asked["requestfailed"]:
            one.page.clock.fast_forward(SOON)
        one.page.wait_for_timeout(100)


def test_answers_are_told_and_shown_without_a_reload(noa, language, axe, tell_now):
    page = noa.page
    pass_time(noa, lambda: 304 in noa.told)
    assert noa.told[0] == 200
    noa.write("Your answer", "While I am writing this")
    box = settled(page).locator("[contenteditable=true]")
    before = box.bounding_box()
    answers(noa.topic, 2)
    tell_now()
    link = page.get_by_role("status").get_by_role("link", name=said(language, 2))
    pass_time(noa, link.is_visible)
    assert box.bounding_box() == before
    expect(box).to_be_focused()
    expect(noa.find("link", "Notices")).to_contain_text("1")
    expect(page.get_by_text("Yes 1.")).to_have_count(0)
    axe(page)
    with page.expect_response(re.compile("/live/")):
        link.click()
        expect(page.get_by_text("Yes 1.")).to_be_visible()
    expect(page.locator("#post-2")).to_be_focused()
    expect(box).to_contain_text("While I am writing this")
    expect(page.locator(".news a")).to_have_count(0)
    expect(noa.find("link", "Notices")).not_to_contain_text("1")
    answers(noa.topic, 2, "Once more")
    pass_time(noa, page.locator(".news a").is_visible)
    page.locator(".news a").click()
    expect(page.get_by_text("Once more 1.")).to_be_visible()
    expect(page.locator("#new")).to_have_count(1)
    expect(page.get_by_role("article")).to_have_count(5)


def said(language, count):
    with translation.override(language):
        words = translation.ngettext("%(count)d new answer – show", BAR, count)
    return words % {"count": count}


def test_answers_beyond_the_page_lead_to_the_next_one(noa, language):
    answers(noa.topic, 21)
    pass_time(noa, noa.page.get_by_role("link", name=said(language, 21)).is_visible)
    noa.page.locator(".news a").click()
    expect(noa.page.locator("#post-20")).to_be_visible()
    expect(noa.page.locator("nav.pager")).to_be_visible()
    noa.page.locator(".news a").click()
    expect(noa.page).to_have_url(re.compile(r"page=2#post-21$"))
    expect(noa.page.locator("#post-22")).to_be_visible()


def pauses(page, minutes, status):
    """Seconds between the questions that the page asks in this time, each answered at once by this script."""
    page.evaluate(
        """status => {
             window.asked = [Date.now()];
             window.fetch = async () => {
               window.asked.push(Date.now());
               if (!status) throw new Error("no answer");
               return { status };
             };
           }""",
        status,
    )
    page.clock.run_for(minutes * 60_000)
    asked = page.evaluate("window.asked")
    return [(later - earlier) / 1000 for earlier, later in pairwise(asked)]


def test_page_asks_less_the_longer_nobody_stirs(idle):
    page = idle.page
    first = pauses(page, 20, 304)
    assert 12 < first[1] < 18
    assert 100 < first[-1] < 140
    assert first[1:] == pytest.approx(sorted(first[1:]), abs=40)
    page.keyboard.press("Shift")
    assert pauses(page, 1, 304)[-1] < 18


def test_page_asks_no_more_when_there_is_nothing_to_ask(idle):
    assert len(pauses(idle.page, 10, 204)) == 1


def test_portal_that_does_not_answer_is_asked_less_and_less(idle):
    seconds = pauses(idle.page, 90, 0)
    assert seconds[1] < 40
    assert seconds[-1] > 500
    assert len(seconds) < 16
    assert pauses(idle.page, 30, 304)[-1] < 140
