"""Meetings: planning, changing, answering, voting on dates, proposing for the agenda."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from communities.emails.meeting import answers_of
from communities.enums import Coming, MeetingForm, MeetingKind, Recurrence
from communities.forms.agenda import AgendaField
from communities.models import Community, Meeting
from communities.rules import can_see_meeting
from munistem.commons.days.holidays import People, holidays_on
from munistem.commons.days.quiet import is_quiet
from munistem.commons.text.forms import NameField, ProseField
from munistem.commons.text.names import isolated

FARTHEST = timedelta(days=3 * 366)


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


def suggested_agenda(kind: str) -> str:
    """Lines to begin from, for each kind of meeting."""
    lines = {
        MeetingKind.LEARNING: [
            (_("Opening and a round of introductions"), 15),
            (_("The subject of the day"), 30),
            (_("Working in pairs: what does it mean with us?"), 25),
            (_("What each of us takes along and will try"), 20),
        ],
        MeetingKind.WORK: [
            (_("What was decided last time, and what came of it"), 15),
            (_("For decision"), 40),
            (_("Who does what until when"), 20),
        ],
        MeetingKind.VISIT: [
            (_("Welcome by the host"), 15),
            (_("A walk through what happens here"), 60),
            (_("Questions to the host"), 30),
            (_("What could work with us?"), 30),
        ],
        MeetingKind.GUEST: [
            (_("Introducing the guest"), 5),
            (_("Talk"), 40),
            (_("Questions and conversation"), 30),
        ],
    }.get(kind, [])  # type: ignore[call-overload]
    return "\n".join(f"{title} ({minutes})" for title, minutes in lines)


class MeetingDetailsForm(forms.Form):
    """What a meeting is; used to plan and to change one."""

    title = NameField(label=gettext_lazy("Title"), max_length=150, min_length=3)
    purpose = ProseField(
        label=gettext_lazy("What for?"),
        max_length=1_000,
        rows=3,
        required=False,
        help_text=gettext_lazy("What will be different after it, in a sentence or two."),
    )
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=MeetingKind.choices)
    starts = MomentField(label=gettext_lazy("Day and hour"), required=False)
    minutes_long = forms.IntegerField(
        label=gettext_lazy("How many minutes"), min_value=10, max_value=1_440, initial=90
    )
    form = forms.ChoiceField(
        label=gettext_lazy("How one takes part"), choices=MeetingForm.choices, widget=forms.RadioSelect
    )
    place = NameField(
        label=gettext_lazy("Place"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("The address, and where to park."),
    )
    link = forms.URLField(
        label=gettext_lazy("Link to the online room"),
        max_length=500,
        required=False,
        assume_scheme="https",
        help_text=gettext_lazy("Only members of the community see it."),
        widget=forms.URLInput(attrs={"dir": "ltr"}),
    )
    capacity = forms.IntegerField(
        label=gettext_lazy("Seats"),
        min_value=1,
        max_value=10_000,
        required=False,
        help_text=gettext_lazy(
            "Leave it empty when all may come. When the seats are taken, a waiting list opens."
        ),
    )
    proposals = MomentField(
        label=gettext_lazy("Members propose for the agenda until"),
        required=False,
        help_text=gettext_lazy("Leave it empty and they may until the meeting."),
    )
    recurrence = forms.ChoiceField(
        label=gettext_lazy("Comes again"),
        choices=[("", pgettext_lazy("series", "Only this time")), *Recurrence.choices],
        required=False,
        help_text=gettext_lazy("The next meeting is then planned from this one with one click."),
    )
    warned = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, community: Community, user: Any, meeting: Meeting | None = None, **options: Any
    ):
        super().__init__(*args, **options)
        self.community, self.user, self.meeting = community, user, meeting
        self.warnings: list[str] = []

    def dates(self) -> list[datetime]:
        """The dates the form is about."""
        return [moment] if (moment := self.cleaned_data.get("starts")) else []

    def clean_starts(self) -> datetime | None:
        return self.checked(self.cleaned_data["starts"], self.meeting and self.meeting.starts_at)

    def checked(self, moment: datetime | None, present: datetime | None = None) -> datetime | None:
        """A date to come, unless it is the one that stands already."""
        now = timezone.now()
        if moment and moment != present and moment < now:
            raise forms.ValidationError(_("This moment is past. Choose one to come."), code="past")
        if moment and moment > now + FARTHEST:
            raise forms.ValidationError(_("Choose a date within the next three years."), code="far")
        return moment

    def clean_proposals(self) -> datetime | None:
        moment = self.cleaned_data["proposals"]
        if moment and moment > timezone.now() + FARTHEST:
            raise forms.ValidationError(_("Choose a date within the next three years."), code="far")
        return moment

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        starts, until = data.get("starts"), data.get("proposals")
        if starts and until and until > starts:
            self.add_error("proposals", _("This is after the meeting begins. Choose an earlier moment."))
        return data

    def must_warn(self) -> bool:
        """Whether there is something to think twice about that the person has not seen yet; see ``warnings``."""
        dates = [one for one in self.dates() if not self.meeting or one != self.meeting.starts_at]
        self.warnings = list(warnings_for(dates, self.user, besides=self.meeting))
        seen = " ".join(one.isoformat() for one in dates)
        is_seen = self.data.get("warned", "") == seen
        if self.warnings and not is_seen:
            self.data = self.data.copy()
            self.data["warned"] = seen
        return bool(self.warnings) and not is_seen

    def fields_of_meeting(self) -> dict[str, Any]:
        """What goes into the model."""
        data = self.cleaned_data
        plain = ("title", "purpose", "kind", "form", "place", "link", "capacity", "minutes_long")
        dates = self.dates()
        starts_at = dates[0] if len(dates) == 1 else None
        return {name: data[name] for name in plain} | {
            "starts_at": starts_at,
            "proposals_until": data.get("proposals"),
        }


class PlanForm(MeetingDetailsForm):
    """A new meeting, on a date or with several dates to vote on."""

    other_1 = MomentField(label=gettext_lazy("Another date"), required=False)
    other_2 = MomentField(label=gettext_lazy("Another date"), required=False)
    other_3 = MomentField(label=gettext_lazy("Another date"), required=False)
    agenda = AgendaField(
        label=gettext_lazy("Agenda"),
        max_length=5_000,
        rows=6,
        required=False,
        help_text=gettext_lazy("A line for each item, with its minutes in brackets: Opening (10)"),
    )
    OTHERS = ("other_1", "other_2", "other_3")

    def dates(self) -> list[datetime]:
        given = [self.cleaned_data.get(name) for name in ("starts", *self.OTHERS)]
        return sorted({moment for moment in given if moment})

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        for name in self.OTHERS:
            try:
                self.checked(data.get(name))
            except forms.ValidationError as error:
                self.add_error(name, error)
        if not self.dates() and self.data.get("deed") != "draft" and "starts" not in self.errors:
            self.add_error("starts", _("Choose a day and an hour, or keep this as a draft."))
        return data


class EditMeetingForm(MeetingDetailsForm):
    """A meeting that stands."""

    def __init__(self, *args: Any, meeting: Meeting, **options: Any):
        start = {
            **{
                name: getattr(meeting, name) for name in ("title", "purpose", "kind", "form", "place", "link")
            },
            "minutes_long": meeting.minutes_long,
            "capacity": meeting.capacity,
            "starts": meeting.starts_at,
            "proposals": meeting.proposals_until,
            "recurrence": meeting.series.rhythm if meeting.series else "",
        }
        super().__init__(*args, community=meeting.community, meeting=meeting, initial=start, **options)
        if meeting.state == "poll":
            del self.fields["starts"]

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if (
            self.meeting
            and self.meeting.is_planned
            and not data.get("starts")
            and "starts" not in self.errors
        ):
            self.add_error("starts", _("People are invited: choose a day and an hour."))
        return data


def warnings_for(moments: Iterable[datetime], user: Any, *, besides: Meeting | None = None) -> Iterable[str]:
    """Why one may think twice about a date: rest, holidays of all peoples, vacations, other meetings of the day."""
    for moment in moments:
        local = timezone.localtime(moment)
        day = local.date()
        told = isolated(date_format(day, _("l, j F")))
        found = holidays_on(day)
        for holiday in found:
            people = isolated(str(People(holiday.people).label))
            yield _("%(day)s: %(holiday)s (%(people)s)") % {
                "day": told,
                "holiday": isolated(str(holiday.name)),
                "people": people,
            }
        if is_quiet(moment) and not any(holiday.is_rest for holiday in found):
            yield _("%(day)s, %(hour)s: Shabbat or a holiday begins that evening") % {
                "day": told,
                "hour": f"{local:%H:%M}",
            }
        yield from other_meetings(day, told, user, besides)


def other_meetings(day: date, told: str, user: Any, besides: Meeting | None) -> Iterable[str]:
    start = timezone.make_aware(datetime.combine(day, time()))
    others = Meeting.objects.planned().between(start, start + timedelta(days=1)).select_related("community")
    others = others.defer("community__search_vector").exclude(pk=besides.pk if besides else None)
    for other in others.soonest_first()[:5]:
        if can_see_meeting(user, other):
            yield _("%(day)s: another meeting, “%(title)s” in %(community)s") % {
                "day": told,
                "title": isolated(other.title),
                "community": isolated(other.community.name),
            }


class AnswerForm(forms.Form):
    """Whether one comes."""

    answer = forms.ChoiceField(label=gettext_lazy("Are you coming?"), widget=forms.RadioSelect)
    substitute_name = NameField(
        label=gettext_lazy("Who comes instead"),
        max_length=100,
        required=False,
        help_text=gettext_lazy("If you send a substitute: their name."),
    )

    def __init__(self, *args: Any, meeting: Meeting, **options: Any):
        super().__init__(*args, **options)
        self.fields["answer"].choices = answers_of(meeting)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("answer") == Coming.SUBSTITUTE and not data.get("substitute_name"):
            self.add_error("substitute_name", _("Write the name of who comes instead of you."))
        return data
