"""The founding content: complete in three languages, re-runnable, never over what people changed."""

import re

import pytest
from django.core.management import call_command

from communities.enums import Access
from communities.models import Community
from knowledge.actions.keep import history_told
from munistem.commons.enums import LifeStage
from munistem.commons.terms.models import Term, TermKind
from policy.actions import found
from policy.enums import Indicator
from policy.models import Recommendation, Roundtable, VersionStep
from policy.views.gap import MOVES

LETTERS = {"he": re.compile("[א-ת]"), "ar": re.compile("[ء-ي]"), "en": re.compile("[A-Za-z]")}
RECOMMENDATIONS = found.read("roundtable")["recommendation"]


def load():
    call_command("load_founding_content", verbosity=0)


def unmake(slug):
    """As if the recommendation had never been founded."""
    row = Recommendation.objects.get(slug=slug)
    Recommendation.objects.filter(pk=row.pk).update(current_version=None, is_published=False)
    with history_told():
        VersionStep.objects.filter(version__recommendation=row).delete()
        row.versions.all().delete()
    row.delete()


def everything():
    rows = [
        *Term.objects.all(),
        *Community.objects.all(),
        *Roundtable.objects.all(),
        *Recommendation.objects.all(),
    ]
    return {(type(row).__name__, row.pk): str(vars(row) | {"_state": ""}) for row in rows}


@pytest.mark.django_db
def test_founding_content_stands_after_one_run_and_is_found():
    load()
    assert [row.slug for row in Recommendation.objects.in_order()] == [
        "municipality-leads",
        "declared-stem-policy",
        "more-resources",
        "overall-picture",
        "stem-excellence-manager",
    ]
    assert Term.objects.subjects().count() >= 20
    assert Term.objects.populations().count() >= 10
    assert Community.objects.get(slug="stem-managers").access == Access.REQUEST
    assert Community.objects.get(slug="girls-in-stem").access == Access.OPEN
    assert list(Community.objects.filter(is_default=True).values_list("slug", flat=True)) == ["stem-managers"]
    for words in ("תמונת על", "الصورة الشاملة", "overall picture"):
        assert Recommendation.objects.matching(words).first().slug == "overall-picture"
    assert Community.objects.matching("נערות").exists()


@pytest.mark.django_db
def test_each_recommendation_says_what_it_should_move():
    load()
    said = {row.slug: row.current_version for row in Recommendation.objects.select_related("current_version")}
    for row in RECOMMENDATIONS:
        version = said[row["slug"]]
        assert version.indicators == row["indicators"]
        assert set(version.indicators) <= set(Indicator.values)
        assert list(version.populations.values_list("slug", flat=True)) == row["populations"]
    moved = {one for row in RECOMMENDATIONS for one in row["indicators"]}
    assert {one.value for one in MOVES.values()} <= moved, "each gap has a recommendation that closes it"
    assert all(len([row for row in RECOMMENDATIONS if one in row["indicators"]]) < 4 for one in moved)


@pytest.mark.django_db
def test_second_run_changes_nothing():
    load()
    before = everything()
    load()
    assert everything() == before


@pytest.mark.django_db
def test_edits_are_never_overwritten():
    load()
    Recommendation.objects.filter(slug="municipality-leads").update(title_he="בנוסח חדש", is_published=False)
    Term.objects.filter(slug="robotics").update(name_he="רובוטים", synonyms=[])
    Community.objects.filter(slug="girls-in-stem").update(purpose="Ours", access=Access.REQUEST)
    Roundtable.objects.update(question_en="Another question")
    unmake("more-resources")
    before = everything()
    load()
    after = everything()
    assert {key: after[key] for key in before} == before
    assert len(after) == len(before) + 1


@pytest.mark.django_db
def test_recommendation_whose_number_is_taken_stands_at_the_end():
    load()
    unmake("more-resources")
    Recommendation.objects.filter(number=5).update(number=3)
    load()
    assert Recommendation.objects.get(slug="more-resources").number == 5


@pytest.mark.django_db
def test_free_tag_becomes_the_term_of_its_name():
    free = Term.objects.create(name="רובוטיקה", kind=TermKind.FREE)
    load()
    free.refresh_from_db()
    assert (free.kind, free.is_curated, free.name_en) == (TermKind.SUBJECT, True, "Robotics")
    assert Term.objects.filter(name_en="Robotics").count() == 1
    before = everything()
    load()
    assert everything() == before


@pytest.mark.parametrize("code", LETTERS)
def test_recommendations_are_complete_in_each_language(code):
    letters, lengths = LETTERS[code], set()
    for row in RECOMMENDATIONS:
        texts = [row["title"][code], row["summary"][code], row["rationale"][code], *row["actions"][code]]
        assert all(letters.search(text) for text in texts)
        assert 2 <= len(row["rationale"][code].strip().split("\n\n")) <= 3
        assert len(row["title"][code]) <= 60
        assert set(row["life_stages"]) <= set(LifeStage.values)
        lengths.add(len(row["actions"][code]))
        assert {len(row["actions"][other]) for other in LETTERS} == {len(row["actions"][code])}
    assert lengths <= {4, 5, 6}
    table = found.read("roundtable")
    assert all(letters.search(table[field][code]) for field in found.TEXTS["roundtable"])


@pytest.mark.parametrize("code", LETTERS)
def test_vocabulary_is_complete_in_each_language(code):
    content = found.read("vocabulary")
    rows = content["subject"] + content["population"]
    assert all(LETTERS[code].search(row[code]) for row in rows)
    assert len({row[code] for row in rows}) == len({row["slug"] for row in rows}) == len(rows)
    assert all(row["synonyms"] for row in rows)
    synonyms = [word.casefold() for row in rows for word in row["synonyms"]]
    assert len(synonyms) == len(set(synonyms)), "one word leads to one term"


def test_hebrew_and_arabic_are_not_mixed_up():
    for row in RECOMMENDATIONS:
        for field in found.TEXTS["recommendation"]:
            assert not LETTERS["ar"].search(str(row[field]["he"]))
            assert not LETTERS["he"].search(str(row[field]["ar"]) + str(row[field]["en"]))
