import pytest


@pytest.fixture(autouse=True)
def _english(english_pages):
    """All pages of this room are read in English."""
