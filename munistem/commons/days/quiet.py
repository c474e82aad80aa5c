"""Hours in which no mail leaves that could wait: Shabbat and holy days, from the afternoon before to the evening."""

from datetime import date, datetime, time, timedelta

from django.utils import timezone

from munistem.commons.days.holidays import is_rest

#: The earliest candle lighting in Israel is about 15:55, the latest nightfall about 20:30; both with a margin.
BEGINS, ENDS = time(15, 30), time(20, 45)


def is_quiet(moment: datetime) -> bool:
    """Whether this moment lies in a day of rest or in the afternoon before one; any time zone."""
    local = timezone.localtime(moment)
    if is_rest(local.date()) and (local.time() < ENDS or is_rest(local.date() + timedelta(days=1))):
        return True
    return local.time() >= BEGINS and is_rest(local.date() + timedelta(days=1))


def next_allowed(moment: datetime) -> datetime:
    """The moment itself, else the evening on which the rest that it lies in ends; keeps to the local clock."""
    if not is_quiet(moment):
        return moment
    day = timezone.localtime(moment).date()
    if not is_rest(day):
        day += timedelta(days=1)
    while is_rest(day + timedelta(days=1)):
        day += timedelta(days=1)
    return _at(day, ENDS)


def _at(day: date, clock: time) -> datetime:
    return timezone.make_aware(datetime.combine(day, clock))
