"""What the box offers while one types: for whom, in which order, at what cost."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from communities.enums import Access
from munistem.commons.enums import Visibility
from munistem.commons.search.completion import Typed, question, spelt
from munistem.commons.terms.models import TermKind
from munistem.front.views.search.complete import LIMIT, MOST, offered
from tests.communities.factories import make_community, make_membership
from tests.knowledge.factories import make_collection, make_item, make_term
from tests.members.factories import make_authority, make_member, make_municipality, make_user

pytestmark = pytest.mark.django_db
KINDS = ["Person", "Organisation", "Community", "Knowledge", "Collection", "Tag"]


def offers(client, typed: str) -> list[str]:
    response = client.get("/search/complete/", {"q": typed})
    assert response.status_code == 200
    return [one["label"] for one in response.json()]


def make_one_of_each(word: str, name: str = "") -> None:
    make_member(name=f"{word} Cohen{name}")
    make_municipality(authority=make_authority(name_en=f"{word} Heights{name}", name_he=f"רמת {word}{name}"))
    make_community(name=f"{word} circle{name}")
    term = make_term(name=f"{word} tag{name}", name_en=f"{word} tag{name}")
    make_item(title=f"{word} guide{name}", terms=[term])
    make_collection(title=f"{word} choice{name}")


def test_member_is_offered_one_of_each_with_its_page(client):
    make_one_of_each("Lighthouse")
    client.force_login(make_member())
    answer = client.get("/search/complete/?q=lighth").json()
    assert [one["kind"] for one in answer] == KINDS
    for one in answer:
        assert client.get(one["url"]).status_code == 200, one


def test_visitor_is_offered_no_people(client):
    make_one_of_each("Lighthouse")
    assert offers(client, "lighthouse") == [
        *(
            "Lighthouse Heights",
            "Lighthouse circle",
            "Lighthouse guide",
            "Lighthouse choice",
            "Lighthouse tag",
        )
    ]


def test_hidden_things_are_not_offered(client):
    hidden = make_term(
        name="lantern", is_curated=False, kind=TermKind.FREE, name_en="", name_he="", name_ar=""
    )
    make_item(title="Lantern in the network", visibility=Visibility.NETWORK, terms=[hidden])
    make_item(title="Lantern withdrawn", withdrawn=True)
    make_item("draft", title="Lantern draft")
    make_community(name="Lantern circle", access=Access.CLOSED)
    make_collection(title="Lantern choice", visibility=Visibility.NETWORK)
    make_member(name="Lantern Levi")
    make_term(name="Lantern unused", name_en="Lantern unused")
    assert offers(client, "lantern") == []
    client.force_login(make_user(name="Lantern myself"))
    assert offers(client, "lantern") == []


def test_member_of_a_closed_community_is_offered_it(client):
    community = make_community(name="Lantern circle", access=Access.CLOSED)
    client.force_login(make_membership(community).person)
    assert offers(client, "lantern c") == ["Lantern circle"]


@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ("רובוט", "רובוטיקה בגיל הרך"),
        ("בגיל הר", "רובוטיקה בגיל הרך"),
        ("גיל", "רובוטיקה בגיל הרך"),
        ("רָשׁוּת", "תפקיד הרשות"),
        ('תב"ל', "מהי תב״ל"),
        ("שלום", "שלומות"),
        ("مدرسة", "المدرسه الذكية"),
        ("ذكي", "المدرسه الذكية"),
        ("מצויינ", "קריטריונים למצוינות"),
        ("מצוינ", "עיר מצויינת"),
        ("תכנית עיר", "תוכנית עירונית"),
        ("תוכניות", "תכניות לימודים"),
        ("שיוויון", "שוויון בעיר"),
        ("צ׳ילר", "צילר"),
        ("ג'ז", "ג׳ז לילדים"),
        ("ملعب الامل", "ملعب الأمل"),
        ("إدارة", "ادارة الموارد"),
        ("مستشفي", "مستشفى البلدة"),
        ("ROBO", "Early robotics"),
        ("robotics ear", "Early robotics"),
    ],
)
def test_any_word_of_a_title_completes_it(client, typed, title):
    make_item(title=title)
    make_item(title="Something else")
    assert offers(client, typed) == [title]


@pytest.mark.parametrize("typed", ["", " ", "a", "…", "'", "ב", "& | ! :*"])
def test_too_little_offers_nothing(client, typed):
    make_item(title="A title")
    assert question(typed) == ""
    assert offers(client, typed) == []


def test_names_that_begin_so_stand_first_and_kinds_take_turns(client):
    for number in range(6):
        make_item(title=f"Lighthouse number {number}")
    make_item(title="A great lighthouse")
    make_community(name="The lighthouse circle", access=Access.OPEN)
    found = offers(client, "lighthouse")
    assert found == [*(f"Lighthouse number {number}" for number in range(4)), "The lighthouse circle"]


def test_organisation_is_offered_by_any_of_its_names(client, settings):
    names = {"name_he": "כרמיאל", "name_ar": "أمّ كرميئيل", "name_en": "Karmiel"}
    make_municipality(authority=make_authority(**names), **names)
    for typed in ("כרמ", "كرم", "ام", "karm"):
        assert offers(client, typed) == ["Karmiel"]
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "he"
    assert offers(client, "karm") == ["כרמיאל"]


def test_words_as_they_are_typed_stand_before_other_spellings(client):
    for title in ("אלף מידע", "מידע לציבור", "ועדת מדע", "מדע לכל"):
        make_item(title=title)
    assert offers(client, "מדע") == ["מדע לכל", "ועדת מדע", "אלף מידע", "מידע לציבור"]


def test_names_and_tags_are_offered_in_any_spelling(client):
    names = {"name_he": "מצויינות בצפון", "name_ar": "أُمّ الأمل", "name_en": "Northern excellence"}
    make_municipality(authority=make_authority(**names), **names)
    make_item(title="Guide", terms=[make_term(name="תוכניות", name_he="תוכניות", name_en="Plans")])
    for typed in ("מצוינ", "ام الام", "أم", "northern exc"):
        assert offers(client, typed) == ["Northern excellence"], typed
    assert offers(client, "תכני") == ["Plans"]


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("של", ["של"]),
        ("stem", ["stem"]),
        ("שיר", ["שיר", "שויר", "שייר", "שיור", "שייר"]),
        ("אבגדהזחטכלמנס", ["אבגדהזחטכלמנס"]),
    ],
)
def test_only_hebrew_words_of_some_length_are_spelt_otherwise(word, expected):
    assert set(spelt(word)) == set(expected)


@settings(max_examples=40, deadline=None, database=None)
@given(
    st.one_of(st.text(max_size=120), st.text(alphabet="אבויםך׳״'\\&|!:*()<>-% aé0ال\u05b8\x00", max_size=120))
)
def test_whatever_is_typed_is_a_question(typed):
    with transaction.atomic():
        assert list(offered(AnonymousUser(), asked) if (asked := Typed.of(typed)) else []) == []


def test_offers_cost_the_same_for_one_and_thirty(client, count_queries):
    make_one_of_each("Lighthouse")
    client.force_login(make_member())
    few = count_queries("/search/complete/?q=lighthouse")
    for number in range(29):
        make_one_of_each("Lighthouse", f" {number}")
    assert count_queries("/search/complete/?q=lighthouse") == few
    assert len(offers(client, "lighthouse")) == MOST


def test_offers_are_limited(client, monkeypatch):
    from munistem.commons.guards import limits

    assert client.get("/search/complete/?q=li").status_code == 200
    monkeypatch.setattr(limits, "count_hit", lambda key, seconds, most: LIMIT[0] + 1)
    assert client.get("/search/complete/?q=li").status_code == 429
