"""What every room's templates are furnished with: icons, dates, people, the continuum."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from zlib import crc32

import lucide
from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext, ngettext, pgettext
from js_asset import Media

from munistem.commons.enums import LifeStage
from munistem.commons.text.html import clean

register = template.Library()
COMMA = ", "  # Django's own word, known to it in every language

# Icons ---------------------------------------------------------------------------------------------------

#: Drawings that point along the line of reading and are mirrored where it runs the other way.
POINTING = {
    "arrow-left", "arrow-right", "chevron-left", "chevron-right", "corner-down-left", "corner-down-right", "corner-up-left",
    "external-link", "forward", "log-in", "log-out", "redo-2", "reply", "send", "signpost", "square-arrow-out-up-right", "undo-2",
}  # fmt: skip


@register.simple_tag
def icon(name: str, size: int = 20) -> SafeString:
    """A decorative drawing of lucide, hidden from screen readers: the words beside it say what it means."""
    return _icon(str(name), int(size))


@lru_cache(maxsize=512)
def _icon(name: str, size: int) -> SafeString:
    marks = {"class": "icon", "aria_hidden": "true", "focusable": "false"}
    if name in POINTING:
        marks["data_flip"] = ""
    drawing = lucide._render_icon(name, size, **marks)
    return mark_safe(" ".join(drawing.split()))


# Dates as people say them --------------------------------------------------------------------------------


def _local(value: datetime) -> datetime:
    return timezone.localtime(value) if timezone.is_aware(value) else value


def _clock(value: datetime) -> str:
    return f"{value:%H:%M}"


def _said_day(value: date, today: date) -> str:
    return _said_day_in(value, today, get_language() or "he")


@lru_cache(maxsize=1024)
def _said_day_in(value: date, today: date, language: str) -> str:
    if value.year == today.year:
        # Translators: a Django date format; letters that are not format codes stand as they are (he: "j בF").
        return date_format(value, pgettext("date format", "j F"))
    # Translators: a Django date format, as above, with the year.
    return date_format(value, pgettext("date format", "j F Y"))


def _said_moment(value: datetime, now: datetime) -> str:
    """Past and near future by distance, days by name, the rest by date."""
    seconds = (now - value).total_seconds()
    days = (value.date() - now.date()).days
    if -45 < seconds < 45:
        return gettext("just now")
    minutes, hours = round(abs(seconds) / 60), round(abs(seconds) / 3600)
    if minutes < 60:
        if seconds > 0:
            return ngettext("%(count)d minute ago", "%(count)d minutes ago", minutes) % {"count": minutes}
        return ngettext("in %(count)d minute", "in %(count)d minutes", minutes) % {"count": minutes}
    if hours < 12 and seconds > 0:
        return ngettext("%(count)d hour ago", "%(count)d hours ago", hours) % {"count": hours}
    if days == -1:
        return gettext("yesterday, %(time)s") % {"time": _clock(value)}
    if days == 0:
        return gettext("today, %(time)s") % {"time": _clock(value)}
    if days == 1:
        return gettext("tomorrow, %(time)s") % {"time": _clock(value)}
    if -7 < days < 0:
        return gettext("%(weekday)s, %(time)s") % {"weekday": date_format(value, "l"), "time": _clock(value)}
    if days > 0:
        return _said_appointment(value, now.date())
    return _said_day(value.date(), now.date())


def _said_appointment(value: datetime, today: date) -> str:
    if value.year == today.year:
        # Translators: a Django date format with the weekday (he: "יום l, j בF").
        said = date_format(value, pgettext("date format", "l, j F"))
    else:
        # Translators: a Django date format with the weekday and the year.
        said = date_format(value, pgettext("date format", "l, j F Y"))
    return gettext("%(day)s, %(time)s") % {"day": said, "time": _clock(value)}


def _exactly(value: datetime) -> str:
    return gettext("%(day)s, %(time)s") % {
        "day": date_format(value, pgettext("date format", "l, j F Y")),
        "time": _clock(value),
    }


def _time(value: date, said: str, exactly: str) -> SafeString:
    return format_html('<time datetime="{}" title="{}">{}</time>', value.isoformat(), exactly, said)


@register.filter
def moment(value: datetime | None) -> SafeString | str:
    """When something happened or will, as one says it; the exact time is in the title."""
    tens = int(timezone.now().timestamp()) // 10
    return _moment(value, tens, get_language() or "he") if value else ""


@lru_cache(maxsize=8192)
def _moment(value: datetime, tens: int, language: str) -> SafeString:
    """The clock goes on by tens of seconds here, so that what pages say of one moment is worked out once."""
    local, now = _local(value), _local(datetime.fromtimestamp(tens * 10, UTC))
    return _time(local.replace(microsecond=0), _said_moment(local, now), _exactly(local))


@register.filter
def day(value: date | datetime | None) -> SafeString | str:
    """A date without its hour: "3 December", with the year when it is not this one."""
    if not value:
        return ""
    on = _local(value).date() if isinstance(value, datetime) else value
    exactly = date_format(on, pgettext("date format", "l, j F Y"))
    return _time(on, _said_day(on, timezone.localdate()), exactly)


@register.filter
def appointment(value: datetime | None) -> SafeString | str:
    """A day and hour to be kept: "Tuesday, 3 December, 10:00"."""
    if not value:
        return ""
    local = _local(value)
    said = _said_appointment(local, timezone.localdate())
    return _time(local.replace(microsecond=0), said, _exactly(local))


# Lists ---------------------------------------------------------------------------------------------------


@register.filter
def pages(page) -> Iterable[int | str]:
    """The numbers a pager shows: first, last and those around the present page."""
    return page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)


# Numbers and text ----------------------------------------------------------------------------------------


@register.filter
def compact(value: int | None) -> str:
    """A number that need not be exact: 9,420 as it is, 57,500 as 57.5K, 1,200,000 as 1.2M."""
    if value is None:
        return ""
    if abs(value) < 10_000:
        return number_format(value, force_grouping=True)
    if abs(value) < 1_000_000:
        short = number_format(round(value / 1000, 1 if abs(value) < 100_000 else 0)).rstrip("0").rstrip(".,")
        return pgettext("thousands", "%(number)sK") % {
            "number": short if "." in short else f"{round(value / 1000)}"
        }
    short = number_format(round(value / 1_000_000, 1)).removesuffix(".0")
    return pgettext("millions", "%(number)sM") % {"number": short}


@register.filter
def lead_in(label: str) -> str:
    """A label before what is said of it: with a colon, unless it asks or ends a sentence itself."""
    said = str(label)
    return said if said.endswith(tuple("?!.:؟")) else f"{said}:"


@register.filter
def series(words: Iterable[object]) -> str:
    """Words one after the other, with the comma of the reader's language."""
    return gettext(COMMA).join(str(word) for word in words)


@register.filter
def mailbox(address: str) -> SafeString:
    """A mail address, which on a narrow page breaks before its @ and nowhere else."""
    name, at, domain = address.partition("@")
    return format_html(
        '<span class="unbroken">{}</span><wbr><span class="unbroken">{}{}</span>', name, at, domain
    )


@register.filter
def prose(html: str | None, language: str = "") -> SafeString | str:
    """Rich text as people wrote it, cleaned once more, each paragraph in its own direction."""
    if not html:
        return ""
    lang = format_html(' lang="{}"', language) if language else ""
    body = mark_safe(clean(html))
    return format_html('<div class="prose" dir="auto"{}>{}</div>', lang, body)


# People --------------------------------------------------------------------------------------------------


def _initials(name: str) -> str:
    words = [word for word in name.replace("-", " ").split() if word[:1].isalnum()]
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper() or "·"


@register.simple_tag
def avatar(person, size: str = "") -> SafeString:
    """A person's or an organisation's picture, or initials on a tint that stays theirs; always beside the name."""
    sized = format_html(' data-size="{}"', size) if size else ""
    if photo := getattr(person, "photo_url", ""):
        pixels = {"small": 32, "large": 88}.get(size, 40)
        return format_html(
            '<img class="avatar" src="{}" alt="" width="{}" height="{}" loading="lazy"{}>',
            photo,
            pixels,
            pixels,
            sized,
        )
    name = str(getattr(person, "name", "") or person)
    tone = crc32(str(getattr(person, "pk", name)).encode()) % 4
    return format_html(
        '<span class="avatar" data-tone="{}" aria-hidden="true"{}>{}</span>', tone, sized, _initials(name)
    )


# The continuum -------------------------------------------------------------------------------------------

STAGE_ICONS = ("baby", "backpack", "pencil-ruler", "atom", "shield", "graduation-cap", "briefcase-business")


@register.simple_tag
def ribbon(
    stages: Iterable[str] | None = None,
    size: str = "small",
    counts: Mapping[str, object] | None = None,
    links: str | bool = "?stage=",
    gaps: Iterable[str] = (),
    details: Mapping[str, str] | None = None,
    here: str = "",
) -> SafeString:
    """The seven life stages as one band: broad where a stage is served, a thread where it is not.

    stages: the served ones; when None those with a count, without counts all. size: "small" is a drawing with a text alternative, "large" a list.
    Only large: counts, stage → figure shown on it; links, the address to which a stage's code is added, or False;
    gaps, stages marked as missing; details, stage → a few words under its name; here, the stage that is chosen.
    """
    if stages is None:
        stages = [stage for stage in LifeStage.values if counts.get(stage)] if counts else LifeStage.values
    served = frozenset(map(str, stages))
    if size != "large":
        return _small_ribbon(served, get_language() or "he")
    counts, details, missing = counts or {}, details or {}, frozenset(map(str, gaps))
    address = f"{links}?stage=" if isinstance(links, str) and links.endswith("/") else links
    parts = []
    for place, stage in enumerate(LifeStage):
        state = "gap" if stage in missing else "on" if stage in served else "off"
        count = counts.get(stage, "" if not counts else 0)
        mark = mark_safe(' aria-current="true"') if stage == here else ""
        parts.append(_large_stage(place, stage, state, count, address, details.get(stage, ""), mark))
    return format_html('<ol class="ribbon">{}</ol>', mark_safe("".join(parts)))


def _large_stage(place, stage, state, count, address, detail, mark) -> SafeString:
    bend = 8 if place % 2 == 0 else 92
    node = count if count != "" else _icon("triangle-alert" if state == "gap" else STAGE_ICONS[place], 22)
    said = {"on": "", "off": gettext("nothing here yet"), "gap": gettext("gap")}[state]
    words = format_html_join("", "<small>{}</small>", ((text,) for text in (detail, said) if text))
    inner = format_html("{}{}", stage.label, words)
    if address:
        label = format_html(
            '<a class="ribbon__label" href="{}{}"{}>{}</a>', address, stage.value, mark, inner
        )
    else:
        label = format_html('<span class="ribbon__label">{}</span>', inner)
    return format_html(
        '<li class="ribbon__stage" data-stage="{}" data-state="{}"><div class="ribbon__wave">'
        '<svg class="ribbon__along" viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">'
        '<path class="ribbon__edge" d="M0 50Q50 {} 100 50"/><path class="ribbon__band" d="M0 50Q50 {} 100 50"/></svg>'
        '<svg class="ribbon__down" viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">'
        '<path class="ribbon__edge" d="M50 0Q{} 50 50 100"/><path class="ribbon__band" d="M50 0Q{} 50 50 100"/></svg>'
        '<span class="ribbon__node">{}</span></div>{}</li>',
        place + 1, state, bend, bend, bend, bend, node, label,
    )  # fmt: skip


@lru_cache(maxsize=400)
def _small_ribbon(served: frozenset[str], language: str) -> SafeString:
    names = [str(stage.label) for stage in LifeStage if stage in served]
    if len(names) == len(LifeStage):
        said = gettext("All life stages, from early childhood to employment")
    elif names:
        said = gettext("Life stages: %(stages)s") % {"stages": series(names)}
    else:
        said = gettext("No life stage named")
    paths = []
    for place, stage in enumerate(LifeStage):
        start, bend = 4 + 13.1 * place, 3 if place % 2 == 0 else 13
        paths.append(
            f'<path data-stage="{place + 1}" data-state="{"on" if stage in served else "off"}"'
            f' d="M{start:.1f} 8Q{start + 6.55:.1f} {bend} {start + 13.1:.1f} 8"/>'
        )
    return format_html(
        '<svg class="ribbon-small" viewBox="0 0 100 16" role="img" aria-label="{0}"><title>{0}</title>{1}</svg>',
        said,
        mark_safe("".join(reversed(paths))),
    )


# What forms need beside their fields ---------------------------------------------------------------------


@register.simple_tag(takes_context=True)
def editor_media(context, form) -> SafeString:
    """Styles and scripts of the rich-text editor, for the head of a page whose form has one; else nothing."""
    kind = (type(form), tuple(form.fields), get_language() or "he")
    if kind not in _EDITORS:
        _EDITORS[kind] = _editor_markup(form)
    if not _EDITORS[kind]:
        return mark_safe("")
    nonce = str(getattr(context.get("request"), "csp_nonce", ""))
    return mark_safe(_EDITORS[kind].replace(_NONCE, escape(nonce)))


_EDITORS: dict[tuple, str] = {}
_NONCE = "NONCE-OF-THE-ANSWER"


def _editor_markup(form) -> str:
    """The same for every form of a kind, but for the nonce."""
    media = form.media
    if not any("prose_editor" in str(script) for script in media._js):
        return ""
    # First our script: the editor's own modules take window.gettext when they start. Last our styles, over theirs.
    return format_html(
        '<script defer src="{}" data-words="{}"></script>{}<link rel="stylesheet" href="{}">',
        static("js/editor.js"),
        _editor_words(get_language() or "he"),
        mark_safe(Media.from_media(media).with_nonce(_NONCE).render()),
        static("css/editor.css"),
    )


@lru_cache(maxsize=8)
def _editor_words(language: str) -> str:
    words = {
        "bold": gettext("Bold"),
        "italic": gettext("Italic"),
        "underline": gettext("Underline"),
        "strike": gettext("Strike through"),
        "bulletList": gettext("Bulleted list"),
        "orderedList": gettext("Numbered list"),
        "blockquote": gettext("Quotation"),
        "link": gettext("Add a link"),
        "unlink": gettext("Remove the link"),
        "undo": gettext("Undo"),
        "redo": gettext("Redo"),
        "table": gettext("Insert a table"),
        "heading2": gettext("Heading"),
        "heading3": gettext("Small heading"),
        "paragraph": gettext("Paragraph"),
        "horizontalRule": gettext("Dividing line"),
        "toolbar": gettext("Formatting"),
        "ok": gettext("Insert"),
        "cancel": gettext("Cancel"),
        "address": gettext("Address"),
        "title": gettext("Title"),
        "openInNewTab": gettext("Open in a new tab"),
        "rows": gettext("Rows"),
        "columns": gettext("Columns"),
        "headerRow": gettext("With a heading row"),
        "columnBefore": gettext("Add a column before"),
        "columnAfter": gettext("Add a column after"),
        "columnAway": gettext("Remove the column"),
        "rowBefore": gettext("Add a row above"),
        "rowAfter": gettext("Add a row below"),
        "rowAway": gettext("Remove the row"),
        "headerCell": gettext("Heading cell"),
        "tableAway": gettext("Remove the table"),
        "merge": gettext("Join cells"),
        "split": gettext("Split the cell"),
        "listProperties": gettext("Kind of list"),
        "startAt": gettext("Begin with"),
    }
    return json.dumps(words, ensure_ascii=False, separators=(",", ":"))
