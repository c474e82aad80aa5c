"""Moments on the clocks of Israel, many deeds in the same moment, and how much work something takes."""

from collections.abc import Callable
from datetime import datetime
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
from threading import Barrier, Thread
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

ZONE = ZoneInfo("Asia/Jerusalem")


def at(text: str) -> datetime:
    """``at("2027-02-23 10:00")`` on the clocks of Israel."""
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=ZONE)


def moment(*parts: int) -> datetime:
    """``moment(2027, 2, 23, 10)`` on the clocks of Israel."""
    return datetime(*parts, tzinfo=ZONE)


class Stopped(type):
    """Of a datetime whose clock stands still: other datetimes count as its own."""

    def __instancecheck__(cls, thing: Any) -> bool:
        return isinstance(thing, datetime)


def stop_clock(monkeypatch: Any, to: datetime) -> None:
    """It is this moment for all that asks Django for the time, the defaults of models included."""

    class Clock(datetime, metaclass=Stopped):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return to.astimezone(tz)

    monkeypatch.setattr("django.utils.timezone.datetime", Clock)


def at_once(*deeds: Callable[[], Any]) -> list[Any]:
    """Run all deeds in the same moment; what each of them answered or raised."""
    start, answers = Barrier(len(deeds)), []

    def run(deed):
        try:
            start.wait()
            answers.append(deed())
        except Exception as error:  # noqa: BLE001 – the test looks at it
            answers.append(error)
        finally:
            connection.close()

    threads = [Thread(target=run, args=[deed]) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def worked() -> float:
    """Seconds of work that this process and its ended children have done; what else the machine does counts not."""
    return sum(sum(getrusage(who)[:2]) for who in (RUSAGE_SELF, RUSAGE_CHILDREN))
