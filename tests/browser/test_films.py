"""A film is opened in the page when somebody asks for it, and only on pages that link to one.

A page of ours stands in for the player: nothing is asked of the world outside.
"""

import re

import pytest
from playwright.sync_api import expect

from tests.knowledge.factories import make_item

pytestmark = pytest.mark.django_db(transaction=True)
FILM = "https://youtu.be/dQw4w9WgXcQ"
PLAYER = "<!doctype html><title>Player</title><button>Pause</button>"


def with_player(page, asked):
    """Let a page of ours answer for the players, and note what was asked of them."""

    def answer(route):
        asked.append(route.request.url)
        route.fulfill(body=PLAYER, content_type="text/html")

    page.context.route(re.compile(r"https://(www\.youtube|player\.vimeo|evil)[^/]*/.*"), answer)
    return page


def test_a_film_plays_on_a_tap_and_nothing_is_asked_before(journey, axe):
    page, _language = journey
    asked = []
    with_player(page, asked).goto(make_item(links=[FILM]).get_absolute_url())
    button = page.locator("[data-film] a")
    expect(button).to_be_visible()
    axe(page)
    assert asked == []
    button.click()
    expect(page.frame_locator(".film__frame").get_by_role("button")).to_be_visible()
    assert asked == ["https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ?rel=0"]
    box = page.locator(".film__frame").bounding_box()
    assert box["width"] <= page.viewport_size["width"]
    assert 1.5 < box["width"] / box["height"] < 2
    assert page.evaluate("document.activeElement.className") == "film__frame"


def test_without_a_script_it_is_a_link(open_page):
    page = open_page("phone", "he", java_script_enabled=False)
    page.goto(make_item(links=[FILM]).get_absolute_url())
    assert page.locator("[data-film] a").get_attribute("href") == FILM
    assert page.locator("iframe").count() == 0


@pytest.mark.console_errors
@pytest.mark.parametrize(
    ("links", "address"),
    [
        ([], "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ"),
        ([FILM], "https://player.vimeo.com/video/1"),
        ([FILM], "https://evil.example/embed/1"),
    ],
    ids=["no film", "another player", "another place"],
)
def test_no_other_frame_opens(desktop, links, address):
    asked, refused = [], []
    page = with_player(desktop("he"), asked)
    page.on("console", lambda message: refused.append(message.text))
    page.goto(make_item(links=links).get_absolute_url())
    page.evaluate(
        "address => { const frame = document.createElement('iframe'); frame.src = address; document.body.append(frame); }",
        address,
    )
    for _moment in range(300):
        if asked or any("-src" in text for text in refused):
            break
        page.wait_for_timeout(100)
    assert asked == []
    assert any("frame-src" in text or "default-src" in text for text in refused), refused
