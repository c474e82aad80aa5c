from datetime import timedelta

import pytest

from tests.members.factories import fresh, make_municipality, make_representative
from tests.moments import stop_clock
from tests.policy.calls import NOW, town_with
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


@pytest.fixture
def clock(monkeypatch):
    """It is the Tuesday of ``tests.policy.calls``, until a test moves the clock by days."""

    def move(days=0, hours=0):
        stop_clock(monkeypatch, NOW + timedelta(days=days, hours=hours))

    move()
    return move


@pytest.fixture
def poor(clock):
    """A member municipality of the third socio-economic cluster, on that Tuesday."""
    return town_with(socioeconomic_cluster=3)


@pytest.fixture
def manager(poor):
    return fresh(make_representative(organisation=poor, is_manager=True).person)
