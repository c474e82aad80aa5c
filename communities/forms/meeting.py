"""Meetings: planning, changing, answering, voting on dates, proposing for the agenda."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from communities.actions.series import dates_after, later_of
from communities.emails.meeting import answers_of
from communities.enums import Coming, MeetingForm, MeetingKind, Recurrence
from communities.forms.agenda import AgendaField
from communities.forms.dates import MomentField, warnings_for
from communities.models import Community, Meeting
from munistem.commons.text.forms import NameField, ProseField

FARTHEST = timedelta(days=3 * 366)


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

    OTHERS: tuple[str, ...] = ()
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
    times = forms.IntegerField(
        label=gettext_lazy("How many meetings to plan now"),
        min_value=1,
        max_value=12,
        initial=1,
        required=False,
        help_text=gettext_lazy(
            "The later ones stand in the calendar at once; their invitations go out three weeks before each."
        ),
    )
    reach = forms.ChoiceField(
        label=gettext_lazy("What should be changed?"),
        choices=[
            ("this", gettext_lazy("This meeting alone")),
            ("later", gettext_lazy("This one and all later ones of the series")),
        ],
        widget=forms.RadioSelect,
        initial="this",
    )
    warned = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, community: Community, user: Any, meeting: Meeting | None = None, **options: Any
    ):
        super().__init__(*args, **options)
        self.community, self.user, self.meeting = community, user, meeting
        self.warnings: list[str] = []
        for name in ("starts", *self.OTHERS):
            self.fields[name].widget.widgets[0].attrs["data-days"] = self.days_url()  # type: ignore[attr-defined]

    def days_url(self) -> str:
        """What is special about a day is told from there while it is being chosen."""
        besides = f"besides={self.meeting.pk}&" if self.meeting else ""
        return f"{reverse('look_at_day', args=[self.community.slug])}?{besides}"

    def later_dates(self) -> list[datetime]:
        return []

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
        dates += self.later_dates()
        self.warnings = [*warnings_for(dates, self.user, besides=self.meeting), *self.too_long()]
        seen = " ".join([*(one.isoformat() for one in dates), *self.too_long()])
        is_seen = self.data.get("warned", "") == seen
        if self.warnings and not is_seen:
            self.data = self.data.copy()
            self.data["warned"] = seen
        return bool(self.warnings) and not is_seen

    def too_long(self) -> list[str]:
        """When the agenda takes longer than the meeting: that, in words."""
        total = sum(minutes or 0 for _title, minutes in self.cleaned_data.get("agenda", []))
        if total <= self.cleaned_data["minutes_long"]:
            return []
        words = _("The agenda takes %(agenda)d minutes, and the meeting has %(meeting)d.")
        return [words % {"agenda": total, "meeting": self.cleaned_data["minutes_long"]}]

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

    def __init__(self, *args: Any, **options: Any):
        super().__init__(*args, **options)
        del self.fields["reach"]

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
        if (data.get("times") or 1) > 1 and "times" not in self.errors:
            if not data.get("recurrence"):
                self.add_error("recurrence", _("Choose how often the meetings come."))
            elif len(self.dates()) != 1:
                self.add_error(
                    "times", _("Several meetings are planned from one date; ask about dates first.")
                )
        return data

    def later_dates(self) -> list[datetime]:
        """Of the meetings that are planned with this one."""
        times, dates = self.cleaned_data.get("times") or 1, self.dates()
        return (
            dates_after(dates[0], self.cleaned_data["recurrence"], times - 1) if times > 1 and dates else []
        )


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
        del self.fields["times"]
        if meeting.state == "poll":
            del self.fields["starts"]
        if not later_of(meeting):
            del self.fields["reach"]

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


class EndSeriesForm(forms.Form):
    """No next meeting is planned from the series; the coming ones stay, or are called off with a word why."""

    is_called_off = forms.TypedChoiceField(
        label=gettext_lazy("What becomes of the coming meetings?"),
        choices=[
            ("no", gettext_lazy("They still take place; none come after them")),
            ("yes", gettext_lazy("They are called off")),
        ],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        initial="no",
    )
    reason = ProseField(
        label=gettext_lazy("Why are they called off?"),
        max_length=500,
        rows=3,
        required=False,
        help_text=gettext_lazy("Those who were invited read it."),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("is_called_off") and not data.get("reason") and "reason" not in self.errors:
            self.add_error("reason", _("Say why; those who were invited read it."))
        return data

    def reason_given(self) -> str:
        return self.cleaned_data["reason"] if self.cleaned_data["is_called_off"] else ""


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
