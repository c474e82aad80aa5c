"""What is asked of those who adapt an item: at the beginning, and after a term."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from knowledge.enums import Shown
from knowledge.models import Adaptation
from knowledge.models.adaptation import QUESTIONS
from munistem.commons.text.forms import ProseField

LATEST = timedelta(days=730)


class ShownField(forms.ChoiceField):
    """To whom an adaptation is shown."""

    widget = forms.RadioSelect

    def __init__(self) -> None:
        super().__init__(label=_("Who may see that you adapt it, and how it went?"), choices=Shown)


class AdaptForm(forms.Form):
    """What for, when to ask, and who may know."""

    purpose = ProseField(
        label=_("What do you want to do with it?"),
        max_length=1_000,
        rows=3,
        help_text=_("For whom, where, from when. Those who wrote it read this and can advise you."),
    )
    due_on = forms.DateField(
        label=_("When shall we ask how it went?"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Five short questions by mail. Half a school year is usual."),
    )
    shown = ShownField()

    def __init__(self, *args: Any, proposed: date, **options: Any):
        """proposed: the day on which the questions are asked if nobody chooses another."""
        start = {"due_on": proposed, "shown": Shown.NETWORK}
        super().__init__(*args, initial=start, label_suffix="", **options)

    def clean_due_on(self) -> date:
        day, today = self.cleaned_data["due_on"], timezone.localdate()
        if day <= today:
            raise ValidationError(_("This day is over. Choose one that is still to come."))
        if day > today + LATEST:
            raise ValidationError(_("Choose a day within the next two years."))
        return day


class ReportForm(forms.Form):
    """The five questions; only what came of it must be answered."""

    kept = ProseField(label=_("What did you keep as it was?"), max_length=2_000, rows=2, required=False)
    changed = ProseField(label=_("What did you change?"), max_length=2_000, rows=2, required=False)
    dropped = ProseField(label=_("What did you leave out?"), max_length=2_000, rows=2, required=False)
    result = ProseField(
        label=_("What came of it?"),
        max_length=2_000,
        rows=3,
        help_text=_("A sentence is enough; that it did not work out is worth knowing too."),
        error_messages={
            "required": _("Say in a sentence what came of it; the other questions may stay empty.")
        },
    )
    advice = ProseField(
        label=_("What would you tell the next municipality?"), max_length=2_000, rows=2, required=False
    )
    shown = ShownField()

    def __init__(self, *args: Any, adaptation: Adaptation, **options: Any):
        start = {name: getattr(adaptation, name) for name in (*QUESTIONS, "shown")}
        super().__init__(*args, initial=start, label_suffix="", **options)

    def answers(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in QUESTIONS}
