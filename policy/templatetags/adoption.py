"""Cells of the table of adoption, written fast: there may be thousands."""

from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from munistem.commons.templatetags.furniture import icon
from policy.enums import EndorsementState, Stance

register = template.Library()


@register.simple_tag
def stance_mark(stance: str) -> SafeString:
    """An answer as a drawing and a word."""
    kind = Stance(stance)
    return format_html(
        '<span class="stance" data-stance="{}">{}{}</span>', kind, icon(kind.sign, 16), kind.label
    )


@register.simple_tag
def adoption_cells(row: Any, recommendations: list[Any]) -> SafeString:
    """The cells of one municipality: each answer a link to its page, with a word and a drawing."""
    marks: dict[tuple[str, bool] | None, str] = {}
    address = reverse("show_endorsement", args=[1]).replace("/1/", "/{}/")
    heads = _heads(recommendations)
    parts = []
    for head, cell in zip(heads, row.cells, strict=True):
        kind = (cell.stance, cell.is_waiting) if cell else None
        if kind not in marks:
            marks[kind] = _mark(kind)
        inner = f'<a href="{address.format(cell.pk)}">{marks[kind]}</a>' if cell else marks[kind]
        parts.append(f'<td role="cell" data-label="{head}">{inner}</td>')
    return mark_safe("".join(parts))  # heads and marks are escaped, keys are numbers


def _heads(recommendations: list[Any]) -> list[str]:
    return [str(format_html("{}. {}", one.number, one.title)) for one in recommendations]


def _mark(kind: tuple[str, bool] | None) -> str:
    if kind is None:
        none = gettext("No answer yet")
        return format_html(
            '<span class="stance" data-stance="none"><span class="stance__none">{}</span></span>', none
        )
    stance, is_waiting = kind
    if is_waiting:
        label = EndorsementState.WAITING.label
        return format_html('<span class="stance" data-stance="waiting">{}{}</span>', icon("clock", 16), label)
    return stance_mark(stance)
