"""The fields of each kind of item in a form; the page shows those of the chosen kind only."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from knowledge.enums import ItemKind
from knowledge.models.details import (
    CHOICE,
    DATE,
    DETAILS,
    LINE,
    LONGEST_LINE,
    RANGE,
    SEVERAL,
    Detail,
    codes_in,
    kept_range,
    range_of,
)
from munistem.commons.text.forms import NameField, ProseField


class DayField(forms.DateField):
    """A day, picked or typed as year-month-day."""

    def __init__(self, **options: Any):
        super().__init__(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **options)


class RangeWidget(forms.MultiWidget):
    """Two numbers beside each other: from, to."""

    use_fieldset = True
    template_name = "django/forms/widgets/range.html"

    def __init__(self, least: int, most: int):
        limits = {"min": least, "max": most, "inputmode": "numeric"}
        super().__init__(
            {"from": forms.NumberInput(attrs=limits), "to": forms.NumberInput(attrs=limits)},
        )

    def decompress(self, value: Any) -> list[Any]:
        return list(range_of(value) or (None, None))


class RangeField(forms.MultiValueField):
    """From – to; the cleaned value is the range as it is kept, "" for none."""

    def __init__(self, *, least: int, most: int, **options: Any):
        ends = [forms.IntegerField(min_value=least, max_value=most, required=False) for _end in range(2)]
        widget = RangeWidget(least, most)
        super().__init__(ends, require_all_fields=False, widget=widget, **options)

    def compress(self, data_list: list[int | None]) -> str:
        first, last = [*data_list, None, None][:2]
        if first is not None and last is not None and last < first:
            raise ValidationError(gettext_lazy("The end lies below the beginning. Exchange them."))
        return kept_range(first, last)


@dataclass(frozen=True)
class KindFields:
    """What is asked of one kind only."""

    code: str
    label: str
    fields: list[Any]


def place_of(kind: str, detail: Detail) -> str:
    """The name of a field in the form; two kinds may both ask for partners."""
    return f"{kind}-{detail.name}"


def fields_of_kinds(kinds: Mapping[str, tuple[Detail, ...]] = DETAILS) -> dict[str, forms.Field]:
    """A field for each that some kind has, none of them needed by itself."""
    return {place_of(kind, row): field_of(row) for kind, rows in kinds.items() for row in rows}


def field_of(detail: Detail) -> forms.Field:
    shared = {"label": detail.label, "help_text": detail.hint, "required": False}
    if detail.form == DATE:
        return DayField(**shared)
    if detail.form == CHOICE:
        return forms.ChoiceField(choices=[("", _("Not said")), *detail.choices.choices], **shared)
    if detail.form == RANGE:
        return RangeField(least=detail.least, most=detail.most, **shared)
    if detail.form == SEVERAL:
        offered: Any = lambda: detail.choices.choices  # noqa: E731 - asked when the form is shown
        return forms.MultipleChoiceField(choices=offered, widget=forms.CheckboxSelectMultiple, **shared)
    if detail.form == LINE:
        return NameField(max_length=LONGEST_LINE, **shared)
    return ProseField(max_length=detail.longest, rows=3, **shared)


def shown_details(kind: str, details: Mapping[str, Any]) -> dict[str, Any]:
    """What a revision keeps, as the form begins with it."""
    return {
        place_of(kind, row): codes_in(details, row.name) if row.form == SEVERAL else details.get(row.name, "")
        for row in DETAILS.get(kind, ())
    }


def chosen_details(kind: str, data: Mapping[str, Any]) -> dict[str, str]:
    """What was filled in of one kind, as a revision keeps it; the fields of other kinds are left out."""
    said = {row.name: data.get(place_of(kind, row)) for row in DETAILS.get(kind, ())}
    return {name: as_kept(value) for name, value in said.items() if value}


def as_kept(value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    return ",".join(value) if isinstance(value, list) else value


def missing_details(kind: str, data: Mapping[str, Any], errors: Any) -> dict[str, str]:
    """Field → what to say, for what must be told before an item of this kind is sent for review."""
    told = {}
    for row in DETAILS.get(kind, ()):
        place = place_of(kind, row)
        if place in errors:
            continue
        if row.is_needed and not data.get(place):
            told[place] = _("Readers need this to act on it; fill it in before you send it.")
        elif row.form == DATE and data.get(place) and data[place] < timezone.localdate():
            told[place] = _("This day is over. Choose a later one.")
    return told


def labelled(kind: str) -> str:
    return str(ItemKind(kind).label)
