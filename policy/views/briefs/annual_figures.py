"""The later parts of the annual brief: commitments, who pays, the family, the years, the background, what is not known."""

from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from members.enums import FigureSource, Measure
from munistem.commons import pdf
from munistem.commons.days.school import school_year_name
from munistem.commons.enums import LifeStage, Setting
from munistem.commons.text.names import listed
from policy.models.family import Range
from policy.models.honest import Honest
from policy.views.briefs.annual import Annual
from policy.views.briefs.commitments import answer_words, evidence_of, status_words, target_words
from policy.views.briefs.paper import number, of_all, percent
from policy.views.drawing import Background, missing_words, unknown_facts

CELLS = len(LifeStage) * len(Setting)
#: Measures of the background that stand in a brief.
SHOWN = (
    Measure.MATRICULATION,
    Measure.MATH,
    Measure.PHYSICS,
    Measure.COMPUTERS,
    Measure.ENGLISH,
    Measure.HIGHER_EDUCATION,
)
MOST_FUNDERS, MOST_UNKNOWN = 8, 5


def source_of(told: Annual) -> str:
    """Whose figures they are, of which year, and how they are known."""
    quality = (
        _("a sign of about (~) marks sums with estimates among them")
        if told.picture.told.is_rough
        else _("counted")
    )
    return _("Source: the municipality, as its representatives entered it, school year %(year)s; %(quality)s.") % {
        "year": school_year_name(told.year),
        "quality": quality,
    }  # fmt: skip


# Commitments, money, family ------------------------------------------------------------------------------


def commitments_of(told: Annual) -> list[Any]:
    rows = [
        [
            f"{row.recommendation.number}. {row.recommendation.title}",
            answer_words(row),
            status_words(row),
            target_words(row),
            listed(words for words, _url in evidence_of(row)) or "–",
        ]
        for row in told.commitments
    ]
    head = [_("Recommendation"), _("Answer"), _("How it goes"), _("Target date"), _("Evidence")]
    table = pdf.grid(head, rows, widths=[26, 28, 20, 15, 24])
    source = _("Source: answers confirmed by the network, and the reports of the municipality.")
    return [
        pdf.keep(
            pdf.heading(_("Commitments")),
            table or pdf.paragraph(_("No recommendation is in force.")),
            pdf.small(source),
        )
    ]


def money_of(told: Annual) -> list[Any]:
    """Programmes by who pays for them; how much they pay is not kept."""
    total, rows = len(told.programmes), told.funders
    drawn = [pdf.Bar(name, count, of_all(count, total)) for name, count in rows[:MOST_FUNDERS]]
    if told.without_funder:
        drawn.append(pdf.Bar(_("Not known who pays"), told.without_funder, of_all(told.without_funder, total), "soft"))  # fmt: skip
    nodes: list[Any] = [pdf.heading(_("Who pays for it"))]
    if not drawn:
        return [*nodes, pdf.paragraph(_("Not known: no programme was entered."))]
    spoken = "; ".join(f"{bar.label}: {bar.shown}" for bar in drawn)
    caption = _("Programmes by funder, of all that run; one may have several. Amounts are not known.")
    return [
        *nodes,
        pdf.bars(
            drawn,
            alt=_("Programmes by funder: %(told)s") % {"told": spoken},
            caption=f"{caption} {source_of(told)}",
            whole=total,
        ),
    ]


def family_of(told: Annual) -> list[Any]:
    """Beside municipalities that are alike, and who they are."""
    head = ["", told.authority.name, _("Middle of the family"), _("Lowest – highest")]
    cells = _("Cells in which a programme runs, of %(all)s") % {"all": CELLS}
    rows = [
        [cells, plain(told.cells_in_use.own), *ranged(told.cells_in_use.range, "")],
        [_("Girls among participants"), plain(told.girls.own, "%"), *ranged(told.girls.range, "%")],
    ]
    title = pdf.heading(_("Beside municipalities that are alike"))
    return [title, pdf.grid(head, rows, widths=[34, 18, 20, 24]), pdf.small(family_words(told))]


def family_words(told: Annual) -> str:
    known = [one.range.known if one.range else 0 for one in (told.cells_in_use, told.girls)]
    text = _(
        "The family: %(names)s. Known of %(cells)s and of %(girls)s of %(all)s. Source: the municipalities, as everyone is told it, %(year)s."
    )
    return text % {
        "names": listed(row.name for row in told.family),
        "cells": known[0],
        "girls": known[1],
        "all": len(told.family),
        "year": school_year_name(told.year),
    }


def plain(value: float | None, unit: str = "") -> str:
    return _("not known") if value is None else f"{round(value)}{unit}"


def ranged(found: Range | None, unit: str) -> list[str]:
    if found is None:
        return [_("not known"), _("not known")]
    return [plain(found.middle, unit), f"{plain(found.lowest, unit)} – {plain(found.highest, unit)}"]


# Over time, and what is not known ------------------------------------------------------------------------


def over_time(told: Annual) -> list[Any]:
    people = [
        pdf.Bar(short_year(year), row.participants, people_shown(row), "soft" if row.is_rough else "plain")
        for year, row in told.years
    ]
    girls = [pdf.Bar(girls_label(year, row), row.girls_share, girls_shown(row)) for year, row in told.years]
    charts = pdf.beside(
        charted(_("Participants over the years"), people, told),
        charted(_("Share of girls over the years"), girls, told),
    )
    return (
        [pdf.heading(_("Over the years")), charts, *background_of(told)]
        if told.years
        else background_of(told)
    )


def charted(title: str, rows: list[pdf.Bar], told: Annual) -> dict[str, Any]:
    spoken = "; ".join(f"{row.label}: {row.shown}".replace("\n", ", ") for row in rows)
    caption = _("Sums of what each cell tells; small groups are left out. Source: the municipality.")
    if told.is_raw:
        caption = _("As it was entered. Source: the municipality.")
    if any(row.tone == "soft" for row in rows):
        caption += " " + _("Grey: estimates are among them.")
    return pdf.root(
        pdf.paragraph(pdf.strong(title)), pdf.years(rows, alt=f"{title}: {spoken}", caption=caption)
    )


def short_year(year: int) -> str:
    return f"{year}/{(year + 1) % 100:02d}"


def girls_label(year: int, row: Honest) -> str:
    """The year, and below it of how many."""
    told = "" if row.girls_share is None else of_all(row.girls or 0, row.counted or 0)
    return f"{short_year(year)}\n{told}" if told else short_year(year)


def people_shown(row: Honest) -> str:
    return _("not known") if row.participants is None else number(row.participants, is_rough=row.is_rough)


def girls_shown(row: Honest) -> str:
    return _("not known") if row.girls_share is None else percent(row.girls_share)


def background_of(told: Annual) -> list[Any]:
    """Figures of public sources beside each other, each with its whole, its year and its source."""
    tables = []
    for source in FigureSource:
        rows = [
            row_of(one) for one in told.background if one.measure in SHOWN and one.measure.source == source
        ]
        head = [_("What is measured"), pgettext("statistics", "Figure"), _("School year")]
        named = _("Source: %(source)s") % {"source": source.label}
        tables.append(pdf.root(pdf.grid(head, rows, widths=[44, 32, 24]), pdf.small(named)))
    return [pdf.keep(pdf.heading(_("What public sources tell")), pdf.beside(*tables))]


def row_of(one: Background) -> list[str]:
    name = f"{one.measure.label}, {one.measure.whole}"
    if one.latest is None:
        return [name, _("not known"), "–"]
    if one.measure.is_share:
        shown = f"{number_format(one.latest.value, 1)}%"
    elif one.latest.whole:
        shown = f"{percent(one.percent or 0)} ({of_all(one.latest.value, one.latest.whole)})"
    else:
        shown = _("%(count)s; of how many is not told") % {"count": number(one.latest.value)}
    return [name, shown, one.year]


def missing_of(told: Annual) -> list[str]:
    return missing_words(
        (row.has_people, row.has_girls, row.life_stages, row.settings) for row in told.programmes
    )


def unknown_of(told: Annual) -> list[Any]:
    rows = [*missing_of(told), *unknown_facts(told.picture, told.background)]
    more = len(rows) - MOST_UNKNOWN
    shown = rows[:MOST_UNKNOWN]
    if more > 0:
        shown.append(_("and %(count)s more") % {"count": more})
    return [pdf.heading(_("What we do not know")), pdf.small(pdf.lists(shown))] if rows else []
