"""Tables of many items: what a table may say, and what is said of what is wrong with it."""

import io
import zipfile

import openpyxl
import pytest
from django.core.files.base import ContentFile
from django.utils import translation

from knowledge.actions.bulk.table import HEADS, column_of, columns, empty_book
from knowledge.models import Revision
from munistem.commons.enums import Visibility
from munistem.commons.files.models import StoredFile
from munistem.commons.tables.states import BulkState
from munistem.commons.terms.models import TermKind
from tests.communities.factories import make_membership
from tests.knowledge.factories import make_item, make_term
from tests.knowledge.tables import begun, book_of, fill, problems, row
from tests.members.factories import make_authority, make_member

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_words")]


# Heads and words -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "column"),
    [
        ("כותרת", "title"),
        ("  Title* ", "title"),
        ("العنوان", "title"),
        ("שלבים ברצף", "life_stages"),
        ("FILES", "files"),
        ("رخصة", "licence"),
        ("colour", ""),
    ],
)
def test_head_is_understood_in_three_languages(head, column):
    assert column_of(head) == column


def test_heads_of_two_columns_are_never_the_same():
    assert {column_of(head): column for column, heads in HEADS.items() for head in heads} == {
        column: column for column in HEADS
    }


@pytest.mark.parametrize("language", ["he", "ar", "en"])
def test_empty_table_can_be_read_again_in_each_language(reviewer, language):
    with translation.override(language):
        book = ContentFile(empty_book(), "empty.xlsx")
    loaded = openpyxl.load_workbook(book)
    assert [column_of(cell.value) for cell in loaded.worksheets[0][1]] == columns()
    assert loaded.worksheets[0].sheet_view.rightToLeft is (language != "en")


# Reading -------------------------------------------------------------------------------------------------


def test_row_in_hebrew_says_all_that_an_item_can_say(reviewer):
    place, subject = make_authority(name_he="כרמיאל"), make_term(name_he="רובוטיקה")
    girls = make_term(kind=TermKind.POPULATION, name_he="נערות")
    told = {
        "מזהה": "k-1",
        "כותרת": "מעבדה בכל בית ספר",
        "סוג": "case_study",
        "תקציר": "איך נפתחו 12 מעבדות.",
        "שפה": "עברית",
        "שלבים ברצף": "primary, employment",
        "נושאים": "רובוטיקה; רחפנים",
        "אוכלוסיות": "נערות",
        "רשות מקומית": "כרמיאל",
        "קישורים": "https://example.org/a סרטון; https://example.org/b",
        "בתוקף עד": "31/12/2099",
        "טקסט": "מתחילים במורים.",
    }
    bulk = begun(reviewer, [told])
    assert bulk.rows.get().error_count == 0
    fill(bulk, reviewer)
    revision = Revision.objects.get()
    assert (revision.title, revision.kind, revision.language) == ("מעבדה בכל בית ספר", "case_study", "he")
    assert revision.life_stages == ["primary", "employment"]
    assert revision.authority == place
    assert {subject, girls} < set(revision.tags.all())
    assert {term.name for term in revision.tags.all() if not term.is_curated} == {"רחפנים"}
    assert list(revision.links.values_list("url", "title")) == [
        ("https://example.org/a", "סרטון"),
        ("https://example.org/b", ""),
    ]
    assert str(revision.valid_until) == "2099-12-31"
    assert revision.body == "<p>מתחילים במורים.</p>"
    assert revision.item.published_id is None


def test_excel_gives_days_and_numbers_as_people_read_them(reviewer):
    import datetime

    lines = [
        ["ID", "Title", "Kind", "Valid until", "Text"],
        [7.0, "Title 7", "guide", datetime.datetime(2099, 1, 2), 12],
    ]
    bulk = begun(reviewer, [], table=book_of([*lines[:1], [], *lines[1:]]))
    kept = bulk.rows.get()
    assert kept.number == 3  # the line of the sheet, so that people find it
    assert kept.told == {
        "identifier": "7",
        "title": "Title 7",
        "kind": "guide",
        "valid_until": "2099-01-02",
        "body": "12",
    }


def test_semicolons_part_the_cells_of_excels_own_csv(reviewer):
    table = ContentFile(b"Title;Kind;Text;Rating\nA title, with comma;Guide;Words;5\n", "a.csv")
    bulk = begun(reviewer, [], table=table)
    assert bulk.rows.get().told["title"] == "A title, with comma"
    assert bulk.unknown_heads == ["Rating"]


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ({"Title": ""}, ("title", "error", "The title is missing.")),
        ({"Title": "x" * 151}, ("title", "error", "This is longer than 150 characters (now 151). Shorten it.")),
        ({"Kind": "poem"}, ("kind", "error", "“poem” is not a kind of item. Choose one of the list.")),
        ({"Kind": ""}, ("kind", "error", "Say what kind of item it is.")),
        ({"Life stages": "Primary school, kindergarten"}, ("life_stages", "error", "“kindergarten” is not a life stage.")),
        ({"Municipality": "Atlantis"}, ("authority", "error", "“Atlantis” is not a municipality of the register. Write its name or its number.")),
        ({"Links": "not an address"}, ("links", "error", "“not an address” does not begin with a web address. Write one address a line.")),
        ({"Files": "plan.pdf"}, ("files", "error", "plan.pdf is not in the ZIP file.")),
        ({"Files": "plan.exe"}, ("files", "error", "plan.exe is not a kind of file we take.")),
        ({"Valid until": "soon"}, ("valid_until", "error", "“soon” is not a day. Write it as 31/12/2027.")),
        ({"Valid until": "1.1.2001"}, ("valid_until", "error", "This day is over. Choose a later one, or leave it empty.")),
        ({"Community": "Nobody's"}, ("community", "error", "“Nobody's” is not a community of yours.")),
        ({"Subjects": "Juggling"}, ("subjects", "warning", "“Juggling” is not in the vocabulary and becomes a free tag.")),
        ({"Text": ""}, ("body", "warning", "There is nothing to read: give a text, a file or a link.")),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_row_is_said(reviewer, cells, told):
    assert told in problems(begun(reviewer, [row(**cells)]))


def test_messages_are_read_in_the_language_of_the_reader(reviewer):
    with translation.override("he"):
        bulk = begun(reviewer, [row(Title="x" * 151)])
    assert problems(bulk)[0][2].startswith("This is longer")


def test_title_of_an_item_that_stands_is_a_hint_to_who_may_see_it():
    hidden = make_item(title="A lab in every school", visibility=Visibility.COMMUNITY)
    outsider = make_member(is_manager=True)
    assert problems(begun(outsider, [row()])) == []
    insider = make_membership(hidden.community, make_member(is_manager=True)).person
    assert [weight for _column, weight, _text in problems(begun(insider, [row()]))] == ["warning"]


@pytest.mark.parametrize(
    ("table", "why"),
    [
        (lambda: ContentFile(b"Colour,Kind\nred,guide\n", "a.csv"), "heads"),
        (lambda: ContentFile(b"Title,Kind\n", "a.csv"), "empty"),
        (lambda: ContentFile(b"\n", "a.csv"), "empty"),
        (lambda: ContentFile("Title\nשלום".encode("cp1255"), "a.csv"), "encoding"),
        (lambda: ContentFile(b"PK\x03\x04 nothing", "a.xlsx"), "mismatch"),
        (lambda: ContentFile(b"Title,Kind\n" + b"A title,guide\n" * 1_100, "a.csv"), "long"),
        (lambda: ContentFile(b"Title\n" + b"x" * 70_000 + b"\n", "a.csv"), "long"),
    ],
)
def test_table_that_cannot_be_read_says_why(reviewer, table, why):
    bulk = begun(reviewer, [], table=table())
    assert (bulk.state, bulk.why, bulk.rows.count()) == (BulkState.FAILED, why, 0)


def test_hebrew_names_in_archives_of_windows_are_found(reviewer):
    name = "תוכנית.txt"
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as archive:
        info = zipfile.ZipInfo("x" * len(name.encode("cp862")))
        archive.writestr(info, b"the plan")
    raw = kept.getvalue().replace(b"x" * len(name.encode("cp862")), name.encode("cp862"))
    bulk = begun(reviewer, [row(Files=name)], archive=ContentFile(raw, "files.zip"))
    assert problems(bulk) == []
    fill(bulk, reviewer)
    assert StoredFile.objects.get().name == name
