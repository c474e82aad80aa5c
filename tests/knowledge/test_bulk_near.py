"""What a table brings that stands in the library already: said of each row before anything is taken in."""

import hashlib

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from knowledge.actions import duplicates
from knowledge.actions.bulk import carry
from knowledge.actions.duplicates import Sought, marks_of
from knowledge.enums import RevisionState
from knowledge.models import BulkRow, Item
from munistem.commons.enums import Visibility
from munistem.commons.files.models import StoredFile
from tests.commons.factories import docx
from tests.knowledge.factories import make_file, make_item
from tests.knowledge.tables import archive_of, begun, problems, row
from tests.members.factories import make_user
from tests.visits import read, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_words", "english_pages")]
TEXT = (
    "Robotics for girls in middle school. In this case study we tell what we did and what we learned in the middle "
    "school of our town, how the robotics lab was opened, which teachers took part, what it did cost, and what we "
    "would do differently if we opened another robotics lab for girls in the next school year."
)
BYTES = b"bytes of a file, the same in both"
FILE = ("files", "warning", "The same file stands in the library already.")
SAME = ("body", "warning", "An item that says nearly the same stands in the library already.")
TITLE = ("title", "warning", "An item with a title much like this one stands in the library already.")


def shelved(text=TEXT, **fields):
    """An item whose file says this, with its print."""
    item = make_item(**{"title": "What stands", **fields})
    held = make_file(item.current)
    told = {"text": text, "sha256": hashlib.sha256(BYTES).hexdigest()}
    StoredFile.objects.filter(pk=held.file_id).update(**told)
    duplicates.keep_prints()
    return item


def test_the_same_file_is_known_by_its_bytes_whatever_it_is_called(reviewer):
    item = shelved()
    archive = archive_of({"other name.txt": BYTES, "new.txt": "new"})
    rows = [row(ID="1", Files="other name.txt"), row(ID="2", Title="Second", Files="new.txt")]
    bulk = begun(reviewer, rows, archive=archive)
    assert problems(bulk) == [FILE]
    assert problems(bulk, 3) == []
    assert bulk.rows.get(number=2).problems[0]["words"] == {"slug": item.slug}


def test_the_same_text_is_known_in_a_file_of_the_archive_and_in_the_table(reviewer):
    shelved()
    archive = archive_of(
        {"case.docx": docx(TEXT.replace("our town", "the city")), "not named.docx": docx(TEXT)}
    )
    rows = [
        row(ID="1", Files="case.docx", Text=""),
        row(ID="2", Title="Second", Text=TEXT),
        row(ID="3", Title="Third", Text=" ".join(f"word{number}" for number in range(60))),
    ]
    bulk = begun(reviewer, rows, archive=archive)
    assert [problems(bulk, number) for number in (2, 3, 4)] == [[SAME], [SAME], []]


def test_a_near_title_is_known_and_the_same_one_is_said_once(reviewer):
    make_item(title="Robotics for girls in middle school")
    rows = [
        row(ID="1", Title="Robotics for the girls in middle school"),
        row(ID="2", Title="Robotics for girls, in Middle School"),
        row(ID="3", Title="Mathematics at home"),
    ]
    bulk = begun(reviewer, rows)
    assert problems(bulk) == [TITLE]
    assert [text for _column, _weight, text in problems(bulk, 3)] == [
        "An item of this title stands in the library already."
    ]
    assert problems(bulk, 4) == []


@pytest.mark.parametrize("where", ["community", "draft", "withdrawn"])
def test_what_one_may_not_see_is_not_told(author, where):
    hidden = {
        "community": {"visibility": Visibility.COMMUNITY},
        "draft": {"state": RevisionState.DRAFT},
        "withdrawn": {"withdrawn": True},
    }[where]
    shelved(title="Robotics for girls in middle school", **hidden)
    archive = archive_of({"a.txt": BYTES})
    told = row(Title="Robotics for the girls in middle school", Text=TEXT, Files="a.txt")
    assert problems(begun(author, [told], archive=archive)) == []
    archive.seek(0)
    assert problems(begun(make_user(is_knowledge_manager=True), [told], archive=archive)) != []


def test_the_report_links_to_it_as_long_as_the_reader_may_see_it(reviewer):
    item = make_item(title="Robotics for girls in middle school")
    bulk = begun(reviewer, [row(Title="Robotics for the girls in middle school")])
    client, other = signed_in(reviewer), make_user()
    page = read(client, bulk.get_absolute_url())
    assert item.get_absolute_url() in page and "Robotics for girls in middle school" in page
    type(bulk).objects.update(made_by=other)
    Item.objects.filter(pk=item.pk).update(visibility=Visibility.NETWORK)
    client = signed_in(other)
    for url in (bulk.get_absolute_url(), reverse("mend_import_row", args=[bulk.key, 2])):
        page = client.get(url).content.decode()
        assert item.get_absolute_url() not in page and "for girls in middle" not in page
    report = client.get(reverse("serve_import_report", args=[bulk.key])).content.decode()
    assert "much like this one" not in report


def test_a_row_that_is_mended_is_compared_anew(reviewer):
    shelved()
    bulk = begun(reviewer, [row()])
    kept = bulk.rows.get()
    assert kept.warning_count == 0
    carry.mend_row(by=reviewer, row=kept, told={**kept.told, "body": TEXT})
    assert problems(bulk) == [SAME]


def test_fifty_rows_cost_no_more_questions_than_one(author):
    item = shelved(title="Robotics for girls in middle school")
    sha256 = item.published.files.get().file.sha256
    one = Sought([sha256], marks_of(TEXT), "Robotics for the girls in middle school")
    counts = []
    for number in (1, 50):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            found = duplicates.find_near_each(author, [one] * number)
        counts.append(len(asked))
        assert [[near.item for near in each] for each in found] == [[item]] * number
    assert counts[0] == counts[1] == 4


def test_reading_a_table_costs_as_many_questions_for_two_rows_as_for_fifty(reviewer):
    shelved()
    counts = []
    for number in (2, 50):
        rows = [row(ID=f"{number}-{at}", Title=f"Title of the row {at}", Text=TEXT) for at in range(number)]
        with CaptureQueriesContext(connection) as asked:
            begun(reviewer, rows)
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 40
    assert BulkRow.objects.filter(warning_count=1).count() == 52
