"""What the ground knows of people's words."""

import pytest

from munistem.commons.text.languages import direction_of


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
