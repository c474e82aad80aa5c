"""Tables of programmes: read in three languages, judged row by row, mended, taken in once."""

import io
from datetime import timedelta
from uuid import uuid4

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone, translation

from munistem.commons.audit.models import AuditEvent
from munistem.commons.enums import LifeStage, Setting
from munistem.commons.notices.kinds import KINDS
from munistem.commons.notices.models import Notice
from munistem.commons.search.analyser import normalised
from munistem.commons.tables.states import BulkState
from policy.actions.importing import carry
from policy.actions.importing.table import CHOICES, HEADS, column_of, empty_book, head_of, words_of
from policy.actions.programme import NotTheirs
from policy.enums import Quality
from policy.models import Programme, ProgrammeFigure, ProgrammeImport
from policy.rules import programme as rules
from tests.knowledge.tables import book_of, table_of
from tests.members.factories import fresh, make_member, make_municipality, make_organisation
from tests.policy.programmes import (
    make_figure,
    make_population,
    make_population_figure,
    make_programme,
)
from tests.policy.tables import YEAR, begun, filled, row, told
from tests.policy.test_rules import PERSONS

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_pages")]


# Columns -------------------------------------------------------------------------------------------------


def test_every_head_is_understood_in_three_languages():
    for column, heads in HEADS.items():
        assert {column_of(head) for head in (column, *heads)} == {column}
        for language in ("he", "ar", "en"):
            with translation.override(language):
                assert column_of(head_of(column) + "*") == column


@pytest.mark.parametrize("column", CHOICES)
def test_every_word_of_a_choice_is_understood_in_any_language(column):
    known = words_of(column)
    for language in ("he", "ar", "en"):
        with translation.override(language):
            assert {known[normalised(str(label))] for _value, label in CHOICES[column]} == {
                value for value, _label in CHOICES[column]
            }


@pytest.mark.parametrize("language", ["he", "ar", "en"])
def test_the_empty_table_is_headed_as_it_is_read(language):
    with translation.override(language):
        book = openpyxl.load_workbook(io.BytesIO(empty_book()))
    sheet = book.worksheets[0]
    assert [column_of(cell.value) for cell in sheet[1]] == list(HEADS)
    assert sheet.sheet_view.rightToLeft == (language != "en")


# Reading and taking in -----------------------------------------------------------------------------------


def test_whole_way_of_a_table_in_hebrew(person, town):
    foundation = make_organisation(type="foundation", name_he="קרן הקשת")
    term = make_population(name_he="החברה החרדית")
    lines = [
        ("שם התוכנית", "שלבים ברצף", "מסגרות", "מי מממן", "בתי ספר", "משנת", "שנת לימודים", "משתתפים", "בנות", "בנים", "לפי אוכלוסייה", "צבע"),
        ("רובוטיקה", "יסודי", "בלתי פורמלי", "קרן הקשת; הרשות", "הגפן 244301, רמון", "תשפ״ד", f"{YEAR}/{YEAR + 1}", 40, "~15", "?", "החברה החרדית: 12", "כחול"),
        ("רובוטיקה", "", "", "", "", "", YEAR - 1, 30, 11, 19, "", ""),
        ("לילה של מדע", "גיל הרך, יסודי", "משפחה וקהילה", "", "", "", "", "", "", "", "", ""),
    ]  # fmt: skip
    with translation.override("he"):
        carried = begun(person, town, table=book_of(lines, "תוכניות.xlsx"))
    assert carried.state == BulkState.READ, carried.why
    assert carried.unknown_heads == ["צבע"]
    assert [(one.does, one.problems) for one in carried.rows.in_order()] == [
        ("new", []),
        ("change", []),
        ("new", []),
    ]
    assert not Programme.objects.exists()
    filled(person, carried)
    assert carried.state == BulkState.DONE
    notice = Notice.objects.get(event__kind="programmes_imported")
    assert (notice.reader, notice.event.data["number"]) == (person, 3)
    assert KINDS["programmes_imported"].url(notice.event) == carried.get_absolute_url()
    programme = Programme.objects.get(name="רובוטיקה")
    assert (programme.life_stages, programme.settings) == ([LifeStage.PRIMARY], [Setting.INFORMAL])
    assert programme.since == 2023
    assert [one.organisation or one.name for one in programme.funders.in_order()] == [foundation, "הרשות"]
    assert list(programme.schools.in_order().values_list("name", "code")) == [
        ("הגפן", "244301"),
        ("רמון", ""),
    ]
    now, before = programme.figures.order_by("-year")
    assert (now.year, now.participants, now.girls, now.girls_quality) == (YEAR, 40, 15, Quality.ESTIMATED)
    assert (now.boys, now.boys_quality, now.life_stage) == (None, Quality.UNKNOWN, LifeStage.PRIMARY)
    assert (now.populations.get().term, now.populations.get().value) == (term, 12)
    assert (before.year, before.participants) == (YEAR - 1, 30)
    assert Programme.objects.get(name="לילה של מדע").life_stages == [
        LifeStage.EARLY_CHILDHOOD,
        LifeStage.PRIMARY,
    ]


def test_the_same_table_again_changes_nothing(person, town):
    rows = [row(ID="A1", Participants="40", School_year=YEAR), row(Programme="Second", Participants="9")]
    filled(person, begun(person, town, rows))
    deeds = AuditEvent.objects.filter(deed__in=["change_programme", "enter_figures"]).count()
    again = begun(person, town, rows)
    assert [one.does for one in again.rows.in_order()] == ["same", "same"]
    filled(person, again)
    assert Programme.objects.count() == 2
    assert ProgrammeFigure.objects.count() == 2
    assert AuditEvent.objects.filter(deed__in=["change_programme", "enter_figures"]).count() == deeds


def test_a_known_programme_is_changed_where_the_row_says_something(person, town):
    programme = make_programme(town, name="Robotics", provider="Old", partners="Stay", what="Stays too")
    make_figure(programme, YEAR, participants=10)
    rows = [row(ID="A1", Life_stages="", Settings="", Provider="New", Participants="12")]
    carried = begun(person, town, rows)
    found = carried.rows.get()
    assert (found.does, found.changes) == ("change", ["provider", "identifier", "participants"])
    filled(person, carried)
    programme.refresh_from_db()
    assert (programme.provider, programme.partners, programme.identifier) == ("New", "Stay", "A1")
    assert ProgrammeFigure.objects.get().participants == 12


def test_parts_of_a_year_come_in_together(person, town):
    rows = [
        row(
            Life_stages="Primary school, Upper secondary school",
            Figures_of_life_stage="Primary school",
            Participants="10",
        ),
        row(Life_stages="", Settings="", Figures_of_life_stage="Upper secondary school", Participants="20"),
    ]
    filled(person, begun(person, town, rows))
    assert list(ProgrammeFigure.objects.in_order().values_list("life_stage", "participants")) == [
        ("primary", 10),
        ("upper_secondary", 20),
    ]
    filled(
        person,
        begun(
            person,
            town,
            [row(Life_stages="", Settings="", Figures_of_life_stage="primary", Participants="11")],
        ),
    )
    assert sorted(ProgrammeFigure.objects.values_list("participants", flat=True)) == [11, 20]


def test_empty_cells_leave_figures_as_they_stand(person, town):
    programme, term = make_programme(town, name="Robotics"), make_population()
    make_population_figure(make_figure(programme, YEAR, participants=10, girls=4), term=term, value=3)
    only = row(Life_stages="", Settings="", Participants="12", Boys="~8")
    filled(person, begun(person, town, [only]))
    figure = ProgrammeFigure.objects.get()
    assert (figure.participants, figure.girls, figure.boys) == (12, 4, 8)
    assert figure.populations.get().value == 3
    carried = begun(person, town, [row(Life_stages="", Settings="", Participants="3")])
    assert told(carried)[0][0] == "girls"


@pytest.mark.parametrize(
    ("cells", "column", "words"),
    [
        ({"Programme": "", "Provider": "Someone"}, "name", "There is no name."),
        ({"Programme": "x" * 201}, "name", "This is longer than 200 characters"),
        ({"Life_stages": "Cradle"}, "life_stages", "“Cradle” is not a word of this column."),
        ({"State": "sleeping"}, "status", "“sleeping” is not a word of this column."),
        ({"Who_may_read_it": "one community"}, "visibility", "is not a word of this column."),
        ({"First_school_year": "long ago"}, "since", "“long ago” is not a school year."),
        ({"First_school_year": "2025", "Last_school_year": "2024"}, "until", "lies before the first"),
        ({"State": "Ended"}, "until", "Choose the last school year in which it ran."),
        ({"Participants": "many"}, "participants", "“many” is no whole number."),
        ({"Participants": "10", "Girls": "11"}, "girls", "There are more girls than participants."),
        ({"Participants": "10", "Figures_of_life_stage": "Employment"}, "figures_stage", "does not serve"),
        (
            {"Participants": "10", "Participants_by_population": "Martians: 3"},
            "by_population",
            "“Martians: 3”",
        ),
        ({"Participants": "10", "Participants_by_population": "3"}, "by_population", "“Girls: 12”"),
    ],
)
def test_what_is_wrong_with_a_row_is_said_at_its_column(person, town, cells, column, words):
    carried = begun(person, town, [row(**cells)])
    (found,) = (one for one in told(carried) if one[1] == "error")
    assert found[0] == column
    assert words in found[2]
    with pytest.raises(carry.TooLate):
        carry.confirm_import(by=fresh(person), carried=carried)


def test_rows_that_contradict_each_other_are_held_back(person, town):
    stages = "Primary school; Employment"
    rows = [
        row(Life_stages=stages, Participants="10"),
        row(Life_stages=stages, Participants="11"),
        row(Life_stages=stages, Participants="5", Figures_of_life_stage="Employment"),
    ]
    carried = begun(person, town, rows)
    assert told(carried) == []
    assert told(carried, 3)[0][2] == "Row 2 tells of the same year and part."
    assert told(carried, 4)[0][2] == "Row 2 splits this year in another way."


def test_words_outside_the_vocabulary_are_left_aside_with_a_hint(person, town):
    carried = begun(person, town, [row(Subjects="Alchemy")])
    assert told(carried) == [("subjects", "warning", "“Alchemy” is not in the vocabulary and is left aside.")]
    filled(person, carried)
    assert Programme.objects.get().terms.count() == 0


@pytest.mark.parametrize(
    ("table", "why"),
    [
        (table_of([{"Colour": "blue"}]), "heads"),
        (SimpleUploadedFile("t.csv", b""), "empty"),
        (SimpleUploadedFile("t.csv", b"Programme\n"), "empty"),
        (SimpleUploadedFile("t.xlsx", b"no workbook"), "mismatch"),
        (table_of([{"Programme": f"P{n}"} for n in range(1_001)]), "long"),
    ],
    ids=["heads", "nothing", "no rows", "broken", "long"],
)
def test_a_table_that_cannot_be_read_says_so(person, town, table, why):
    carried = begun(person, town, table=table)
    assert (carried.state, carried.why) == (BulkState.FAILED, why)


def test_a_killed_worker_goes_on_where_it_stopped(person, town):
    carried = begun(person, town, [row(Programme=f"P{n}", Participants=str(20 + n)) for n in range(45)])
    carry.confirm_import(by=fresh(person), carried=carried)
    assert carry.fill_import(carried.pk) == 20
    carry.confirm_import(by=fresh(person), carried=carried)
    while carry.fill_import(carried.pk):
        pass
    assert Programme.objects.count() == ProgrammeFigure.objects.count() == 45
    assert carry.fill_import(carried.pk) == 0


def test_who_lost_the_mandate_brings_nothing_in(person, town):
    carried = begun(person, town, [row()])
    carry.confirm_import(by=fresh(person), carried=carried)
    person.representations.update(until_on=timezone.localdate())
    carry.fill_import(carried.pk)
    assert not Programme.objects.exists()
    assert told(carried)[0][2] == "You do not keep the programmes of this municipality any more."


def test_strangers_begin_nothing(town):
    with pytest.raises(NotTheirs):
        begun(make_member(), town, [row()])


def test_rule_and_queryset_are_twins(person, town):
    begun(person, town, [row()])
    left = make_municipality(left_on=timezone.localdate())
    ProgrammeImport.objects.create(
        authority=left.authority,
        made_by=person,
        nonce=uuid4(),
        table_name="t",
        year=YEAR,
        language="he",
        expires_at=timezone.now(),
    )
    for name, make in PERSONS.items():
        someone = make(town)
        by_query = set(ProgrammeImport.objects.visible_to(fresh(someone)))
        assert by_query == {
            one for one in ProgrammeImport.objects.all() if rules.can_see_import(fresh(someone), one)
        }, name


def test_old_tables_are_deleted_and_what_came_of_them_stays(person, town, django_capture_on_commit_callbacks):
    carried = filled(person, begun(person, town, [row()]))
    with django_capture_on_commit_callbacks(execute=True):
        assert carry.delete_old_imports(timezone.now() + timedelta(days=31)) == 1
    assert not carried.table.storage.exists(carried.table.name)
    assert Programme.objects.count() == 1
