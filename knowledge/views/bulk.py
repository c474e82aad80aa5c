"""Bringing many items in: the table is read, its rows are mended on the page, and then it is taken in."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from knowledge import rules
from knowledge.actions.bulk import carry as deeds
from knowledge.actions.bulk.table import empty_book, head_of
from knowledge.actions.write import TooLate
from knowledge.forms.bulk import ConfirmForm, ImportForm, ReplaceForm, RowForm
from knowledge.models import BulkImport, BulkRow, Item
from munistem.commons.downloads import as_file, csv_file
from munistem.commons.files.rules import refusal_words
from munistem.commons.guards.limits import limited
from munistem.commons.notices.actions import mark_read
from munistem.commons.tables.states import BulkState
from munistem.commons.text.names import isolated
from munistem.commons.text.pages import page_of

ROWS_A_PAGE = 50
MOST_SHOWN = 10
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def import_of(request: HttpRequest, key: Any) -> BulkImport:
    """The import of an address; 404 for what one may not know of."""
    rows = BulkImport.objects.visible_to(request.user).select_related("made_by", "organisation", "community")
    return get_object_or_404(rows.defer("prints"), key=key)


def row_of(request: HttpRequest, key: Any, number: int) -> BulkRow:
    bulk = import_of(request, key)
    row = get_object_or_404(bulk.rows, number=number, item__isnull=True)
    row.bulk = bulk
    return row


@login_required
@limited("import", 30, 3600)
@require_http_methods(["GET", "HEAD", "POST"])
def import_items(request: HttpRequest) -> HttpResponse:
    """Send a table with its files; the worker reads it, nothing comes into the library yet."""
    user = request.user
    if not rules.can_import_items(user):
        raise PermissionDenied
    form = ImportForm(request.POST or None, request.FILES or None, user=user)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        return redirect(
            deeds.begin_import(by=user, table=data["table"], archive=data["archive"], **form.told())
        )
    before = BulkImport.objects.filter(made_by=user).latest_first()[:MOST_SHOWN]
    context = {"form": form, "before": before, "crumbs": [(reverse("list_items"), _("Knowledge"))]}
    return render(request, "knowledge/import_items.html", context)


@login_required
@require_safe
def serve_import_table(request: HttpRequest) -> HttpResponse:
    """The empty table to fill in, in the reader's language."""
    if not rules.can_import_items(request.user):
        raise PermissionDenied
    response = HttpResponse(empty_book(), content_type=XLSX)
    return as_file(response, f"{_('Items')}.xlsx")


@login_required
@require_safe
def show_import(request: HttpRequest, key: Any) -> HttpResponse:
    """How it stands: being read, what is to be mended, being taken in, done."""
    bulk = import_of(request, key)
    mark_read(by=request.user, things=[bulk])
    return render(
        request, "knowledge/import.html", page_of_import(request, bulk, ConfirmForm(), ReplaceForm())
    )


def page_of_import(
    request: HttpRequest, bulk: BulkImport, form: ConfirmForm, replacing: ReplaceForm
) -> dict[str, Any]:
    """The rows that are looked at (``?show=``, first those to mend), and what can be done with all of them."""
    counts = bulk.rows.counts()
    total, side = counts.pop("total"), request.GET.get("show", "")
    side = side if counts.get(side) else "wrong" if counts["wrong"] and side != "all" else ""
    return {
        "bulk": bulk,
        "counts": counts,
        "total": total,
        "sides": sides_of(bulk, counts, total, side),
        "page": rows_of(request, bulk, side),
        "form": form,
        "replacing": replacing,
        "can_act": rules.can_import_items(request.user),
        "is_waiting": bulk.state in (BulkState.WAITING, BulkState.FILLING),
        "planned": counts["taken"] + counts["ready"],
        "why": words_of_failure(bulk),
        "crumbs": [
            (reverse("list_items"), _("Knowledge")),
            (reverse("import_items"), _("Bring many items in")),
        ],
    }


def rows_of(request: HttpRequest, bulk: BulkImport, side: str) -> Any:
    """One page of rows, each with what is wrong with it."""
    rows: Any = bulk.rows.standing(side) if side else bulk.rows
    rows = rows.select_related("item", "known").defer("item__search_vector", "known__search_vector")
    page = page_of(request, rows.in_order(), ROWS_A_PAGE)
    told = seen_by(request.user, page)
    for row in page:
        row.said = told_problems(row, told)
    return page


def seen_by(user: Any, rows: Iterable[BulkRow]) -> dict[str, str]:
    """The titles of those items that problems of the rows point to and that the reader may see, by slug."""
    slugs = {problem["words"].get("slug") for row in rows for problem in row.problems} - {None}
    items = Item.objects.visible_to(user).filter(slug__in=slugs)
    return dict(items.values_list("slug", "published__title")) if slugs else {}


def sides_of(bulk: BulkImport, counts: dict[str, int], total: int, side: str) -> list[dict[str, Any]]:
    """The ways to look at the rows, those that show something."""
    labels = {
        "wrong": _("To mend"),
        "doubtful": _("With a hint"),
        "ready": _("In order"),
        "taken": pgettext("import", "Taken in"),
        "known": _("In the library already"),
        "left_out": _("Left out"),
    }
    shown = [(name, label, counts[name]) for name, label in labels.items() if counts[name]]
    url = bulk.get_absolute_url()
    return [
        {"label": label, "count": count, "url": f"{url}?show={name}", "is_here": side == name}
        for name, label, count in shown
    ] + [{"label": _("All rows"), "count": total, "url": f"{url}?show=all", "is_here": not side}]


def told_problems(row: BulkRow, seen: dict[str, str]) -> list[dict[str, Any]]:
    """What is wrong with a row, in the reader's language, errors first; names in it keep their own direction.

    seen: see ``seen_by``; of an item that the reader may not see (any more) nothing is said.
    """
    said = []
    for problem in sorted(row.problems, key=lambda problem: problem["weight"] != "error"):
        slug = problem["words"].get("slug", "")
        if slug and slug not in seen:
            continue
        words = {
            name: isolated(value) if isinstance(value, str) else value
            for name, value in problem["words"].items()
        }
        url = reverse("show_item", args=[slug]) if slug else ""
        text = _(problem["text"]) % words if words else _(problem["text"])
        there = {"url": url, "title": seen.get(slug, "")}
        said.append(problem | {"said": text, "head": head_of(problem["column"]), **there})
    return said


def words_of_failure(bulk: BulkImport) -> str:
    """Why the table could not be read, and what to do."""
    if bulk.state != BulkState.FAILED:
        return ""
    told = {
        "heads": _(
            "The first row holds no heading “Title”. Take the empty table, or head your columns as it does."
        ),
        "empty": _("The table has no rows below its headings."),
        "long": _("The table has more than 1,000 rows or very long cells. Cut it into several tables."),
    }.get(bulk.why)
    return told or refusal_words(bulk.why) % {"name": isolated(bulk.table_name), "allowed": "XLSX, CSV"}


@login_required
@limited("import", 30, 3600)
@require_POST
def replace_import_table(request: HttpRequest, key: Any) -> HttpResponse:
    """Send the table anew in place of the first."""
    bulk, form = import_of(request, key), ReplaceForm(request.POST, request.FILES)
    if not rules.can_import_items(request.user):
        raise PermissionDenied
    if not form.is_valid():
        context = page_of_import(request, bulk, ConfirmForm(), form)
        return render(request, "knowledge/import.html", context)
    try:
        data = form.cleaned_data
        deeds.replace_table(by=request.user, bulk=bulk, table=data["table"], archive=data["archive"])
    except TooLate:
        messages.info(request, _("Someone was quicker: see how it stands now."))
    return redirect(bulk)


@login_required
@require_POST
def confirm_import(request: HttpRequest, key: Any) -> HttpResponse:
    """Take in what is in order."""
    bulk, form = import_of(request, key), ConfirmForm(request.POST)
    if not rules.can_import_items(request.user):
        raise PermissionDenied
    if not form.is_valid():
        return render(request, "knowledge/import.html", page_of_import(request, bulk, form, ReplaceForm()))
    try:
        data = form.cleaned_data
        submits = data["target"] == "submitted"
        deeds.confirm_import(by=request.user, bulk=bulk, submits=submits, privacy=data["privacy"])
    except TooLate:
        messages.info(request, _("Someone was quicker: see how it stands now."))
    return redirect(bulk)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def mend_import_row(request: HttpRequest, key: Any, number: int) -> HttpResponse:
    """Change what one row says, or leave it out (``deed=leave``) and take it back in (``deed=take``)."""
    row = row_of(request, key, number)
    if not rules.can_import_items(request.user):
        raise PermissionDenied
    if row.bulk.state != BulkState.READ:
        return redirect(row.bulk)
    form = RowForm(request.POST if request.method == "POST" else None, row=row)
    if request.method == "POST" and (form.is_valid() or request.POST.get("deed")):
        try:
            return mend(request, row, form)
        except TooLate:
            messages.info(request, _("Someone was quicker: see how it stands now."))
            return redirect(row.bulk)
    return render(request, "knowledge/import_row.html", page_of_row(request, row, form))


def mend(request: HttpRequest, row: BulkRow, form: RowForm) -> HttpResponse:
    """Do it; with errors left the row comes back with them beside its fields."""
    deed = request.POST.get("deed", "")
    if deed in ("leave", "take"):
        deeds.leave_row_out(by=request.user, row=row, is_left_out=deed == "leave")
        return redirect(row.bulk)
    bulk = row.bulk
    row = deeds.mend_row(by=request.user, row=row, told=form.cleaned_data)
    if row.error_count:
        form.show_problems(told_problems(row, seen_by(request.user, [row])))
        return render(request, "knowledge/import_row.html", page_of_row(request, row, form))
    messages.success(request, _("Row %(number)d is in order now.") % {"number": row.number})
    return redirect(bulk)


def page_of_row(request: HttpRequest, row: BulkRow, form: RowForm) -> dict[str, Any]:
    problems = told_problems(row, seen_by(request.user, [row]))
    if form.is_bound:  # errors stand beside their fields
        problems = [problem for problem in problems if problem["weight"] != "error"]
    crumbs = [
        (reverse("list_items"), _("Knowledge")),
        (reverse("import_items"), _("Bring many items in")),
        (row.bulk.get_absolute_url(), row.bulk.table_name),
    ]
    return {"row": row, "bulk": row.bulk, "form": form, "problems": problems, "crumbs": crumbs}


@login_required
@require_safe
def serve_import_report(request: HttpRequest, key: Any) -> HttpResponse:
    """What is wrong with which row, and what became of each, as a table."""
    bulk = import_of(request, key)
    lines = [[_("Row"), head_of("identifier"), head_of("title"), _("How it stands"), _("What is wrong")]]
    rows = list(bulk.rows.select_related("item", "known").in_order())
    seen = seen_by(request.user, rows)
    for row in rows:
        said = " · ".join(f"{problem['head']}: {problem['said']}" for problem in told_problems(row, seen))
        own = row.told.get("identifier", "")
        lines.append([row.number, own, row.told.get("title", ""), standing_of(row), said])
    return csv_file(f"{_('Report')}.csv", lines)


def standing_of(row: BulkRow) -> str:
    if row.item_id:
        return pgettext("import", "Taken in")
    if row.is_left_out:
        return _("Left out")
    if row.known_id:
        return _("In the library already")
    return _("To mend") if row.error_count else _("In order")
