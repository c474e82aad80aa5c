"""A person before the portal in one language: finds things by role and by the words that the catalogue has for them.

Journeys give the English words of the code; a changed wording or translation does not break them. Names of people
and things are used as they are.
"""

import re
from typing import Any

from django.utils import translation
from playwright.sync_api import Locator, Page, expect

MARKUP = re.compile(r"<[^>]+>")
ISOLATES = "\u2068\u2069"
LETTERS = "0-9A-Za-z\u05d0-\u05ea\u0620-\u064a"  # a browser's patterns take Latin letters alone for letters


def say(language: str, words: str, context: str | None = None, **values: Any) -> str:
    """The words in this language, as a page shows them: without markup, gaps filled."""
    with translation.override(language):
        said = translation.pgettext(context, words) if context else translation.gettext(words)
    return MARKUP.sub("", said % values if values else said)


class Reader:
    """``reader.press("Open the topic")``, ``reader.fill("Title", "…")``: deeds of a person, in their language."""

    def __init__(self, page: Page, language: str):
        self.page, self.language = page, language

    def say(self, words: str, context: str | None = None, **values: Any) -> str:
        return say(self.language, words, context, **values)

    def go(self, address: str) -> "Reader":
        answer = self.page.goto(address)
        assert answer and answer.ok, (address, answer and answer.status)
        return self

    # finding --------------------------------------------------------------------------------------------

    def find(self, role: Any, words: str, context: str | None = None, **values: Any) -> Locator:
        """What has this role and these words, exactly, in its name; things one cannot see do not count."""
        name = self.say(words, context, **values)
        return self.page.get_by_role(role, name=bounded(name)).filter(visible=True)

    def named(self, role: Any, name: str) -> Locator:
        """What has this role and this name, given as it stands there (a person, a title)."""
        return self.page.get_by_role(role, name=bounded(name)).filter(visible=True)

    # doing ----------------------------------------------------------------------------------------------

    def press(self, words: str, context: str | None = None, **values: Any) -> None:
        self.find("button", words, context, **values).first.click()

    def follow(self, words: str, context: str | None = None, **values: Any) -> None:
        self.find("link", words, context, **values).first.click()

    def fill(self, words: str, text: str, context: str | None = None) -> None:
        self.page.get_by_label(bounded(self.say(words, context))).first.fill(text)

    def choose(self, words: str, context: str | None = None) -> None:
        """Take one of several answers, or tick a box."""
        self.page.get_by_label(bounded(self.say(words, context))).first.check()

    def open(self, words: str, context: str | None = None) -> None:
        """Unfold what is folded under these words."""
        fold = self.page.locator("summary").filter(has_text=bounded(self.say(words, context)))
        fold.filter(visible=True).first.click()

    def attach(self, words: str, name: str, content: bytes, kind: str = "application/pdf") -> None:
        file: Any = {"name": name, "mimeType": kind, "buffer": content}
        self.page.get_by_label(bounded(self.say(words))).first.set_input_files(file)

    def write(self, words: str, text: str, context: str | None = None) -> None:
        """Write into the editor, which is fetched when one begins to write."""
        box = self.find("textbox", words, context)
        box.focus()  # it may be on its way from a plain box to an editor
        editor = self.page.locator("[contenteditable=true]").and_(box)
        expect(editor).to_be_visible()
        editor.fill(text)

    # seeing ---------------------------------------------------------------------------------------------

    def sees(self, text: str) -> None:
        """The text stands on the page."""
        expect(self.page.locator("main")).to_contain_text(loosely(text))

    def reads(self, words: str, context: str | None = None, **values: Any) -> None:
        """The words of the portal stand on the page."""
        self.sees(self.say(words, context, **values))

    def stands_before(self, words: str, context: str | None = None, **values: Any) -> None:
        """The page's heading has these words."""
        heading = self.page.get_by_role("heading", level=1)
        expect(heading).to_have_text(loosely(self.say(words, context, **values)))

    def stands_before_title(self, title: str) -> None:
        expect(self.page.get_by_role("heading", level=1)).to_have_text(loosely(title))


def bounded(name: str) -> re.Pattern[str]:
    """The name as a whole or at the edge of a longer one, never inside a word."""
    before = f"(?<![{LETTERS}])" if name[:1].isalnum() else ""
    after = f"(?![{LETTERS}])" if name[-1:].isalnum() else ""
    return re.compile(before + pattern(name) + after)


def loosely(text: str) -> re.Pattern[str]:
    return re.compile(pattern(text))


def pattern(text: str) -> str:
    """White space may differ, and marks around names that isolate their direction may stand between words."""
    parts = re.findall(r"\w+|\s+|\W", text.strip())
    gap = f"[{ISOLATES}]*"
    return gap.join(r"\s+" if part.isspace() else re.escape(part) for part in parts)


def address_in(letter: Any, beginning: str) -> str:
    """The address in a letter that begins so, without the host."""
    found = re.search(rf"https?://[^/\s]+({re.escape(beginning)}\S*)", letter.text)
    assert found, letter.text
    return found[1]


def code_in(letter: Any) -> str:
    """The code in a letter."""
    found = re.search(r"^\s*([A-Z0-9-]{6,12})\s*$", letter.text, re.MULTILINE)
    assert found, letter.text
    return found[1]
