"""What is proposed from a text: in three languages, only what stands there, and never a failure."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.actions.propose import Lexicon, Source, language_of, propose, stem, title_of
from munistem.commons.search.analyser import Analyser

ANALYSER = Analyser()
TODAY = date(2026, 11, 26)
LEXICON = Lexicon(
    subjects={
        "robotics": ["רובוטיקה", "روبوتيكا", "Robotics", "רובוטים"],
        "mathematics": ["מתמטיקה", "رياضيات", "Mathematics"],
        "ai": ["בינה מלאכותית", "ذكاء اصطناعي", "Artificial intelligence", "AI"],
    },
    populations={"girls": ["נערות", "فتيات", "Girls", "בנות"], "haredi": ["החברה החרדית", "المجتمع الحريدي", "Haredi society"]},
    places={
        1139: ["כרמיאל", "كرميئيل", "Karmiel"],
        7300: ["נצרת", "الناصرة", "Nazareth"],
        31: ["אופקים", "", "Ofakim"],
        1031: ["שדרות", "", "Sderot"],
        2: ["מטה אשר", "", "Mate Asher"],
    },
)  # fmt: skip
HEBREW = """מעבדת רובוטיקה לנערות בחטיבת הביניים
סיכום שנת 2024 בעיריית כרמיאל

בשנת 2024 פתחנו בכרמיאל מעבדת רובוטיקה לנערות בכיתות ז׳ בחטיבת הביניים. מקרה בוחן זה מספר מה עשינו ומה למדנו.
ברובוטיקה לומדות הנערות לעבוד בצוות, והמורים בבתי הספר מלווים אותן לאורך השנה כולה.
העלות הייתה נמוכה כי שיתפנו שתי חברות הייטק, והמתנדבות שלהן הגיעו פעם בשבוע לחטיבה.
מה היינו עושים אחרת: היינו מתחילים עם המורים לפני פתיחת השנה ולא אחריה."""
ARABIC = """دليل لمعلمي الرياضيات في المرحلة الابتدائية
دليل خطوة بخطوة لتعليم الرياضيات في المدرسة الابتدائية في بلدية الناصرة.
يساعد الدليل المعلمين على تخطيط دروس الرياضيات في المدرسة الابتدائية بطريقة ممتعة."""
ENGLISH = """Call for proposals: artificial intelligence in high schools
Municipalities may apply until the submission deadline. Eligibility: any municipality with two high schools.
Artificial intelligence is taught in upper secondary schools by teachers who were trained in the summer of 2025."""


def read(text: str, name: str = "scan001.pdf", kind: str = "pdf", **more):
    return propose([Source(name, text, kind, **more)], LEXICON, ANALYSER, TODAY)


def test_a_hebrew_case_is_described():
    found = read(HEBREW)
    assert found["title"] == "מעבדת רובוטיקה לנערות בחטיבת הביניים"
    assert (found["language"], found["kind"]) == ("he", "case_study")
    assert found["life_stages"] == ["lower_secondary"]
    assert found["subjects"] == ["robotics"]
    assert found["populations"] == ["girls"]
    assert (found["year"], found["authority"]) == (2024, 1139)
    assert 40 < len(found["summary"]) <= 400


def test_an_arabic_guide_is_described():
    found = read(ARABIC)
    assert found["title"] == "دليل لمعلمي الرياضيات في المرحلة الابتدائية"
    assert (found["language"], found["kind"], found["authority"]) == ("ar", "guide", 7300)
    assert found["life_stages"] == ["primary"]
    assert found["subjects"] == ["mathematics"]


def test_an_english_call_is_described():
    found = read(ENGLISH)
    assert (found["language"], found["kind"]) == ("en", "call")
    assert found["life_stages"] == ["upper_secondary"]
    assert found["subjects"] == ["ai"]


def test_nothing_is_made_up():
    assert read("") == {}
    assert read("12 34 56", "IMG_2031.jpg", "image") == {}
    found = read("מכתב קצר בלי שום דבר מיוחד, לשלום ולברכה.")
    assert not {"kind", "life_stages", "subjects", "populations", "authority", "year"} & set(found)


def test_ordinary_words_are_no_places():
    assert "authority" not in read(
        "נטענו שדרות חדשות, והילדים גילו אופקים רחוקים. אופקים נפתחו בשדרות היפות שלנו."
    )


def test_two_places_named_alike_often_are_left_to_the_person():
    assert "authority" not in read(
        "עיריית כרמיאל ועיריית נצרת פתחו יחד מעבדה. עיריית נצרת ועיריית כרמיאל שמחות."
    )


def test_a_film_is_a_film_and_its_page_gives_the_title():
    page = Source(
        "Robots in class", "", description="A film of ten minutes about robots in the class.", is_film=True
    )
    found = propose([page], LEXICON, ANALYSER, TODAY)
    assert (found["title"], found["kind"]) == ("Robots in class", "video")
    assert found["summary"] == "A film of ten minutes about robots in the class."


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("מדריך_לרכזי_מדעים-2024.pdf", "מדריך לרכזי מדעים 2024"),
        ("IMG_20240101.jpg", ""),
        ("Scan 12.pdf", ""),
        ("מצגת חדשה.pptx", "מצגת חדשה"),
        ("Our plan for girls.docx", "Our plan for girls"),
    ],
)
def test_names_of_files_become_titles_if_they_say_something(name, title):
    assert title_of([Source(name, "", "pdf")]) == title


def test_languages_by_their_letters():
    assert [language_of(text) for text in (HEBREW, ARABIC, ENGLISH, "123", "")] == ["he", "ar", "en", "", ""]


def test_stems():
    assert stem("a_b%20c.tar.gz") == "a b c.tar"


@settings(max_examples=60)
@given(st.text(max_size=300), st.text(max_size=60))
def test_any_text_is_read_without_failing(text, name):
    found = read(text, name)
    assert set(found) <= {
        "title",
        "summary",
        "language",
        "kind",
        "life_stages",
        "settings",
        "subjects",
        "populations",
        "year",
        "authority",
    }
    assert len(found.get("title", "")) <= 150
