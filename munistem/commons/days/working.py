"""Working days in Israel: Sunday to Thursday, without the days on which Jewish law forbids work."""

from datetime import date, datetime, time, timedelta

from django.utils import timezone

from munistem.commons.days.holidays import FRIDAY, is_rest


def is_working(day: date) -> bool:
    return day.weekday() != FRIDAY and not is_rest(day)


def working_days_before(moment: datetime, count: int) -> datetime:
    """The latest moment since which this many whole working days have gone by; the clock stands still between them."""
    local = timezone.localtime(moment)
    day, clock = local.date(), local.time()
    if not is_working(day):
        clock = time.min
        while not is_working(day - timedelta(days=1)):
            day -= timedelta(days=1)
    for _step in range(count):
        day -= timedelta(days=1)
        while not is_working(day):
            day -= timedelta(days=1)
    return timezone.make_aware(datetime.combine(day, clock))
