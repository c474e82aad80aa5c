import pytest
from django.db import connections, router

from munistem.replica import standby as watched
from munistem.replica.base import DatabaseWrapper
from munistem.replica.router import Router
from tests.scale import bucket as bucket_of_tests


@pytest.fixture
def replica(db, monkeypatch):
    """A second connection to the same database that only reads, under the name of a replica.

    The primary's is another than the test's: outside of any transaction, as web processes are. What a test makes – organisations
    alone – is deleted after it, which is quicker than to empty all tables.
    """
    from members.models import Organisation

    held = connections["default"]
    held.ensure_connection()  # now it knows where the server is
    options = {"connect_timeout": 2, "options": "-c default_transaction_read_only=on"}
    primary = held.copy()
    other = DatabaseWrapper({**primary.settings_dict, "OPTIONS": options}, "replica")
    monkeypatch.setitem(router.__dict__, "routers", [Router()])
    watched.forget()
    connections["default"], connections["replica"] = primary, other
    yield other
    Organisation.objects.all().delete()
    for one in (primary, other):
        one.close()
    connections["default"] = held
    del connections["replica"]
    watched.forget()


@pytest.fixture(scope="session")
def bucket_server():
    with bucket_of_tests.running() as server:
        yield server


@pytest.fixture
def bucket(bucket_server, settings):
    """Files of people lie in an empty bucket; what it holds and what it was asked is on the server that is given."""
    bucket_server.kept, bucket_server.is_away = {}, False
    bucket_server.asked.clear()
    options = bucket_server.described
    backend = {"BACKEND": "munistem.commons.files.bucket.BucketStorage", "OPTIONS": options}
    settings.STORAGES = {**settings.STORAGES, "default": backend}
    return bucket_server
