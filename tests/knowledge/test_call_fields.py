"""For whom a call is: what its form asks, what a table tells, what is kept and how it is said."""

import pytest
from django import forms
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from knowledge.actions.bulk.kinds import read_details
from knowledge.actions.bulk.row import Row
from knowledge.actions.bulk.table import vocabulary
from knowledge.enums import ItemKind
from knowledge.forms.kinds import chosen_details, fields_of_kinds, shown_details
from knowledge.models import Revision
from knowledge.models.details import DETAILS, kept_range, range_of, told
from tests.members.factories import make_cluster

CALL = ItemKind.CALL
ENDS = st.none() | st.integers(0, 10_000_000)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2-5", (2, 5)),
        ("2 – 5", (2, 5)),
        ("20,000-", (20_000, None)),
        ("-5", (None, 5)),
        ("up to 5", None),
        ("2 עד 5", (2, 5)),
        ("4", (4, 4)),
        ("", None),
        ("-", None),
        ("2 5", None),
        ("x", None),
        ("٣-٥", None),
        ("9" * 40, None),
    ],
)
def test_ranges_are_read_as_people_write_them(text, found):
    assert range_of(text) == found


@given(ENDS, ENDS)
def test_what_is_kept_of_a_range_is_read_again(first, last):
    kept = kept_range(first, last)
    assert range_of(kept) == ((first, last) if kept else None)


def form_of(data):
    kind = type("Asked", (forms.Form,), fields_of_kinds({CALL: DETAILS[CALL]}))
    return kind(data)


@pytest.mark.django_db
def test_what_a_form_is_told_is_kept_and_shown_again():
    cluster = make_cluster()
    form = form_of(
        {
            "call-deadline": "2099-01-01",
            "call-size_from": "20000",
            "call-socioeconomic_from": "1",
            "call-socioeconomic_to": "5",
            "call-groups": ["arab", "druze"],
            "call-clusters": [cluster.slug],
        }
    )
    assert form.is_valid(), form.errors
    kept = chosen_details(CALL, form.cleaned_data)
    assert kept == {
        "deadline": "2099-01-01",
        "size": "20000-",
        "socioeconomic": "1-5",
        "groups": "arab,druze",
        "clusters": cluster.slug,
    }
    shown = shown_details(CALL, kept)
    assert shown["call-groups"] == ["arab", "druze"]
    with translation.override("en"):
        said = {detail.name: str(value) for detail, value in told(CALL, kept)}
    assert said["size"] == "20,000 and more"
    assert said["socioeconomic"] == "1 to 5"
    assert said["groups"] == "Arab, Druze"
    assert said["clusters"] == cluster.name_en


@pytest.mark.django_db
@pytest.mark.parametrize(
    "data",
    [
        {"call-socioeconomic_from": "6", "call-socioeconomic_to": "5"},
        {"call-socioeconomic_from": "0"},
        {"call-periphery_to": "11"},
        {"call-size_from": "many"},
        {"call-groups": ["martians"]},
        {"call-districts": ["moon"]},
        {"call-clusters": ["nowhere"]},
    ],
    ids=lambda data: "-".join(data),
)
def test_what_cannot_be_is_refused_beside_its_field(data):
    form = form_of(data)
    assert not form.is_valid()
    assert set(form.errors) <= {f"call-{row.name}" for row in DETAILS[CALL]}


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["he", "ar", "en"])
def test_a_table_tells_the_same_whoever_sends_it(language):
    cluster = make_cluster(name_he="אשכול הבדיקה")
    row = Row({"kind": CALL})
    cells = {
        "detail_deadline": "31/12/2099",
        "detail_size": "20,000–",
        "detail_socioeconomic": "1-5",
        "detail_groups": "arab; druze",
        "detail_districts": "north, south",
        "detail_clusters": "אשכול הבדיקה",
    }
    with translation.override(language):
        read_details(row, cells)
    assert row.problems == []
    assert row.content["details"] == {
        "deadline": "2099-12-31",
        "size": "20000-",
        "socioeconomic": "1-5",
        "groups": "arab,druze",
        "districts": "north,south",
        "clusters": cluster.slug,
    }


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("detail_socioeconomic", "5-1"),
        ("detail_socioeconomic", "0-3"),
        ("detail_periphery", "11"),
        ("detail_size", "large"),
        ("detail_groups", "arab, martians"),
        ("detail_clusters", "nowhere"),
    ],
)
def test_a_table_is_told_what_is_wrong(column, cell):
    row = Row({"kind": CALL})
    read_details(row, {column: cell})
    assert [problem.column for problem in row.problems] == [column]


def test_odd_words_kept_with_a_call_are_not_told():
    odd = {"size": "x", "socioeconomic": 7, "groups": "martians", "districts": None}
    assert list(told(CALL, odd)) == [(DETAILS[CALL][4], "7")]
    assert Revision(kind=CALL, language="en", details=odd).told_details[0]["value"] == "7"


@pytest.mark.django_db
def test_the_empty_table_tells_the_words_to_choose_from():
    cluster = make_cluster(name_en="Cluster of the test")
    with translation.override("en"):
        words = vocabulary()
    assert words["detail_groups"][:2] == ["Jewish", "Arab"]
    assert cluster.name_en in words["detail_clusters"]
    assert "detail_size" not in words
