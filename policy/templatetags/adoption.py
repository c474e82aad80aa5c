"""Cells of the table of adoption, written fast: there may be thousands."""

from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language_bidi, gettext

from munistem.commons.templatetags.furniture import icon
from policy.enums import EndorsementState, Stance, word_of

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
    marks: dict[Kind | None, str] = {}
    address = reverse("show_endorsement", args=[1]).replace("/1/", "/{}/")
    heads = _heads(recommendations)
    parts = []
    for head, cell in zip(heads, row.cells, strict=True):
        kind = (cell.stance, cell.is_waiting, cell.progress, cell.is_joint) if cell else None
        if kind not in marks:
            marks[kind] = _mark(kind)
        inner = f'<a href="{address.format(cell.pk)}">{marks[kind]}</a>' if cell else marks[kind]
        parts.append(f'<td role="cell" data-label="{head}">{inner}</td>')
    return mark_safe("".join(parts))  # heads and marks are escaped, keys are numbers


def _heads(recommendations: list[Any]) -> list[str]:
    return [str(format_html("{}. {}", one.number, one.title)) for one in recommendations]


#: What a cell says: answer, whether it waits, progress, whether it is a share in that of its cluster.
Kind = tuple[str, bool, str, bool]


def _mark(kind: Kind | None) -> str:
    if kind is None:
        none = gettext("No answer yet")
        return format_html(
            '<span class="stance" data-stance="none"><span class="stance__none">{}</span></span>', none
        )
    stance, is_waiting, progress, is_joint = kind
    if is_waiting:
        label = EndorsementState.WAITING.label
        return format_html('<span class="stance" data-stance="waiting">{}{}</span>', icon("clock", 16), label)
    told = [gettext("With its cluster")] if is_joint else []
    told += [word_of(progress)] if progress else []
    rest = format_html_join("", ' <span class="stance__state">{}</span>', [[words] for words in told])
    return format_html("{}{}", stance_mark(stance), rest)


BAR, LINE = 300, 22


@register.simple_tag
def share_bars(bars: list[Any], label: str) -> SafeString:
    """Bars of a hundred percent, one a period, from the inline start; the table beside it says the same in numbers."""
    is_rtl = get_language_bidi()
    drawn = []
    for place, one in enumerate(bars):
        begin = 0
        for code, word, count, percent in one.parts:
            wide = BAR * percent / 100
            x = BAR - begin - wide if is_rtl else begin
            told = f"{one.label} – {word}: {count} / {one.total}"
            drawn.append((code, f"{x:.1f}", place * LINE + 3, f"{wide:.1f}", LINE - 6, told))
            begin += wide
    rects = format_html_join(
        "",
        '<rect class="shares__part" data-state="{}" x="{}" y="{}" width="{}" height="{}"><title>{}</title></rect>',
        drawn,
    )
    return format_html(
        '<svg class="shares__bars" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>',
        BAR,
        len(bars) * LINE,
        label,
        rects,
    )
