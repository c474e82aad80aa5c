"""Forty programmes come in from a table, one row is mended, and a year's figures are filled in, on a phone too."""

import csv
import io

import pytest
from playwright.sync_api import expect

from munistem.commons.days.school import current_school_year
from policy.actions.importing import carry
from policy.models import Programme, ProgrammeFigure, ProgrammeImport
from tests.members.factories import make_municipality, make_representative

pytestmark = pytest.mark.django_db(transaction=True)
WAITS = 90_000  # milliseconds, for what the page asks again for by itself
YEAR = current_school_year()
HEADS = {
    "he": ["מזהה", "שם התוכנית", "שלבים ברצף", "מסגרות", "משתתפים", "בנות"],
    "ar": ["المعرّف", "اسم البرنامج", "المراحل العمرية", "الأطر", "المشاركون", "البنات"],
}
NAMES = {"he": "חוג רובוטיקה {}", "ar": "دورة روبوتيكا {}"}


def table(language):
    """Forty programmes, one of which has more girls than participants; half of the girls are not known."""
    lines = [
        [f"p-{n}", NAMES[language].format(n), "primary", "informal", 20 + n, "?" if n % 2 else f"~{5 + n}"]
        for n in range(1, 41)
    ]
    lines[2][5] = 400
    text = io.StringIO()
    csv.writer(text).writerows([HEADS[language], *lines])
    return {"name": "programmes.csv", "mimeType": "text/csv", "buffer": text.getvalue().encode("utf-8-sig")}


def test_forty_programmes_come_in_and_a_year_is_filled_in(journey, login, axe):
    page, language = journey
    town = make_municipality(name_he="כרמיאל", name_ar="كرميئيل")
    login(page, make_representative(organisation=town, is_manager=True).person)
    page.goto(f"/policy/authorities/{town.authority_id}/programmes/import/")
    axe(page)
    page.locator("input[name=table]").set_input_files(table(language))
    page.locator("main form button[data-kind=primary]").click()
    expect(page.locator("#standing")).to_have_attribute("data-wait", "2")
    carry.read_import(ProgrammeImport.objects.get().pk)
    expect(page.locator("#rows")).to_be_visible(timeout=WAITS)
    expect(page.locator(".rows .row")).to_have_count(1)
    axe(page)

    page.locator("#row-4 .row__aside a").click()
    page.locator("#id_girls").fill("~9")
    page.locator("main form button[data-kind=primary]").click()
    expect(page.locator(".rows .row")).to_have_count(40)
    assert not Programme.objects.exists()
    page.locator(".well button[data-kind=primary]").click()
    expect(page.locator("#standing progress")).to_be_visible()
    while carry.fill_import(ProgrammeImport.objects.get().pk):
        pass
    expect(page.locator("#standing .callout[data-tone=leaf]")).to_be_visible(timeout=WAITS)
    assert Programme.objects.of(town.authority).count() == 40
    assert ProgrammeFigure.objects.filter(girls__isnull=True).count() == 19  # row 4 was one of twenty

    page.goto(f"/policy/authorities/{town.authority_id}/figures/{YEAR}/")
    axe(page)
    first = page.locator(".figures__line").first
    first.locator("input[name$=boys]").fill("7")
    first.locator("button[name=save]").click()
    page.wait_for_url("**#programme-*")
    assert ProgrammeFigure.objects.get(boys=7).programme == Programme.objects.by_name().first()
    second = page.locator(".figures__line").nth(1)
    second.locator("button[name=unknown]").click()
    expect(page.locator(".figures__line").nth(1).locator("input[name$=participants]")).to_have_value("")
    width = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert width <= 0
