"""Fifty items come in from a table: sent with errors, mended on the page and in the table, taken in once."""

import csv
import io
import zipfile

import pytest

from knowledge.actions.bulk import carry
from knowledge.models import BulkImport, Item, RevisionFile
from munistem.commons.terms.models import TermKind
from tests.knowledge.factories import make_term
from tests.members.factories import make_authority, make_user

pytestmark = pytest.mark.django_db(transaction=True)
HEADS = ["מזהה", "כותרת", "סוג", "תקציר", "טקסט", "שלבים ברצף", "נושאים", "רשות מקומית", "קבצים"]
WORDS = ["רובוטיקה", "רחפנים", "ביולוגיה", "מתמטיקה", "מדעי המחשב"]
PLACES = ["כרמיאל", "נצרת", "ירוחם", "רהט", "אשדוד"]


def rows(*, mended=False):
    """Fifty cases; four of them with an error, two of which are mended in the table."""
    told = [
        [
            f"k-{number}",
            f"מעגל {WORDS[number % 5]} ב{PLACES[number % 5]}, קבוצה {number}",
            "case_study",
            "מה נעשה, עם מי ומה יצא מזה.",
            "מתחילים במורה אחת ובחדר אחד.",
            "primary",
            WORDS[number % 5],
            PLACES[number % 5],
            f"תוכנית {number}.txt" if number % 10 == 0 else "",
        ]
        for number in range(1, 51)
    ]
    told[4][2] = "שיר"  # no kind of item
    told[9][7] = "אטלנטיס"  # no municipality
    if not mended:
        told[19][1] = ""  # no title
        told[29][8] = "חסר.pdf"  # not in the archive
    return told


def table(told):
    text = io.StringIO()
    csv.writer(text).writerows([HEADS, *told])
    return {"name": "פריטים.csv", "mimeType": "text/csv", "buffer": text.getvalue().encode("utf-8-sig")}


def archive():
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as files:
        for number in range(10, 51, 10):
            files.writestr(f"קבצים/תוכנית {number}.txt", f"תוכנית העבודה של קבוצה {number}".encode())
    return {"name": "קבצים.zip", "mimeType": "application/zip", "buffer": kept.getvalue()}


@pytest.fixture
def curator():
    for word in WORDS:
        make_term(name_he=word, kind=TermKind.SUBJECT)
    for place in PLACES:
        make_authority(name_he=place)
    return make_user(name="דנה הספרנית", is_knowledge_manager=True, language="he")


def filled(bulk):
    while carry.fill_import(bulk.pk):
        pass


def test_fifty_items_come_in_with_their_errors_mended(device, login, curator, axe):
    page = device("he")
    login(page, curator)
    page.goto("/knowledge/")
    page.locator("a[href='/knowledge/import/']").click()
    axe(page)
    page.locator("input[name=table]").set_input_files(table(rows()))
    page.locator("input[name=archive]").set_input_files(archive())
    page.locator("main form button:not([type=button])").last.click()
    page.wait_for_url("**/knowledge/import/*-*/")
    assert page.locator("#standing[data-wait]").is_visible()
    bulk = BulkImport.objects.get()
    carry.read_import(bulk.pk)  # the worker's part; the page notices by itself
    page.locator("#rows").wait_for()
    assert page.locator(".import-row__problems [data-weight=error]").count() == 4
    axe(page)

    # two rows are mended in the table, which is sent anew
    page.locator("details.fold > summary").click()
    page.locator("input[name=table]").set_input_files(table(rows(mended=True)))
    page.locator("details.fold form button:not([type=button])").last.click()
    page.locator("#standing[data-wait]").wait_for()
    carry.read_import(bulk.pk)
    page.locator("#rows").wait_for()
    assert page.locator(".import-row__problems [data-weight=error]").count() == 2

    # the other two on the page: a kind is chosen, a municipality written anew
    page.locator("#row-6 a.button").click()
    axe(page)
    page.locator("select[name=kind]").select_option("case_study")
    page.locator("main form button[data-kind=primary]").click()
    page.locator("#row-11 a.button").click()
    assert not page.locator("input[name=title]").is_visible()  # what is in order is folded
    page.locator("input[name=authority]").fill("אטלנטיס החדשה")
    page.locator("main form button[data-kind=primary]").click()
    assert page.locator("[data-errors]").is_visible()
    assert page.locator("input[name=authority]").input_value() == "אטלנטיס החדשה"
    page.locator("input[name=authority]").fill("נצרת")
    page.locator("main form button[data-kind=primary]").click()
    page.locator("input[name=target]").first.wait_for()
    assert page.locator(".import-row__problems [data-weight=error]").count() == 0

    # all fifty are taken in
    page.locator("form[action$='/confirm/'] button:not([type=button])").click()
    page.locator("progress").wait_for()
    filled(bulk)
    page.locator(".callout[data-tone=leaf]").wait_for()
    assert Item.objects.count() == 50
    assert RevisionFile.objects.count() == 5

    # and the same table brings nothing in twice
    page.goto("/knowledge/import/")
    page.locator("input[name=table]").set_input_files(table(rows(mended=True)))
    page.locator("main form button:not([type=button])").last.click()
    page.wait_for_url("**/knowledge/import/*-*/")
    carry.read_import(BulkImport.objects.latest("pk").pk)
    page.locator("#rows").wait_for()
    assert page.locator("form[action$='/confirm/']").count() == 0
    assert Item.objects.count() == 50
