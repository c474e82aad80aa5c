"""A reader looks for a word that stands only on page seven of a file, in another form, and opens that page."""

import re

import pytest
from playwright.sync_api import expect

from knowledge.actions.review import publish
from tests.browser.reader import Reader
from tests.browser.test_pages import overflow
from tests.commons.factories import printed, uploaded
from tests.knowledge.factories import submitted
from tests.members.factories import make_member, make_municipality, make_organisation, make_user

pytestmark = pytest.mark.django_db(transaction=True)
#: A title, what the other pages say, what the seventh says, what is typed, and the word as it stands there.
TEXTS = {
    "he": (
        *("מדריך לרשות", "על תקציב ועל לוחות זמנים", "את התלמידות מסיעים למעבדות האזוריות פעם בשבוע"),
        *("מעבדה אזורית", "למעבדות"),
    ),
    "ar": (
        *("دليل للسلطة المحلية", "عن الميزانية والجدول الزمني", "تسافر الطالبات إلى المختبرات كل أسبوع"),
        *("مختبر", "المختبرات"),
    ),
}


@pytest.mark.parametrize("language", ["he", "ar"])
def test_word_on_page_seven_is_found_and_its_page_opened(device, axe, run_jobs, language):
    title, other, seventh, typed, marked = TEXTS[language]
    pages = [f"{other} {number}" for number in range(1, 12)]
    pages[6] = seventh
    paper = uploaded("guide.pdf", printed(*pages, language=language))
    fields = {"title": title, "summary": other, "body": "", "language": language}
    revision = submitted(make_member(is_manager=True), fields=fields, files=[paper])
    publish(by=make_user(is_knowledge_manager=True), revision=revision)
    run_jobs()  # the file is read, and its pages are drawn

    reader = Reader(device(language), language).go("/about/")
    box = reader.page.get_by_role("banner").get_by_role("combobox")
    box.fill(typed)
    box.press("Enter")
    found = reader.page.locator("main .row").filter(has_text=title)
    expect(found.locator("mark").filter(has_text=marked).first).to_be_visible()
    axe(reader.page)
    found.get_by_role("link", name=re.compile("guide.pdf")).click()
    sheet = reader.page.locator("#page-7")
    expect(sheet).to_be_in_viewport()
    expect(sheet.locator("img")).to_be_visible()
    expect(sheet.locator("mark").filter(has_text=marked)).to_be_visible()
    axe(reader.page)


@pytest.mark.parametrize("language", ["he", "ar"])
def test_box_offers_names_while_one_types(device, axe, language):
    names = {"name_he": "המרכז למצוינות", "name_ar": "مركز التميّز", "name_en": "Excellence centre"}
    organisation = make_organisation(**names)
    make_municipality()
    reader = Reader(device(language), language).go("/about/")
    box = reader.page.get_by_role("banner").get_by_role("combobox")
    expect(box).to_have_attribute("aria-expanded", "false")
    box.click()
    box.press_sequentially({"he": "מצוינ", "ar": "التمي"}[language], delay=30)
    offer = reader.page.get_by_role("option").filter(has_text=names[f"name_{language}"])
    expect(offer).to_be_visible()
    expect(box).to_have_attribute("aria-expanded", "true")
    assert list(overflow(reader.page, "offers")) == []
    axe(reader.page)
    box.press("Escape")
    expect(offer).to_be_hidden()
    expect(box).to_be_focused()
    box.press("ArrowDown")
    expect(offer).to_be_visible()
    box.press("ArrowDown")
    expect(offer).to_have_attribute("aria-selected", "true")
    expect(box).to_have_attribute("aria-activedescendant", re.compile("-0$"))
    box.press("Enter")
    reader.page.wait_for_url(re.compile(re.escape(organisation.get_absolute_url())))
