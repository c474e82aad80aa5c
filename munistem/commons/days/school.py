"""School years: from 1 September to 31 August, kept by the calendar year in which they begin."""

from datetime import date

from django.utils import timezone
from django.utils.translation import get_language
from pyluach.dates import HebrewDate

FIRST_MONTH = 9
#: From a civil year to the Hebrew one that begins in its autumn.
TO_HEBREW = 3761


def school_year_of(day: date) -> int:
    """The first calendar year of the school year in which a day lies: 2026 for 26 November 2026 and for 1 May 2027."""
    return day.year if day.month >= FIRST_MONTH else day.year - 1


def current_school_year() -> int:
    return school_year_of(timezone.localdate())


def school_year_name(year: int) -> str:
    """A school year as people say it: תשפ״ז (2026/27), in other languages 2026/27."""
    civil = f"{year}/{(year + 1) % 100:02d}"
    if get_language() != "he":
        return civil
    return f"{HebrewDate(year + TO_HEBREW, 7, 1).hebrew_year()} ({civil})"
