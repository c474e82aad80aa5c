"""What the ground knows of people's words."""

import pytest
from django.utils import translation

from munistem.commons.templatetags.attributes import web
from munistem.commons.text.languages import direction_of
from munistem.commons.text.names import listed


@pytest.mark.parametrize(
    ("text", "direction"),
    [
        ("STEM בגיל הרך", "rtl"),
        ("STEM في السلطات العربية", "rtl"),
        ("<mark>STEM</mark> בגיל הרך", "rtl"),
        ("What peers abroad learned about ירוחם", "ltr"),
        ("Funders and partners", "ltr"),
        ("2026 – 17", "auto"),
        ("", "auto"),
    ],
)
def test_a_line_runs_as_most_of_its_letters_do(text, direction):
    assert direction_of(text) == direction


@pytest.mark.parametrize(
    ("stored", "leads_to"),
    [
        ("https://example.org/page", "https://example.org/page"),
        ("HTTP://example.org", "HTTP://example.org"),
        ("javascript:alert(1)//", "#"),
        (" data:text/html,x", "#"),
        ("", "#"),
        (None, "#"),
    ],
)
def test_a_link_leads_to_the_web_or_nowhere(stored, leads_to):
    assert web(stored) == leads_to


@pytest.mark.parametrize(
    ("language", "said"), [("he", "גודל, מגזר"), ("ar", "גודל، מגזר"), ("en", "גודל, מגזר")]
)
def test_things_in_a_row_stand_with_the_comma_of_the_language(language, said):
    with translation.override(language):
        assert listed(["גודל", "מגזר"]) == said
