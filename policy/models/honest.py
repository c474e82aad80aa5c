"""What may be told of a group of people: small groups are left out so that nothing tells them by subtraction.

The smallest piece that is told is a *cell*: one municipality, school year, life stage and setting. Whatever is told of more
(a year, a municipality, the country) is a sum of what is told of cells, so it tells nothing that they do not. Inside a cell
the participants fall into girls, others of whom is known how many girls are among them, and those of whom it is not known.
If one of these groups is small, the cell tells its participants only; if all of them together are few, not even that.
"""

from collections.abc import Iterable
from typing import NamedTuple

#: Groups of one to nine people are not told.
SMALLEST = 10


class Counts(NamedTuple):
    """The sums of a cell as they were entered.

    told, untold: figures with and without participants; participants: of those that are told; girls: where both are known,
    among ``counted`` participants; is_rough: whether an estimate is among them.
    """

    told: int = 0
    untold: int = 0
    participants: int = 0
    girls: int = 0
    counted: int = 0
    is_rough: bool = False


class Honest(NamedTuple):
    """What is told of a cell or of many: None is not told; ``small`` cells were left out, ``untold`` figures are missing.

    Girls are told among ``counted`` participants. ``veiled`` cells tell participants without telling girls.
    """

    participants: int | None = None
    girls: int | None = None
    counted: int | None = None
    small: int = 0
    veiled: int = 0
    untold: int = 0
    is_rough: bool = False

    @property
    def girls_share(self) -> float | None:
        """In per cent; None where it is not told or nobody was counted."""
        return 100 * self.girls / self.counted if self.girls is not None and self.counted else None

    @property
    def percent(self) -> int | None:
        return None if self.girls_share is None else round(self.girls_share)

    @property
    def is_known(self) -> bool:
        return self.participants is not None


def is_small(people: int) -> bool:
    """Whether so few that telling it could tell who they are; nobody is not few."""
    return 0 < people < SMALLEST


def told_of(cell: Counts) -> Honest:
    """What everyone may know of a cell."""
    if not cell.told:
        return Honest(untold=cell.untold)
    if is_small(cell.participants):
        return Honest(small=1, untold=cell.untold)
    rest = Honest(cell.participants, untold=cell.untold, is_rough=cell.is_rough)
    if not cell.counted:
        return rest
    groups = (cell.girls, cell.counted - cell.girls, cell.participants - cell.counted)
    if any(map(is_small, groups)):
        return rest._replace(veiled=1)
    return rest._replace(girls=cell.girls, counted=cell.counted)


def as_entered(cell: Counts) -> Honest:
    """What who keeps the figures may know of a cell: all of it."""
    if not cell.told:
        return Honest(untold=cell.untold)
    known = Honest(cell.participants, untold=cell.untold, is_rough=cell.is_rough)
    return known._replace(girls=cell.girls, counted=cell.counted) if cell.counted else known


def together(cells: Iterable[Honest]) -> Honest:
    """The sum of what is told; what is told of no cell is not told of them together."""
    rows = list(cells)
    return Honest(
        _sum(row.participants for row in rows),
        _sum(row.girls for row in rows),
        _sum(row.counted for row in rows),
        sum(row.small for row in rows),
        sum(row.veiled for row in rows),
        sum(row.untold for row in rows),
        any(row.is_rough for row in rows),
    )


def _sum(values: Iterable[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None
