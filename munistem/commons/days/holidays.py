"""Days on which one part of the network or another does not work or learn; sources in SOURCES.md beside this file."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from dateutil.easter import EASTER_ORTHODOX, easter
from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from hijridate import Gregorian, Hijri
from pyluach.dates import HebrewDate

from munistem.commons.days.hebrew import ADAR, hebrew, is_leap

FRIDAY, SATURDAY, SUNDAY, MONDAY = 4, 5, 6, 0


class People(TextChoices):
    """For whom a day is special."""

    JEWISH = "jewish", pgettext_lazy("holiday of", "Jewish")
    MUSLIM = "muslim", pgettext_lazy("holiday of", "Muslim")
    CHRISTIAN = "christian", pgettext_lazy("holiday of", "Christian")
    DRUZE = "druze", pgettext_lazy("holiday of", "Druze")
    NATIONAL = "national", pgettext_lazy("holiday of", "national")
    SCHOOL = "school", pgettext_lazy("holiday of", "school vacation")


@dataclass(frozen=True)
class Holiday:
    """One reason to think twice about a day. is_rest: work is forbidden by Jewish law, so that no mail is sent."""

    name: str | Promise
    people: People
    is_rest: bool = False


SHABBAT = Holiday(_("Shabbat"), People.JEWISH, is_rest=True)
EID_AL_FITR, EID_AL_ADHA = _("Eid al-Fitr"), _("Eid al-Adha")
#: (first month, first day, last month, last day) of the Hebrew year, name, whether it is a day of rest.
JEWISH = (
    (7, 1, 7, 2, _("Rosh Hashanah"), True),
    (7, 10, 7, 10, _("Yom Kippur"), True),
    (7, 15, 7, 15, _("Sukkot"), True),
    (7, 16, 7, 21, _("Sukkot, intermediate days"), False),
    (7, 22, 7, 22, _("Simchat Torah"), True),
    (1, 15, 1, 15, _("Passover"), True),
    (1, 16, 1, 20, _("Passover, intermediate days"), False),
    (1, 21, 1, 21, _("Passover, seventh day"), True),
    (3, 6, 3, 6, _("Shavuot"), True),
    (6, 29, 6, 29, _("Eve of Rosh Hashanah"), False),
    (7, 9, 7, 9, _("Eve of Yom Kippur"), False),
    (7, 14, 7, 14, _("Eve of Sukkot"), False),
    (1, 14, 1, 14, _("Eve of Passover"), False),
    (3, 5, 3, 5, _("Eve of Shavuot"), False),
)
#: (month, day, number of days) of the Hijri year.
MUSLIM = (
    (1, 1, 1, _("Islamic New Year")),
    (3, 12, 1, _("Mawlid, the birthday of the Prophet")),
    (10, 1, 3, EID_AL_FITR),
    (12, 10, 4, EID_AL_ADHA),
)
#: (month, day) of the civil year.
FIXED = {
    (12, 25): Holiday(_("Christmas"), People.CHRISTIAN),
    (1, 1): Holiday(_("New Year's Day"), People.CHRISTIAN),
    (1, 6): Holiday(_("Epiphany; Christmas Eve of the Eastern churches"), People.CHRISTIAN),
    (1, 7): Holiday(_("Christmas of the Eastern churches"), People.CHRISTIAN),
    (1, 25): Holiday(_("Feast of al-Khidr"), People.DRUZE),
    (4, 25): Holiday(_("Feast of Nabi Shu'ayb"), People.DRUZE),
    (9, 10): Holiday(_("Feast of Nabi Sabalan"), People.DRUZE),
}
#: As JEWISH: vacations that the Ministry of Education's calendar sets by the Hebrew date every year.
VACATIONS = (
    (7, 11, 7, 22, _("Sukkot vacation")),
    (9, 26, 10, 2, _("Hanukkah vacation")),
    (1, 7, 1, 21, _("Passover vacation")),
)


def holidays_on(day: date) -> list[Holiday]:
    """Everything that is special about a civil day, days of rest first. Jewish days count from the morning."""
    found = [*_jewish(day), *_national(day), *_muslim(day), *_christian(day), *_school(day)]
    if fixed := FIXED.get((day.month, day.day)):
        found.append(fixed)
    if day.weekday() == SATURDAY:
        found.insert(0, SHABBAT)
    return sorted(found, key=lambda holiday: not holiday.is_rest)


def is_rest(day: date) -> bool:
    """Whether Jewish law forbids work on this civil day."""
    return day.weekday() == SATURDAY or any(holiday.is_rest for holiday in _jewish(day))


def _purim(of: HebrewDate) -> bool:
    """Purim falls in the last month of the year, which is the thirteenth of a leap year."""
    return of.month == ADAR + is_leap(of.year) and of.day in (14, 15)


def _within(of: HebrewDate, first_month: int, first_day: int, last_month: int, last_day: int) -> bool:
    return (first_month, first_day) <= (of.month, of.day) <= (last_month, last_day)


def _jewish(day: date) -> Iterator[Holiday]:
    of = hebrew(day)
    for *span, name, rests in JEWISH:
        if _within(of, *span):
            yield Holiday(name, People.JEWISH, rests)
    if _purim(of):
        yield Holiday(_("Purim"), People.JEWISH)
    if (of.month, of.day) in _ninth_of_av(of.year):
        yield Holiday(_("Tisha B'Av"), People.JEWISH)


def _ninth_of_av(year: int) -> set[tuple[int, int]]:
    """The fast of the ninth of Av, put off by a day when that is a Shabbat."""
    is_shabbat = HebrewDate(year, 5, 9).to_pydate().weekday() == SATURDAY
    return {(5, 10 if is_shabbat else 9)}


def _national(day: date) -> Iterator[Holiday]:
    independence, memory = national_days(hebrew(day).year)
    if day == independence:
        yield Holiday(_("Independence Day"), People.NATIONAL)
    if day == independence - timedelta(days=1):
        yield Holiday(_("Memorial Day for the Fallen"), People.NATIONAL)
    if day == memory:
        yield Holiday(_("Holocaust Remembrance Day"), People.NATIONAL)


@lru_cache(maxsize=32)
def national_days(year: int) -> tuple[date, date]:
    """Independence Day and Holocaust Remembrance Day of a Hebrew year, moved so that neither touches a Shabbat.

    Source: Independence Day Law 5709-1949 and Holocaust Remembrance Day Law 5719-1959, as amended.
    """
    independence = HebrewDate(year, 2, 5).to_pydate()
    moved = {FRIDAY: -1, SATURDAY: -2, MONDAY: 1}
    memory = HebrewDate(year, 1, 27).to_pydate()
    moved_memory = {FRIDAY: -1, SUNDAY: 1}
    return (
        independence + timedelta(days=moved.get(independence.weekday(), 0)),
        memory + timedelta(days=moved_memory.get(memory.weekday(), 0)),
    )


def _muslim(day: date) -> Iterator[Holiday]:
    """By the Umm al-Qura calendar; the sighting of the moon may move the true day by one."""
    try:
        of = Gregorian.fromdate(day).to_hijri()
    except (OverflowError, ValueError):  # the tables end in 2077
        return
    for month, first, count, name in MUSLIM:
        start = Hijri(of.year, month, first).to_gregorian()
        if start <= day < start + timedelta(days=count):
            yield Holiday(name, People.MUSLIM)
            if name is EID_AL_ADHA:
                yield Holiday(name, People.DRUZE)


def _christian(day: date) -> Iterator[Holiday]:
    for sunday, eastern in ((easter(day.year), False), (easter(day.year, EASTER_ORTHODOX), True)):
        names = {
            sunday - timedelta(days=2): _("Good Friday (Eastern)") if eastern else _("Good Friday"),
            sunday: _("Easter (Eastern)") if eastern else _("Easter"),
            sunday + timedelta(days=1): _("Easter Monday (Eastern)") if eastern else _("Easter Monday"),
        }
        if name := names.get(day):
            yield Holiday(name, People.CHRISTIAN)


def _school(day: date) -> Iterator[Holiday]:
    of = hebrew(day)
    for *span, name in VACATIONS:
        if _within(of, *span):
            yield Holiday(name, People.SCHOOL)
    if (day.month, day.day) >= (7, 1) and day.month <= 8:
        yield Holiday(_("Summer vacation"), People.SCHOOL)
    elif (6, 20) <= (day.month, day.day) <= (6, 30):
        yield Holiday(_("Summer vacation of secondary schools"), People.SCHOOL)
