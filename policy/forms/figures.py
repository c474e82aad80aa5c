"""The yearly figures of a programme as they are typed in: numbers, each with a mark for an estimate."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from munistem.commons.terms.models import Term
from policy.actions.counting import NoNumber, counted_in
from policy.actions.figures import Counted, Said, marker_of, problems_of
from policy.enums import Quality
from policy.models import ProgrammeFigure
from policy.models.figures import COUNTED

LABELS = {
    "places": pgettext_lazy("of a programme", "Places"),
    "participants": _("Participants"),
    "girls": pgettext_lazy("figures", "Girls"),
    "boys": pgettext_lazy("figures", "Boys"),
}
ESTIMATED = "_estimated"


class CountField(forms.CharField):
    """A whole number, "~" before an estimate; empty is not known."""

    default_error_messages = {
        "number": _("This is no whole number. Leave it empty when it is not known."),
        "max_length": _("This number is too large. Check it."),
    }

    def __init__(self, **options: Any):
        super().__init__(required=False, max_length=30, **options)
        self.widget.attrs.update(inputmode="numeric", autocomplete="off", dir="ltr")

    def to_python(self, value: Any) -> Counted:
        try:
            return counted_in(str(super().to_python(value) or ""))
        except NoNumber as error:
            raise ValidationError(self.error_messages["number"], code="number") from error

    def run_validators(self, value: Any) -> None:
        pass  # the number itself is judged by the deed

    def clean(self, value: Any) -> Counted:
        if len(str(value or "")) > 30:
            raise ValidationError(self.error_messages["max_length"], code="max_length")
        return super().clean(value)


class CountsForm(forms.Form):
    """One row of figures: of a whole programme, or of one of its life stages and settings."""

    use_required_attribute = False

    def __init__(
        self,
        *args: Any,
        figure: ProgrammeFigure | None = None,
        cell: tuple[str, str] = ("", ""),
        terms: Iterable[Term] = (),
        **options: Any,
    ):
        self.figure, self.cell, self.terms = figure, cell, list(terms)
        super().__init__(*args, initial=self._shown(), **options)
        self.columns = [*COUNTED, *(f"population_{term.pk}" for term in self.terms)]
        labels: dict[str, Any] = {**LABELS, **{f"population_{term.pk}": term.label for term in self.terms}}
        for column in self.columns:
            self.fields[column] = CountField(label=labels[column])
            self.fields[f"{column}{ESTIMATED}"] = forms.BooleanField(required=False, label=_("estimate"))
        self.fields["seen"] = forms.CharField(required=False, max_length=32, widget=forms.HiddenInput)

    def _shown(self) -> dict[str, Any]:
        row = self.figure
        if row is None:
            return {"seen": ""}
        told: dict[str, Any] = {"seen": marker_of([row])}
        values = {name: (getattr(row, name), getattr(row, f"{name}_quality")) for name in COUNTED}
        values |= {f"population_{one.term_id}": (one.value, one.quality) for one in row.populations.all()}
        for column, (value, quality) in values.items():
            told[column] = "" if value is None else str(value)
            told[f"{column}{ESTIMATED}"] = quality == Quality.ESTIMATED
        return told

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not self.errors:
            for column, sentence in problems_of(self.said):
                self.add_error(column.replace("population:", "population_"), sentence)
        return data

    def _counted(self, column: str) -> Counted:
        counted = self.cleaned_data[column]
        marked = counted.is_estimated or self.cleaned_data[f"{column}{ESTIMATED}"]
        return Counted(counted.value, bool(marked) and counted.value is not None)

    @property
    def said(self) -> Said:
        """What the deed takes."""
        stage, setting = self.cell
        return Said(
            life_stage=stage,
            setting=setting,
            counts={name: self._counted(name) for name in COUNTED},
            populations={term.pk: self._counted(f"population_{term.pk}") for term in self.terms},
        )

    @property
    def is_blank(self) -> bool:
        """Whether nothing at all is known by it."""
        said = self.said
        return all(one.value is None for one in (*said.counts.values(), *said.populations.values()))

    def pairs(self) -> list[tuple[Any, Any]]:
        """Each number with its mark, as bound fields."""
        return [(self[column], self[f"{column}{ESTIMATED}"]) for column in self.columns]
