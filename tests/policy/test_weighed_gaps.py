"""Which gaps weigh most: by the rule of docs/overall-picture.md, pure."""

from munistem.commons.enums import LifeStage, Setting
from policy.enums import Gap
from policy.models.gaps import Gapped, weightiest
from policy.models.honest import Honest

FORMAL, INFORMAL, FAMILY, INDUSTRY = Setting.values
EARLY, PRIMARY, LOWER, UPPER, SERVICE, HIGHER, WORK = LifeStage.values


def girls(stage, girls, counted):
    return Gapped(stage, FORMAL, Gap.GIRLS, Honest(counted, girls, counted))


def empty(stage, setting=FORMAL, alike=0):
    return Gapped(stage, setting, Gap.EMPTY, Honest(), alike=alike)


def places(*gapped, most=3):
    return [(one.stage, one.setting, one.gap) for one in weightiest(gapped, most)]


def test_people_that_are_missing_are_counted_to_the_threshold():
    assert girls(UPPER, 30, 100).short == 10
    assert girls(UPPER, 3, 11).short == 2
    reach = Gapped(UPPER, FORMAL, Gap.REACH, Honest(150), 2_001)
    assert reach.short == 51
    assert [empty(UPPER).short, Gapped(UPPER, FORMAL, Gap.UNKNOWN, Honest(20)).short] == [0, 0]


def test_what_a_number_measures_weighs_more_by_how_many_are_missing():
    few, many = girls(PRIMARY, 39, 100), girls(WORK, 10, 100)
    reach = Gapped(UPPER, FORMAL, Gap.REACH, Honest(90), 1_000)
    told = places(empty(EARLY), few, reach, many)
    assert told == [
        (WORK, FORMAL, Gap.GIRLS),
        (UPPER, FORMAL, Gap.REACH),
        (PRIMARY, FORMAL, Gap.GIRLS),
    ]


def test_empty_cells_come_by_who_of_the_family_runs_something_there():
    told = places(empty(EARLY), empty(WORK, INDUSTRY, alike=4), empty(SERVICE, alike=1))
    assert [place[0] for place in told] == [WORK, SERVICE, EARLY]


def test_between_equals_school_comes_first_then_the_settings_in_their_order():
    told = places(empty(SERVICE), empty(LOWER, FAMILY), empty(UPPER), empty(EARLY, INDUSTRY), most=4)
    assert told == [
        (UPPER, FORMAL, Gap.EMPTY),
        (LOWER, FAMILY, Gap.EMPTY),
        (EARLY, INDUSTRY, Gap.EMPTY),
        (SERVICE, FORMAL, Gap.EMPTY),
    ]


def test_a_cell_is_named_once_by_its_heaviest_gap():
    unknown = Gapped(UPPER, FORMAL, Gap.UNKNOWN, Honest(100, 30, 100, untold=1))
    assert places(unknown, girls(UPPER, 30, 100), empty(EARLY)) == [
        (UPPER, FORMAL, Gap.GIRLS),
        (EARLY, FORMAL, Gap.EMPTY),
    ]


def test_without_gaps_nothing_is_named():
    assert weightiest([]) == []
