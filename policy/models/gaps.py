"""Where the overall picture has gaps: the rule of ``docs/overall-picture.md``, on what the reader is told."""

import math
from collections.abc import Iterable
from typing import NamedTuple

from munistem.commons.enums import LifeStage, Setting
from policy.enums import Gap
from policy.models.honest import Honest

#: Below this share of girls, in per cent: ten points under one half. A convention of the network.
FEW_GIRLS = 40
#: Below this share of the pupils whom a cell is for, in per cent, where their number is known. A convention of the network.
FEW_REACHED = 10
#: Stages up to the end of school; what is missing in them comes first.
AT_SCHOOL = LifeStage.values[:4]
#: Cells of which a public source tells for how many pupils they are there.
WITH_WHOLE = (LifeStage.UPPER_SECONDARY, Setting.FORMAL)


def gaps_of(programmes: int, told: Honest, whole: float | None = None) -> list[Gap]:
    """What is missing in a cell.

    programmes: how many run; told: what is told of their participants; whole: how many pupils the cell is for, None where
    no source tells. Of a small group that is not told nothing is said to be missing.
    """
    if not programmes and not told.is_known and not told.small:
        return [Gap.EMPTY]
    gaps = []
    if (share := told.girls_share) is not None and share < FEW_GIRLS:
        gaps.append(Gap.GIRLS)
    reached = None if told.untold else told.participants
    if whole and reached is not None and 100 * reached / whole < FEW_REACHED:
        gaps.append(Gap.REACH)
    is_untold = not told.small and (told.participants is None or (told.girls is None and not told.veiled))
    if is_untold or told.untold:
        gaps.append(Gap.UNKNOWN)
    return gaps


def sum_gaps_of(programmes: int, told: Honest) -> list[Gap]:
    """What is missing in a cell of many municipalities: something is not known of some of them in nearly every one."""
    return [gap for gap in gaps_of(programmes, told) if gap in (Gap.EMPTY, Gap.GIRLS)]


class Gapped(NamedTuple):
    """A cell with one of its gaps, to be weighed against others; alike: how many municipalities that are alike run something there."""

    stage: str
    setting: str
    gap: Gap
    told: Honest
    whole: float | None = None
    alike: int = 0

    @property
    def short(self) -> int:
        """How many people are missing to the threshold; 0 where no number says it."""
        if self.gap == Gap.GIRLS and self.told.girls is not None and self.told.counted:
            return math.ceil(FEW_GIRLS * self.told.counted / 100) - self.told.girls
        if self.gap == Gap.REACH and self.told.participants is not None and self.whole:
            return math.ceil(FEW_REACHED * self.whole / 100) - self.told.participants
        return 0

    @property
    def weight(self) -> tuple[int, ...]:
        """The heavier, the smaller: what a number measures, then what is empty, then what is not known."""
        kind = 0 if self.short else 1 if self.gap == Gap.EMPTY else 2
        stage, setting = LifeStage.values.index(self.stage), Setting.values.index(self.setting)
        return (kind, -self.short, -self.alike, int(self.stage not in AT_SCHOOL), setting, stage)


def weightiest(gapped: Iterable[Gapped], most: int = 3) -> list[Gapped]:
    """The gaps that weigh most, one of each cell, by the rule of ``docs/overall-picture.md``."""
    of_cell: dict[tuple[str, str], Gapped] = {}
    for row in sorted(gapped, key=lambda one: one.weight):
        of_cell.setdefault((row.stage, row.setting), row)
    return list(of_cell.values())[:most]
