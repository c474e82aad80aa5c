"""Fifty items come in from a table: sent with errors, mended on the page and in the table, taken in once."""

import csv
import io
import zipfile

import pytest
from playwright.sync_api import expect

from knowledge.actions.bulk import carry
from knowledge.models import BulkImport, Item, RevisionFile
from munistem.commons.terms.models import TermKind
from tests.knowledge.factories import make_term
from tests.members.factories import make_authority, make_user

pytestmark = pytest.mark.django_db(transaction=True)
WAITS = 90_000  # milliseconds, for what the page asks again for by itself
HEADS = {
    "he": ["מזהה", "כותרת", "סוג", "תקציר", "טקסט", "שלבים ברצף", "נושאים", "רשות מקומית", "קבצים"],
    "ar": [
        "المعرّف",
        "العنوان",
        "النوع",
        "الملخّص",
        "النص",
        "المراحل العمرية",
        "المواضيع",
        "السلطة المحلية",
        "الملفات",
    ],
}
WORDS = {
    "he": ["רובוטיקה", "רחפנים", "ביולוגיה", "מתמטיקה", "מדעי המחשב"],
    "ar": ["الروبوتات", "الطائرات المسيّرة", "الأحياء", "الرياضيات", "علوم الحاسوب"],
}
PLACES = {
    "he": ["כרמיאל", "נצרת", "ירוחם", "רהט", "אשדוד"],
    "ar": ["كرميئيل", "الناصرة", "يروحام", "رهط", "أشدود"],
}
SAID = {
    "he": (
        "מעגל {} ב{}, קבוצה {}",
        "מה נעשה, עם מי ומה יצא מזה.",
        "מתחילים במורה אחת ובחדר אחד.",
        "תוכנית {}.txt",
    ),
    "ar": (
        "مجموعة {} في {}، رقم {}",
        "ماذا فعلنا ومع من وماذا نتج.",
        "نبدأ بمعلّمة واحدة وغرفة واحدة.",
        "خطة {}.txt",
    ),
}
WRONG = {"he": ("שיר", "אטלנטיס", "חסר.pdf"), "ar": ("قصيدة", "أطلنطس", "مفقود.pdf")}


def rows(language, *, mended=False):
    """Fifty cases; four of them with an error, two of which are mended in the table."""
    title, summary, body, file = SAID[language]
    told = [
        [
            f"k-{number}",
            title.format(WORDS[language][number % 5], PLACES[language][number % 5], number),
            "case_study",
            summary,
            body,
            "primary",
            WORDS[language][number % 5],
            PLACES[language][number % 5],
            file.format(number) if number % 10 == 0 else "",
        ]
        for number in range(1, 51)
    ]
    kind, place, missing = WRONG[language]
    told[4][2] = kind  # no kind of item
    told[9][7] = place  # no municipality
    if not mended:
        told[19][1] = ""  # no title
        told[29][8] = missing  # not in the archive
    return [HEADS[language], *told]


def table(told):
    text = io.StringIO()
    csv.writer(text).writerows(told)
    return {"name": "items.csv", "mimeType": "text/csv", "buffer": text.getvalue().encode("utf-8-sig")}


def archive(language):
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as files:
        for number in range(10, 51, 10):
            files.writestr(f"files/{SAID[language][3].format(number)}", f"plan of group {number}".encode())
    return {"name": "files.zip", "mimeType": "application/zip", "buffer": kept.getvalue()}


@pytest.fixture
def curator(journey):
    language = journey[1]
    for word in WORDS[language]:
        make_term(**{f"name_{language}": word}, kind=TermKind.SUBJECT)
    for place in PLACES[language]:
        make_authority(**{f"name_{language}": place})
    return make_user(name="דנה הספרנית", is_knowledge_manager=True, language=language)


def filled(bulk):
    while carry.fill_import(bulk.pk):
        pass


def press(page, button):
    """Send a form and wait for the page it leads to."""
    with page.expect_navigation(wait_until="load"):
        page.locator(button).last.click()


SEND = "main form button:not([type=button])"
KEEP = "main form button[data-kind=primary]"


def test_fifty_items_come_in_with_their_errors_mended(journey, login, curator, axe):
    page, language = journey
    login(page, curator)
    errors = page.locator(".import-row__problems [data-weight=error]")
    page.goto("/knowledge/")
    page.locator("a[href='/knowledge/import/']").click()
    page.locator("input[name=table]").wait_for()
    axe(page)
    page.locator("input[name=table]").set_input_files(table(rows(language)))
    page.locator("input[name=archive]").set_input_files(archive(language))
    expect(page.locator("input[name=archive-sent]")).to_have_count(1)
    page.locator(SEND).last.click()
    page.wait_for_url("**/knowledge/import/*-*/")
    expect(page.locator("#standing[data-wait]")).to_be_visible()
    bulk = BulkImport.objects.get()
    carry.read_import(bulk.pk)  # the worker's part; the page notices by itself
    expect(errors).to_have_count(4, timeout=WAITS)
    axe(page)

    # two rows are mended in the table, which is sent anew
    page.locator("details.fold > summary").click()
    page.locator("input[name=table]").set_input_files(table(rows(language, mended=True)))
    page.locator("details.fold form button:not([type=button])").last.click()
    page.locator("#standing[data-wait]").wait_for()
    carry.read_import(bulk.pk)
    expect(errors).to_have_count(2, timeout=WAITS)

    # the other two on the page: a kind is chosen, a municipality written anew
    page.locator("#row-6 a.button").click()
    page.locator("select[name=kind]").wait_for()
    axe(page)
    page.locator("select[name=kind]").select_option("case_study")
    press(page, KEEP)
    page.locator("#row-11 a.button").click()
    page.locator("input[name=authority]").wait_for()
    expect(page.locator("input[name=title]")).not_to_be_visible()  # what is in order is folded
    page.locator("input[name=authority]").fill(WRONG[language][1] + " 2")
    press(page, KEEP)
    expect(page.locator("[data-errors]")).to_be_visible()
    expect(page.locator("input[name=authority]")).to_have_value(WRONG[language][1] + " 2")
    page.locator("input[name=authority]").fill(PLACES[language][1])
    press(page, KEEP)
    page.locator("input[name=target]").first.wait_for()
    expect(errors).to_have_count(0)

    # all fifty are taken in
    page.locator("form[action$='/confirm/'] button:not([type=button])").click()
    page.locator("progress").wait_for()
    filled(bulk)
    page.locator(".callout[data-tone=leaf]").wait_for(timeout=WAITS)
    assert Item.objects.count() == 50
    assert RevisionFile.objects.count() == 5

    # and the same table brings nothing in twice
    page.goto("/knowledge/import/")
    page.locator("input[name=table]").set_input_files(table(rows(language, mended=True)))
    page.locator(SEND).last.click()
    page.wait_for_url("**/knowledge/import/*-*/")
    page.locator("#standing[data-wait]").wait_for()
    carry.read_import(BulkImport.objects.latest("pk").pk)
    page.locator("#rows").wait_for(timeout=WAITS)
    expect(page.locator("form[action$='/confirm/']")).to_have_count(0)
    assert Item.objects.count() == 50
