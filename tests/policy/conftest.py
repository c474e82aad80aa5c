from datetime import timedelta

import pytest
from django.utils import timezone

from tests.members.factories import fresh, make_holding, make_municipality, make_representative, make_user
from tests.moments import moment, stop_clock
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


@pytest.fixture
def on(monkeypatch):
    """Let it be a day, nine in the morning."""

    def be(day):
        monkeypatch.setattr(timezone, "now", lambda: moment(day.year, day.month, day.day, 9))

    return be


@pytest.fixture
def town_manager(town):
    return make_representative(make_user(name="Mira Manager"), town, is_manager=True).person


@pytest.fixture
def before(town):
    """Who held the STEM role of the town until now."""
    person = make_representative(make_user(name="Bella Before"), town).person
    make_holding(town.authority, person)
    return person


@pytest.fixture
def after(town):
    """A colleague who will hold it."""
    return make_representative(make_user(name="Aya After"), town).person
