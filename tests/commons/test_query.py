"""What is typed in the search box is understood, whatever it is."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from members.models import LocalAuthority
from munistem.commons.search.analyser import Analyser, tokens
from munistem.commons.search.analyser.phrases import Phrasebook
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


PHRASES = Phrasebook(
    synonyms={
        "בני נוער": "=1",
        "מתבגרימ": "=1",
        "young people": "=1",
        "a b c": "=2",
        "x 1 ב ג ד": "=2",
        "שר שר": "=3",
    }
)


@settings(max_examples=300, deadline=None, database=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "בני",
                "לבני",
                "נוער",
                "הנוער",
                "מתבגרים",
                "young",
                "people",
                "a",
                "b",
                "c",
                "x",
                "1",
                "ב",
                "ג",
                "ד",
                "שר",
                "-",
                '"',
                "'",
            ]
        )
    )
)
def test_names_of_several_words_leave_every_question_and_text_whole(parts):
    text = " ".join(parts)
    plain = {group.token.word: group.terms for group in Analyser().query_groups(text)}
    for group in PHRASES.query_groups(text):
        known = plain[group.token.word]
        assert {term for term in group.terms if term not in known} <= {"=1", "=2", "=3"}
        assert all(group.terms[term] >= weight for term, weight in known.items())
    places = [place for place, _, _ in PHRASES.index_terms(text)]
    assert places == list(range(len(places)))
    for first, last, _ in PHRASES.names(list(tokens(text))):
        assert 0 <= first < last < len(places)


def test_a_name_of_several_words_is_found_in_any_form_and_nowhere_else():
    def keys(text: str) -> list[str]:
        return [term for _, _, terms in PHRASES.index_terms(text) for term in terms if term[0] == "="]

    assert keys("קיץ לבני הנוער") == keys("young-people") == keys("המתבגרים") == ["=1"]
    assert keys("בני אדם ונוער") == keys("נוער בני") == keys("people young") == []
    assert PHRASES.query_groups("בני נוער")[0].terms["=1"] < 1
