import pytest

from tests.commons.factories import make_person


@pytest.fixture
def person(db):
    return make_person()
