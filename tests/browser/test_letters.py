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
            if name in DARK:
                assert dark_contrast(mail_program(width, dark=True), html) >= 4.5, name
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


DARK = {"replied", "meeting_invited", "digest"}
#: The least contrast between a text and what lies behind it.
CONTRAST = """() => {
  const light = (colour) => {
    const [r, g, b] = colour.match(/[\\d.]+/g).slice(0, 3).map((part) => part / 255)
      .map((part) => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (node) => {
    for (; node; node = node.parentElement) {
      const colour = getComputedStyle(node).backgroundColor;
      if (!/, 0\\)$/.test(colour)) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const words = [...document.querySelectorAll("td div, td a")]
    .filter((node) => [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim()));
  return Math.min(...words.map((node) => {
    const pair = [light(getComputedStyle(node).color), light(ground(node))].sort((a, b) => b - a);
    return (pair[0] + 0.05) / (pair[1] + 0.05);
  }));
}"""


def dark_contrast(page, html):
    """As mail programs show it that follow a letter's own dark colours (Apple's, Outlook on phones)."""
    page.set_content(html)
    if SHELF:
        page.screenshot(path=Path(SHELF) / f"dark-{abs(hash(html)) % 10**6}.png", full_page=True)
    return page.evaluate(CONTRAST)


def keep(page, name, text):
    shelf = Path(SHELF)
    shelf.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=shelf / f"{name}.png", full_page=True)
    (shelf / f"{name}.txt").write_text(text)
