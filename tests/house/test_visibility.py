"""Who may know of what: nobody finds a mark of a thing that is not for them, on whatever surface.

The written table is ``visibility.txt``; the world is that of ``load_probe_world``. Here two people walk who may know
least; ``tests/heavy/heavy_visibility.py`` walks as everybody.
"""

from itertools import chain
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command

from members.models import User
from munistem.front.api.urls import api
from tests.house.addresses import PLACES, Address, addresses, place_of
from tests.house.test_roles import patterns
from tests.house.visible import Eyes, Sighting, load, read_table
from tests.house.walking import client_of, walk


def asked_for() -> list[Address]:
    """What a walk asks: not what only takes deeds, and not what opens by an address that nobody was given."""
    surfaces = read_table().surfaces
    return [address for address in addresses() if surfaces[address.name] not in ("deed", "key")]


def person_of(world: dict[str, Any], role: str) -> Any:
    """Who plays a role; None for the visitor."""
    told = world["roles"][role]
    return User.objects.get(email=told["user"]) if told else None


def leaks(seen: list[Sighting], role: str) -> list[str]:
    """What the role was shown and should not be."""
    return sorted({str(one) for one in seen if role not in one.thing.allowed})


def missed(eyes: Eyes, seen: list[Sighting], role: str) -> list[str]:
    """What the role should be shown on its own page and was not."""
    shown = {(one.thing, one.url) for one in seen}
    due = [thing for thing in eyes.things if role in thing.allowed and thing.words]
    return [" ".join(thing.key) for thing in due if (thing, thing.detail) not in shown]


@pytest.fixture
def world(db, settings, tmp_path, monkeypatch):
    """The probe world in a portal that is no trial."""
    settings.IS_SECOND_FACTOR_REQUIRED = False
    settings.EMAIL_FOLDER, settings.MEDIA_ROOT = tmp_path / "mail", tmp_path / "files"
    monkeypatch.setattr("munistem.commons.guards.limits.count_hit", lambda *_args, **_options: 0)
    settings.DEMO = True
    call_command("load_probe_world", out=tmp_path / "world.json", verbosity=0)
    settings.DEMO = settings.DEBUG = False
    User.objects.filter(email="deactivated@probe.example").update(is_active=False)
    return load(tmp_path / "world.json")


def test_nothing_is_written_twice():
    assert read_table().twice == []


def test_every_address_stands_on_a_surface():
    surfaces = read_table().surfaces
    names = {pattern.name for _route, pattern in patterns()}
    names |= set(api.get_openapi_schema(path_prefix="")["paths"])
    assert sorted(names - surfaces.keys()) == [], "addresses that the table does not have"
    assert sorted(surfaces.keys() - names) == [], "names of the table that have no address"


def test_every_place_has_its_rows():
    found = {place_of(route) for route, _pattern in patterns()}
    assert sorted(found - PLACES.keys()) == [], "places that the walk does not know"
    assert sorted(PLACES.keys() - found) == [], "places that are no more"


def test_every_model_has_its_line():
    found = {model._meta.label for model in apps.get_models()}
    models = read_table().models
    assert sorted(found - models.keys()) == [], "models that the table does not have"
    assert sorted(models.keys() - found) == [], "lines of the table that have no model"


def test_every_kind_that_models_keep_is_probed():
    table = read_table()
    kinds = {kind for kind, _visibility in table.things}
    assert sorted(set(table.models.values()) - kinds - {"own", "open", "inside", "letter"}) == []


@pytest.mark.slow
def test_every_thing_is_for_whom_the_table_says(world):
    table = read_table()
    told = {thing.key: thing.allowed for thing in Eyes(world).things}
    written = {key: frozenset(table.circles[circle]) for key, (circle, _surfaces) in table.things.items()}
    assert told == written


@pytest.mark.slow
def test_least_trusted_find_no_mark_of_what_is_not_for_them(world):
    """And find what is: each thing on its own page."""
    eyes, lists = Eyes(world), read_table().lists
    for role in ("outsider", "anon"):
        seen = list(
            chain.from_iterable(map(eyes.see, walk(client_of(person_of(world, role)), asked_for(), lists)))
        )
        assert leaks(seen, role) == []
        assert missed(eyes, seen, role) == []
