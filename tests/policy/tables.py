"""Tables of programmes for tests: begun, read and taken in."""

from uuid import uuid4

from munistem.commons.days.school import current_school_year
from policy.actions.importing import carry
from tests.knowledge.tables import table_of
from tests.members.factories import fresh

YEAR = current_school_year()


def begun(by, town, rows=(), table=None):
    """A table that was begun and read."""
    carried = carry.begin_import(
        by=fresh(by),
        authority=town.authority,
        table=table or table_of(rows),
        year=YEAR,
        language="he",
        nonce=uuid4(),
    )
    carry.read_import(carried.pk)
    carried.refresh_from_db()
    return carried


def filled(by, carried):
    carry.confirm_import(by=fresh(by), carried=carried)
    while carry.fill_import(carried.pk):
        pass
    carried.refresh_from_db()
    return carried


def row(**cells):
    heads = {"Programme": "Robotics", "Life stages": "Primary school", "Settings": "Informal education"}
    return heads | {head.replace("_", " "): cell for head, cell in cells.items()}


def told(carried, number=2):
    found = carried.rows.get(number=number)
    return [(one["column"], one["weight"], one["text"] % one["words"]) for one in found.problems]
