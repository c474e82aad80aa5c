"""Many operations of a migration as few: the models are put together once, not after each of them.

Django renders all related models anew after every change of its state – here nearly two hundred, some hundred times:
most of a minute before a new database stands. A first migration changes nothing that is there, so nobody looks at the
states in between.
"""

from itertools import groupby
from typing import Any

from django.db.migrations.operations import AddConstraint, AddField, AddIndex, CreateModel
from django.db.migrations.operations.base import Operation

#: In this order, and what shares a number in one go.
ORDER = {CreateModel: 0, AddField: 1, AddIndex: 2, AddConstraint: 2}


def together(operations: list[Operation]) -> list[Operation]:
    """The same for an empty room: all tables, then the columns that point around, then indexes and constraints."""
    ordered = sorted(operations, key=rank)
    return [Together(list(several)) for _rank, several in groupby(ordered, rank)]


def rank(operation: Operation) -> int:
    return ORDER[type(operation)]


class Together(Operation):
    """Operations that do not need the state after one another, only the state after all of them."""

    def __init__(self, operations: list[Operation]):
        self.operations = operations

    def state_forwards(self, app_label: str, state: Any) -> None:
        state.__dict__.pop("apps", None)  # rendered again when somebody asks
        for operation in self.operations:
            operation.state_forwards(app_label, state)

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        for operation in self.operations:
            operation.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        for operation in reversed(self.operations):
            operation.database_backwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        return "; ".join(operation.describe() for operation in self.operations)
