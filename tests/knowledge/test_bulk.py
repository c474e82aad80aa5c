"""Many items at once: what a table may say, what is wrong with it, and that no row comes in twice."""

import csv
import io
import zipfile
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import openpyxl
import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.files.base import ContentFile
from django.utils import timezone, translation

from knowledge import rules
from knowledge.actions import write
from knowledge.actions.bulk import carry
from knowledge.actions.bulk.table import HEADS, column_of, columns, empty_book
from knowledge.enums import BulkState, RevisionState
from knowledge.models import BulkImport, Item, Revision
from munistem.commons.enums import Visibility
from munistem.commons.files.models import StoredFile
from munistem.commons.terms.models import TermKind
from tests.communities.factories import make_membership
from tests.knowledge.factories import make_item, make_term
from tests.members.factories import make_admin, make_authority, make_member, make_user
from tests.notices import told

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_words")]


@pytest.fixture
def curator():
    return make_user(name="Curator", is_knowledge_manager=True)


def table_of(rows, name="items.csv"):
    """A CSV file of rows, each a mapping of heads to cells."""
    heads = list(dict.fromkeys(head for row in rows for head in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, heads)
    writer.writeheader()
    writer.writerows(rows)
    return ContentFile(text.getvalue().encode("utf-8-sig"), name)


def book_of(lines, name="items.xlsx"):
    book = openpyxl.Workbook()
    for line in lines:
        book.active.append(line)
    kept = io.BytesIO()
    book.save(kept)
    return ContentFile(kept.getvalue(), name)


def archive_of(files, name="files.zip"):
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry, content in files.items():
            archive.writestr(entry, content)
    return ContentFile(kept.getvalue(), name)


def begun(by, rows, archive=None, table=None, **defaults):
    """An import that was begun and read."""
    fields = {
        "organisation": None,
        "language": "he",
        "visibility": Visibility.PUBLIC,
        "community": None,
        "nonce": uuid4(),
        **defaults,
    }
    bulk = carry.begin_import(by=by, table=table or table_of(rows), archive=archive, **fields)
    carry.read_import(bulk.pk)
    bulk.refresh_from_db()
    return bulk


def row(**cells):
    return {
        "Title": "A lab in every school",
        "Kind": "Case study",
        "Summary": "How twelve labs were opened.",
        "Text": "Begin with the teachers.",
        "Life stages": "Primary school",
        **cells,
    }


def problems(bulk, number=2):
    return [
        (problem["column"], problem["weight"], problem["text"] % problem["words"])
        for problem in bulk.rows.get(number=number).problems
    ]


def fill(bulk, by, submits=False):
    carry.confirm_import(by=by, bulk=bulk, submits=submits, privacy="none" if submits else "")
    while carry.fill_import(bulk.pk):
        pass
    bulk.refresh_from_db()
    return bulk


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
def test_empty_table_can_be_read_again_in_each_language(curator, language):
    with translation.override(language):
        book = ContentFile(empty_book(), "empty.xlsx")
    loaded = openpyxl.load_workbook(book)
    assert [column_of(cell.value) for cell in loaded.worksheets[0][1]] == columns()
    assert loaded.worksheets[0].sheet_view.rightToLeft is (language != "en")


# Reading -------------------------------------------------------------------------------------------------


def test_row_in_hebrew_says_all_that_an_item_can_say(curator):
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
    bulk = begun(curator, [told])
    assert bulk.rows.get().error_count == 0
    fill(bulk, curator)
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


def test_excel_gives_days_and_numbers_as_people_read_them(curator):
    import datetime

    lines = [
        ["ID", "Title", "Kind", "Valid until", "Text"],
        [7.0, "Title 7", "guide", datetime.datetime(2099, 1, 2), 12],
    ]
    bulk = begun(curator, [], table=book_of([*lines[:1], [], *lines[1:]]))
    kept = bulk.rows.get()
    assert kept.number == 3  # the line of the sheet, so that people find it
    assert kept.told == {
        "identifier": "7",
        "title": "Title 7",
        "kind": "guide",
        "valid_until": "2099-01-02",
        "body": "12",
    }


def test_semicolons_part_the_cells_of_excels_own_csv(curator):
    table = ContentFile(b"Title;Kind;Text;Rating\nA title, with comma;Guide;Words;5\n", "a.csv")
    bulk = begun(curator, [], table=table)
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
def test_what_is_wrong_with_a_row_is_said(curator, cells, told):
    assert told in problems(begun(curator, [row(**cells)]))


def test_messages_are_read_in_the_language_of_the_reader(curator):
    with translation.override("he"):
        bulk = begun(curator, [row(Title="x" * 151)])
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
def test_table_that_cannot_be_read_says_why(curator, table, why):
    bulk = begun(curator, [], table=table())
    assert (bulk.state, bulk.why, bulk.rows.count()) == (BulkState.FAILED, why, 0)


def test_hebrew_names_in_archives_of_windows_are_found(curator):
    name = "תוכנית.txt"
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as archive:
        info = zipfile.ZipInfo("x" * len(name.encode("cp862")))
        archive.writestr(info, b"the plan")
    raw = kept.getvalue().replace(b"x" * len(name.encode("cp862")), name.encode("cp862"))
    bulk = begun(curator, [row(Files=name)], archive=ContentFile(raw, "files.zip"))
    assert problems(bulk) == []
    fill(bulk, curator)
    assert StoredFile.objects.get().name == name


# Taking in -----------------------------------------------------------------------------------------------


def test_files_come_in_with_their_row(curator):
    archive = archive_of({"maps/Plan A.txt": "the plan", "notes.txt": "notes", "unused.txt": "x"})
    bulk = fill(begun(curator, [row(Files="plan a.txt; notes.txt")], archive=archive), curator)
    assert bulk.state == BulkState.DONE
    held = Revision.objects.get().files.order_by("position")
    assert [file.file.name for file in held] == ["plan a.txt", "notes.txt"]
    with held[0].file.blob.open() as blob:
        assert blob.read() == b"the plan"


def test_file_that_is_not_what_it_says_keeps_its_row_out_and_no_other(curator):
    archive = archive_of({"plan.pdf": "no PDF", "notes.txt": "notes"})
    rows = [row(ID="1", Files="plan.pdf"), row(ID="2", Title="Second", Files="notes.txt")]
    bulk = fill(begun(curator, rows, archive=archive), curator)
    assert [kept.item_id is not None for kept in bulk.rows.in_order()] == [False, True]
    assert problems(bulk)[0][:2] == ("files", "error")
    assert StoredFile.objects.count() == 1


def test_drafts_are_told_to_nobody_and_submitted_ones_to_reviewers_once(curator):
    other = make_user(name="Other reviewer", is_knowledge_manager=True)
    fill(begun(curator, [row(ID=str(n), Title=f"Item {n}") for n in range(12)]), curator)
    assert Revision.objects.filter(state=RevisionState.DRAFT).count() == 12
    assert told("import_submitted") == []
    fill(begun(curator, [row(ID=f"b{n}", Title=f"Other {n}") for n in range(12)]), curator, submits=True)
    assert Revision.objects.filter(state=RevisionState.SUBMITTED).count() == 12
    assert told("import_submitted") == [other.name]
    assert told("import_done") == [curator.name, curator.name]
    assert told("item_submitted") == []


def test_no_row_comes_in_twice(curator):
    rows = [row(ID="1"), row(ID="2", Title="Second"), row(Title="Without identifier")]
    first = fill(begun(curator, rows), curator)
    assert carry.fill_import(first.pk) == 0
    again = begun(curator, [*rows, row(ID="3", Title="Third")])
    assert [kept.known_id is not None for kept in again.rows.in_order()] == [True, True, True, False]
    fill(again, curator)
    assert Item.objects.count() == 4


def test_two_imports_of_the_same_rows_take_each_in_once(curator):
    one, two = begun(curator, [row(ID="1")]), begun(curator, [row(ID="1")])
    fill(one, curator)
    fill(two, curator)
    assert Item.objects.count() == 1
    assert two.rows.get().known == Item.objects.get()


def test_identifiers_of_one_organisation_are_not_those_of_another():
    one, other = make_member(is_manager=True), make_member(is_manager=True)
    for person in (one, other):
        fill(begun(person, [row(ID="1")], organisation=person.mandates[0].organisation), person)
    assert Item.objects.count() == 2


def test_same_identifier_twice_in_a_table_is_an_error(curator):
    bulk = begun(curator, [row(ID="1"), row(ID="1", Title="Other")])
    assert problems(bulk, 3) == [("identifier", "error", "Row 2 has the same identifier.")]


def test_form_sent_twice_begins_one_import(curator):
    nonce = uuid4()
    begun(curator, [row()], nonce=nonce)
    begun(curator, [row()], nonce=nonce)
    assert BulkImport.objects.count() == 1


def test_filling_goes_on_where_it_was_cut_off(curator):
    bulk = begun(curator, [row(ID=str(n), Title=f"Item {n}") for n in range(15)])
    carry.confirm_import(by=curator, bulk=bulk, submits=False)
    assert carry.fill_import(bulk.pk) == 10
    assert Item.objects.count() == 10
    assert carry.fill_import(bulk.pk) == 5
    bulk.refresh_from_db()
    assert (bulk.state, Item.objects.count()) == (BulkState.DONE, 15)


def test_confirmed_twice_is_confirmed_once(curator):
    bulk = begun(curator, [row()])
    carry.confirm_import(by=curator, bulk=bulk, submits=False)
    assert carry.confirm_import(by=curator, bulk=bulk, submits=True, privacy="none").submits is False


def test_who_may_not_add_any_more_gets_nothing_in(curator):
    bulk = begun(curator, [row()])
    carry.confirm_import(by=curator, bulk=bulk, submits=False)
    type(curator).objects.filter(pk=curator.pk).update(is_knowledge_manager=False)
    carry.fill_import(bulk.pk)
    assert Item.objects.count() == 0
    assert problems(bulk)[-1] == ("title", "error", "You may not add items any more.")


def test_fields_of_a_kind_come_in_with_it(curator):
    told = row(
        **{
            "What it cost": "20,000 a year",
            "Where we began": "No lab.",
            "Goals": "of a local model",
            "Year": "2024",
        }
    )
    bulk = begun(curator, [told])
    assert problems(bulk) == [
        ("detail_goals", "warning", "This is not asked of this kind of item and is left aside.")
    ]
    fill(bulk, curator)
    revision = Revision.objects.get()
    assert revision.details == {"cost": "20,000 a year", "context": "No lab."}
    assert revision.year == 2024


def test_call_needs_its_deadline_before_review_but_not_as_a_draft(curator):
    bulk = begun(
        curator,
        [
            row(ID="1", Kind="call"),
            row(ID="2", Kind="call", Title="Other", **{"Proposals are taken until": "31/12/2099"}),
        ],
    )
    fill(bulk, curator, submits=True)
    assert [kept.item_id is not None for kept in bulk.rows.in_order()] == [False, True]
    assert problems(bulk)[-1] == ("detail_deadline", "error", "This is needed before it is sent for review.")
    assert Revision.objects.get().details == {"deadline": "2099-12-31"}
    assert Revision.objects.get().privacy == "none"
    drafts = begun(curator, [row(ID="3", Kind="call", Title="Third")])
    fill(drafts, curator)
    assert drafts.rows.get().item


def test_sent_for_review_it_is_said_whether_people_are_shown(curator):
    bulk = begun(curator, [row()])
    with pytest.raises(write.Unanswered):
        carry.confirm_import(by=curator, bulk=bulk, submits=True)


# Mending -------------------------------------------------------------------------------------------------


def test_row_is_mended(curator):
    bulk = begun(curator, [row(Kind="poem", ID="1")])
    kept = carry.mend_row(by=curator, row=bulk.rows.get(), told={**bulk.rows.get().told, "kind": "guide"})
    assert kept.error_count == 0
    fill(bulk, curator)
    assert Revision.objects.get().kind == "guide"


def test_row_is_left_out_and_taken_back_in(curator):
    bulk = begun(curator, [row(ID="1"), row(ID="2", Title="Second")])
    kept = bulk.rows.get(number=2)
    carry.leave_row_out(by=curator, row=kept, is_left_out=True)
    assert bulk.rows.ready().count() == 1
    carry.leave_row_out(by=curator, row=kept, is_left_out=False)
    assert bulk.rows.ready().count() == 2


def test_row_is_not_mended_on_its_way_in(curator):
    bulk = begun(curator, [row()])
    carry.confirm_import(by=curator, bulk=bulk, submits=False)
    with pytest.raises(write.TooLate):
        carry.mend_row(by=curator, row=bulk.rows.get(), told={"title": "Other"})


def test_table_is_sent_anew(curator):
    bulk = begun(curator, [row(Kind="poem")])
    carry.replace_table(
        by=curator, bulk=bulk, table=table_of([row(), row(Title="Second")], "b.csv"), archive=None
    )
    carry.read_import(bulk.pk)
    bulk.refresh_from_db()
    assert (bulk.table_name, bulk.rows.ready().count(), bulk.state) == ("b.csv", 2, BulkState.READ)


def test_files_of_imports_go_and_what_came_of_them_stays(curator, django_capture_on_commit_callbacks):
    done = fill(begun(curator, [row(ID="1")]), curator)
    begun(curator, [row(ID="2")])
    path = done.table.path
    with django_capture_on_commit_callbacks(execute=True):
        assert carry.delete_old_imports(timezone.now() + timedelta(days=31)) == 2
    kept = BulkImport.objects.get()
    assert (kept.pk, kept.table.name, kept.rows.get().told) == (done.pk, "", {})
    assert not Path(path).exists()
    assert begun(curator, [row(ID="1")]).rows.get().known == Item.objects.get()


# Who may -------------------------------------------------------------------------------------------------


def test_who_may_import_and_see_it(curator):
    manager, member, admin = make_member(is_manager=True), make_member(), make_admin()
    bulk = begun(manager, [row()])
    people = [AnonymousUser(), curator, manager, member, admin]
    assert [rules.can_import_items(person) for person in people] == [False, True, True, False, True]
    sees = [bulk in BulkImport.objects.visible_to(person) for person in people]
    assert (
        sees == [rules.can_see_import(person, bulk) for person in people] == [False, False, True, False, True]
    )
