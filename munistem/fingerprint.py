"""Short names for the state of many files: two states with the same name need not be prepared twice."""

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import django
from django.apps import apps
from django.conf import settings

ROOMS = ("members", "communities", "knowledge", "policy", "munistem")


def of_files(paths: Iterable[Path], *words: str) -> str:
    """The name of these files' contents (and of the words beside them)."""
    digest = hashlib.sha256(repr((django.__version__, words)).encode())
    for path in paths:
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:24]


def migrations() -> Iterator[Path]:
    """Every migration of every installed app, in a fixed order."""
    for app in apps.get_app_configs():
        yield from sorted(Path(app.path).glob("migrations/**/*.py"))


def contents() -> Iterator[Path]:
    """What the loaders of register, founding content and demo read, and the loaders themselves."""
    for room in ROOMS:
        base = settings.BASE_DIR / room
        for pattern in ("data/**/*", "**/management/**/load_*.py", "**/management/**/load_*/*.py"):
            yield from sorted(path for path in base.glob(pattern) if path.is_file() and path.suffix != ".pyc")
