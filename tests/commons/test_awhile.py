"""What is kept for seconds is counted once in them, and never told to whom it is not meant."""

import pytest

from munistem.commons import awhile
from munistem.commons.awhile import Awhile


@pytest.fixture(autouse=True)
def _seconds(monkeypatch):
    monkeypatch.setattr(awhile, "SECONDS", 20)


def test_only_so_much_is_kept():
    kept, counted = Awhile(most=2), []
    for key in "aabca":
        assert kept.get(key, lambda key=key: counted.append(key) or key) == key
    assert counted == list("abca")
    assert list(kept.kept) == ["c", "a"]


def test_old_numbers_are_told_while_somebody_waits_for_new_ones(monkeypatch):
    kept, meanwhile = Awhile(most=2), []
    kept.get("key", lambda: 1)
    monkeypatch.setattr(awhile, "SECONDS", 0.0)

    def count():
        monkeypatch.setattr(awhile, "SECONDS", 20)
        meanwhile.append(kept.get("key", lambda: 3))
        return 2

    assert kept.get("key", count) == 2
    assert meanwhile == [1]
    assert kept.get("key", lambda: 3) == 2
