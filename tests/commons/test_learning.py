"""What the search learns of public texts, and that it learns nothing of others."""

import pytest

from communities.enums import Access
from communities.models import Topic
from knowledge.models import Item
from members.models import LocalAuthority
from munistem.commons.enums import Visibility
from munistem.commons.search import reading
from munistem.commons.search.checking import check_titles
from munistem.commons.search.figures import read
from munistem.commons.search.learning import learn, new_edition, reread
from munistem.commons.search.lexicon import also_searched, did_you_mean, spellings
from munistem.commons.search.passages import Asked
from munistem.commons.search.query import parse
from munistem.commons.search.tables import Collection, Edition, TermCount, TitleCheck, Word
from munistem.commons.terms.models import Term
from tests.commons.test_search import make_authority
from tests.communities.factories import make_community, make_topic
from tests.knowledge.factories import make_item
from tests.members.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _afresh():
    reading.forget()
    yield
    reading.forget()


def make_public(count: int = 3) -> None:
    for number in range(count):
        make_item(
            title=f"מעבדת רובוטיקה {number}",
            summary="מעבדות לנערות בעיר",
            language="he",
            visibility=Visibility.PUBLIC,
        )


def make_private() -> None:
    for number in range(4):
        author = make_user(name=f"Zebulon {number}")
        private = {"language": "he", "visibility": Visibility.NETWORK, "created_by": author}
        make_item(title=f"סודי קריפטון מגדלור {number}", **private)
        make_topic(make_community(access=Access.CLOSED), author, title=f"Kryptonite lighthouse {number}")
        make_user(name=f"Zebulon Quixote {number}")


def known() -> dict:
    return {
        "words": sorted(Word.objects.values_list("word", "spelling", "rows")),
        "terms": sorted(TermCount.objects.values_list("kind", "term", "rows")),
        "sizes": sorted(Collection.objects.values_list("kind", "rows", "mean_length")),
        "editions": [
            (row.number, bytes(row.counts), row.word_count) for row in Edition.objects.order_by("number")
        ],
    }


def test_two_worlds_teach_the_same():
    make_public()
    learn()
    without = known()
    Edition.objects.all().delete()
    reading.forget()
    make_private()
    learn()
    assert known() == without
    for typed in ("קריפטו", "מגדלוה", "lighthouze", "quixole"):
        assert did_you_mean(parse(typed)) == ""
        assert also_searched(parse(typed)) == []


def test_words_are_counted_by_kind_and_in_all():
    make_public()
    learn()
    told = read(["רובוטיקה", "מעבדה"])
    assert told.rows_with["knowledge.item"]["רובוטיקה"] == told.rows_with[""]["רובוטיקה"] == 3
    assert told.sizes["knowledge.item"][0] == 3
    assert told.spellings["רובוטיקה"] == "רובוטיקה"


def test_rows_are_read_again_by_a_new_edition_and_found_meanwhile(monkeypatch):
    make_public()
    edition = learn()
    assert edition is not None
    assert Edition.objects.get().is_settled
    assert set(Item.objects.values_list("search_edition", flat=True)) == {edition.number}
    assert learn() is None
    monkeypatch.setattr(reading, "rules", lambda: "others")
    second = new_edition({"מעבדה": 9})
    assert second is not None
    assert Item.objects.matching("מעבדה").count() == 3
    assert reading.current().before is not None
    assert reread() >= 3
    assert Item.objects.matching("מעבדה").count() == 3
    assert reading.current().before is None
    assert reread() == 0


def test_a_process_takes_up_the_edition_that_another_made():
    make_public()
    learn()
    reading.forget()
    assert reading.current().number == 0
    assert Item.objects.matching("מעבדה").count() == 3
    assert reading.current().number == Edition.objects.get().number
    reading.forget()
    topic = make_topic(make_community(), title="Robots")
    assert Topic.objects.get(pk=topic.pk).search_edition == Edition.objects.get().number


def test_counts_keep_what_they_are_given():
    counts = reading.Counts(reading.Counts.packed({"מעבדה": 7, "x": 2, "مختبر": 300}), 309)
    assert (counts.get("מעבדה"), counts.get("x"), counts.get("مختبر"), counts.get("אין", 0)) == (7, 2, 300, 0)
    assert len(counts) == 3


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("רובוטקיה", "רובוטיקה"),
        ("רובותיקה", "רובוטיקה"),
        ("רובוטיקה", ""),
        ("rucuyhev", "רובוטיקה"),
        ("רובותיקה לנערות", "רובוטיקה לנערות"),
        ("קקקקקקק", ""),
        ("1234", ""),
    ],
)
def test_a_slip_is_put_right_by_words_of_public_texts(typed, meant):
    make_public()
    learn()
    assert did_you_mean(parse(typed)) == meant


def test_words_found_too_are_told():
    make_public()
    learn()
    assert "מעבדת" not in also_searched(parse("מעבדת"))
    assert also_searched(parse("רובוטיקה")) == []
    assert set(also_searched(parse("מעבדותיה"))) <= {"מעבדה", "מעבדות", "מעבדת"}


def test_spellings_of_any_word_are_words():
    for word in ("מ", "abc", "ع", "1", "ש1", "é"):
        assert all(isinstance(other, str) for other in spellings(word))


def test_a_word_of_the_vocabulary_finds_its_synonyms():
    Term.objects.create(
        name="ai",
        name_he="רובוטים",
        name_ar="روبوتات",
        name_en="robots",
        synonyms=["bots"],
        is_curated=True,
        slug="ai",
    )
    make_authority(1, "רובוטים", name_en="", name_ar="")
    learn()
    for typed in ("robots", "bots", "روبوتات", "רובוטים"):
        assert LocalAuthority.objects.matching(typed).count() == 1, typed


OF_YOUTH = ["בני", "הנוער", "מתבגרים", "شبيبة", "Young", "people"]


@pytest.mark.parametrize(
    ("typed", "marked"),
    [
        ("מתבגרים", OF_YOUTH),
        ("לבני נוער", OF_YOUTH),
        ("young people", OF_YOUTH),
        ('"בני נוער"', ["בני", "הנוער"]),
        ("נוער", ["הנוער"]),
    ],
    ids=["one word", "two words", "in English", "in quotation marks", "half a name"],
)
def test_names_of_several_words_find_each_other(typed, marked):
    names = {"name": "youth", "name_he": "בני נוער", "name_ar": "شبيبة", "name_en": "young people"}
    Term.objects.create(**names, synonyms=["מתבגרים"], is_curated=True, slug="youth")
    texts = ["קיץ עם בני הנוער", "קיץ עם מתבגרים", "صيف مع شبيبة", "Young people in summer"]
    for number, text in enumerate([*texts, "קיץ אחר", "בני אדם", "Young and old people"]):
        make_authority(number, text, name_en="", name_ar="")
    learn()
    found = [row.name_he for row in LocalAuthority.objects.matching(typed)]
    said = [
        text[start:end] for text in texts if text in found for start, end in sorted(Asked(typed).found(text))
    ]
    assert sorted(said) == sorted(marked)


def test_the_words_themselves_come_before_their_other_names():
    Term.objects.create(
        name="youth",
        name_he="בני נוער",
        name_ar="شبيبة",
        name_en="youth",
        synonyms=["מתבגרים"],
        is_curated=True,
        slug="y",
    )
    for number in range(4):
        make_authority(number, f"מתבגרים בקיץ {number}", name_en="", name_ar="")
    make_authority(9, "קיץ ארוך מאוד עם כל בני הנוער", name_en="", name_ar="")
    learn()
    assert "בני הנוער" in LocalAuthority.objects.matching("בני נוער")[0].name_he


def test_every_title_is_looked_for_at_night():
    make_public(2)
    make_authority(1, "!!!")
    check = check_titles()
    assert (check.rows >= 2, check.missed) == (True, [])
    Item.objects.filter(published__title="מעבדת רובוטיקה 1").update(search_vector="", search_title="")
    check = check_titles()
    assert [row["title"] for row in check.missed] == ["מעבדת רובוטיקה 1"]
    assert TitleCheck.objects.count() == 2
