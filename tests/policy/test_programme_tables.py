"""Pages of tables of programmes: sent, looked at, mended, taken in – and taken along again."""

import csv
import io
import json
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from munistem.commons.enums import Visibility
from policy.models import Programme, ProgrammeImport
from tests.knowledge.tables import table_of
from tests.members.factories import make_municipality
from tests.policy.programmes import (
    make_figure,
    make_population,
    make_population_figure,
    make_programme,
    make_school,
)
from tests.policy.tables import YEAR, begun, row, told

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_pages")]


# Pages ---------------------------------------------------------------------------------------------------


def send(client, town, rows):
    data = {"table": table_of(rows), "year": YEAR, "language": "he", "nonce": str(uuid4())}
    return client.post(f"/policy/authorities/{town.authority_id}/programmes/import/", data)


def test_a_table_is_sent_looked_at_mended_and_taken_in(client, read, person, town, run_jobs):
    url = f"/policy/authorities/{town.authority_id}/programmes/import/"
    assert "The empty table (XLSX)" in read(url)
    place = send(client, town, [row(Programme="Good one"), row(Programme="Bad one", Girls="many")])[
        "Location"
    ]
    assert "The table is being read." in read(place)
    run_jobs()
    page = read(place)
    assert "1 of 2 rows" in page or "One of 2 rows is to be mended" in page
    assert "is no whole number" in page
    assert "is no whole number" in read(f"{place}report/")
    mend = f"{place}3/"
    assert "Bad one" in read(mend)
    assert "is no whole number" in client.post(mend, {"name": "Bad one", "girls": "lots"}).content.decode()
    assert client.post(mend, {"name": "Bad one", "girls": "4"}).status_code == 302
    assert "All rows are in order" in read(place)
    for _twice in range(2):
        client.post(f"{place}confirm/")
    run_jobs()
    assert "2 rows are in" in read(place)
    assert Programme.objects.count() == 2
    assert client.get(mend).status_code == 404


def test_a_row_is_left_out_and_taken_back(client, read, person, town, run_jobs):
    place = send(client, town, [row(), row(Programme="Second")])["Location"]
    run_jobs()
    client.post(f"{place}3/", {"deed": "leave"})
    assert "Left out" in read(place)
    client.post(f"{place}3/", {"deed": "take"})
    client.post(f"{place}2/", {"deed": "leave"})
    client.post(f"{place}confirm/")
    run_jobs()
    assert Programme.objects.get().name == "Second"


def test_what_is_no_table_is_given_back(client, person, town):
    url = f"/policy/authorities/{town.authority_id}/programmes/import/"
    page = client.post(url, {"table": SimpleUploadedFile("t.exe", b"MZ"), "year": YEAR, "language": "he"})
    assert page.status_code == 200
    assert "Choose an Excel file (XLSX) or a CSV file." in page.content.decode()
    assert not ProgrammeImport.objects.exists()


def test_tables_of_other_towns_are_not_known(client, person, town):
    other = make_municipality()
    ProgrammeImport.objects.create(
        authority=other.authority,
        made_by=person,
        nonce=uuid4(),
        table_name="t",
        year=YEAR,
        language="he",
        expires_at=timezone.now(),
    )
    key = ProgrammeImport.objects.get().key
    for part in ("", "report/", "2/"):
        assert (
            client.get(f"/policy/authorities/{other.authority_id}/programmes/import/{key}/{part}").status_code
            == 404
        )
        assert (
            client.get(f"/policy/authorities/{town.authority_id}/programmes/import/{key}/{part}").status_code
            == 404
        )


def test_the_rows_take_as_many_queries_for_30_as_for_one(client, person, town, django_assert_max_num_queries):
    counts = []
    for size in (1, 30):
        carried = begun(person, town, [row(Programme=f"P{size}-{n}", Girls="x") for n in range(size)])
        with django_assert_max_num_queries(12) as asked:
            client.get(carried.get_absolute_url())
        counts.append(len(asked))
    assert counts[0] == counts[1]


# Taking along --------------------------------------------------------------------------------------------


def lines_in(response):
    return list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))


def test_the_exported_table_is_read_in_again_and_changes_nothing(client, person, town):
    term = make_population()
    programme = make_programme(
        town, name="=HYPERLINK()", terms=[term], funders=["One, Two and sons"], since=2020
    )
    make_school(programme, "School", code="244301", mark="244301")
    make_population_figure(make_figure(programme, YEAR, participants=20, girls=0), term=term, value=5)
    (line,) = lines_in(client.get(f"/policy/programmes/table.csv?authority={town.authority_id}"))
    assert line["Programme"] == "'=HYPERLINK()"
    assert (line["Participants"], line["Girls"], line["Boys"]) == ("20", "0", "?")
    line["Programme"] = programme.name
    carried = begun(person, town, [line])
    assert told(carried) == []
    assert [(one.does, one.changes) for one in carried.rows.all()] == [("same", [])]


def test_figures_are_exported_to_who_keeps_them_only(client, person, town):
    make_figure(make_programme(town), YEAR, participants=4321)
    make_figure(make_programme(name="Elsewhere"), YEAR, participants=4321)
    make_programme(name="Inside", visibility=Visibility.NETWORK)
    lines = lines_in(client.get("/policy/programmes/table.csv"))
    assert sorted(line["Participants"] for line in lines) == ["", "", "4321"]
    client.logout()
    client.cookies["django_language"] = "en"
    lines = lines_in(client.get("/policy/programmes/table.csv"))
    assert {line[head] for line in lines for head in line if "articipants" in head} == {""}
    assert len(lines) == 2
    found = json.loads(client.get("/policy/programmes/list.json").content)["programmes"]
    assert [one["figures"] for one in found] == [[], []]


def test_programs_read_what_is_known_of_a_figure(client, person, town):
    make_figure(make_programme(town), YEAR, participants=20)
    (found,) = json.loads(client.get("/policy/programmes/list.json").content)["programmes"]
    (figure,) = found["figures"]
    assert figure["participants"] == {"value": 20, "quality": "measured"}
    assert figure["girls"] == {"value": None, "quality": "unknown"}


def test_exports_take_as_many_queries_for_30_as_for_one(client, person, town, django_assert_max_num_queries):
    counts = []
    for more in (1, 29):
        for _n in range(more):
            make_figure(make_programme(town, terms=[make_population()], funders=["X"]), YEAR, participants=20)
        with django_assert_max_num_queries(14) as asked:
            client.get("/policy/programmes/table.csv")
        counts.append(len(asked))
    assert counts[0] == counts[1]
