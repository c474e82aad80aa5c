import pytest

from tests.scale import bucket as bucket_of_tests
from tests.scale.replicas import reading_from


@pytest.fixture
def replica(db, monkeypatch):
    """A second connection to the same database that only reads, under the name of a replica."""
    options = {"connect_timeout": 2, "options": "-c default_transaction_read_only=on"}
    with reading_from(monkeypatch, OPTIONS=options) as other:
        yield other


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
