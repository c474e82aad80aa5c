"""A municipality brings in forty programmes, sees its gaps, plans what to do about one, prints its brief and signs it."""

import io
import re
from datetime import timedelta

import openpyxl
import pypdfium2
import pytest
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import expect

from policy.actions.importing import carry
from policy.models import BriefSignOff, PlanItem, Programme, ProgrammeImport
from tests.members.factories import make_municipality, make_representative

pytestmark = pytest.mark.django_db(transaction=True)
WAITS = 90_000  # milliseconds, for what the page asks again for by itself
KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
HEADS = {
    "he": ["שם התוכנית", "שלבים ברצף", "מסגרות", "משתתפים", "בנות"],
    "ar": ["اسم البرنامج", "المراحل العمرية", "الأطر", "المشاركون", "البنات"],
}
NAMES = {"he": "חוג רובוטיקה {}", "ar": "دورة روبوتيكا {}"}
PLANNED = {"he": "לפתוח קבוצה לבנות בכל שכונה", "ar": "فتح مجموعة للبنات في كل حي"}


def book(language):
    """Thirty groups with few girls and ten in which they are half."""
    made = openpyxl.Workbook()
    made.active.append(HEADS[language])
    for number in range(40):
        place = ("primary", "informal", 20, 4) if number < 30 else ("lower_secondary", "formal", 30, 15)
        made.active.append([NAMES[language].format(number + 1), *place])
    kept = io.BytesIO()
    made.save(kept)
    return {"name": "programmes.xlsx", "mimeType": KIND, "buffer": kept.getvalue()}


def bring_in(page, town, language):
    page.goto(f"/policy/authorities/{town.authority_id}/programmes/import/")
    page.locator("input[name=table]").set_input_files(book(language))
    page.locator("main form button[data-kind=primary]").click()
    expect(page.locator("#standing")).to_have_attribute("data-wait", "2")
    carry.read_import(ProgrammeImport.objects.get().pk)
    expect(page.locator("#rows")).to_be_visible(timeout=WAITS)
    page.locator(".well button[data-kind=primary]").click()
    expect(page.locator("#standing progress")).to_be_visible()
    while carry.fill_import(ProgrammeImport.objects.get().pk):
        pass
    expect(page.locator("#standing .callout[data-tone=leaf]")).to_be_visible(timeout=WAITS)
    assert Programme.objects.of(town.authority).count() == 40


def printed(page, link):
    """What a PDF says that a link on the page gives."""
    with page.expect_download() as given:
        page.locator(link).first.click()
    paper = pypdfium2.PdfDocument(given.value.path())
    try:
        return " ".join(" ".join(one.get_textpage().get_text_bounded() for one in paper).split())
    finally:
        paper.close()


def sign(page, town, language, axe):
    """From the picture to the draft in one click, then to its page, where it is signed with what is planned as what is asked."""
    page.goto(f"/policy/picture/{town.authority_id}/")
    said = printed(page, "a[href*='/brief/draft.pdf']")
    assert "120" in said and "600" in said
    page.locator("aside a[href*='/brief/?year=']").click()
    page.wait_for_url("**/brief/?year=**")
    axe(page)
    assert fits(page)
    expect(page.locator("#id_asks")).to_have_value(re.compile(re.escape(PLANNED[language])))
    page.locator("main form button[data-kind=primary]").click()
    expect(page.locator("main .rows .row")).to_have_count(1)
    axe(page)
    assert PLANNED[language] in printed(page, "main .rows .row__title a")
    assert BriefSignOff.objects.get().copies.count() == 3


def fits(page):
    return page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_from_forty_programmes_to_a_gap_in_the_work_plan(journey, login, axe):
    page, language = journey
    call_command("load_founding_content", verbosity=0)
    town = make_municipality(name_he="כרמיאל", name_ar="كرميئيل")
    person = make_representative(organisation=town, is_manager=True).person
    login(page, person)
    bring_in(page, town, language)

    page.goto(f"/policy/picture/{town.authority_id}/")
    expect(page.locator(".ribbon__stage[data-state=on]")).to_have_count(2)
    expect(page.locator(".picture__cell[data-gap=empty]")).to_have_count(26)
    axe(page)
    assert fits(page)

    cell = page.locator("#stage-primary .picture__cell[data-gap=girls]")
    expect(cell).to_contain_text("20%")
    cell.locator(".picture__gap a").click()
    page.wait_for_url("**/gaps/primary/informal/**")
    expect(page.locator("main section").first.locator(".recommendation-title").first).to_be_visible()
    axe(page)
    assert fits(page)

    page.locator(".page-head a.button[data-kind=primary]").click()
    page.wait_for_url("**/plan/**")
    day = timezone.localdate() + timedelta(days=60)
    page.locator("#id_what").fill(PLANNED[language])
    page.locator("#id_due_on").fill(day.isoformat())
    axe(page)
    page.locator("main form button[data-kind=primary]").click()
    row = page.locator(".rows .row")
    expect(row).to_have_count(1)
    expect(row).to_contain_text(PLANNED[language])
    expect(row).to_contain_text(person.name)
    expect(row).to_contain_text("120")  # girls of 600, as they were that day
    axe(page)
    assert fits(page)
    item = PlanItem.objects.get()
    assert (item.owner, item.due_on, item.girls, item.counted) == (person, day, 120, 600)

    page.goto("/")
    expect(page.locator("main")).to_contain_text(PLANNED[language])

    sign(page, town, language, axe)
