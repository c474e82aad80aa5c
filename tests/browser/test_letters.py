"""Every kind of letter, as a mail program on a phone and on a desk shows it, in each language."""

import os
import re
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from tests.letters import Shelf

pytestmark = pytest.mark.django_db
SHELF = os.environ.get("LETTERS")
LEFT_OVER = re.compile(r"%\(\w+\)|\bNone\b|\{\{|&(?:quot|amp|lt|gt|#\d+);|<(?:br|p|a|span)\b")


@pytest.fixture
def mail_program(browser):
    """``mail_program(width)``: a page that shows mails and asks nothing of the network."""
    pages = {}

    def show(width, dark=False):
        if (width, dark) not in pages:
            scheme = "dark" if dark else "light"
            page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
            page.route("**/*", lambda route: route.abort())
            pages[width, dark] = page
        return pages[width, dark]

    yield show
    for page in pages.values():
        page.close()


@pytest.mark.parametrize("language", ["he", "ar", "en"])
def test_every_letter_reads_well(language, mail_program, settings):
    settings.INBOUND_DOMAIN = "in.portal.example"
    direction = "ltr" if language == "en" else "rtl"
    for name, message in Shelf(language).letters():
        parsed = message_from_bytes(message.message().as_bytes(), policy=policy.default)
        text = parsed.get_body(("plain",)).get_content()
        html = parsed.get_body(("html",)).get_content()
        assert not LEFT_OVER.search(text), (name, text)
        assert parsed["Subject"], name
        assert parsed["Content-Language"] == language
        for width in (390, 700):
            page = mail_program(width)
            page.set_content(html)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (name, width)
            assert not LEFT_OVER.search(page.inner_text("body")), name
            assert page.get_attribute("html", "dir") == direction
            assert page.evaluate(STARTS) == [], name
            if SHELF:
                keep(page, f"{language}-{width}-{name}", text)


#: Paragraphs that do not begin where the language begins, and links too small to be hit by a thumb.
STARTS = """() => [...document.querySelectorAll("td > div")]
  .filter((box) => box.innerText.trim() && !box.querySelector("div, table"))
  .filter((box) => {
    const style = getComputedStyle(box), right = document.documentElement.dir === "rtl";
    return style.textAlign !== (right ? "right" : "left") && style.textAlign !== "start";
  })
  .map((box) => box.innerText)"""


def keep(page, name, text):
    shelf = Path(SHELF)
    shelf.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=shelf / f"{name}.png", full_page=True)
    (shelf / f"{name}.txt").write_text(text)
