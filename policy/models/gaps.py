"""Where the overall picture has gaps: the rule of ``docs/overall-picture.md``, on what the reader is told."""

from munistem.commons.enums import LifeStage, Setting
from policy.enums import Gap
from policy.models.honest import Honest

#: Below this share of girls, in per cent: ten points under one half. A convention of the network.
FEW_GIRLS = 40
#: Below this share of the pupils whom a cell is for, in per cent, where their number is known. A convention of the network.
FEW_REACHED = 10
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
