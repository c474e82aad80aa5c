"""Texts told apart word by word."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from munistem.commons.text.differences import GONE, NEW, SAME, differences, listed, woven

LINES = st.lists(st.text("אבגد تab1.,- ־״", max_size=30), max_size=8).map("\n".join)


def test_words_that_changed_are_told_and_the_rest_stays():
    assert differences("בית הספר פתח שלוש מעבדות.", "בית הספר פתח ארבע מעבדות חדשות.") == [
        [
            (SAME, "בית הספר פתח "),
            (GONE, "שלוש"),
            (NEW, "ארבע"),
            (SAME, " מעבדות"),
            (NEW, " חדשות"),
            (SAME, "."),
        ]
    ]


def test_changes_with_only_a_space_between_are_one():
    assert woven("one two three", "four five three") == [
        (GONE, "one two"),
        (NEW, "four five"),
        (SAME, " three"),
    ]


def test_a_word_with_its_marks_is_one_word():
    assert woven("מנכ״ל העירייה", "סמנכ״ל העירייה") == [
        (GONE, "מנכ״ל"),
        (NEW, "סמנכ״ל"),
        (SAME, " העירייה"),
    ]


def test_paragraphs_are_set_beside_those_they_resemble():
    old = "We began with teachers of mathematics.\nIt cost little."
    new = "Who asked for it?\nWe began with teachers of physics.\nIt cost little."
    assert differences(old, new) == [
        [(NEW, "Who asked for it?")],
        [(SAME, "We began with teachers of "), (GONE, "mathematics"), (NEW, "physics"), (SAME, ".")],
        [(SAME, "It cost little.")],
    ]


def test_paragraphs_that_share_nothing_go_and_come_whole():
    assert differences("Once upon a time", "The budget of 2026") == [
        [(GONE, "Once upon a time")],
        [(NEW, "The budget of 2026")],
    ]


def test_lists_tell_what_stayed_went_and_came():
    assert listed(["a", "b"], ["c", "b"]) == [(GONE, "a"), (SAME, "b"), (NEW, "c")]
    assert listed([], []) == []


@given(LINES, LINES)
def test_both_texts_can_be_read_out_of_their_differences(before, after):
    told = differences(before, after)
    for text, left_out in ((before, NEW), (after, GONE)):
        lines = ["".join(words for kind, words in pieces if kind != left_out) for pieces in told]
        assert [line for line in lines if line.strip()] == [line for line in text.split("\n") if line.strip()]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a " * 20_000, "b a " * 20_000),
        ("x\n" * 20_000, "x\ny\n" * 20_000),
        (
            "\n".join(f"line {n} of many" for n in range(2_000)),
            "\n".join(f"row {n} of many" for n in range(2_000)),
        ),
    ],
)
def test_no_text_keeps_the_page_waiting(before, after):
    begun = time.process_time()
    differences(before, after)
    assert time.process_time() - begun < 4
