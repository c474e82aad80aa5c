"""A change of a published item: returned with remarks beside its fields, mended, published, and told word by word."""

import re

import pytest
from playwright.sync_api import expect

from knowledge.enums import Privacy
from tests.knowledge.factories import make_item
from tests.members.factories import make_member, make_user

pytestmark = pytest.mark.django_db(transaction=True)
# Before, after, and what is remarked, in each language.
TEXTS = {
    "he": ("מעבדה לכל בית ספר", "מעבדה ניידת לכל בית ספר", "ניידת", "לאילו כיתות?"),
    "ar": ("مختبر لكل مدرسة", "مختبر متنقل لكل مدرسة", "متنقل", "لأي صفوف؟"),
}  # fmt: skip


@pytest.mark.parametrize("language", ["he", "ar"])
def test_change_is_returned_mended_published_and_told_word_by_word(reader, language, axe):
    before, after, word, remark = TEXTS[language]
    manager = make_member(language=language, is_manager=True)
    reviewer = make_user(language=language, is_knowledge_manager=True)
    item = make_item(title=before, created_by=manager, language=language, privacy=Privacy.NONE)

    author = reader(manager).go(item.get_absolute_url())
    author.follow("Change it")
    author.fill("Title", after)
    author.press("Send it for review")
    author.reads("It was sent; a knowledge manager reads it and you will hear from us.")

    desk = reader(reviewer).go("/desk/")
    desk.page.locator("main").get_by_role("link", name=after).click()
    expect(desk.page.locator("ins").first).to_contain_text(word)
    axe(desk.page)
    desk.press("Publish it")
    desk.page.locator("[data-errors]").wait_for()  # not without answers
    desk.open("Remarks on single fields")
    desk.page.locator("[name=on_summary]").fill(remark)
    desk.fill("Remarks to the author", remark)
    desk.press("Return it with these remarks")
    desk.reads("It was returned; the author is told what to change.")

    author.go(f"{item.get_absolute_url()}edit/")
    expect(author.page.locator(".remark")).to_have_text(re.compile(re.escape(remark) + r"\s*$"))
    axe(author.page)
    author.fill("In short", f"{before}. 7–9")
    author.press("Send it for review")
    author.reads("It was sent; a knowledge manager reads it and you will hear from us.")

    desk.go("/desk/")
    desk.page.locator("main").get_by_role("link", name=after).click()
    desk.sees(remark)
    desk.choose("Yes to all six")
    desk.press("Publish it")
    desk.reads("It is published; the author is told.")

    author.go(f"{item.get_absolute_url()}revisions/2/changes/")
    author.reads("What changed")
    expect(author.page.locator("ins bdi").first).to_contain_text(word)
    expect(author.page.locator(".compared__text").first).to_have_attribute("dir", "rtl")
    axe(author.page)
