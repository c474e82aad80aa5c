"""The fields that some kinds have of their own, and what a row must say before review."""

import re

from django.utils.translation import gettext_lazy as _

from knowledge.actions.bulk.row import Row
from knowledge.actions.bulk.table import OF_KIND, details
from knowledge.models.details import (
    CHOICE,
    DATE,
    DETAILS,
    LINE,
    LONGEST_LINE,
    RANGE,
    SEVERAL,
    Detail,
    kept_range,
    range_of,
)
from munistem.commons.search.analyser import normalised
from munistem.commons.tables.heads import words_of_choices
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
        return _chosen(row, column, detail, [cell])
    if detail.form == SEVERAL:
        return _chosen(row, column, detail, re.split("[,،;؛]", cell))
    if detail.form == RANGE:
        return _range(row, column, detail, cell)
    longest = LONGEST_LINE if detail.form == LINE else detail.longest
    if len(cell) > longest:
        text = _("This is longer than %(limit_value)d characters (now %(show_value)d). Shorten it.")
        row.note(column, text, limit_value=longest, show_value=len(cell))
    return cell


def _chosen(row: Row, column: str, detail: Detail, cells: list[str]) -> str:
    """The codes of what the cells say, with commas between."""
    words = words_of_choices(detail.choices.choices)
    found = []
    for cell in filter(None, map(str.strip, cells)):
        if normalised(cell) in words:
            found.append(words[normalised(cell)])
        else:
            row.note(column, _("“%(word)s” is not one of the answers to choose from."), word=cell[:60])
    return ",".join(dict.fromkeys(found))


def _range(row: Row, column: str, detail: Detail, cell: str) -> str:
    first, last = ends = range_of(cell) or (None, None)
    known = [end for end in ends if end is not None]
    if not known or known != sorted(known) or not all(detail.least <= end <= detail.most for end in known):
        text = _("“%(word)s” is no range. Write it as 2-5, from %(least)s to %(most)s; either end may stay open.")  # fmt: skip
        row.note(column, text, word=cell[:60], least=detail.least, most=detail.most)
        return ""
    return kept_range(first, last)
