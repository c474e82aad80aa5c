"""Programmes as a table that the import reads again, and as JSON; figures only of those that the person keeps."""

import re
from collections.abc import Iterator
from typing import Any

from django.db.models import Prefetch

from munistem.commons.enums import LifeStage, Setting
from munistem.commons.terms.models import TermKind
from policy.actions.counting import written
from policy.actions.figures import counted_of
from policy.models import Programme, ProgrammeFigure
from policy.models.figures import COUNTED

PARTS = ("terms", "funders__organisation", "schools")


def one_cell(names: list[str]) -> str:
    """Several names in one cell; the import parts them where these do."""
    return "; ".join(names) + (";" if len(names) == 1 and re.search("[,،]", names[0]) else "")


def known_to(user: Any, rows: Any) -> list[Programme]:
    """The programmes with all their parts, and as ``told_figures`` the figures that the person may see."""
    figures = ProgrammeFigure.objects.visible_to(user).in_order().prefetch_related("populations__term")
    rows = rows.select_related("authority").defer("authority__search_vector")
    return list(rows.prefetch_related(*PARTS, Prefetch("figures", figures, to_attr="told_figures")))


def lines_of(programmes: list[Programme]) -> Iterator[dict[str, Any]]:
    """Column of the import → cell, a line for each year and part; one line for a programme without figures."""
    for programme in programmes:
        told = words_of_programme(programme)
        for row in programme.told_figures or [None]:  # type: ignore[attr-defined]
            yield told | (words_of_figure(row) if row else {})


def words_of_programme(programme: Programme) -> dict[str, Any]:
    """What a programme says, in the words that the import understands."""
    terms = list(programme.terms.all())
    return {
        "identifier": programme.identifier,
        "name": programme.name,
        "what": programme.what,
        "status": programme.get_status_display(),
        "life_stages": "; ".join(str(LifeStage(code).label) for code in programme.life_stages),
        "settings": "; ".join(str(Setting(code).label) for code in programme.settings),
        "subjects": "; ".join(term.label for term in terms if term.kind == TermKind.SUBJECT),
        "populations": "; ".join(term.label for term in terms if term.kind == TermKind.POPULATION),
        "provider": programme.provider,
        "funders": one_cell([row.label for row in programme.funders.all()]),
        "partners": programme.partners,
        "schools": one_cell([f"{row.name} {row.code}".strip() for row in programme.schools.all()]),
        "since": programme.since,
        "until": programme.until,
        "quality_assurance": programme.quality_assurance,
        "visibility": programme.get_visibility_display(),
        "language": programme.language,
    }


def words_of_figure(row: ProgrammeFigure) -> dict[str, Any]:
    """A year of it; what is not known is a question mark, so that it is told from what nobody entered."""
    cells = {name: counted_of(row, name, f"{name}_quality") for name in COUNTED}
    populations = [(one.term.label, counted_of(one, "value", "quality")) for one in row.populations.all()]
    return {
        "year": row.year,
        "figures_stage": row.get_life_stage_display() if row.life_stage else "",
        "figures_setting": row.get_setting_display() if row.setting else "",
        **{name: written(counted) or "?" for name, counted in cells.items()},
        "by_population": "; ".join(f"{label}: {written(counted) or '?'}" for label, counted in populations),
    }


def as_data(programme: Programme) -> dict[str, Any]:
    """A programme as JSON: codes of the field's words, years as numbers, None for what is not known."""
    return {
        "id": programme.pk,
        "authority": programme.authority_id,
        "name": programme.name,
        "language": programme.language,
        "what": programme.what,
        "provider": programme.provider,
        "funders": [row.label for row in programme.funders.all()],
        "partners": programme.partners,
        "life_stages": programme.life_stages,
        "settings": programme.settings,
        "terms": sorted(term.slug for term in programme.terms.all()),
        "since": programme.since,
        "until": programme.until,
        "status": programme.status,
        "schools": [{"name": row.name, "code": row.code} for row in programme.schools.all()],
        "quality_assurance": programme.quality_assurance,
        "visibility": programme.visibility,
        "figures": [data_of(row) for row in programme.told_figures],  # type: ignore[attr-defined]
    }


def data_of(row: ProgrammeFigure) -> dict[str, Any]:
    counts = {
        name: {"value": getattr(row, name), "quality": getattr(row, f"{name}_quality")} for name in COUNTED
    }
    populations = {
        one.term.slug: {"value": one.value, "quality": one.quality} for one in row.populations.all()
    }
    cell = {"year": row.year, "life_stage": row.life_stage, "setting": row.setting}
    return cell | counts | {"populations": populations}
