"""The pages of a bulk import: sent, looked at, mended, taken in, reported."""

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from knowledge.models import BulkImport, Item, Revision
from munistem.commons.tables.states import BulkState
from tests.knowledge.factories import make_import, make_item
from tests.members.factories import make_member, make_user
from tests.visits import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_pages")]
GOOD = {"title": "A lab", "kind": "guide", "body": "Words", "summary": "In short", "life_stages": "primary"}


@pytest.fixture
def curator(client):
    person = make_user(name="Curator", is_knowledge_manager=True, language="en")
    client.force_login(person)
    return person


def table(text, name="items.csv"):
    return SimpleUploadedFile(name, text.encode("utf-8-sig"))


def sent(client, text="Title,Kind,Text,Summary\nA lab,guide,Words,In short\n", **fields):
    data = {"table": table(text), "language": "he", "visibility": "public", **fields}
    return client.post(reverse("import_items"), data)


def test_table_is_sent_read_and_taken_in(client, curator, run_jobs, read):
    answer = sent(client)
    bulk = BulkImport.objects.get()
    assert answer.url == bulk.get_absolute_url()
    assert "The table is being read" in read(answer.url)
    run_jobs()
    assert "All rows are in order" in read(answer.url)
    client.post(reverse("confirm_import", args=[bulk.key]), {"target": "submitted", "privacy": "none"})
    assert "0 of 1 items are in" in read(answer.url)
    run_jobs()
    assert "One item is in" in read(answer.url)
    assert Revision.objects.get().state == "submitted"


def test_the_same_table_may_be_sent_again(client, curator):
    text = b"Title,Kind,Text,Summary\nA lab,guide,Words,In short\n"
    for count in (1, 2):
        announced = {
            "name": "items.csv",
            "size": len(text),
            "place": "/knowledge/import/#table",
            "mark": "abc",
        }
        upload = client.post("/files/uploads/", announced).json()
        assert upload["received"] == 0
        client.generic(
            "PATCH", upload["url"], text, "application/octet-stream", headers={"Upload-Offset": "0"}
        )
        fields = {"table-sent": upload["key"], "language": "he", "visibility": "public"}
        assert client.post(reverse("import_items"), fields).status_code == 302
        assert BulkImport.objects.count() == count


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"table": ""}, "Choose a file."),
        ({"table": SimpleUploadedFile("a.pdf", b"%PDF-")}, "Choose an Excel file (XLSX) or a CSV file."),
        ({"table": SimpleUploadedFile("a.xlsx", b"Title")}, "is not what its name says"),
        ({"table": SimpleUploadedFile("a.csv", "כותרת".encode("cp1255"))}, "is not text in UTF-8"),
        ({"archive": SimpleUploadedFile("a.zip", b"no archive")}, "is not what its name says"),
        ({"visibility": "community"}, "Choose the community whose members may read it."),
    ],
)
def test_what_cannot_be_sent_is_said_beside_its_field(client, curator, fields, said):
    answer = sent(client, **fields)
    assert said in answer.content.decode()
    assert not BulkImport.objects.exists()


def test_manager_brings_in_for_the_own_organisation(client):
    person = make_member(is_manager=True)
    client.force_login(person)
    sent(client, visibility="network")
    assert BulkImport.objects.get().organisation == person.mandates[0].organisation


def test_row_comes_back_with_what_is_wrong_and_what_was_typed(client, curator):
    bulk = make_import(curator, {**GOOD, "kind": "poem"})
    url = reverse("mend_import_row", args=[bulk.key, 2])
    answer = client.post(url, {**GOOD, "title": "A better lab", "kind": "guide", "authority": "Atlantis"})
    page = answer.content.decode()
    assert "“\u2068Atlantis\u2069” is not a municipality" in page
    assert 'value="A better lab"' in page
    answer = client.post(url, {**GOOD, "title": "A better lab", "kind": "guide"})
    assert answer.url == bulk.get_absolute_url()
    assert bulk.rows.get().told["title"] == "A better lab"
    assert bulk.rows.ready().count() == 1


def test_row_is_left_out_by_its_button(client, curator):
    bulk = make_import(curator, {**GOOD, "kind": "poem"})
    url = reverse("mend_import_row", args=[bulk.key, 2])
    client.post(url, {"deed": "leave"})
    assert bulk.rows.standing("left_out").count() == 1
    client.post(url, {"deed": "take"})
    assert bulk.rows.standing("left_out").count() == 0


def test_confirming_needs_an_answer_and_counts_once(client, curator, run_jobs):
    bulk = make_import(curator, GOOD)
    url = reverse("confirm_import", args=[bulk.key])
    assert client.post(url, {"target": "moon"}).status_code == 200
    bulk.refresh_from_db()
    assert bulk.state == BulkState.READ
    client.post(url, {"target": "draft"})
    client.post(url, {"target": "draft"})
    run_jobs()
    client.post(url, {"target": "draft"})
    assert Item.objects.count() == 1


def test_report_is_a_table_whose_cells_run_nothing(client, curator):
    bulk = make_import(curator, {**GOOD, "title": "=1+1"}, {**GOOD, "kind": "poem"})
    text = client.get(reverse("serve_import_report", args=[bulk.key])).content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert [row[2] for row in rows[1:]] == ["'=1+1", "A lab"]
    assert rows[2][3] == "To mend"


def test_what_stayed_out_is_mended_and_taken_in_after_the_others(client, curator, read, run_jobs):
    wrong = {**GOOD, "identifier": "2", "title": "Second", "kind": "poem"}
    bulk = make_import(curator, {**GOOD, "identifier": "1"}, wrong)
    confirm = reverse("confirm_import", args=[bulk.key])
    client.post(confirm, {"target": "draft"})
    run_jobs()
    assert "The rows below stayed out." in read(bulk.get_absolute_url())
    client.post(reverse("mend_import_row", args=[bulk.key, 3]), {**wrong, "kind": "guide"})
    client.post(confirm, {"target": "draft"})
    run_jobs()
    assert "2 items are in" in read(bulk.get_absolute_url())
    assert Item.objects.count() == 2


def test_sent_for_review_it_is_asked_whether_people_are_shown(client, curator):
    bulk = make_import(curator, GOOD)
    answer = client.post(reverse("confirm_import", args=[bulk.key]), {"target": "submitted"})
    assert "Say whether any of them shows personal details" in answer.content.decode()


def test_title_that_stands_links_to_it(client, curator, read):
    item = make_item(title="A lab")
    bulk = make_import(curator, GOOD)
    assert item.get_absolute_url() in read(bulk.get_absolute_url())


def test_table_of_another_person_is_unknown(client, curator):
    bulk = make_import(make_user(is_knowledge_manager=True))
    for name in ("show_import", "serve_import_report"):
        assert client.get(reverse(name, args=[bulk.key])).status_code == 404
    for name in ("confirm_import", "replace_import_table"):
        assert client.post(reverse(name, args=[bulk.key])).status_code == 404


def test_failed_table_says_what_to_do_and_takes_another(client, curator, read, run_jobs):
    bulk = make_import(curator, state=BulkState.FAILED, why="heads")
    assert "holds no heading “Title”" in read(bulk.get_absolute_url())
    client.post(
        reverse("replace_import_table", args=[bulk.key]), {"table": table("Title,Kind\nA lab,guide\n")}
    )
    run_jobs()
    assert "All rows are in order" in read(bulk.get_absolute_url())


def test_page_costs_the_same_for_one_row_and_for_thirty(curator, count_queries):
    few = make_import(curator, GOOD)
    many = make_import(curator, *({**GOOD, "identifier": str(n), "kind": "poem"} for n in range(30)))
    assert count_queries(few.get_absolute_url()) == count_queries(many.get_absolute_url())
    url = reverse("serve_import_report", args=[few.key])
    assert count_queries(url) == count_queries(reverse("serve_import_report", args=[many.key]))


def test_library_shows_the_way_to_who_may(curator, read):
    assert reverse("import_items") in read(reverse("list_items"))
    outsider = signed_in(make_member())
    assert reverse("import_items") not in outsider.get(reverse("list_items")).content.decode()
