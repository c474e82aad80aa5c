"""The portal's settings with another way to the database, for ``bench.ways``."""

import os

from munistem.settings import *  # noqa: F403
from munistem.settings import DATABASES

_way = os.environ.get("BENCH_WAY", "")
if _way == "new each time":
    DATABASES["default"]["CONN_MAX_AGE"] = 0
if _way == "unchecked":
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = False
if _way == "pool":
    DATABASES["default"] |= {"CONN_MAX_AGE": 0, "CONN_HEALTH_CHECKS": False}
    DATABASES["default"]["OPTIONS"] = {
        **DATABASES["default"]["OPTIONS"],
        "pool": {"min_size": 2, "max_size": 8},
    }
