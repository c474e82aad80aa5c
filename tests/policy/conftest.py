import pytest

from tests.members.factories import make_municipality, make_representative
from tests.policy.factories import make_recommendation


@pytest.fixture
def town():
    return make_municipality(name_en="Sandhill")


@pytest.fixture
def person(town, client):
    """A representative of the town who is signed in."""
    person = make_representative(organisation=town).person
    client.force_login(person)
    return person


@pytest.fixture
def recommendation():
    return make_recommendation(title_en="A named manager")
