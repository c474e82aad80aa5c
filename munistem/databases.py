"""Which databases the environment names: the portal's own, a pooler before it, a replica beside it (docs/scaling.md)."""

import sys
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from munistem.environment import env

#: A server that vanished without a word must not keep a page waiting for ever: seconds, milliseconds, seconds, seconds, times.
PATIENT = {
    "connect_timeout": 5,
    "tcp_user_timeout": 15_000,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
}
#: A replica that is away must not keep a reader waiting: seconds to connect, milliseconds without a sign of life.
IMPATIENT = {"connect_timeout": 2, "tcp_user_timeout": 3_000}


def named(folder: Path, *, is_testing: bool) -> dict[str, dict]:
    """``DATABASES``: what DATABASE_URL names, else the embedded PostgreSQL below ``folder``; ``replica`` for web processes.

    Raises ImproperlyConfigured for a pooler of another kind, and for a command that knows no way around the pooler.
    """
    if not env("DATABASE_URL"):
        return {"default": embedded(Path(env("PGDEV_DIR") or folder / "pg"), is_testing=is_testing)}
    pooler, direct = env("DATABASE_POOLER"), env("DATABASE_DIRECT_URL")
    if pooler not in {"", "transaction"}:
        raise ImproperlyConfigured("DATABASE_POOLER is either empty or: transaction")
    if is_command():
        if pooler and not direct:
            raise ImproperlyConfigured(
                "Commands need a connection of their own: set DATABASE_DIRECT_URL beside DATABASE_POOLER."
            )
        return {"default": database(direct or env("DATABASE_URL"))}
    found = {"default": database(env("DATABASE_URL"))}
    if env("DATABASE_REPLICA_URL"):
        found["replica"] = {
            **database(env("DATABASE_REPLICA_URL"), PATIENT | IMPATIENT),
            "ENGINE": "munistem.replica",
            "TEST": {"MIRROR": "default"},
        }
    return {name: pooled(settings) for name, settings in found.items()} if pooler else found


def is_command() -> bool:
    """Whether this is a command (worker, migrations, backup …) and not a web process: those hold sessions, locks and LISTEN."""
    return Path(sys.argv[0]).name == "manage.py"


def database(url: str, limits: dict[str, int] = PATIENT) -> dict:
    """DATABASE_URL as Django wants it: postgresql://user:password@host:port/name?option=value."""
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    host, port = options.pop("host", parts.hostname or ""), options.pop("port", parts.port or "")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(host),
        "PORT": port,
        "OPTIONS": limits | options,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }


def pooled(settings: dict) -> dict:
    """The same through a pooler in transaction mode, where each transaction may get another of the server's sessions."""
    return {
        **settings,
        "DISABLE_SERVER_SIDE_CURSORS": True,
        "OPTIONS": {**settings["OPTIONS"], "prepare_threshold": None},
    }


def embedded(cluster: Path, *, is_testing: bool) -> dict:
    return {
        "ENGINE": "munistem.embedded",
        "NAME": "portal",
        "EMBEDDED": cluster.with_name(cluster.name + "-test") if is_testing else cluster,
        "FAST": is_testing,
        "CONN_MAX_AGE": 60,
    }
