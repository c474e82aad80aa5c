"""What words are compared as: total on any text, the same twice, and guarded by how often forms are written."""

import random
import sys
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from munistem.commons.search.analyser import Analyser, normalised, tokens
from munistem.commons.search.analyser.frequencies import Frequencies, GeneralList, general_list, number
from munistem.commons.search.analyser.prefixes import without_particles
from munistem.commons.search.analyser.spelling import full_spelling, squeezed
from munistem.commons.search.ranking import Statistics, asked, vector_of
from tests.commons.ranked import ranked

LETTERS = "אבגדהוזחטיךכלםמןנסעףפץצקרשתءآأؤئابةتثجحخدذرزسشصضطظعغفقكلمنهويىabcdeéXYZ0123٤٥"
MARKS = "\"'׳״־-–_ .,!'\u200f\u05b8\u05bc\u0651\u0640\u00ad\ufeff'':*&|\\()~+\t\n"


def any_text(chance: random.Random) -> str:
    """Texts of all Unicode and, more often, of what people type."""
    length = chance.randrange(60)
    if chance.random() < 0.5:
        return "".join(chance.choice(LETTERS if chance.random() < 0.8 else MARKS) for _ in range(length))
    return "".join(chr(chance.randrange(sys.maxunicode + 1)) for _ in range(length))


TEXTS = [any_text(random.Random(seed)) for seed in range(1500)]
ANALYSER = Analyser()


def test_normalising_twice_changes_nothing_whatever_the_text():
    for text in TEXTS:
        once = normalised(text)
        assert normalised(once) == once, text


def test_analysis_is_total_and_its_terms_are_safe_in_a_tsvector():
    for text in TEXTS:
        for _, token, terms in ANALYSER.index_terms(text):
            assert 0 <= token.start < token.end <= len(text)
            assert terms and all(0 < weight <= 1 for weight in terms.values())
            assert not any(set(term) & set("' :,\\&|()") for term in terms), text


def test_what_is_asked_meets_what_is_stored_whatever_the_text():
    for text in TEXTS:
        stored = {term for _, _, terms in ANALYSER.index_terms(text) for term in terms}
        assert all(stored & set(group.terms) for group in ANALYSER.query_groups(text)), text


@settings(max_examples=300)
@given(st.one_of(st.text(), st.text(alphabet=LETTERS + MARKS, max_size=40)))
def test_whatever_hypothesis_finds_is_read_the_same_twice_and_meets_itself(text):
    once = normalised(text)
    assert normalised(once) == once
    found = list(tokens(text))
    assert all(0 <= token.start < token.end <= len(text) and token.word for token in found)
    stored = {term for _, _, terms in ANALYSER.index_terms(text) for term in terms}
    assert all(stored & set(group.terms) for group in ANALYSER.query_groups(text))
    assert not any(set(term) & set("' :,\\&|()") for term in stored)


def test_any_query_is_a_valid_tsquery_and_any_text_a_valid_tsvector(db):
    from django.db import connection

    with connection.cursor() as cursor:
        for text in (text.replace("\0", "") for text in TEXTS[:300]):
            clean = text.encode("utf-8", "ignore").decode()
            vector, _ = vector_of(ANALYSER, [(clean, "A"), (clean, "C")])
            if groups := ANALYSER.query_groups(clean):
                cursor.execute("SELECT %s::tsvector @@ %s::tsquery", [vector, asked(groups, is_every=True)])
                assert cursor.fetchone() == (True,)


def test_a_word_is_a_number_and_no_two_words_share_one():
    words = ["א", "ת", "תל", "שלומ", "תלמידימ", "ת" * 14]
    assert len({number(word) for word in words}) == len(words)
    assert number("ת" * 14) < 2**64
    assert number("ת" * 15) == number("stem") == number("") == number("שלום") == 0


def test_the_general_list_is_sorted_and_knows_common_words():
    found = general_list()
    assert list(found.numbers) == sorted(found.numbers)
    assert found.per_million("של") > found.per_million("רשות") > found.per_million("תקשוב") > 0


def test_without_the_file_the_collection_alone_is_counted(tmp_path):
    frequencies = Frequencies({"רשות": 3, "הרשות": 1}, GeneralList(tmp_path / "none"))
    assert frequencies.of("רשות") == 750_000
    assert frequencies.of("שרד") == 0


@pytest.mark.parametrize(
    ("form", "base"),
    [
        ("הרשות", "רשות"),
        ("כשהרשות", "רשות"),
        ("לכשהתקציב", "תקציב"),
        ("בוועדה", "ועדה"),
        ("והמדעימ", "מדעימ"),
    ],
)
def test_particles_go_where_they_explain_the_form(form, base):
    found = without_particles(form, Frequencies())
    assert max(found, key=lambda reading: found[reading]) == base


@pytest.mark.parametrize("word", ["משרד", "שלומ", "מספר", "הודעה", "שמיימ", "מעגל", "כספ", "מסלול", "בריאות"])
def test_letters_that_look_like_particles_stay(word):
    assert without_particles(word, Frequencies()) == {word: 1.0}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("תלמיד", "תלמידות"), ("רשות", "רשויות"), ("אישה", "נשים"), ("עירייה", "עיריית"), ("תוכנית", "תוכניותיהם"),
        ("תוכנית", "תכניות"), ("חינוך", "חִנּוּךְ"), ("מצוינות", "מצויינות"), ('תב"ל', "התב״ל"), ("STEM", "סט״ם"),
        ("STEM", "הSTEM"), ("טכנולוגיה", "טכנולוגי"), ("مدرسة", "والمدارس"), ("إدارة", "ادارة"), ("2025", "٢٠٢٥"),
        ("cafe", "cafés"), ('תשפ"ה', "בתשפ״ה"), ("דו-לשוני", "דולשוני"),
    ],
)  # fmt: skip
def test_forms_of_one_word_meet(one, other):
    first, second = (
        {term for _, _, terms in ANALYSER.index_terms(text) for term in terms} for text in (one, other)
    )
    assert first & second


@pytest.mark.parametrize(
    ("one", "other"),
    [("שרד", "משרד"), ("רשת", "רשות"), ("עובד", "עבדים"), ("חוברת", "חברת"), ("מים", "שמיים"), ("נערה", "נערכת"),
     ("תוכנית", "תוכנה"), ("מדיניות", "מדינות"), ("הכשרה", "כשרה"), ("كرة", "فكرة"), ('תשפ"ה', 'תשפ"ד')],
)  # fmt: skip
def test_words_that_only_look_alike_do_not_meet(one, other):
    first, second = (
        {term for _, _, terms in ANALYSER.index_terms(text) for term in terms} for text in (one, other)
    )
    assert not first & second


def test_spelling_is_completed_only_to_a_frequent_word():
    assert full_spelling("חנוכ", Frequencies()) == "חינוכ"
    assert full_spelling("רשת", Frequencies()) is None
    assert squeezed("פרוייקט") == squeezed("פרויקט")


def test_particles_before_another_script_are_left_out_and_places_kept():
    assert [token.word for token in tokens("תוכנית ה־STEM ב-5 יחידות")] == ["תוכנית", "stem", "5", "יחידות"]
    text = "לימודי תב״ל בבית־הספר"
    found = list(tokens(text))
    assert [text[token.start : token.end] for token in found] == ["לימודי", "תב״ל", "בבית", "הספר"]
    assert [(token.is_acronym, token.is_tied) for token in found][1:] == [
        (True, False),
        (False, False),
        (False, True),
    ]


def test_the_row_with_the_rarer_words_nearer_together_comes_first():
    texts = {
        "apart": "תלמידות בעיר עוסקות במדע ובסוף השנה יש גם יום של מצטיינות",
        "near": "תלמידות מצטיינות בעיר עוסקות במדע ובסוף השנה יש גם יום חגיגי",
        "one": "תלמידות בעיר הולכות לבית הספר",
        "none": "תקציב הרשות",
    }
    analyser = Analyser(Counter(token.word for text in texts.values() for token in tokens(text)))
    vectors = {key: vector_of(analyser, [(text, "C")]) for key, text in texts.items()}
    rows_with = Counter(part.split("'")[1] for vector, _ in vectors.values() for part in vector.split())
    statistics = Statistics(len(texts), 9.0, rows_with)
    groups = analyser.query_groups("תלמידות מצטיינות")
    assert ranked(groups, vectors, statistics) == ["near", "apart", "one"]


@pytest.mark.parametrize(
    ("form", "other"),
    [("סדנאות", "סדנה"), ("טבלאות", "טבלה"), ("דוגמא", "דוגמה"), ("כח", "כוח"), ("שיוויונ", "שוויונ"),
     ("צהריימ", "צוהריימ"), ("תב''ל", 'תב"ל'), ("طالباتها", "طالبة"), ("ال٢١", "21"), ("סטיים", "STEAM")],
)  # fmt: skip
def test_what_is_written_in_two_ways_meets(form, other):
    assert meet(form, other)


@pytest.mark.parametrize(
    ("form", "other"),
    [("הוראות", "הורה"), ("יומן", "יום"), ("טבעת", "טבע"), ("רכבת", "רכב"), ("סטיים", "STEM")],
)
def test_endings_that_make_another_word_do_not_meet(form, other):
    assert not meet(form, other)


def meet(one: str, other: str) -> bool:
    first, second = (
        {term for _, _, terms in ANALYSER.index_terms(text) for term in terms} for text in (one, other)
    )
    return bool(first & second)


@pytest.mark.parametrize(
    ("word", "strange"),
    [
        ("העלייה", "על"),
        ("שעליו", "על"),
        ("באחריותה", "אחר"),
        ("אחריות", "אחרי"),
        ("לידה", "ליד"),
        ("כלים", "כל"),
    ],
)
def test_words_of_grammar_lend_their_endings_to_no_noun(word, strange):
    assert normalised(strange) not in ANALYSER.readings(normalised(word))
