"""A manager's document goes to the library: returned with a reason, corrected, published, and found by a visitor."""

import pytest

from tests.commons.factories import docx
from tests.members.factories import make_member, make_organisation, make_user

pytestmark = pytest.mark.django_db(transaction=True)
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
# A title, what stands in the file, and a word of the file that stands nowhere else, in each language.
TEXTS = {
    "he": ("מסמך ייסוד", "הרשות היא מנוע או חסם; כשהיא מובילה, המציאות משתנה", "חסם"),
    "en": ("Founding paper", "A municipality is the engine or the barrier; when it leads, things change", "barrier"),
}  # fmt: skip
REASON = "Please say for whom it is."


def test_document_is_returned_corrected_published_and_found(reader, letters, language):
    title, content, rare = TEXTS[language]
    manager = make_member(language=language, is_manager=True, organisation=make_organisation())
    reviewer = make_user(language=language, is_knowledge_manager=True)

    author = reader(manager).go("/knowledge/")
    author.follow("Add to the library")
    author.press("Send it for review")  # too early: what is missing is said, and nothing is lost
    author.reads("Say in short what it is; this is what people see before they open it.")
    author.reads("Look through it and answer, then send it; until then keep it as a draft.")
    author.fill("Title", title)
    author.fill("In short", "What a municipality can do.")
    author.choose("Guide", "knowledge item")
    author.attach("Files", "founding.docx", docx(content), WORD)
    author.choose("Everyone", "visibility")
    author.choose("No – no personal details and no faces of children", "privacy")
    author.press("Send it for review")
    author.stands_before_title(title)
    author.reads("It was sent; a knowledge manager reads it and you will hear from us.")

    [letter, *_rest] = letters(reviewer.email)
    assert title in letter.subject
    desk = reader(reviewer).go("/desk/")
    desk.page.locator("main").get_by_role("link", name=title).click()
    desk.press("Return it with these remarks")
    desk.page.locator("[data-errors]").wait_for()  # not without remarks
    desk.fill("Remarks to the author", REASON)
    desk.press("Return it with these remarks")
    desk.reads("It was returned; the author is told what to change.")

    [letter, *_rest] = letters(manager.email)
    assert REASON in letter.text
    author.go("/")
    author.page.locator("main").get_by_role("link", name=title).click()
    author.fill("In short", "What a municipality can do; for mayors and heads of education.")
    author.press("Send it for review")
    author.reads("It was sent; a knowledge manager reads it and you will hear from us.")

    desk.go("/desk/")
    desk.page.locator("main").get_by_role("link", name=title).click()
    desk.sees(REASON)
    desk.press("Publish it")
    desk.page.locator("[data-errors]").wait_for()  # not without answers
    desk.choose("Yes to all six")
    desk.press("Publish it")
    desk.reads("It is published; the author is told.")
    [letter, *_rest] = letters(manager.email)
    assert title in letter.subject

    visitor = reader().go("/about/")
    box = visitor.page.get_by_role("banner").get_by_role("combobox")
    box.fill(rare)
    box.press("Enter")
    visitor.stands_before("Results for “<bdi>%(query)s</bdi>”", query=rare)
    visitor.page.locator("main").get_by_role("link", name=title).click()
    visitor.stands_before_title(title)
    with visitor.page.expect_download() as download:
        visitor.follow("Download %(name)s", name="founding.docx")
    assert download.value.suggested_filename == "founding.docx"
