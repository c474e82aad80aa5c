"""The second look at the best rows: passages, nearness, likeness."""

from munistem.commons.search.analyser import Analyser
from munistem.commons.search.ranking import Statistics, likeness, passage, vector_of
from tests.commons.ranked import ranked

ANALYSER = Analyser()


def order(query: str, **texts: str) -> list[object]:
    vectors = {
        key: vector_of(ANALYSER, [(part, "C") for part in text.split("|")]) for key, text in texts.items()
    }
    return ranked(ANALYSER.query_groups(query), vectors, Statistics(1000, 12.0, {}))


def test_a_passage_counts_each_word_once_and_at_its_best():
    assert passage([{1: 2.0, 5: 1.0}, {3: 4.0}]) == 6.0
    assert passage([{1: 2.0}, {40: 4.0}]) == 4.0
    assert passage([{}, {}]) == 0.0


def test_words_in_one_passage_come_before_words_far_apart():
    filler = "דברים שונים שאינם מן העניין ונאמרו כאן רק כדי להרחיק את המילים זו מזו במידה ניכרת מאוד"
    together = f"{filler} מעבדה ניידת לשכונות {filler}"
    apart = f"מעבדה {filler} לשכונות {filler} ניידת"
    assert order("מעבדה ניידת לשכונות", apart=apart, together=together) == ["together", "apart"]


def test_a_word_that_only_resembles_lifts_a_row_over_one_without_it():
    near, far = "מרכז קוסמונאוטיקאים בעיר", "מרכז שחייה חדש בעיר"
    assert order("מרכז קוסמונאוטיקה", far=far, near=near) == ["near", "far"]
    assert likeness("קוסמונאוטיקה", vector_of(ANALYSER, [(near, "C")])[0]) > 0.75
    assert likeness("שלום", "'שלב':1") == 0.0


def test_two_texts_of_a_row_are_no_passage():
    assert order("רובוטיקה נערות", two="רובוטיקה|נערות", one="רובוטיקה נערות")[0] == "one"
