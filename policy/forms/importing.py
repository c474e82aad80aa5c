"""Bringing programmes in from a table: the table itself, and one row to mend."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from knowledge.forms import NonceField
from munistem.commons.days.school import current_school_year, school_year_name
from munistem.commons.enums import Language
from munistem.commons.search.analyser import normalised
from munistem.commons.tables.forms import TableField
from policy.actions.importing.table import CHOICES, HEADS, SEVERAL, head_of, words_of
from policy.models import ProgrammeRow

TALL = {"what": 4, "schools": 3, "partners": 2, "quality_assurance": 2}
YEARS_BACK = 10


class ProgrammeImportForm(forms.Form):
    """A table, and what holds where a row says nothing."""

    table = TableField(
        label=gettext_lazy("The table"),
        help_text=gettext_lazy(
            "Excel (XLSX) or CSV in UTF-8, up to 1,000 rows; the first row holds the headings."
        ),
    )
    year = forms.TypedChoiceField(
        label=gettext_lazy("School year of figures, where a row says none"), coerce=int
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Language, where a row says none"), choices=Language.choices
    )
    nonce = NonceField()

    def __init__(self, *args: Any, language: str, **options: Any):
        this = current_school_year()
        super().__init__(*args, initial={"year": this, "language": language}, **options)
        offered: Any = self.fields["year"]
        offered.choices = [(year, school_year_name(year)) for year in range(this + 1, this - YEARS_BACK, -1)]


class ProgrammeRowForm(forms.Form):
    """One row of the table, a field for each column; what a cell means is judged by the deed."""

    def __init__(self, *args: Any, row: ProgrammeRow, **options: Any):
        start = {column: self._shown(column, words) for column, words in row.told.items()}
        super().__init__(*args, initial=start, **options)
        wrong = {problem["column"] for problem in row.problems}
        for column in sorted(HEADS, key=lambda column: column not in wrong):
            self.fields[column] = self._field(column)
        self.wrong = [column for column in HEADS if column in wrong]

    @staticmethod
    def _is_chosen(column: str) -> bool:
        return column in CHOICES and column not in SEVERAL

    def _shown(self, column: str, words: str) -> str:
        return words_of(column).get(normalised(words), "") if self._is_chosen(column) else words

    def to_mend(self) -> list[Any]:
        """The fields of which something was said, to begin with."""
        return [self[column] for column in self.fields if column in self.wrong]

    def others(self) -> list[Any]:
        """All else that the row says."""
        return [self[column] for column in self.fields if column not in self.wrong]

    def _field(self, column: str) -> forms.Field:
        label = head_of(column)
        if self._is_chosen(column):
            return forms.ChoiceField(
                label=label, required=False, choices=[("", _("Says nothing")), *CHOICES[column]]
            )
        hint = ""
        if column in SEVERAL:
            words = ", ".join(str(said) for _value, said in CHOICES[column])
            hint = _("With commas between: %(words)s") % {"words": words}
        attributes = {"dir": "auto"} | ({"rows": TALL[column]} if column in TALL else {})
        widget = (forms.Textarea if column in TALL else forms.TextInput)(attrs=attributes)
        return forms.CharField(label=label, required=False, max_length=20_000, widget=widget, help_text=hint)

    def show_problems(self, problems: list[dict[str, Any]]) -> None:
        """Put what is wrong beside its field."""
        for problem in problems:
            if problem["weight"] == "error":
                self.add_error(
                    problem["column"] if problem["column"] in self.fields else None, problem["said"]
                )
