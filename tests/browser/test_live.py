"""Somebody has a topic open while others answer: told in a line, shown when they wish, and never disturbed in writing."""

import re
from itertools import pairwise

import pytest
from django.utils import translation
from playwright.sync_api import expect

from communities.actions import topic as deeds
from tests.communities.factories import make_community, make_membership, make_topic
from tests.members.factories import make_member

pytestmark = pytest.mark.django_db(transaction=True)
BAR = "%(count)d new answers – show"
SOON, STEPS = 20_000, 100


def answers(topic, count, body="Yes"):
    by = make_membership(topic.community).person
    for number in range(count):
        deeds.reply(by=by, topic=topic, body=f"<p>{body} {number}.</p>")


@pytest.fixture
def noa(reader, language):
    """A member before the topic she opened; the clock of her browser is ours."""
    person = make_membership(make_community(language=language), make_member(language=language)).person
    topic = make_topic(person.memberships.get().community, author=person, title="Robots")
    one = reader(person)
    one.page.clock.install()
    one.topic = topic
    one.go(f"/topics/{topic.pk}/")
    one.page.wait_for_load_state("networkidle")
    return one


def asks(page):
    """Let time pass until the page has asked, however long it takes over what it was told before."""
    asked = []
    page.on("request", lambda request: "/live/" in request.url and asked.append(request))
    for _ in range(STEPS):
        page.clock.fast_forward(SOON)
        page.wait_for_timeout(100)
        if asked:
            return asked[0].response()
    raise AssertionError("The page asks nothing.")


def test_answers_are_told_and_shown_without_a_reload(noa, language, axe):
    page = noa.page
    assert asks(page).status == 200
    assert asks(page).status == 304
    noa.write("Your answer", "While I am writing this")
    answers(noa.topic, 2)
    box = page.locator("[contenteditable=true]")
    before = box.bounding_box()
    assert asks(page).status == 200
    link = page.get_by_role("status").get_by_role("link", name=said(language, 2))
    expect(link).to_be_visible()
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
    asks(page)
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
    asks(noa.page)
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


def test_page_asks_less_the_longer_nobody_stirs(noa):
    page = noa.page
    first = pauses(page, 20, 304)
    assert 12 < first[1] < 18
    assert 100 < first[-1] < 140
    assert first[1:] == pytest.approx(sorted(first[1:]), abs=40)
    page.keyboard.press("Shift")
    assert pauses(page, 1, 304)[-1] < 18


def test_page_asks_no_more_when_there_is_nothing_to_ask(noa):
    assert len(pauses(noa.page, 10, 204)) == 1


def test_portal_that_does_not_answer_is_asked_less_and_less(noa):
    seconds = pauses(noa.page, 90, 0)
    assert seconds[1] < 40
    assert seconds[-1] > 500
    assert len(seconds) < 16
    assert pauses(noa.page, 30, 304)[-1] < 140
