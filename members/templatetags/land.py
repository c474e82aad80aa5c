"""The country as a small drawing with municipalities as points."""

import json
from collections.abc import Iterable, Mapping
from functools import cache
from math import cos, radians
from pathlib import Path
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

OUTLINE = Path(__file__).parents[1] / "data" / "map_outline.geojson"
WEST, NORTH, EAST, SOUTH = 34.1, 33.45, 35.95, 29.4
SCALE = 100.0
SQUEEZE = cos(radians((NORTH + SOUTH) / 2))
WIDTH, HEIGHT = (EAST - WEST) * SQUEEZE * SCALE, (NORTH - SOUTH) * SCALE
RADII = {"teal": 4.2, "leaf": 4.2, "sun": 3.4}


def place(lat: float, lon: float) -> tuple[float, float]:
    """Where a point of the earth lies in the drawing, in its own units; true to scale in the middle of the country."""
    return (lon - WEST) * SQUEEZE * SCALE, (NORTH - lat) * SCALE


@cache
def outline() -> SafeString:
    """The land (Natural Earth, public domain) as the text of an SVG path."""
    rings = []
    for feature in json.loads(OUTLINE.read_text())["features"]:
        shape = feature["geometry"]
        polygons = [shape["coordinates"]] if shape["type"] == "Polygon" else shape["coordinates"]
        for ring in (ring for polygon in polygons for ring in polygon):
            points = [place(lat, lon) for lon, lat, *_height in ring]
            rings.append("M" + "L".join(f"{x:.0f} {y:.0f}" for x, y in points) + "Z")
    return mark_safe("".join(rings))  # numbers only


@register.simple_tag
def land_map(points: Iterable[Mapping[str, Any]], label: str) -> SafeString:
    """A map with a dot for each point; label: what it shows, in words, for those who do not see it.

    points: mappings of ``lat``, ``lon``, ``name`` and ``tone`` (teal, leaf, sun or none); the named ones lie on top.
    """
    placed = [
        (point, *place(point["lat"], point["lon"])) for point in sorted(points, key=lambda p: bool(p["tone"]))
    ]
    dots = format_html_join(
        "",
        '<circle class="map__dot" data-tone="{}" cx="{}" cy="{}" r="{}"><title>{}</title></circle>',
        (
            (point["tone"], f"{x:.1f}", f"{y:.1f}", RADII.get(point["tone"], 2.4), point["name"])
            for point, x, y in placed
        ),
    )
    return format_html(
        '<svg class="map" viewBox="0 0 {} {}" role="img" aria-label="{}"><path class="map__land" d="{}"/>{}</svg>',
        round(WIDTH),
        round(HEIGHT),
        label,
        outline(),
        dots,
    )
