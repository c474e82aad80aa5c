"""Whether those around a table are the mix that the network wants; pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from members.enums import District, OrganisationType
from munistem.commons.enums import Language
from policy.enums import Dimension, Gender, SeatAnswer, SeatRole

GROUPS: dict[str, Any] = {
    Dimension.GENDER: Gender,
    Dimension.SECTOR: OrganisationType,
    Dimension.DISTRICT: District,
    Dimension.LANGUAGE: Language,
    Dimension.ROLE: SeatRole,
}


@dataclass(frozen=True)
class Share:
    """A group: the wanted share in per cent, how many of those known belong to it, how many are missing."""

    label: str
    wanted: int
    count: int
    known: int
    missing: int

    @property
    def percent(self) -> int | None:
        return round(100 * self.count / self.known) if self.known else None


@dataclass(frozen=True)
class Mix:
    """One dimension: its wanted groups, and of how many people nothing is known in it."""

    label: str
    shares: list[Share]
    unknown: int


def counted(seats: Iterable[Any]) -> tuple[list[Any], bool]:
    """Who counts: those who were present, else (before it was noted) all invited who did not decline."""
    rows = list(seats)
    present = [seat for seat in rows if seat.was_present]
    return (present, True) if present else ([seat for seat in rows if seat.answer != SeatAnswer.NO], False)


def mixes(seats: Iterable[Any], targets: Mapping[tuple[str, str], int]) -> list[Mix]:
    """Each dimension with a wanted share. targets: (dimension, group) → per cent.

    Missing are the people by which a group falls short of its share among those of whom the group is known, rounded down:
    a share that no whole person could mend is no gap.
    """
    rows, found = list(seats), []
    for dimension, groups in GROUPS.items():
        wanted = [
            (group, targets[dimension, group]) for group in groups.values if (dimension, group) in targets
        ]
        if not wanted:
            continue
        counts = Counter(getattr(seat, dimension) for seat in rows)
        known = len(rows) - counts[""]
        shares = [
            Share(
                str(groups(group).label), percent, counts[group], known, short(percent, known, counts[group])
            )
            for group, percent in wanted
        ]
        found.append(Mix(str(Dimension(dimension).label), shares, counts[""]))
    return found


def short(percent: int, known: int, count: int) -> int:
    """How many people are missing for a share of so many per cent."""
    return max(0, percent * known // 100 - count)
