"""The field for a table."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from munistem.commons.files.forms import OneFileField
from munistem.commons.files.models import FileKind
from munistem.commons.files.rules import extension_of


class TableField(OneFileField):
    """A CSV or Excel file."""

    def __init__(self, **options: Any):
        super().__init__(kinds={FileKind.SHEET, FileKind.TEXT}, **options)

    def widget_attrs(self, widget):
        return {"accept": ".xlsx,.csv"}

    def clean(self, value: Any) -> Any:
        chosen = (value or [])[-1:]
        if chosen and extension_of(chosen[0].name or "") not in ("xlsx", "csv"):
            raise ValidationError(_("Choose an Excel file (XLSX) or a CSV file."), code="kind")
        return super().clean(value)
