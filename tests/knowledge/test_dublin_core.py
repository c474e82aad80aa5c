"""An item as Dublin Core tells it: what harvesters, citations and pages are made of."""

import pytest
from django.utils import timezone

from knowledge.enums import ItemKind
from knowledge.models.details import DETAILS, detail_texts, told, valid_by_default
from knowledge.models.dublin_core import dublin_core
from munistem.commons.enums import Visibility
from munistem.commons.terms.models import TermKind
from tests.knowledge.factories import make_item, make_revision, make_term
from tests.members.factories import make_authority, make_member, make_organisation

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_pages")]


def test_everything_that_is_said_has_its_element(settings):
    settings.BASE_URL = "https://stem.example"
    town = make_organisation(name_he="כרמיאל", name_ar="كرميئيل", name_en="Karmiel")
    term = make_term(name_he="רובוטיקה", name_ar="روبوتيكا", name_en="Robotics")
    free = make_term(name="makeathon", is_curated=False, kind=TermKind.FREE)
    place = make_authority(name_he="כרמיאל", name_ar="كرميئيل", name_en="Karmiel")
    item = make_item(title="מעבדה", summary="בקצרה", language="he", slug="lab", organisation=town, terms=[term, free],
                     authority=place, year=2024, life_stages=["primary"], licence="cc_by", kind=ItemKind.VIDEO)  # fmt: skip
    other = make_item(slug="lab-ar", edition_of=item, language="ar")
    said = dublin_core(item, item.published, [other])
    assert said[:2] == [("title", "מעבדה", "he"), ("creator", "כרמיאל", "he")]
    for row in (
        ("subject", "רובוטיקה", "he"),
        ("subject", "روبوتيكا", "ar"),
        ("subject", "Robotics", "en"),
        ("subject", "makeathon", ""),
        ("description", "בקצרה", "he"),
        ("publisher", "muni:STEM", ""),
        ("date", f"{timezone.localdate(item.published_at)}", ""),
        ("type", "MovingImage", ""),
        ("identifier", "https://stem.example/knowledge/lab/", ""),
        ("language", "he", ""),
        ("relation", "https://stem.example/knowledge/lab-ar/", ""),
        ("coverage", "Karmiel", "en"),
        ("coverage", "2024", ""),
        ("rights", "https://creativecommons.org/licenses/by/4.0/", ""),
    ):
        assert row in said, row
    assert {element for element, _value, _language in said} <= {
        *("title", "creator", "subject", "description", "publisher", "contributor", "date", "type", "format"),
        *("identifier", "source", "language", "relation", "coverage", "rights"),
    }
    assert all(value for _element, value, _language in said)


def test_the_network_stands_for_an_item_of_no_organisation_and_a_region_for_a_place():
    item = make_item(created_by=make_member(name="Dana"), region="north", licence="reserved")
    said = dublin_core(item, item.published)
    assert ("creator", "muni:STEM", "") in said
    assert "Dana" not in str(said)
    assert ("coverage", "Northern District", "en") in said
    assert not any(value.startswith("https://creativecommons") for _element, value, _language in said)


def test_a_draft_is_told_without_a_date():
    item = make_item("draft", visibility=Visibility.NETWORK)
    assert "date" not in {row[0] for row in dublin_core(item, item.revisions.get())}


# The fields of a kind ----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ItemKind.values)
@pytest.mark.parametrize(
    "details", [{}, {"context": ""}, {"deadline": "soon"}, {"deadline": 7}, {"evidence": "hearsay"}]
)
def test_odd_details_are_never_shown_and_never_fail(kind, details):
    assert list(told(kind, details)) == []
    assert list(detail_texts(kind, details)) == []


def test_fields_are_told_in_their_order_and_in_the_language_of_the_item():
    details = {"next_time": "Later", "context": "Before", "evidence": "figures", "goals": "of another kind"}
    revision = make_revision(kind="case_study", details=details, language="en")
    assert [(row["label"], row["value"]) for row in revision.told_details] == [
        ("Where we began", "Before"),
        ("How do you know?", "Figures we kept before and after"),
        ("What we would do differently", "Later"),
    ]


def test_what_its_kind_tells_is_searched():
    make_item(kind="case_study", details={"cost": "Zanzibarian shillings", "evidence": "figures"})
    item = make_item(kind="guide", details={"cost": "Zanzibarian shillings"})
    found = type(item).objects.published().matching("Zanzibarian")
    assert [row.published.kind for row in found] == ["case_study"]


def test_names_of_fields_are_their_own_within_a_kind():
    for rows in DETAILS.values():
        assert len({row.name for row in rows}) == len(rows)


def test_the_29th_of_february_ends_on_the_28th():
    from datetime import date

    assert valid_by_default("tool", {}, date(2028, 2, 29)) == date(2030, 2, 28)
