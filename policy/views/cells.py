"""The cells of a picture of many municipalities to take along: what its page tells, nothing more."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from munistem.commons.days.school import school_year_name
from munistem.commons.downloads import csv_file
from munistem.commons.enums import LifeStage, Setting
from munistem.commons.guards.limits import limited
from policy.enums import Quality
from policy.models.nation import Many, Running
from policy.models.picture import Cell
from policy.views.nation import Looked, Scope, cluster_of, look_at, nation_of

SIXTY_AN_HOUR = (60, 3600)


@limited("export_picture", *SIXTY_AN_HOUR, methods=("GET",))
@require_safe
def serve_national_csv(request: HttpRequest) -> HttpResponse:
    return as_table(request, nation_of(request))


@limited("export_picture", *SIXTY_AN_HOUR, methods=("GET",))
@require_safe
def serve_cluster_csv(request: HttpRequest, slug: str) -> HttpResponse:
    return as_table(request, cluster_of(slug))


@limited("export_picture", *SIXTY_AN_HOUR, methods=("GET",))
@require_safe
def serve_national_json(request: HttpRequest) -> HttpResponse:
    return as_data(request, nation_of(request))


@limited("export_picture", *SIXTY_AN_HOUR, methods=("GET",))
@require_safe
def serve_cluster_json(request: HttpRequest, slug: str) -> HttpResponse:
    return as_data(request, cluster_of(slug))


def rows_of(looked: Looked) -> Iterator[tuple[Cell, Running, Many]]:
    """Every cell in its order, then what is not split by life stage or setting."""
    settings = ["", *Setting.values]
    for stage in [*LifeStage.values, ""]:
        for setting in settings:
            place = Cell(stage, setting)
            if place in looked.told.cells or (stage and setting):
                running = looked.running.get(place, Running()) if stage and setting else Running()
                yield place, running, looked.told.cells.get(place, Many())


def quality_of(many: Many) -> Quality:
    if not many.told.is_known:
        return Quality.UNKNOWN
    return Quality.ESTIMATED if many.told.is_rough else Quality.MEASURED


def source() -> str:
    return _("Source: the municipalities, as their representatives entered it.")


def heads() -> list[str]:
    return [
        _("School year"),
        _("Life stage"),
        _("Setting"),
        _("Programmes"),
        _("Municipalities with a programme"),
        _("Participants"),
        _("Municipalities that tell participants"),
        _("Municipalities"),
        pgettext("figures", "Girls"),
        _("Girls among how many"),
        _("Quality of the figures"),
        _("Small groups left out"),
        _("Groups that tell nothing of girls"),
        _("Participants not known"),
        _("Source"),
    ]


def line_of(looked: Looked, place: Cell, running: Running, many: Many) -> list[Any]:
    """A cell in the order of the heads."""
    told = many.told
    return [
        school_year_name(looked.year),
        LifeStage(place.stage).label if place.stage else "",
        Setting(place.setting).label if place.setting else "",
        *running,
        told.participants,
        many.towns,
        looked.towns,
        told.girls,
        told.counted,
        quality_of(many).label,
        *(told.small, told.veiled, told.untold),
        source(),
    ]


def as_table(request: HttpRequest, scope: Scope) -> HttpResponse:
    """A line for each cell, in the reader's words; what is not told or not known has no number."""
    looked = look_at(request, scope, scope.authorities.count())
    rows = [heads(), *(line_of(looked, *row) for row in rows_of(looked))]
    return csv_file(f"{_('The overall picture')} {scope.name} {looked.year}.csv", rows)


def as_data(request: HttpRequest, scope: Scope) -> JsonResponse:
    """The same for programs: codes of the field's words, None for what is not told or not known."""
    looked = look_at(request, scope, scope.authorities.count())
    told = {
        "district": scope.district or None,
        "cluster": scope.cluster.slug if scope.cluster else None,
        "year": looked.year,
        "source": source(),
        "municipalities": looked.towns,
        "cells": [
            {"life_stage": place.stage, "setting": place.setting, **data_of(running, many)}
            for place, running, many in rows_of(looked)
        ],
        "all": data_of(looked.all_running, looked.told.whole),
    }
    return JsonResponse(told, json_dumps_params={"ensure_ascii": False})


def data_of(running: Running, many: Many) -> dict[str, Any]:
    told = many.told
    return {
        "programmes": running.programmes,
        "municipalities_with_a_programme": running.towns,
        "participants": told.participants,
        "municipalities_that_tell": many.towns,
        "girls": told.girls,
        "girls_among": told.counted,
        "quality": quality_of(many).value,
        "small_groups_left_out": told.small,
        "groups_without_girls": told.veiled,
        "not_known": told.untold,
    }
