"""Sessions that are read from a cache: it may be away or late, and an ended session does not come back from it."""

import time

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import caches
from django.urls import reverse

from members.actions.person import deactivate_person, end_sessions
from munistem.commons.guards import sessions
from munistem.commons.guards.sessions import Cache, SessionStore
from tests.members.factories import make_admin, make_member

pytestmark = pytest.mark.django_db
CACHE = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "sessions"}


class Gone:
    """A cache whose machine is away."""

    def refuse(self, *_told, **_named):
        raise ConnectionError("nobody there")

    get = set = add = delete = has_key = refuse


@pytest.fixture(autouse=True)
def _cached(settings, monkeypatch):
    settings.SESSION_ENGINE = "munistem.commons.guards.sessions"
    settings.CACHES = settings.CACHES | {"sessions": CACHE}
    settings.SESSION_CACHE_ALIAS = "sessions"
    monkeypatch.setattr(Cache, "away_until", 0.0)
    caches["sessions"].clear()


@pytest.fixture
def inside(client):
    client.force_login(make_member())
    assert is_in(client)
    return client


def is_in(client) -> bool:
    return client.get(reverse("list_sessions")).status_code == 200


def cut_off(monkeypatch):
    monkeypatch.setattr(sessions.cached_db, "caches", {"sessions": Gone()})


def test_second_page_reads_the_session_from_the_cache(inside, django_assert_num_queries):
    key = inside.session.session_key
    assert key in Session.objects.values_list("session_key", flat=True)
    with django_assert_num_queries(0):
        assert SessionStore(key).load()


def test_who_is_signed_in_stays_so_while_the_cache_is_away(inside, monkeypatch):
    cut_off(monkeypatch)
    assert is_in(inside)
    assert Cache.away_until > time.monotonic()
    monkeypatch.undo()
    assert is_in(inside)


def test_cache_that_is_away_is_asked_once_and_then_left_in_peace(inside, monkeypatch):
    asked = []
    gone = Gone()
    gone.get = lambda key: asked.append(key) or gone.refuse()
    monkeypatch.setattr(sessions.cached_db, "caches", {"sessions": gone})
    for _page in range(3):
        assert is_in(inside)
    assert len(asked) == 1
    monkeypatch.setattr(Cache, "away_until", time.monotonic() - 1)
    is_in(inside)
    assert len(asked) == 2


def test_session_is_not_ended_by_half(inside, monkeypatch):
    """What cannot be taken out of the cache is an error, which takes the deed back: the person tries again."""
    cut_off(monkeypatch)
    with pytest.raises(ConnectionError):
        SessionStore(inside.session.session_key).delete()


def test_ended_sessions_are_out_of_the_cache_too(inside):
    key = inside.session.session_key
    person = make_member()
    inside.force_login(person)
    assert is_in(inside)
    assert end_sessions(person) == 1
    assert not is_in(inside)
    assert SessionStore(key).load() == {}


def test_deactivated_person_with_an_open_page_is_out(client):
    person = make_member()
    client.force_login(person)
    assert is_in(client)
    deactivate_person(by=make_admin(), person=person)
    assert not is_in(client)


def test_session_that_slipped_into_the_cache_again_ends_within_a_minute(inside, monkeypatch):
    """A page that had read the row writes it into the cache after it was deleted."""
    kept = {}
    monkeypatch.setattr(sessions.cached_db, "caches", {"sessions": Kept(kept)})
    SessionStore(inside.session.session_key).load()
    assert list(kept.values()) == [sessions.SECONDS] == [60]


class Kept:
    """Notes for how long something is kept."""

    def __init__(self, seconds: dict):
        self.seconds = seconds

    def get(self, _key):
        return None

    def set(self, key, _data, seconds):
        self.seconds[key] = seconds


def test_watchman_hears_of_a_cache_that_is_away(client, monkeypatch, settings):
    settings.REDIS_URL = "redis://named"
    monkeypatch.setattr("munistem.watch.state.cache", Gone())
    answer = client.get("/readyz")
    assert (answer.status_code, answer.content) == (
        200,
        b"ready\nthe cache cannot be reached: nobody can sign in\n",
    )
    assert client.get("/readyz?strict").status_code == 503
