from datetime import date

from django.utils.translation import get_language, pgettext_lazy
from pyluach.dates import HebrewDate

#: Counted from Nisan, as pyluach does; the twelfth is Adar, or Adar I of a leap year.
MONTHS = (
    pgettext_lazy("Hebrew month", "Nisan"),
    pgettext_lazy("Hebrew month", "Iyar"),
    pgettext_lazy("Hebrew month", "Sivan"),
    pgettext_lazy("Hebrew month", "Tammuz"),
    pgettext_lazy("Hebrew month", "Av"),
    pgettext_lazy("Hebrew month", "Elul"),
    pgettext_lazy("Hebrew month", "Tishrei"),
    pgettext_lazy("Hebrew month", "Heshvan"),
    pgettext_lazy("Hebrew month", "Kislev"),
    pgettext_lazy("Hebrew month", "Tevet"),
    pgettext_lazy("Hebrew month", "Shevat"),
    pgettext_lazy("Hebrew month", "Adar"),
)
ADAR = 12
LEAP_ADARS = (pgettext_lazy("Hebrew month", "Adar I"), pgettext_lazy("Hebrew month", "Adar II"))


def hebrew(day: date) -> HebrewDate:
    return HebrewDate.from_pydate(day)


def month_name(of: HebrewDate) -> str:
    if of.month >= ADAR and is_leap(of.year):
        return str(LEAP_ADARS[of.month - ADAR])
    return str(MONTHS[of.month - 1])


def is_leap(year: int) -> bool:
    """Seven years of each nineteen have thirteen months."""
    return (7 * year + 1) % 19 < 7


def hebrew_date(day: date) -> str:
    """The Hebrew date of a civil day as people write it: ט״ז בכסלו תשפ״ז, in other languages 16 Kislev 5787."""
    of = hebrew(day)
    if get_language() == "he":
        return f"{of.hebrew_day()} ב{month_name(of)} {of.hebrew_year()}"
    return f"{of.day} {month_name(of)} {of.year}"
