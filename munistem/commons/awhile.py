"""Numbers that may be some seconds old: counted once for all who are told the same, and kept in this process."""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any

from django.conf import settings

SECONDS = 0 if settings.TESTING else 20


class Awhile:
    """What was counted in the last seconds, by what it hangs on; the longest there goes when there are more than ``most``."""

    def __init__(self, most: int):
        self.most = most
        self.kept: OrderedDict[Hashable, tuple[float, Any]] = OrderedDict()

    def get(self, key: Hashable, count: Callable[[], Any]) -> Any:
        """What is kept under this key, else what is counted now.

        key: what is looked at, and all who are told the same of it. While one reader waits for new numbers, the others
        are told the ones before.
        """
        at, counted = self.kept.get(key, (0.0, None))
        if counted is None or time.monotonic() - at >= SECONDS:
            if counted is not None:
                self.kept[key] = time.monotonic(), counted
            counted = count()
            self.kept[key] = time.monotonic(), counted
            while len(self.kept) > self.most:
                self.kept.popitem(last=False)
        return counted
