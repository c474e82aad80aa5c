"""How long things usually take, in words."""

import math
from datetime import timedelta

from django.utils.translation import ngettext


def waited(usual: timedelta | None) -> str:
    """How long an answer usually takes, in words; "" while nobody can say."""
    if usual is None:
        return ""
    hours = max(1, round(usual.total_seconds() / 3600))
    if hours < 36:
        return ngettext(
            "usually answered within %(count)d hour", "usually answered within %(count)d hours", hours
        ) % {"count": hours}
    days = math.ceil(hours / 24)
    return ngettext(
        "usually answered within %(count)d day", "usually answered within %(count)d days", days
    ) % {"count": days}
