"""Statements of our own that only read: from where the rows of a model are read just now."""

from typing import Any

from django.db import connections, router
from django.db.models import Model


def reading_cursor(model: type[Model]) -> Any:
    """A cursor of the database from which a model is read; for what is written take ``django.db.connection``."""
    return connections[router.db_for_read(model)].cursor()
