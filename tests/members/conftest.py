import pytest

from tests.members.factories import make_authority


@pytest.fixture(autouse=True)
def _english(english_pages):
    """All pages of this room are read in English."""


@pytest.fixture
def town():
    return make_authority(cbs_code=1139, name_he="כרמיאל", name_en="Karmiel", name_ar="كرميئيل")
