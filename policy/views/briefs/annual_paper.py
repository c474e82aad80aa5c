"""The annual brief of a municipality as a document: every figure with its whole, its year, its source and how it is known."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from munistem.commons import pdf
from munistem.commons.days.school import school_year_name
from munistem.commons.enums import LifeStage, Setting
from munistem.commons.text.names import listed
from policy.enums import Gap
from policy.models.gaps import FEW_GIRLS, FEW_REACHED
from policy.models.honest import Honest
from policy.views.briefs.annual import Annual, NamedGap, is_moved
from policy.views.briefs.annual_figures import (
    CELLS,
    commitments_of,
    family_of,
    missing_of,
    money_of,
    over_time,
    source_of,
    unknown_of,
)
from policy.views.briefs.commitments import Commitment, next_words
from policy.views.briefs.paper import brief, link, number, of_all, percent, stages_of
from policy.views.drawing import Part


def document_of(
    told: Annual, *, asks: str = "", mark: str = "", facts: list[tuple[str, str]] | None = None
) -> dict[str, Any]:
    """The document in the active language.

    asks: what the signer asks, one a line; mark: on every page; facts: label and value, who signed and when.
    """
    year = school_year_name(told.year)
    return brief(
        title=_("STEM in %(name)s, %(year)s") % {"name": told.authority.name, "year": year},
        path=reverse("show_brief", args=[told.authority.pk]) + f"?year={told.year}",
        kind=_("Annual municipal STEM brief"),
        summary=summary_of(told),
        stages=stages_of([row.stage.value for row in told.picture.stages if row.programmes]),
        mark=mark,
        facts=facts or [],
        body=pdf.root(*draft_note(told, mark), *parts_of(told, asks)),
    )


def parts_of(told: Annual, asks: str) -> list[Any]:
    """In the order in which a mayor reads."""
    return [
        *picture_of(told),
        *gaps_of(told),
        *asks_of(told, asks),
        *commitments_of(told),
        pdf.beside(pdf.root(*money_of(told)), pdf.root(*family_of(told))),
        *over_time(told),
        *unknown_of(told),
        rule_of(),
    ]


def summary_of(told: Annual) -> str:
    picture = told.picture
    if picture.is_empty:
        return _("Nothing was entered for this school year: what runs in town is not known.")
    text = ngettext(
        "One programme along seven life stages; %(gaps)s of %(cells)s cells have a gap.",
        "%(count)s programmes along seven life stages; %(gaps)s of %(cells)s cells have a gap.",
        picture.programmes,
    )
    return text % {"count": number(picture.programmes), "gaps": picture.gap_count, "cells": CELLS}


def draft_note(told: Annual, mark: str) -> list[Any]:
    if not mark:
        return []
    text = (
        _(
            "It shows all figures as they were entered, small groups too: for the municipality's own eyes. The signed brief holds only what everyone is told."
        )
        if told.is_raw
        else _("It shows what everyone is told. The municipality signs it off before it is handed on.")
    )
    return [pdf.box(pdf.paragraph(pdf.strong(f"{mark}. "), text), tone="clay")]


# The picture ---------------------------------------------------------------------------------------------


def picture_of(told: Annual) -> list[Any]:
    return [
        pdf.tiles(tiles_of(told)),
        pdf.ribbon(
            [str(stage.label) for stage in LifeStage],
            [
                (str(setting.label), [cell_of(told, row.parts[place]) for row in told.picture.stages])
                for place, setting in enumerate(Setting)
            ],
            corner=_("Participants"),
            caption=source_of(told),
        ),
        *unplaced_in(told),
    ]


def unplaced_in(told: Annual) -> list[Any]:
    """Participants that no cell shows: they are told without a setting, or without a life stage."""
    rests = [
        (_("%(stage)s, not told by setting") % {"stage": row.stage.label}, row.rest)
        for row in told.picture.stages
        if row.rest
    ]
    if told.picture.rest:
        rests.append((_("Not told by life stage"), told.picture.rest))
    words = [
        f"{label}: {_('not known') if rest.participants is None else number(rest.participants, is_rough=rest.is_rough)}"
        for label, rest in rests
    ]
    return [pdf.small("; ".join(words))] if words else []


def tiles_of(told: Annual) -> list[pdf.Tile]:
    picture, honest = told.picture, told.picture.told
    known = sum(row.has_people for row in told.programmes)
    of_programmes = _("figures of %(count)s of %(all)s programmes") % {"count": known, "all": len(told.programmes)}  # fmt: skip
    return [
        pdf.Tile(_("Programmes"), number(picture.programmes), _("that run in this school year"))
        if not picture.is_empty
        else pdf.Tile(_("Programmes"), _("not known"), is_known=False),
        figure_tile(_("Participants"), honest.participants, of_programmes, honest.is_rough),
        pdf.Tile(
            pgettext("figures", "Girls"), percent(honest.girls_share), of_all(honest.girls or 0, honest.counted or 0)
        )
        if honest.girls_share is not None
        else pdf.Tile(pgettext("figures", "Girls"), _("not known"), is_known=False),
        pdf.Tile(_("Cells with a gap"), number(picture.gap_count), _("of %(all)s cells") % {"all": CELLS}),
    ]  # fmt: skip


def figure_tile(label: str, value: int | None, note: str, is_rough: bool) -> pdf.Tile:
    if value is None:
        return pdf.Tile(label, _("not known"), note, is_known=False)
    return pdf.Tile(label, number(value, is_rough=is_rough), note)


def cell_of(told: Annual, part: Part) -> pdf.RibbonCell:
    if told.picture.is_empty:
        return pdf.RibbonCell("", [_("not known")], [], "none")
    honest = part.told
    figure = "" if honest.participants is None else number(honest.participants, is_rough=honest.is_rough)
    notes = [programmes_words(part.programmes)] if part.programmes else []
    gaps = [str(gap.label) for gap in part.gaps]
    tone = "empty" if Gap.EMPTY in part.gaps else "gap" if gaps else "plain" if part.programmes else "none"
    return pdf.RibbonCell(figure, [*notes, *people_notes(honest)], gaps, tone)


def programmes_words(count: int) -> str:
    return ngettext("%(count)s programme", "%(count)s programmes", count) % {"count": number(count)}


def people_notes(honest: Honest) -> list[str]:
    """What stands beside the participants of a cell."""
    if honest.participants is None:
        return [_("a small group, not told")] if honest.small else []
    if honest.girls_share is not None:
        told = {"percent": percent(honest.girls_share)}
        return [_("girls %(percent)s") % told, of_all(honest.girls or 0, honest.counted or 0)]
    return [_("girls: a small group, not told") if honest.veiled else _("girls: not known")]


# Gaps and what is asked ----------------------------------------------------------------------------------


def gaps_of(told: Annual) -> list[Any]:
    if told.picture.is_empty:
        return []
    nodes: list[Any] = [pdf.heading(_("Three gaps that weigh most"))]
    if not told.gaps:
        return [*nodes, pdf.paragraph(_("No cell has a gap by the network's rule."))]
    for place, one in enumerate(told.gaps, 1):
        head = f"{place}. {place_of(one)}: {one.gapped.gap.label}"
        nodes.append(
            pdf.box(
                pdf.paragraph(pdf.strong(head), " – ", size_of(one)),
                pdf.small(peers_words(one)),
                tone="clay",
            )
        )
    return nodes


def place_of(one: NamedGap) -> str:
    return f"{LifeStage(one.gapped.stage).label} · {one.part.setting.label}"


def size_of(one: NamedGap) -> str:
    """How large the gap is, with its figures."""
    honest, short = one.gapped.told, one.gapped.short
    if one.gapped.gap == Gap.GIRLS and honest.girls_share is not None:
        return _("girls are %(percent)s (%(of)s); to reach %(least)s%%, %(short)s are missing.") % {
            "percent": percent(honest.girls_share),
            "of": of_all(honest.girls or 0, honest.counted or 0),
            "least": FEW_GIRLS,
            "short": number(short),
        }
    if one.gapped.gap == Gap.REACH and honest.participants is not None:
        return _("%(of)s pupils take part; to reach %(least)s%%, %(short)s are missing.") % {
            "of": of_all(honest.participants, one.part.whole or 0),
            "least": FEW_REACHED,
            "short": number(short),
        }
    if one.gapped.gap == Gap.EMPTY:
        return _("nothing was entered that runs here.")
    return _("figures of what runs here are missing.")


def peers_words(one: NamedGap) -> str:
    if not one.peers:
        return _("Nothing of this kind was entered by municipalities that are alike.")
    named = [f"{row.name} (“{name}”)" for row, name in one.peers]
    return _("Municipalities that are alike run here: %(named)s") % {"named": listed(named)}


def asks_of(told: Annual, asks: str) -> list[Any]:
    """What the signer asks, then what follows from the gaps."""
    rows = [line.strip() for line in asks.splitlines() if line.strip()]
    answered: dict[int, tuple[Commitment, list[str]]] = {}
    for one in told.gaps:
        if moved := next((row for row in told.commitments if is_moved(row, one.gapped.gap)), None):
            gap = f"{one.gapped.gap.label} ({place_of(one)})"
            answered.setdefault(moved.recommendation.pk, (moved, []))[1].append(gap)
    rows += [recommended(moved, gaps) for moved, gaps in answered.values()]
    rows += [_("Find out what is not known: %(what)s") % {"what": text} for text in missing_of(told)[:1]]
    if not rows:
        return []
    return [
        pdf.heading(_("What is asked next")),
        pdf.box(pdf.lists(rows, is_numbered=True), tone="leaf"),
    ]


def recommended(moved: Commitment, gaps: list[str]) -> str:
    """A recommendation with the next step on it, and the gaps that it answers."""
    return _("%(next)s: recommendation %(number)s, “%(title)s”. It answers: %(gaps)s") % {
        "next": next_words(moved),
        "number": moved.recommendation.number,
        "title": moved.recommendation.title,
        "gaps": listed(gaps),
    }


def rule_of() -> dict[str, Any]:
    return pdf.small(
        _("What is told, what is a gap and which weigh most:") + " ", link(reverse("show_picture_rule"))
    )
