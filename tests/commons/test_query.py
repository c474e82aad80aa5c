"""What is typed in the search box is understood, whatever it is."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from members.models import LocalAuthority
from munistem.commons.search.finding import find, tsquery_of
from munistem.commons.search.passages import Asked, best_passage, marks
from munistem.commons.search.query import parse
from munistem.commons.search.ranking import asked
from tests.commons.test_search import make_authority

#: Pieces of which odd questions are made.
ODD = st.text(alphabet="אבגדהוךם״׳\"'-–—*&|!():<>\\@% ablة٣\u05b0\u200f\t", max_size=60)


@pytest.mark.parametrize(
    ("typed", "wanted", "phrases", "without"),
    [
        ("מעבדה ניידת", "מעבדה ניידת", (), ()),
        ('"מעבדה ניידת" לבנות', "מעבדה ניידת לבנות", (("מעבדה", "ניידת"),), ()),
        ("“open lab” girls", "open lab girls", (("open", "lab"),), ()),
        ("מעבדה -ניידת", "מעבדה", (), (("ניידת",),)),
        ('robots -"open lab"', "robots", (), (("open", "lab"),)),
        ('תב"ל לבנות', 'תב"ל לבנות', (), ()),
        ("ה-STEM בעיר", "ה-STEM בעיר", (), ()),
        ("בית-ספר", "בית-ספר", (), ()),
        ('"לא נסגר', '"לא נסגר', (), ()),
        ("א - ב", "א - ב", (), ()),
    ],
)
def test_words_phrases_and_what_is_left_out(typed, wanted, phrases, without):
    query = parse(typed)
    expected = tuple(tuple(word.replace("יי", "י") for word in phrase) for phrase in phrases)
    assert (query.wanted, query.phrases) == (wanted, expected)
    assert query.without == tuple(tuple(word.replace("יי", "י") for word in phrase) for phrase in without)


def test_words_in_quotation_marks_are_asked_for_as_they_are():
    loose, strict = parse("מעבדות"), parse('"מעבדות"')
    assert len(loose.groups[0].terms) > 1
    assert list(strict.groups[0].terms) == ["מעבדות"]
    assert not strict.beginning
    assert loose.beginning == "מעבדות"


@settings(max_examples=400)
@given(st.one_of(st.text(max_size=80), ODD))
def test_any_text_is_understood_as_a_question_and_looked_for_in_any_text(text):
    query = parse(text)
    assert isinstance(tsquery_of(query, asked(query.groups, True)), str)
    for start, end in marks(text, query):
        assert 0 <= start < end <= len(text)
    Asked(query).passage([text, "", text[::-1]])


@pytest.mark.django_db
def test_any_question_is_answered():
    make_authority(1, "בדיקה")

    @settings(max_examples=150)
    @given(ODD)
    def ask(text):
        found = find(LocalAuthority.objects.all(), parse(text))
        assert len(found.keys) <= found.total <= 1
        list(LocalAuthority.objects.matching(text))

    ask()


@pytest.mark.parametrize(
    ("query", "text", "marked"),
    [
        ("מעבדה", "שתי מעבדות נפתחו, והמעבדה השלישית בדרך", ["מעבדות", "והמעבדה"]),
        ("משרד", "שרד את המלחמה ובא למשרד", ["למשרד"]),
        ("תבל", 'כיתות תב״ל ותב"ל', ["תב״ל", 'ותב"ל']),
        ("robots", "A robot and ROBOTS", ["robot", "ROBOTS"]),
        ('"מעבדה ניידת"', "המעבדה הניידת", ["המעבדה"]),
    ],
)
def test_words_are_marked_in_the_spelling_they_have(query, text, marked):
    assert [text[start:end] for start, end in marks(text, query)][: len(marked)] == marked


def test_best_passage_is_the_tightest_that_says_most_and_tells_its_page():
    far = "robots " + "x " * 400 + "girls"
    near = "y " * 300 + "girls who build robots " + "z " * 300
    passage = best_passage([("1", far), ("7", near), ("8", "robots")], "robots girls")
    assert passage is not None
    assert passage.label == "7"
    assert "<mark>girls</mark> who build <mark>robots</mark>" in passage.html
    assert len(passage.html) < 320
    assert best_passage([("1", "nothing")], "robots") is None
