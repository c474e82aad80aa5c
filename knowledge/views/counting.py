"""How an item is used, in numbers that follow nobody, for those who wrote it."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from knowledge.enums import Benefit, UseKind
from knowledge.models import Item, ItemUse, Useful
from knowledge.rules.use import can_see_use
from knowledge.views.item import item_of
from members.enums import District, OrganisationType

#: Numbers below this could point at a person, and are not shown.
LEAST = 3
MONTHS = 12
#: Stands for the groups that are too small to be told apart.
HIDDEN = "hidden"
MOST_NOTES = 50


@login_required
@require_safe
def show_use(request: HttpRequest, slug: str) -> HttpResponse:
    """How an item is used: by month, and over whole months by kind of organisation and district; what readers said."""
    item = item_of(request, slug)
    if not can_see_use(request.user, item):
        raise PermissionDenied
    today = timezone.localdate()
    first = months_before(today.replace(day=1), MONTHS)
    rows = list(ItemUse.objects.filter(item=item, month__gte=first))
    over = [row for row in rows if row.month < today.replace(day=1)]
    context = {
        "item": item,
        "months": by_month(rows),
        "types": groups(over, lambda row: row.organisation_type, OrganisationType, _("Visitors")),
        "districts": groups(over, lambda row: row.district, District, _("Unknown or none")),
        "benefits": benefits_of(item),
        "notes": notes_of(item),
        "least": LEAST,
        "crumbs": [(reverse("list_items"), _("Knowledge")), (item.get_absolute_url(), str(item))],
    }
    return render(request, "knowledge/use.html", context)


def months_before(month: date, number: int) -> date:
    year, place = divmod(month.year * 12 + month.month - 1 - number, 12)
    return date(year, place + 1, 1)


def by_month(rows: Iterable[ItemUse]) -> list[dict[str, Any]]:
    """Month, views and downloads, the latest first; None for what is too small to be shown."""
    found: dict[date, Counter[str]] = {}
    for row in rows:
        found.setdefault(row.month, Counter())[row.kind] += row.number
    return [
        {
            "month": month,
            "views": shown(found[month][UseKind.VIEW.value]),
            "downloads": shown(found[month][UseKind.DOWNLOAD.value]),
        }
        for month in sorted(found, reverse=True)
    ]


def shown(number: int) -> int | None:
    """The number, unless it is so small that it could point at a person; nought points at nobody."""
    return number if number == 0 or number >= LEAST else None


def groups(
    rows: Iterable[ItemUse], group_of: Callable[[ItemUse], str], words: Any, rest: str
) -> list[dict[str, Any]]:
    """What each group makes up, the largest first, and last those too few in a month to be told apart.

    Numbers are held back month by month, so that neither what the months add up to, nor the page of a month ago, tells
    what is hidden (see ``apart``).
    """
    views, downloads = sums_of(rows, group_of)
    told = [
        {
            "label": words(code).label if code else rest,
            "views": views[code],
            "downloads": downloads[code],
        }
        for code in sorted((views | downloads).keys() - {HIDDEN}, key=lambda code: -views[code])
    ]
    if views[HIDDEN] or downloads[HIDDEN]:
        label = _("Too few in a month to be told apart")
        told.append({"label": label, "views": views[HIDDEN], "downloads": downloads[HIDDEN]})
    return told


def sums_of(rows: Iterable[ItemUse], group_of: Callable[[ItemUse], str]) -> tuple[Counter[str], Counter[str]]:
    """Views and downloads by group, out of what may be told apart in each month."""
    found: dict[tuple[date, str], Counter[str]] = {}
    for row in rows:
        found.setdefault((row.month, row.kind), Counter())[group_of(row)] += row.number
    sums: dict[str, Counter[str]] = {UseKind.VIEW.value: Counter(), UseKind.DOWNLOAD.value: Counter()}
    for (_month, kind), numbers in found.items():
        sums[kind].update(apart(numbers))
    return sums[UseKind.VIEW.value], sums[UseKind.DOWNLOAD.value]


def apart(numbers: Mapping[str, int]) -> dict[str, int]:
    """The groups of a month that may be told apart, and the sum of the others under ``HIDDEN``.

    With a small number so many others are held back that their sum is not small; of a month with few uses nothing is told.
    """
    if sum(numbers.values()) < LEAST:
        return {}
    told = dict(sorted(numbers.items(), key=lambda pair: (pair[1], pair[0])))
    hidden = 0
    for code, number in list(told.items()):
        if number < LEAST or 0 < hidden < LEAST:
            hidden += told.pop(code)
    return told | {HIDDEN: hidden} if hidden else told


def benefits_of(item: Item) -> list[tuple[str, int]]:
    """How it was useful, and to how many."""
    said = Counter(item.useful_marks.exclude(benefit="").values_list("benefit", flat=True))
    return [(str(Benefit(code).label), number) for code, number in said.most_common()]


def notes_of(item: Item) -> list[Useful]:
    """Lines to who wrote it, the latest first."""
    notes = item.useful_marks.exclude(note="").select_related("person").defer("person__search_vector")
    return list(notes.order_by("-marked_at", "-pk")[:MOST_NOTES])
