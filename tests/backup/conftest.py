"""A small network made once, and the sets that were made of it."""

import shutil
from datetime import date

import pytest
from django.core.management import call_command

from munistem.backup import making
from tests.backup.places import contents, place

SMALL = {"people": 20, "topics": 14, "posts": 60, "items": 14, "today": date(2026, 11, 24), "verbosity": 0}
PASSPHRASE = "nine brown horses in the rain"


@pytest.fixture(scope="module")
def network(django_db_setup, django_db_blocker, tmp_path_factory):
    """The contents of a network, and two sets of it: ``plain`` and ``sealed``."""
    base = tmp_path_factory.mktemp("network")
    patched = pytest.MonkeyPatch()
    with django_db_blocker.unblock(), place("network", base / "files"), patched.context() as patch:
        patch.setattr("django.conf.settings.DEMO", True)
        for step in ("createcachetable", "load_register", "load_founding_content"):
            call_command(step, verbosity=0)
        call_command("load_demo", **SMALL)
        making.make(base / "plain")
        making.make(base / "sealed", PASSPHRASE)
        yield base, contents()


@pytest.fixture
def copied(network, tmp_path):
    """``copied("plain")``: a copy of a set, to be damaged."""

    def copy(name: str):
        return shutil.copytree(network[0] / name, tmp_path / name)

    return copy
