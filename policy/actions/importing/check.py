"""What one row of the table says, and what is wrong with it in words for its owner.

Messages are kept as their English source with their values, so that each reader reads them in their own language.
"""

import re
from collections.abc import Iterable
from dataclasses import asdict, replace
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from knowledge.actions.tags import vocabulary
from munistem.commons.enums import LifeStage, Setting
from munistem.commons.search.analyser import normalised
from munistem.commons.tables.rows import ERROR, WARNING, Row
from munistem.commons.terms.models import TermKind
from munistem.commons.text.forms import NameField, ProseField
from munistem.commons.text.names import harmless
from policy.actions.counting import NoNumber, counted_in
from policy.actions.figures import Said, counted_of, problems_of, same, way_of
from policy.actions.importing.table import CHOICES, FIGURES, HEADS, SEVERAL, words_of, years_by_name
from policy.actions.naming import funders_among, members_by_name, school_in
from policy.models import Programme, ProgrammeFigure, ProgrammeImport, ProgrammeRow
from policy.models.figures import COUNTED, FIRST_YEAR, LAST_YEAR
from policy.models.programme import ENDED

PARTS = re.compile(r"[,،;\n|]")
POPULATION = re.compile(r"^(.*?)\s*[:=：–-]\s*([^:=]+)$")
LONGEST = {"name": 200, "identifier": 100, "provider": 200}
LONGEST_TEXT = {"what": 4_000, "partners": 2_000, "quality_assurance": 2_000}
MOST_PARTS = 200
#: What a programme says that is compared as it stands.
PLAIN = (
    *("name", "what", "status", "provider", "partners", "since", "until", "quality_assurance", "visibility"),
    *("language", "life_stages", "settings"),
)


class Known:
    """What cells may name, and the programmes that the municipality has already. Read once for all rows."""

    def __init__(self, carried: ProgrammeImport):
        self.carried, self.authority = carried, carried.authority
        self.words = {column: words_of(column) for column in CHOICES}
        self.terms, self.members, self.years = vocabulary(), members_by_name(), years_by_name()
        self.by_identifier: dict[str, Programme] = {}
        self.by_name: dict[str, Programme] = {}
        rows = Programme.objects.of(self.authority)
        parts = ("terms", "funders", "schools", "figures__populations")
        for row in rows.prefetch_related(*parts).order_by("-pk"):
            self.add(row)

    def add(self, programme: Programme) -> None:
        """Know a programme by its name, and by its identifier where it has one."""
        self.by_name[normalised(programme.name)] = programme
        if programme.identifier:
            self.by_identifier[programme.identifier] = programme

    def find(self, told: dict[str, str]) -> Programme | None:
        """The programme of which a row tells: by its identifier, else by its name."""
        named = self.by_name.get(normalised(told.get("name", "")))
        if not (own := own_identifier(told)):
            return named
        return self.by_identifier.get(own) or (named if named and not named.identifier else None)


def own_identifier(told: dict[str, str]) -> str:
    return harmless(told.get("identifier", ""))[: LONGEST["identifier"]]


def key_of(told: dict[str, str]) -> str:
    """By what rows of one programme are known in a table."""
    return own_identifier(told) or f"name:{normalised(told.get('name', ''))}"


# One row -------------------------------------------------------------------------------------------------


def read_row(told: dict[str, str], known: Known) -> Row:
    """Understand one row; what cannot be understood becomes a problem of it, never an exception. Empty cells say nothing."""
    row = Row()
    for column in HEADS:
        if cell := told.get(column, "").strip():
            _read_cell(row, column, cell, known)
    if not told.get("name", "").strip() and known.find(told) is None:
        row.note("name", _("There is no name."))
    return row


def _read_cell(row: Row, column: str, cell: str, known: Known) -> None:
    if column in SEVERAL:
        _several(row, column, cell, known)
    elif column in CHOICES:
        _choice(row, column, cell, known)
    elif column in ("subjects", "populations"):
        _terms(row, column, cell, known)
    elif column in ("since", "until", "year"):
        _year(row, column, cell, known)
    elif column in COUNTED:
        _count(row, column, cell)
    elif column == "by_population":
        _by_population(row, cell, known)
    elif column in ("funders", "schools"):
        between = ";|\n" if re.search(r"[;|\n]", cell) else ",،"
        names = [name for name in map(harmless, re.split(f"[{between}]", cell)) if name][:MOST_PARTS]
        if column == "funders":
            row.content["funders"] = list(dict.fromkeys(funders_among(names, known.members)))
        else:
            row.content["schools"] = [school_in(name) for name in names]
    else:
        _text(row, column, cell)
    if column == "provider" and (provider := row.content.get("provider")):
        row.content["provider_organisation"] = known.members.get(normalised(provider))


def _text(row: Row, column: str, cell: str) -> None:
    field: Any = (
        ProseField(max_length=LONGEST_TEXT[column])
        if column in LONGEST_TEXT
        else NameField(max_length=LONGEST[column])
    )
    try:
        with translation.override(None):
            row.content[column] = field.clean(cell)
    except ValidationError as error:
        for one in error.error_list:
            words: dict[str, Any] = {
                name: value if isinstance(value, int) else str(value)[:100]
                for name, value in (one.params or {}).items()
            }
            row.note(column, one.message, **words)


def _choice(row: Row, column: str, cell: str, known: Known) -> None:
    row.content[column] = known.words[column].get(normalised(cell), "")
    if not row.content[column]:
        row.note(
            column, _("“%(word)s” is not a word of this column. Choose one of the list."), word=cell[:60]
        )


def _several(row: Row, column: str, cell: str, known: Known) -> None:
    found = []
    for word in filter(None, map(str.strip, PARTS.split(cell))):
        if value := known.words[column].get(normalised(word)):
            found.append(value)
        else:
            row.note(
                column, _("“%(word)s” is not a word of this column. Choose one of the list."), word=word[:60]
            )
    order = LifeStage.values if column == "life_stages" else Setting.values
    row.content[column] = sorted(set(found), key=order.index)


def _terms(row: Row, column: str, cell: str, known: Known) -> None:
    kind = TermKind.SUBJECT if column == "subjects" else TermKind.POPULATION
    for word in filter(None, map(str.strip, PARTS.split(cell))):
        term = known.terms.get(normalised(word))
        if term and term.kind == kind:
            row.content.setdefault("terms", {})[term.pk] = term
        else:
            row.note(
                column, _("“%(word)s” is not in the vocabulary and is left aside."), WARNING, word=word[:60]
            )


def _year(row: Row, column: str, cell: str, known: Known) -> None:
    found = re.search(r"(?<!\d)(20\d\d)(?!\d)", cell)
    year = int(found.group(1)) if found else known.years.get(normalised(cell))
    if year is None or not FIRST_YEAR <= year <= LAST_YEAR:
        row.note(column, _("“%(word)s” is not a school year. Write it as 2026/27."), word=cell[:60])
    else:
        row.content[column] = year


def _count(row: Row, column: str, cell: str) -> None:
    try:
        row.content.setdefault("counts", {})[column] = counted_in(cell)
    except NoNumber:
        row.note(column, _("“%(word)s” is no whole number. Write “?” for what is not known."), word=cell[:60])


def _by_population(row: Row, cell: str, known: Known) -> None:
    found = row.content.setdefault("by_population", {})
    for part in filter(None, map(str.strip, re.split(r"[;\n|]", cell))):
        pair = POPULATION.match(part)
        term = known.terms.get(normalised(pair.group(1))) if pair else None
        if not pair or not term or term.kind != TermKind.POPULATION:
            row.note(
                "by_population",
                _("“%(word)s” does not say how many of which population. Write it as “Girls: 12”."),
                word=part[:60],
            )
            continue
        try:
            found[term.pk] = counted_in(pair.group(2))
        except NoNumber:
            row.note(
                "by_population",
                _("“%(word)s” is no whole number. Write “?” for what is not known."),
                word=pair.group(2)[:60],
            )


# All rows ------------------------------------------------------------------------------------------------


class Draft:
    """A programme as the rows read so far would leave it."""

    def __init__(self, programme: Programme | None):
        self.programme = programme
        self.said = {name: getattr(programme, name) for name in PLAIN} if programme else {}
        self.cells: dict[int, dict[tuple[str, str], int]] = {}  # year → part → the row that tells of it

    def list_of(self, name: str) -> list[str]:
        return self.said.get(name) or []


def judge(rows: Iterable[ProgrammeRow], known: Known) -> None:
    """Say of each row of one table what is wrong with it and what it would do; unsaved, in the order of the table."""
    drafts: dict[str, Draft] = {}
    for row in sorted(rows, key=lambda row: row.number):
        found = read_row(row.told, known)
        is_first = row.identifier not in drafts
        draft = drafts.setdefault(row.identifier, Draft(known.find(row.told)))
        row.changes = _changes(found, draft)
        draft.said |= {name: found.content[name] for name in PLAIN if name in found.content}
        _check_years(found, draft)
        if told := said_of(found, draft.list_of("life_stages"), draft.list_of("settings")):
            _check_figures(found, told, row, draft, known)
        row.problems = [asdict(problem) for problem in found.problems]
        row.error_count, row.warning_count = found.count(ERROR), found.count(WARNING)
        row.programme = draft.programme
        row.does = "new" if draft.programme is None and is_first else "change" if row.changes else "same"


def said_of(found: Row, stages: list[str], settings: list[str]) -> Said | None:
    """The figures of a row, in the only stage and setting where it names none; None for a row without figures."""
    content = found.content
    if not content.get("counts") and not content.get("by_population"):
        return None
    stage = content.get("figures_stage") or (stages[0] if len(stages) == 1 else "")
    setting = content.get("figures_setting") or (settings[0] if len(settings) == 1 else "")
    return Said(stage, setting, content.get("counts", {}), content.get("by_population", {}))


def _check_years(found: Row, draft: Draft) -> None:
    since, until = draft.said.get("since"), draft.said.get("until")
    if since is not None and until is not None and until < since:
        found.note("until", _("The last school year lies before the first."))
    if draft.said.get("status") in ENDED and until is None:
        found.note("until", _("Choose the last school year in which it ran."))


def _check_figures(found: Row, told: Said, row: ProgrammeRow, draft: Draft, known: Known) -> None:
    year = found.content.get("year", known.carried.year)
    standing = standing_at(draft.programme.figures.all() if draft.programme else (), year, told)
    told = filled_up(told, standing)
    for column, sentence in problems_of(told):
        found.note("by_population" if column.startswith("population:") else column, sentence)
    if told.life_stage and told.life_stage not in draft.list_of("life_stages"):
        found.note("figures_stage", _("The programme does not serve this life stage."))
    if told.setting and told.setting not in draft.list_of("settings"):
        found.note("figures_setting", _("The programme does not run in this setting."))
    cells = draft.cells.setdefault(year, {})
    if other := cells.get(told.cell):
        found.note("year", _("Row %(number)d tells of the same year and part."), number=other)
    elif cells and way_of(next(iter(cells))) != way_of(told.cell):
        number = next(iter(cells.values()))
        found.note("figures_stage", _("Row %(number)d splits this year in another way."), number=number)
    cells.setdefault(told.cell, row.number)
    if not same(standing, told):
        row.changes += [column for column in FIGURES if column in row.told]


def standing_at(rows: Iterable[ProgrammeFigure], year: int, told: Said) -> ProgrammeFigure | None:
    """The figures that stand where a row tells of."""
    here = (row for row in rows if row.year == year and (row.life_stage, row.setting) == told.cell)
    return next(here, None)


def filled_up(told: Said, standing: ProgrammeFigure | None) -> Said:
    """What a row says, with what stands where its cells are empty."""
    if standing is None:
        return told
    counts = {name: counted_of(standing, name, f"{name}_quality") for name in COUNTED}
    populations = {one.term_id: counted_of(one, "value", "quality") for one in standing.populations.all()}
    return replace(told, counts=counts | dict(told.counts), populations=populations | dict(told.populations))


def _changes(found: Row, draft: Draft) -> list[str]:
    """Columns in which the row says something else than stands."""
    content, programme = found.content, draft.programme
    changes = [name for name in PLAIN if name in content and content[name] != draft.said.get(name)]
    if programme is None:
        return changes
    if "identifier" in content and content["identifier"] != programme.identifier:
        changes.append("identifier")
    if "terms" in content and set(content["terms"]) - {term.pk for term in programme.terms.all()}:
        changes.append("subjects")
    if "funders" in content:
        standing = [(row.organisation_id, row.name) for row in programme.funders.all()]
        wanted = [(None, one) if isinstance(one, str) else (one.pk, "") for one in content["funders"]]
        changes += ["funders"] if sorted(standing, key=str) != sorted(wanted, key=str) else []
    if "schools" in content and {(row.name, row.code) for row in programme.schools.all()} != set(
        content["schools"]
    ):
        changes.append("schools")
    return changes
