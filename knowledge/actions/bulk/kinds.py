"""The fields that some kinds have of their own, and what a row must say before review."""

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from knowledge.actions.bulk.row import Row
from knowledge.actions.bulk.table import LANGUAGES, OF_KIND, details
from knowledge.models.details import CHOICE, DATE, DETAILS, LINE, LONGEST_LINE, Detail
from munistem.commons.search.analyser import normalised
from munistem.commons.tables.rows import WARNING, day_of


def ask_for_completeness(row: Row) -> None:
    """What a row sent for review must say besides; for drafts these are hints."""
    if not row.content.get("summary"):
        row.note("summary", _("Say in short what it is; this is what people see before they open it."))
    if not (row.content.get("body") or row.content.get("links") or row.files):
        row.note("body", _("There is nothing to read: give a text, a file or a link."))
    for detail in DETAILS.get(row.content.get("kind", ""), ()):
        if detail.is_needed and not row.content["details"].get(detail.name):
            row.note(f"{OF_KIND}{detail.name}", _("This is needed before it is sent for review."))


def read_details(row: Row, told: dict[str, str]) -> None:
    """The fields of its kind; what other kinds are asked is left aside, and its owner is told."""
    own = {detail.name: detail for detail in DETAILS.get(row.content.get("kind", ""), ())}
    row.content["details"] = {}
    for column in details():
        cell, name = told.get(column, "").strip(), column.removeprefix(OF_KIND)
        if cell and name not in own:
            row.note(column, _("This is not asked of this kind of item and is left aside."), WARNING)
        elif cell:
            row.content["details"][name] = _detail(row, column, own[name], cell)


def _detail(row: Row, column: str, detail: Detail, cell: str) -> str:
    if detail.form == DATE:
        day = day_of(cell)
        if day is None:
            row.note(column, _("“%(word)s” is not a day. Write it as 31/12/2027."), word=cell[:60])
        return day.isoformat() if day else ""
    if detail.form == CHOICE:
        words = {normalised(value.replace("_", " ")): value for value in detail.choices.values}
        for language in LANGUAGES:
            with translation.override(language):
                words |= {normalised(str(label)): value for value, label in detail.choices.choices}
        if normalised(cell) not in words:
            row.note(column, _("“%(word)s” is not one of the answers to choose from."), word=cell[:60])
        return words.get(normalised(cell), "")
    longest = LONGEST_LINE if detail.form == LINE else detail.longest
    if len(cell) > longest:
        text = _("This is longer than %(limit_value)d characters (now %(show_value)d). Shorten it.")
        row.note(column, text, limit_value=longest, show_value=len(cell))
    return cell
