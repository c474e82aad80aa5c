"""Many items at once: that no row comes in twice, that rows are mended, and who may."""

from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from knowledge import rules
from knowledge.actions import write
from knowledge.actions.bulk import carry
from knowledge.enums import RevisionState
from knowledge.models import BulkImport, Item, Revision
from munistem.commons.files.models import StoredFile
from munistem.commons.tables.states import BulkState
from tests.knowledge.tables import archive_of, begun, fill, problems, row, table_of
from tests.members.factories import make_admin, make_member, make_user
from tests.notices import told

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_words")]


# Taking in -----------------------------------------------------------------------------------------------


def test_files_come_in_with_their_row(reviewer):
    archive = archive_of({"maps/Plan A.txt": "the plan", "notes.txt": "notes", "unused.txt": "x"})
    bulk = fill(begun(reviewer, [row(Files="plan a.txt; notes.txt")], archive=archive), reviewer)
    assert bulk.state == BulkState.DONE
    held = Revision.objects.get().files.order_by("position")
    assert [file.file.name for file in held] == ["plan a.txt", "notes.txt"]
    with held[0].file.blob.open() as blob:
        assert blob.read() == b"the plan"


def test_file_that_is_not_what_it_says_keeps_its_row_out_and_no_other(reviewer):
    archive = archive_of({"plan.pdf": "no PDF", "notes.txt": "notes"})
    rows = [row(ID="1", Files="plan.pdf"), row(ID="2", Title="Second", Files="notes.txt")]
    bulk = fill(begun(reviewer, rows, archive=archive), reviewer)
    assert [kept.item_id is not None for kept in bulk.rows.in_order()] == [False, True]
    assert problems(bulk)[0][:2] == ("files", "error")
    assert StoredFile.objects.count() == 1


def test_drafts_are_told_to_nobody_and_submitted_ones_to_reviewers_once(reviewer):
    other = make_user(name="Other reviewer", is_knowledge_manager=True)
    fill(begun(reviewer, [row(ID=str(n), Title=f"Item {n}") for n in range(12)]), reviewer)
    assert Revision.objects.filter(state=RevisionState.DRAFT).count() == 12
    assert told("import_submitted") == []
    fill(begun(reviewer, [row(ID=f"b{n}", Title=f"Other {n}") for n in range(12)]), reviewer, submits=True)
    assert Revision.objects.filter(state=RevisionState.SUBMITTED).count() == 12
    assert told("import_submitted") == [other.name]
    assert told("import_done") == [reviewer.name, reviewer.name]
    assert told("item_submitted") == []


def test_no_row_comes_in_twice(reviewer):
    rows = [row(ID="1"), row(ID="2", Title="Second"), row(Title="Without identifier")]
    first = fill(begun(reviewer, rows), reviewer)
    assert carry.fill_import(first.pk) == 0
    again = begun(reviewer, [*rows, row(ID="3", Title="Third")])
    assert [kept.known_id is not None for kept in again.rows.in_order()] == [True, True, True, False]
    fill(again, reviewer)
    assert Item.objects.count() == 4


def test_two_imports_of_the_same_rows_take_each_in_once(reviewer):
    one, two = begun(reviewer, [row(ID="1")]), begun(reviewer, [row(ID="1")])
    fill(one, reviewer)
    fill(two, reviewer)
    assert Item.objects.count() == 1
    assert two.rows.get().known == Item.objects.get()


def test_identifiers_of_one_organisation_are_not_those_of_another():
    one, other = make_member(is_manager=True), make_member(is_manager=True)
    for person in (one, other):
        fill(begun(person, [row(ID="1")], organisation=person.mandates[0].organisation), person)
    assert Item.objects.count() == 2


def test_same_identifier_twice_in_a_table_is_an_error(reviewer):
    bulk = begun(reviewer, [row(ID="1"), row(ID="1", Title="Other")])
    assert problems(bulk, 3) == [("identifier", "error", "Row 2 has the same identifier.")]


def test_form_sent_twice_begins_one_import(reviewer):
    nonce = uuid4()
    begun(reviewer, [row()], nonce=nonce)
    begun(reviewer, [row()], nonce=nonce)
    assert BulkImport.objects.count() == 1


def test_filling_goes_on_where_it_was_cut_off(reviewer):
    bulk = begun(reviewer, [row(ID=str(n), Title=f"Item {n}") for n in range(15)])
    carry.confirm_import(by=reviewer, bulk=bulk, submits=False)
    assert carry.fill_import(bulk.pk) == 10
    assert Item.objects.count() == 10
    assert carry.fill_import(bulk.pk) == 5
    bulk.refresh_from_db()
    assert (bulk.state, Item.objects.count()) == (BulkState.DONE, 15)


def test_confirmed_twice_is_confirmed_once(reviewer):
    bulk = begun(reviewer, [row()])
    carry.confirm_import(by=reviewer, bulk=bulk, submits=False)
    assert carry.confirm_import(by=reviewer, bulk=bulk, submits=True, privacy="none").submits is False


def test_who_may_not_add_any_more_gets_nothing_in(reviewer):
    bulk = begun(reviewer, [row()])
    carry.confirm_import(by=reviewer, bulk=bulk, submits=False)
    type(reviewer).objects.filter(pk=reviewer.pk).update(is_knowledge_manager=False)
    carry.fill_import(bulk.pk)
    assert Item.objects.count() == 0
    assert problems(bulk)[-1] == ("title", "error", "You may not add items any more.")


def test_fields_of_a_kind_come_in_with_it(reviewer):
    told = row(
        **{
            "What it cost": "20,000 a year",
            "Where we began": "No lab.",
            "Goals": "of a local model",
            "Year": "2024",
        }
    )
    bulk = begun(reviewer, [told])
    assert problems(bulk) == [
        ("detail_goals", "warning", "This is not asked of this kind of item and is left aside.")
    ]
    fill(bulk, reviewer)
    revision = Revision.objects.get()
    assert revision.details == {"cost": "20,000 a year", "context": "No lab."}
    assert revision.year == 2024


def test_call_needs_its_deadline_before_review_but_not_as_a_draft(reviewer):
    bulk = begun(
        reviewer,
        [
            row(ID="1", Kind="call"),
            row(ID="2", Kind="call", Title="Other", **{"Proposals are taken until": "31/12/2099"}),
        ],
    )
    fill(bulk, reviewer, submits=True)
    assert [kept.item_id is not None for kept in bulk.rows.in_order()] == [False, True]
    assert problems(bulk)[-1] == ("detail_deadline", "error", "This is needed before it is sent for review.")
    assert Revision.objects.get().details == {"deadline": "2099-12-31"}
    assert Revision.objects.get().privacy == "none"
    drafts = begun(reviewer, [row(ID="3", Kind="call", Title="Third")])
    fill(drafts, reviewer)
    assert drafts.rows.get().item


def test_sent_for_review_it_is_said_whether_people_are_shown(reviewer):
    bulk = begun(reviewer, [row()])
    with pytest.raises(write.Unanswered):
        carry.confirm_import(by=reviewer, bulk=bulk, submits=True)


# Mending -------------------------------------------------------------------------------------------------


def test_row_is_mended(reviewer):
    bulk = begun(reviewer, [row(Kind="poem", ID="1")])
    kept = carry.mend_row(by=reviewer, row=bulk.rows.get(), told={**bulk.rows.get().told, "kind": "guide"})
    assert kept.error_count == 0
    fill(bulk, reviewer)
    assert Revision.objects.get().kind == "guide"


def test_row_is_left_out_and_taken_back_in(reviewer):
    bulk = begun(reviewer, [row(ID="1"), row(ID="2", Title="Second")])
    kept = bulk.rows.get(number=2)
    carry.leave_row_out(by=reviewer, row=kept, is_left_out=True)
    assert bulk.rows.ready().count() == 1
    carry.leave_row_out(by=reviewer, row=kept, is_left_out=False)
    assert bulk.rows.ready().count() == 2


def test_row_is_not_mended_on_its_way_in(reviewer):
    bulk = begun(reviewer, [row()])
    carry.confirm_import(by=reviewer, bulk=bulk, submits=False)
    with pytest.raises(write.TooLate):
        carry.mend_row(by=reviewer, row=bulk.rows.get(), told={"title": "Other"})


def test_table_is_sent_anew(reviewer):
    bulk = begun(reviewer, [row(Kind="poem")])
    carry.replace_table(
        by=reviewer, bulk=bulk, table=table_of([row(), row(Title="Second")], "b.csv"), archive=None
    )
    carry.read_import(bulk.pk)
    bulk.refresh_from_db()
    assert (bulk.table_name, bulk.rows.ready().count(), bulk.state) == ("b.csv", 2, BulkState.READ)


def test_files_of_imports_go_and_what_came_of_them_stays(reviewer, django_capture_on_commit_callbacks):
    done = fill(begun(reviewer, [row(ID="1")]), reviewer)
    begun(reviewer, [row(ID="2")])
    path = done.table.path
    with django_capture_on_commit_callbacks(execute=True):
        assert carry.delete_old_imports(timezone.now() + timedelta(days=31)) == 2
    kept = BulkImport.objects.get()
    assert (kept.pk, kept.table.name, kept.rows.get().told) == (done.pk, "", {})
    assert not Path(path).exists()
    assert begun(reviewer, [row(ID="1")]).rows.get().known == Item.objects.get()


# Who may -------------------------------------------------------------------------------------------------


def test_who_may_import_and_see_it(reviewer):
    manager, member, admin = make_member(is_manager=True), make_member(), make_admin()
    bulk = begun(manager, [row()])
    people = [AnonymousUser(), reviewer, manager, member, admin]
    assert [rules.can_import_items(person) for person in people] == [False, True, True, False, True]
    sees = [bulk in BulkImport.objects.visible_to(person) for person in people]
    assert (
        sees == [rules.can_see_import(person, bulk) for person in people] == [False, False, True, False, True]
    )
