"""Which databases the environment names."""

import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

from munistem import databases

OWN = "postgresql://portal:secret@db.example.org:5432/portal"


@pytest.fixture
def named(monkeypatch, tmp_path):
    """``named("gunicorn", DATABASE_URL=…)``: the databases of a process that was started so, in this environment."""

    def asked(program, **environment):
        for name in ("URL", "POOLER", "DIRECT_URL", "REPLICA_URL"):
            monkeypatch.setenv(f"DATABASE_{name}", environment.get(f"DATABASE_{name}", ""))
        monkeypatch.setattr(sys, "argv", [program, "worker"])
        return databases.named(tmp_path, is_testing=False)

    return asked


def test_without_an_address_the_embedded_one_serves(named, tmp_path):
    assert named("gunicorn")["default"] == {
        "ENGINE": "munistem.embedded",
        "NAME": "portal",
        "EMBEDDED": tmp_path / "pg",
        "FAST": False,
        "CONN_MAX_AGE": 60,
    }


def test_address_is_taken_apart():
    found = databases.database("postgresql://me:p%40ss@/my%20db?host=/run/pg&port=6432&sslmode=require")
    kept = ("NAME", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS")
    assert [found[name] for name in kept] == [
        "my db",
        "me",
        "p@ss",
        "/run/pg",
        "6432",
        {**databases.PATIENT, "sslmode": "require"},
    ]


def test_web_process_goes_through_the_pooler_and_commands_directly(named):
    both = {"DATABASE_URL": OWN, "DATABASE_POOLER": "transaction", "DATABASE_DIRECT_URL": f"{OWN}-direct"}
    (web,) = named("/srv/bin/gunicorn", **both).values()
    assert (web["NAME"], web["DISABLE_SERVER_SIDE_CURSORS"]) == ("portal", True)
    assert web["OPTIONS"] == {**databases.PATIENT, "prepare_threshold": None}
    (command,) = named("/srv/portal/manage.py", **both).values()
    assert command == databases.database(f"{OWN}-direct")


def test_replica_is_for_web_processes_and_keeps_nobody_waiting(named):
    both = {"DATABASE_URL": OWN, "DATABASE_REPLICA_URL": f"{OWN}?host=replica.example.org&connect_timeout=1"}
    assert named("manage.py", **both).keys() == {"default"}
    replica = named("gunicorn", **both)["replica"]
    assert (replica["ENGINE"], replica["HOST"]) == ("munistem.replica", "replica.example.org")
    assert replica["TEST"] == {"MIRROR": "default"}
    assert replica["OPTIONS"] == {**databases.PATIENT, "connect_timeout": "1", "tcp_user_timeout": 3_000}


@pytest.mark.parametrize("program", ["gunicorn", "manage.py"])
def test_other_pooling_is_refused(named, program):
    with pytest.raises(ImproperlyConfigured):
        named(program, DATABASE_URL=OWN, DATABASE_POOLER="statement")


def test_command_without_a_connection_of_its_own_is_refused(named):
    with pytest.raises(ImproperlyConfigured, match="DATABASE_DIRECT_URL"):
        named("manage.py", DATABASE_URL=OWN, DATABASE_POOLER="transaction")
