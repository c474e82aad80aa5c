"""A brief of last year, signed by the demo's manager."""

from members.models import User
from munistem.commons.days.school import school_year_of
from munistem.front.management.demo.people import Cast
from munistem.front.management.demo.pouring import Calendar
from policy.actions.brief import sign_brief
from policy.models import BriefSignOff
from policy.views.briefs.annual import annual_of
from policy.views.briefs.brief import copies_of

ASKS = (
    "תקציב לשתי מעבדות בחטיבות הביניים (הדגמה)",
    "ישיבת הנהלה אחת בשנה על תמונת על של STEM (הדגמה)",
)


def sign(cast: Cast, calendar: Calendar) -> None:
    """Last summer, when the school year was over, with what everyone is told of it."""
    manager: User = cast.accounts["manager"]
    authority = manager.mandates[0].organisation.authority
    year, asks, at = school_year_of(calendar.today) - 1, "\n".join(ASKS), calendar.working_hour(130)
    told = annual_of(manager, authority, str(year), is_raw=False)
    copies = copies_of(told, asks, manager, at.date())
    if told.year == year and copies:
        signed = sign_brief(by=manager, authority=authority, year=year, asks=asks, copies=copies)
        BriefSignOff.objects.filter(pk=signed.pk).update(signed_at=at)
