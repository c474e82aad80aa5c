import random
import unicodedata

import pytest

from members.models import LocalAuthority
from munistem.commons.search.actions import index
from munistem.commons.search.analyser import normalised, terms, words
from munistem.commons.search.models import vector


def make_authority(code: int, name: str, **fields) -> LocalAuthority:
    authority = LocalAuthority.objects.create(cbs_code=code, name_he=name, status="city", **fields)
    index(authority)
    return authority


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("שָׁלוֹם", "שלומ"),
        ('תב"ל', "תבל"),
        ("תב״ל", "תבל"),
        ("ג'ת", "גת"),
        ("ינוח-ג׳ת", "ינוח גת"),
        ("ה־STEM", "ה stem"),
        ("أُمّ الفحم", "ام الفحم"),
        ("مدرسة", "مدرسه"),
        ("Karmi\u200fel", "karmiel"),
        ("ＳＴＥＭ ２０２６", "stem 2026"),
    ],
)
def test_the_same_word_has_one_spelling(typed, stored):
    assert normalised(typed) == stored


def test_normalising_twice_changes_nothing_whatever_the_text():
    chance = random.Random(5568)
    for _ in range(500):
        text = "".join(chr(chance.randrange(1, 0xD7FF)) for _ in range(chance.randrange(40)))
        once = normalised(text)
        assert normalised(once) == once, unicodedata.name(text[0], text[:1])


def test_particles_are_looked_behind_and_short_words_left_alone():
    assert terms("הרשות") == ["הרשות", "רשות"]
    assert terms("ולרשות") == ["ולרשות", "רשות"]
    assert terms("בית") == ["בית"]
    assert terms("stem") == ["stem"]


def test_a_vector_holds_weights_and_stays_within_postgresqls_limits(db):
    text = vector([("נערות במדע", "A"), ("מדע " * 50_000, "C")])
    assert "'נערות':1A" in text
    make_authority(1, "בדיקה")
    LocalAuthority.objects.update(search_vector=text)


def test_a_question_is_always_a_valid_tsquery(db):
    make_authority(1, "בדיקה")
    chance = random.Random(1)
    alphabet = "אבג'\"&|!():*\\<->@% stem\u05b0٣"
    for _ in range(200):
        query = "".join(chance.choice(alphabet) for _ in range(chance.randrange(30)))
        list(LocalAuthority.objects.matching(query))


def test_nothing_asked_finds_nothing(db):
    make_authority(1, "בדיקה")
    assert not LocalAuthority.objects.matching("…").exists()


def test_rows_with_all_words_come_first_and_the_last_may_be_a_beginning(db):
    karmiel = make_authority(1139, "כרמיאל", name_ar="كرميئيل", name_en="Karmi'el")
    sea = make_authority(1, "קריית ים")
    found = LocalAuthority.objects.matching
    for query in ("כרמיאל", "לכרמיאל", "כרמ", "karmiel", "KARMI'EL", "كرميئيل", "1139"):
        assert list(found(query)) == [karmiel], query
    assert list(found("כרמיאל ים")) == [karmiel, sea], (
        "no row has both: the one with the rarer word comes first"
    )
    assert list(found("-כרמיאל ים כרמיאל")) == [sea], "what is left out stays out"


def test_an_exact_name_comes_first(db):
    first = make_authority(7, "גליל")
    long = make_authority(6, "גליל עליון גליל גליל")
    inside = make_authority(8, "הגליל התחתון")
    assert list(LocalAuthority.objects.matching("גליל")) == [first, long, inside]


def test_words_keep_their_order():
    assert words("ב.ית ספר") == ["ב", "ית", "ספר"]
