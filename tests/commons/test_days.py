from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from munistem.commons.days.hebrew import hebrew_date
from munistem.commons.days.holidays import MUSLIM, People, holidays_on, is_rest, national_days
from munistem.commons.days.quiet import is_quiet, next_allowed

JERUSALEM = ZoneInfo("Asia/Jerusalem")


def names(day: date, people: People) -> list[str]:
    with translation.override("en"):
        return [str(holiday.name) for holiday in holidays_on(day) if holiday.people == people]


@pytest.mark.parametrize(
    ("day", "language", "words"),
    [
        (date(2026, 11, 26), "he", "ט״ז בכסלו תשפ״ז"),
        (date(2026, 11, 26), "en", "16 Kislev 5787"),
        (date(2027, 3, 23), "en", "14 Adar II 5787"),
        (date(2026, 3, 3), "en", "14 Adar 5786"),
        (date(2027, 2, 21), "en", "14 Adar I 5787"),
    ],
)
def test_hebrew_date_reads_as_people_write_it(day, language, words):
    with translation.override(language):
        assert hebrew_date(day) == words


@pytest.mark.parametrize(
    ("day", "people", "found"),
    [
        (date(2026, 9, 12), People.JEWISH, ["Shabbat", "Rosh Hashanah"]),
        (date(2026, 9, 21), People.JEWISH, ["Yom Kippur"]),
        (date(2027, 3, 23), People.JEWISH, ["Purim"]),
        (date(2027, 2, 21), People.JEWISH, []),
        (date(2027, 8, 12), People.JEWISH, ["Tisha B'Av"]),
        (date(2026, 12, 8), People.SCHOOL, ["Hanukkah vacation"]),
        (date(2027, 6, 25), People.SCHOOL, ["Summer vacation of secondary schools"]),
        (date(2027, 8, 31), People.SCHOOL, ["Summer vacation"]),
        (date(2027, 3, 9), People.MUSLIM, ["Eid al-Fitr"]),
        (date(2027, 5, 16), People.DRUZE, ["Eid al-Adha"]),
        (date(2027, 4, 25), People.DRUZE, ["Feast of Nabi Shu'ayb"]),
        (date(2027, 3, 28), People.CHRISTIAN, ["Easter"]),
        (date(2027, 5, 2), People.CHRISTIAN, ["Easter (Eastern)"]),
        (date(2027, 5, 12), People.NATIONAL, ["Independence Day"]),
        (date(2027, 5, 11), People.NATIONAL, ["Memorial Day for the Fallen"]),
        (date(2026, 11, 25), People.JEWISH, []),
    ],
)
def test_special_days_are_known(day, people, found):
    assert names(day, people) == found


@pytest.mark.parametrize(
    ("year", "independence", "memory"),
    [
        (5784, date(2024, 5, 14), date(2024, 5, 6)),
        (5785, date(2025, 5, 1), date(2025, 4, 24)),
        (5786, date(2026, 4, 22), date(2026, 4, 14)),
    ],
)
def test_national_days_are_moved_as_the_law_has_it(year, independence, memory):
    assert national_days(year) == (independence, memory)


@pytest.mark.parametrize("year", [2026, 2050, 2076])
def test_a_year_has_each_muslim_day(year):
    days = (date(year, 1, 1) + timedelta(days=number) for number in range(365))
    with translation.override("en"):
        known = {str(name) for *_days, name in MUSLIM}
    assert {name for day in days for name in names(day, People.MUSLIM)} == known


def test_where_the_tables_of_the_muslim_calendar_end_other_days_are_known():
    assert names(date(2079, 6, 7), People.MUSLIM) == []
    assert names(date(2079, 8, 1), People.SCHOOL) == ["Summer vacation"]


def at(*moment: int) -> datetime:
    return datetime(*moment, tzinfo=JERUSALEM)


@pytest.mark.parametrize(
    ("moment", "quiet"),
    [
        (at(2026, 11, 27, 15, 0), False),
        (at(2026, 11, 27, 16, 0), True),
        (at(2026, 11, 28, 12, 0), True),
        (at(2026, 11, 28, 20, 50), False),
        (at(2026, 9, 11, 16, 0), True),
        (at(2026, 9, 12, 21, 0), True),
        (at(2026, 9, 13, 21, 0), False),
        (at(2026, 9, 28, 12, 0), False),
    ],
)
def test_mail_rests_on_shabbat_and_holy_days(moment, quiet):
    assert is_quiet(moment) is quiet


def test_what_rests_leaves_on_the_evening_after_also_over_two_days_and_a_change_of_the_clock():
    assert next_allowed(at(2026, 11, 26, 9, 0)) == at(2026, 11, 26, 9, 0)
    assert next_allowed(at(2026, 11, 27, 18, 0)) == at(2026, 11, 28, 20, 45)
    assert next_allowed(at(2026, 9, 11, 18, 0)) == at(2026, 9, 13, 20, 45)
    assert next_allowed(at(2027, 3, 26, 18, 0)) == at(2027, 3, 27, 20, 45)
    assert not is_quiet(next_allowed(at(2027, 4, 22, 3, 0)))


def test_every_rest_day_of_the_law_is_one():
    year = [date(2026, 9, 1) + timedelta(days=n) for n in range(365)]
    festivals = [day for day in year if is_rest(day) and day.weekday() != 5]
    assert festivals == [
        *(date(2026, 9, 13), date(2026, 9, 21)),
        *(date(2027, 4, 22), date(2027, 4, 28), date(2027, 6, 11)),
    ]
