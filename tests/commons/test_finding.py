"""Which rows answer, and in which order."""

from time import process_time

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from members.models import LocalAuthority
from munistem.commons.search import candidates
from munistem.commons.search.actions import index
from munistem.commons.search.analyser import words
from munistem.commons.search.finding import find, find_all, lift
from munistem.commons.search.query import parse
from munistem.commons.search.ranking import vector_of
from munistem.commons.search.reading import current
from tests.commons.test_search import make_authority

pytestmark = pytest.mark.django_db


def names(query: str) -> list[str]:
    return [row.name_he for row in LocalAuthority.objects.matching(query)]


def make(*titles: str) -> None:
    for code, title in enumerate(titles, 1):
        make_authority(code, title)


def test_rows_with_all_words_come_before_those_with_most():
    make("רובוטיקה רובוטיקה לנערות", "רובוטיקה לנערות בגליל", "מטוסים", "נערות בגליל")
    assert names("רובוטיקה נערות גליל")[0] == "רובוטיקה לנערות בגליל"
    assert "מטוסים" not in names("רובוטיקה נערות גליל")


def test_inflected_words_meet_and_words_that_only_look_alike_do_not():
    make("מעבדות ניידות", "שרד", "משרד החינוך")
    assert names("מעבדה ניידת") == ["מעבדות ניידות"]
    assert names("משרד") == ["משרד החינוך"]
    assert names("המשרדים") == ["משרד החינוך"]


def test_any_of_its_names_typed_exactly_puts_a_row_first():
    make("הוד השרון", "השרון השרון השרון")
    make_authority(9, "רמת השרון", name_en="Sharon")
    make_authority(10, "אחר", name_en="Sharon Sharon Sharon hills")
    assert names("sharon")[0] == "רמת השרון"


def test_quoted_words_stand_next_to_each_other():
    make("מעבדה ניידת", "מעבדה חדשה ניידת", "ניידת עם מעבדה")
    assert names('"מעבדה ניידת"') == ["מעבדה ניידת"]
    assert len(names("מעבדה ניידת")) == 3


def test_what_is_left_out_is_not_found():
    make("מעבדה ניידת", "מעבדה קבועה")
    assert names("מעבדה -ניידת") == ["מעבדה קבועה"]
    assert names('מעבדה -"ניידת"') == ["מעבדה קבועה"]
    assert len(names("-מעבדה")) == 2


def test_a_title_finds_its_row_even_when_it_reads_like_signs_of_ours():
    make("רחפנים -בנים", "תוכנית “מדע” -ועוד", "-סתיו")
    assert names("רחפנים -בנים") == ["רחפנים -בנים"]
    assert names("-סתיו") == ["-סתיו"]
    assert names("תוכנית “מדע” -ועוד") == ["תוכנית “מדע” -ועוד"]


def test_the_last_word_may_be_unfinished_and_a_light_word_missing():
    make("אסטרונומיה לכולם")
    assert names("אסטרו") == ["אסטרונומיה לכולם"]
    assert names("של אסטרונומיה") == ["אסטרונומיה לכולם"]


def test_several_kinds_are_asked_at_once_and_their_number_is_known(django_assert_num_queries):
    make("גליל", "גליל עליון", "הגליל התחתון", "נגב")
    rows = LocalAuthority.objects.all()
    query = parse("גליל")
    with django_assert_num_queries(2):
        found = find_all({"a": rows, "b": rows.filter(pk=4)}, query)
    assert (found["a"].total, found["b"].total) == (3, 0)
    with django_assert_num_queries(1):
        assert next(iter(rows.among(found["a"]))).pk == 1


def test_more_rows_than_are_ranked_are_counted_and_can_be_paged_through(monkeypatch):
    monkeypatch.setattr(candidates, "ROWS", 5)
    make(*(f"גליל {number}" for number in range(12)), "גליל")
    found = find(LocalAuthority.objects.all(), parse("גליל"))
    assert found.total == 13
    listed = list(LocalAuthority.objects.matching("גליל"))
    assert len({row.pk for row in listed}) == 13
    assert listed[0].name_he == "גליל"


def test_of_a_word_that_very_many_rows_have_the_best_are_told(monkeypatch, django_assert_max_num_queries):
    make("גליל", "כפר בגליל", *(f"כפר {number}" for number in range(13)))
    for row in LocalAuthority.objects.filter(pk__gt=2):
        texts = [(row.name_he, "A"), ("ובו מילה על הגליל", "C")]
        LocalAuthority.objects.filter(pk=row.pk).update(**row.search_columns(texts))
    for name, number in {"MANY": -1, "MOST": 6, "ROWS": 3, "NEWEST": 1}.items():
        monkeypatch.setattr(candidates, name, number)
    rows = LocalAuthority.objects.all()
    with django_assert_max_num_queries(2):
        found = find(rows, parse("גליל"))
    assert (found.total, found.is_more, found.keys[:2]) == (6, True, [1, 2])
    assert 15 in found.keys, "among the newest"
    assert len(rows.matching("גליל")) == 6
    assert rows.among(found).count() == 15
    few = find(rows.filter(pk__in=(3, 4, 14)), parse("גליל"))
    assert (few.total, few.is_more, set(few.keys)) == (3, False, {3, 4, 14})


def test_only_given_rows_are_read():
    make("גליל", "גליל עליון")
    found = find(LocalAuthority.objects.exclude(pk=1), parse("גליל"))
    assert (found.keys, found.total) == ([2], 1)


def test_recent_and_used_rows_are_lifted_a_little():
    assert lift(None, None) == 1
    assert lift(365, None) == 1.05
    assert 1.09 < lift(0, 0) < lift(0, 20) < lift(0, 10**6) <= 1.15 + 1e-9


def test_a_text_of_any_length_fits_into_an_index():
    make_authority(1, "x")
    words = " ".join(f"מילה{chr(1488 + n % 22)}{n}{'ב' * (n % 40)}" for n in range(60_000))
    text, length = vector_of(current().analyser, [(words, "C")])
    LocalAuthority.objects.update(search_vector=text)
    assert length > 60_000


def test_any_title_finds_its_row_first():
    make("רובוטיקה", "מדע לכולם")
    row = make_authority(99, "x")

    @settings(max_examples=120)
    @given(
        st.one_of(
            st.text(min_size=1, max_size=60),
            st.text(alphabet="אבהוי -\"׳״'()שם לכתם", min_size=2, max_size=30),
        )
    )
    def look(title):
        name = " ".join(title.replace("\x00", " ").split())
        assume(words(name) and not any("\ud800" <= letter <= "\udfff" for letter in name))
        row.name_he = name
        row.save(update_fields=["name_he"])
        index(row)
        assert row.pk in find(LocalAuthority.objects.all(), parse(name)).keys[:2], name

    look()


def test_an_item_of_twenty_pages_is_read_in_a_second():
    page = "המעבדה הניידת ביקרה בכיתות של בית הספר והמורות לימדו רובוטיקה ומדעים. " * 25
    texts = [(page + f" עמוד{chr(1488 + number)} {number}", "D") for number in range(20)]
    started = process_time()
    vector_of(current().analyser, texts)
    assert process_time() - started < 1
