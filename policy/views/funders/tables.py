"""The tables of a funder's view, as a page lists them and as files give them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from members.models import LocalAuthority, Organisation
from munistem.commons.enums import LifeStage
from munistem.commons.text.names import listed
from policy.models.funding import (
    Crowded,
    Ending,
    Narrowed,
    Overlap,
    Payer,
    Placed,
    Told,
    by_place,
    crowded_schools,
    ending_without_successor,
    overlaps,
    told_by_place,
)
from policy.views.funders.look import Look
from policy.views.programme import list_url

TOWNS, CLUSTERS, OVERLAPS, SCHOOLS, ENDING = DRAWN = (
    "municipalities",
    "clusters",
    "overlaps",
    "schools",
    "ending",
)


@dataclass
class Paid:
    """Who pays, as a page names it."""

    name: str
    url: str
    number: int
    is_own: bool

    @property
    def words(self) -> str:
        return f"{self.name} ({self.number})" if self.number else self.name


@dataclass
class Line:
    """A row: what it is about, what is said of it, who pays; cells: the same for a file."""

    title: str
    url: str
    facts: list[str]
    payers: list[Paid]
    cells: list[Any]


@dataclass
class Table:
    code: str
    title: str
    rule: str
    heads: list[str]
    lines: list[Line]
    count: int
    csv_url: str = ""


@dataclass
class Drawing:
    """Tables with what they are together: programmes of one's own, in how many municipalities."""

    tables: list[Table]
    own: int = 0
    own_towns: int = 0

    def count(self, code: str) -> int:
        return next((table.count for table in self.tables if table.code == code), 0)

    @property
    def doubles(self) -> int:
        return self.count(OVERLAPS)

    @property
    def ends(self) -> int:
        return self.count(ENDING)


FOUND: dict[str, Any] = {
    TOWNS: lambda asked, look: by_place(asked, "authority_id"),
    CLUSTERS: lambda asked, look: by_place(asked, "cluster_id"),
    OVERLAPS: lambda asked, look: overlaps(asked),
    SCHOOLS: lambda asked, look: crowded_schools(asked, look.more_than),
    ENDING: lambda asked, look: ending_without_successor(asked),
}


def draw(asked: Narrowed, look: Look, codes: Iterable[str]) -> Drawing:
    """The tables of these codes; a query for each and three for their names and what cells tell."""
    found = {code: FOUND[code](asked, look) for code in codes}
    names = Names(asked, look, found)
    tables = [MADE[code](rows, names) for code, rows in found.items()]
    towns = found.get(TOWNS) or []
    return Drawing(tables, *((towns[0].own_together, towns[0].own_places) if towns else (0, 0)))


class Names:
    """What the rows speak of, read once for all tables."""

    def __init__(self, asked: Narrowed, look: Look, found: dict[str, list[Any]]):
        rows = [row for code, kept in found.items() if code not in (TOWNS, CLUSTERS) for row in kept]
        codes = {row.authority for row in rows} | {row.place for row in found.get(TOWNS, ())}
        self.asked, self.look = asked, look
        self.subjects = {term.pk: term.label for term in look.subjects}
        known = LocalAuthority.objects.filter(pk__in=codes).only("name_he", "name_ar", "name_en")
        self.towns = {row.pk: row.name for row in known}
        paid = {payer.organisation for kept in found.values() for row in kept for payer in row.payers}
        members = Organisation.objects.filter(pk__in=paid - {None})
        shown = members.only("slug", "name_he", "name_ar", "name_en", "left_on")
        self.members = {row.pk: row for row in shown}
        places = [row.place for row in found.get(TOWNS, ())], [row.place for row in found.get(CLUSTERS, ())]
        is_told = TOWNS in found or CLUSTERS in found
        self.told = told_by_place(asked.year, asked.stage, *places) if is_told else {}

    def payers(self, rows: list[Payer]) -> list[Paid]:
        """By name, one's own first; those that left the network have no page."""
        paid = []
        for row in rows:
            member = self.members.get(row.organisation) if row.organisation else None
            url = member.get_absolute_url() if member and not member.left_on else ""
            is_own = row.organisation == self.asked.organisation
            paid.append(Paid(member.name if member else row.name, url, row.number, is_own))
        return sorted(paid, key=lambda one: (not one.is_own, -one.number, one.name))

    def town(self, code: int) -> str:
        return self.towns.get(code, str(code))

    def programmes_url(self, code: int, **asked: Any) -> str:
        row = LocalAuthority(pk=code)
        return list_url(row, year=self.asked.year, **asked)


def words_of(paid: list[Paid]) -> str:
    return "; ".join(one.words for one in paid)


def programmes(count: int) -> str:
    return ngettext("%(count)s programme", "%(count)s programmes", count) % {"count": count}


def own_ones(count: int) -> str:
    return ngettext("%(count)s of ours", "%(count)s of ours", count) % {"count": count}


def participants(told: Told | None) -> str:
    """What cells tell of all programmes of a place, whoever pays."""
    if told is None or told.participants is None:
        return _("participants not known")
    text = ngettext("%(count)s participant in all", "%(count)s participants in all", told.participants)
    words = text % {"count": f"{told.participants:,}"}
    if not told.small:
        return words
    left = ngettext(
        "%(count)s small group left out", "%(count)s small groups left out", told.small
    ) % {"count": told.small}  # fmt: skip
    return f"{words} ({left})"


def told_cells_of(told: Told | None) -> list[Any]:
    return [told.participants, told.small] if told else [None, None]


# One table each ------------------------------------------------------------------------------------------


def place_heads() -> list[str]:
    return [
        _("Our programmes"),
        _("All programmes"),
        _("Nobody named as funder"),
        _("Who pays for it"),
        _("Participants in all programmes"),
        _("Small groups left out"),
    ]


def of_towns(rows: list[Placed], names: Names) -> Table:
    lines = []
    for row in rows:
        code, told = row.place or 0, names.told.get(("town", row.place))
        line = place_line(names.town(code), names.programmes_url(code), row, told, names)
        line.cells = [code, names.town(code), *line.cells]
        lines.append(line)
    heads = [_("Code"), _("Municipality"), *place_heads()]
    rule = _("Programmes that run in the school year and that you may read of. A programme that two pay for counts for both.")  # fmt: skip
    return Table(TOWNS, _("By municipality"), rule, heads, lines, rows[0].total if rows else 0)


def of_clusters(rows: list[Placed], names: Names) -> Table:
    lines = []
    for row in rows:
        cluster = names.look.clusters.get(row.place or 0)
        told = names.told.get(("cluster", row.place)) if cluster else None
        title = cluster.name if cluster else _("In no regional cluster")
        line = place_line(title, "", row, told, names, with_told=cluster is not None)
        text = ngettext("%(count)s municipality", "%(count)s municipalities", row.towns)
        line.facts.insert(0, text % {"count": row.towns})
        line.cells = [title, row.towns, *line.cells]
        lines.append(line)
    heads = [_("Regional cluster"), _("Municipalities"), *place_heads()]
    rule = _("The same, added up over the municipalities of each cluster.")
    return Table(CLUSTERS, _("By regional cluster"), rule, heads, lines, rows[0].total if rows else 0)


def place_line(
    title: str, url: str, row: Placed, told: Told | None, names: Names, *, with_told: bool = True
) -> Line:
    facts = [own_ones(row.own), programmes(row.programmes)]
    if row.unpaid:
        text = ngettext("%(count)s without a funder named", "%(count)s without a funder named", row.unpaid)
        facts.append(text % {"count": row.unpaid})
    if with_told:
        facts.append(participants(told))
    paid = names.payers(row.payers)
    return Line(
        title,
        url,
        facts,
        paid,
        [row.own, row.programmes, row.unpaid, words_of(paid), *told_cells_of(told)],
    )


def of_overlaps(rows: list[Overlap], names: Names) -> Table:
    lines = []
    slugs = {term.pk: term.slug for term in names.look.subjects}
    for row in rows:
        paid, stage, subject = names.payers(row.payers), LifeStage(row.stage), names.subjects[row.term]
        url = names.programmes_url(row.authority, stage=row.stage, subject=slugs[row.term])
        cells = [row.authority, names.town(row.authority), stage.label, subject, row.programmes]
        facts = [str(stage.label), subject, programmes(row.programmes)]
        lines.append(Line(names.town(row.authority), url, facts, paid, [*cells, words_of(paid)]))
    heads = [_("Code"), _("Municipality"), _("Life stage"), _("Subject"), _("Programmes")]
    rule = _("Two or more funders with two or more programmes for the same life stage and subject in one municipality. One programme that two pay for together is no double; what was entered without a life stage or subject is not looked at.")  # fmt: skip
    return Table(
        OVERLAPS,
        _("Where funders double"),
        rule,
        [*heads, _("Who pays for it")],
        lines,
        rows[0].total if rows else 0,
    )


def of_schools(rows: list[Crowded], names: Names) -> Table:
    lines = []
    for row in rows:
        paid, town = names.payers(row.payers), names.town(row.authority)
        cells = [row.authority, town, row.name, row.programmes, row.own, words_of(paid)]
        facts = [town, programmes(row.programmes), own_ones(row.own)]
        lines.append(Line(row.name, names.programmes_url(row.authority), facts, paid, cells))
    more = names.look.more_than
    title = ngettext("Schools with more than %(count)s programme", "Schools with more than %(count)s programmes", more)  # fmt: skip
    rule = _("A school is known by its number at the Ministry of Education, else by its name in its municipality.")  # fmt: skip
    heads = [_("Code"), _("Municipality"), _("School"), _("Programmes"), _("Our programmes")]
    return Table(
        SCHOOLS,
        title % {"count": more},
        rule,
        [*heads, _("Who pays for it")],
        lines,
        rows[0].total if rows else 0,
    )


def of_endings(rows: list[Ending], names: Names) -> Table:
    lines = []
    order = {stage.value: stage for stage in LifeStage}
    for row in rows:
        paid, town = names.payers(row.payers), names.town(row.authority)
        left = [str(stage.label) for code, stage in order.items() if code in row.stages]
        what = listed(left) if left else _("life stage not told")
        url = reverse("show_programme", args=[row.programme])
        facts = [town, _("Nothing after it for: %(what)s") % {"what": what}]
        lines.append(Line(row.name, url, facts, paid, [row.authority, town, row.name, what, words_of(paid)]))
    heads = [_("Code"), _("Municipality"), _("Programme"), _("Nothing after it for"), _("Who pays for it")]
    rule = _("The school year is their last, and in the next one no other programme of the municipality, running or planned, serves the same life stage in one of their settings or on one of their subjects. What was not entered covers nothing.")  # fmt: skip
    return Table(
        ENDING, _("Ends this year, with nothing after it"), rule, heads, lines, rows[0].total if rows else 0
    )


MADE: dict[str, Any] = {
    TOWNS: of_towns,
    CLUSTERS: of_clusters,
    OVERLAPS: of_overlaps,
    SCHOOLS: of_schools,
    ENDING: of_endings,
}
