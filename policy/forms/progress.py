"""A report on what became of an endorsed recommendation, filled in on a phone in a minute."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from knowledge.forms import NonceField
from munistem.commons.files.forms import OneFileField
from munistem.commons.text.forms import NameField, ProseField
from policy.enums import Indicator, Progress, ReportField
from policy.forms import DATES, WebAddressField
from policy.models import Programme

MOST_MILESTONES = 3


class ReportForm(forms.Form):
    """Where the work stands and what was done; all else is folded away and may stay empty."""

    status = forms.ChoiceField(
        choices=Progress.choices,
        label=_("Where does it stand?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose where it stands.")},
    )
    body = ProseField(
        max_length=4_000,
        rows=5,
        label=_("What was done since the last report, and what comes next?"),
        help_text=_("Everyone can read it. Two sentences are enough."),
        error_messages={"required": _("Write a sentence or two.")},
    )
    evidence = OneFileField(
        required=False,
        label=_("A file that shows it"),
        help_text=_("Minutes, a plan, a photo. Everyone can open it."),
    )
    evidence_url = WebAddressField(required=False, max_length=2_000, label=_("Or an address on the web"))
    programme = forms.ModelChoiceField(
        Programme.objects.none(),
        required=False,
        label=_("A programme that carries it out"),
        empty_label=_("None"),
    )
    indicator = forms.ChoiceField(
        choices=[("", _("None")), *Indicator.choices], required=False, label=_("An indicator that moved")
    )
    indicator_text = NameField(
        required=False,
        max_length=300,
        label=_("From what to what"),
        help_text=_("With year and source, for example: 31 % to 38 %, 2025/26, counted by the schools."),
    )
    for_network = forms.MultipleChoiceField(
        choices=ReportField.choices,
        required=False,
        label=_("For the network only"),
        help_text=_("What is not ticked can be read by everyone."),
        widget=forms.CheckboxSelectMultiple,
    )
    nonce = NonceField()

    def __init__(self, *args: Any, programmes: Any, **options: Any):
        super().__init__(*args, **options)
        choice: Any = self.fields["programme"]
        choice.queryset = programmes
        for place in range(MOST_MILESTONES):
            self.fields[f"milestone_{place}"] = NameField(
                required=False, max_length=200, label=_("Milestone") if place == 0 else _("Another one")
            )
            self.fields[f"milestone_{place}_on"] = forms.DateField(
                required=False,
                label=_("By when"),
                input_formats=DATES,
                widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
                error_messages={"invalid": _("This date could not be read. Write it as day/month/year.")},
            )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("indicator") and not data.get("indicator_text"):
            self.add_error("indicator_text", _("Say what the indicator shows, with year and source."))
        if data.get("indicator_text") and not data.get("indicator"):
            self.add_error("indicator", _("Choose which indicator it is."))
        for place in range(MOST_MILESTONES):
            if data.get(f"milestone_{place}_on") and not data.get(f"milestone_{place}"):
                self.add_error(f"milestone_{place}", _("Say what is to be reached by this day."))
        return data

    @property
    def milestones(self) -> list[tuple[Any, Any]]:
        """Fields of the milestones, for the page."""
        return [
            (self[f"milestone_{place}"], self[f"milestone_{place}_on"]) for place in range(MOST_MILESTONES)
        ]

    @property
    def has_more(self) -> bool:
        """Whether something stands in what is folded away."""
        folded = [name for name in self.fields if name not in ("status", "body", "nonce")]
        return any(self.errors.get(name) or self.data.get(name) for name in folded)

    @property
    def told(self) -> dict[str, Any]:
        """What the deed takes."""
        data = {name: value for name, value in self.cleaned_data.items() if not name.startswith("milestone_")}
        lines: list[tuple[str, date | None]] = [
            (self.cleaned_data[f"milestone_{place}"], self.cleaned_data[f"milestone_{place}_on"])
            for place in range(MOST_MILESTONES)
            if self.cleaned_data[f"milestone_{place}"]
        ]
        return data | {"milestones": lines}
