"""Days and hours of meetings, and why one may think twice about them."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from communities.models import Meeting
from communities.rules import can_see_meeting
from munistem.commons.days.holidays import People, holidays_on
from munistem.commons.days.quiet import is_quiet
from munistem.commons.text.names import isolated


class MomentWidget(forms.SplitDateTimeWidget):
    """A day and an hour beside each other, each with its own name."""

    def __init__(self):
        day = {"aria-label": pgettext_lazy("field", "Day"), "type": "date"}
        hour = {"aria-label": pgettext_lazy("field", "Hour"), "type": "time", "step": "300"}
        super().__init__(date_format="%Y-%m-%d", time_format="%H:%M", date_attrs=day, time_attrs=hour)


class MomentField(forms.SplitDateTimeField):
    """A day and an hour in Jerusalem."""

    widget = MomentWidget
    default_error_messages = {
        "invalid_date": gettext_lazy("Write the day like 2027-01-31."),
        "invalid_time": gettext_lazy("Write the hour like 09:30."),
    }


class DayForm(forms.Form):
    """A day that is being chosen, perhaps with its hour."""

    day = forms.DateField()
    hour = forms.TimeField(required=False)

    def moment(self) -> datetime:
        """Noon without an hour."""
        hour = self.cleaned_data.get("hour") or time(12)
        return timezone.make_aware(datetime.combine(self.cleaned_data["day"], hour))


def said_moment(moment: datetime) -> str:
    """Day and hour, with the year when it is not this one."""
    local = timezone.localtime(moment)
    return _("%(day)s, %(time)s") % {"day": said_day(local.date()), "time": f"{local:%H:%M}"}


def said_day(day: date) -> str:
    is_near = day.year == timezone.localdate().year
    return date_format(
        day, pgettext("date format", "l, j F") if is_near else pgettext("date format", "l, j F Y")
    )


def notes_on(moment: datetime) -> list[str]:
    """What is special about a day and hour: rest, holidays of all peoples, vacations."""
    found = holidays_on(timezone.localdate(moment))
    notes = [
        _("%(holiday)s (%(people)s)")
        % {"holiday": isolated(str(holiday.name)), "people": isolated(str(People(holiday.people).label))}
        for holiday in found
    ]
    if is_quiet(moment) and not any(holiday.is_rest for holiday in found):
        notes.append(_("Shabbat or a holiday begins that evening"))
    return notes


def warnings_for(moments: Iterable[datetime], user: Any, *, besides: Meeting | None = None) -> Iterable[str]:
    """Why one may think twice about dates: what is special about them, and other meetings of the day."""
    for moment in moments:
        day = timezone.localdate(moment)
        for note in [*notes_on(moment), *other_meetings(day, user, besides)]:
            yield _("%(day)s: %(note)s") % {"day": isolated(said_day(day)), "note": note}


def other_meetings(day: date, user: Any, besides: Meeting | None) -> Iterable[str]:
    start = timezone.make_aware(datetime.combine(day, time()))
    others = Meeting.objects.planned().between(start, start + timedelta(days=1)).select_related("community")
    others = others.defer("community__search_vector").exclude(pk=besides.pk if besides else None)
    for other in others.soonest_first()[:5]:
        if can_see_meeting(user, other):
            yield _("another meeting, “%(title)s” in %(community)s") % {
                "title": isolated(other.title),
                "community": isolated(other.community.name),
            }
