"""What people take along: tables that spreadsheets read in any script, and never run."""

import csv
import io

import pytest

from munistem.commons.downloads import cell, csv_file


@pytest.mark.parametrize("dangerous", ["=x", "+x", "-x", "@x", "\tx", "\rx"])
def test_no_cell_is_a_formula(dangerous):
    assert cell(dangerous) == f"'{dangerous}"


def test_other_cells_stay_as_they_are():
    assert (cell(None), cell(7), cell("a=b")) == ("", "7", "a=b")


def test_table_is_a_download_named_in_any_script():
    answer = csv_file("דוח.csv", [["Name", "Residents"], ["כרמיאל", 46_000], ["=1+1", None]])
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"] == "attachment; filename*=utf-8''%D7%93%D7%95%D7%97.csv"
    assert answer.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows == [["Name", "Residents"], ["כרמיאל", "46000"], ["'=1+1", ""]]
