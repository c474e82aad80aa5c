"""Bringing programmes in: the table is read, its rows are mended on the page, and then it is taken in."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from knowledge.views.bulk import XLSX
from members.models import LocalAuthority
from munistem.commons.downloads import as_file, csv_file
from munistem.commons.files.rules import refusal_words
from munistem.commons.guards.limits import limited
from munistem.commons.tables.states import BulkState
from munistem.commons.text.names import isolated
from munistem.commons.text.pages import page_of
from policy.actions.importing import carry as deeds
from policy.actions.importing.table import empty_book, head_of
from policy.forms.importing import ProgrammeImportForm, ProgrammeRowForm
from policy.models import ProgrammeImport, ProgrammeRow
from policy.rules import programme as rules
from policy.views.programme import authority_of, list_url, programme_crumbs

ROWS_A_PAGE = 50
MOST_SHOWN = 10


def kept_authority(request: HttpRequest, code: int) -> LocalAuthority:
    """The municipality of an address, for who keeps its programmes."""
    authority = authority_of(code)
    if not rules.can_keep_programmes(request.user, authority):
        raise PermissionDenied
    return authority


def import_of(request: HttpRequest, code: int, key: Any) -> ProgrammeImport:
    """The table of an address; 404 for what one may not know of."""
    rows = ProgrammeImport.objects.visible_to(request.user).select_related("made_by", "authority")
    rows = rows.defer("made_by__search_vector", "authority__search_vector")
    return get_object_or_404(rows, key=key, authority=authority_of(code))


@login_required
@limited("import", 30, 3600)
@require_http_methods(["GET", "HEAD", "POST"])
def import_programmes(request: HttpRequest, code: int) -> HttpResponse:
    """Send a table; the worker reads it, and nothing stands before it is confirmed."""
    user, authority = request.user, kept_authority(request, code)
    form = ProgrammeImportForm(request.POST or None, request.FILES or None, language=user.language)
    if request.method == "POST" and form.is_valid():
        return redirect(deeds.begin_import(by=user, authority=authority, **form.cleaned_data))
    before = ProgrammeImport.objects.visible_to(user).filter(authority=authority).select_related("made_by")
    context = {
        "form": form,
        "authority": authority,
        "before": before.defer("made_by__search_vector").latest_first()[:MOST_SHOWN],
        "crumbs": programme_crumbs(authority),
    }
    return render(request, "policy/import_programmes.html", context)


@login_required
@require_safe
def serve_programme_table(request: HttpRequest, code: int) -> HttpResponse:
    """The empty table to fill in, in the reader's language."""
    kept_authority(request, code)
    return as_file(HttpResponse(empty_book(), content_type=XLSX), f"{_('Programmes')}.xlsx")


@login_required
@require_safe
def show_programme_import(request: HttpRequest, code: int, key: Any) -> HttpResponse:
    """How it stands: being read, what is to be mended, being taken in, done."""
    carried = import_of(request, code, key)
    return render(request, "policy/programme_import.html", page_of_import(request, carried))


def page_of_import(request: HttpRequest, carried: ProgrammeImport) -> dict[str, Any]:
    """The rows that are looked at (``?show=``, first those to mend), and what can be done with all of them."""
    counts = carried.rows.counts()
    total, ready, side = counts.pop("total"), counts.pop("ready"), request.GET.get("show", "")
    side = side if counts.get(side) else "wrong" if counts["wrong"] and side != "all" else ""
    rows: Any = carried.rows.standing(side) if side else carried.rows
    page = page_of(request, rows.select_related("programme").in_order(), ROWS_A_PAGE)
    for row in page:
        row.said, row.heads = told_problems(row), [head_of(column) for column in row.changes]
    return {
        "carried": carried,
        "counts": counts | {"ready": ready},
        "total": total,
        "planned": counts["taken"] + ready,
        "sides": sides_of(carried, counts, total, side),
        "page": page,
        "is_waiting": carried.state in (BulkState.WAITING, BulkState.FILLING),
        "why": words_of_failure(carried),
        "list_url": list_url(carried.authority),
        "crumbs": crumbs_of_import(carried),
    }


def crumbs_of_import(carried: ProgrammeImport) -> list[tuple[str, str]]:
    start = reverse("import_programmes", args=[carried.authority_id])
    return [*programme_crumbs(carried.authority), (start, _("Bring a table of programmes in"))]


def sides_of(carried: ProgrammeImport, counts: dict[str, int], total: int, side: str) -> list[dict[str, Any]]:
    """The ways to look at the rows, those that show something."""
    labels = {
        "wrong": _("To mend"),
        "new": _("New programmes"),
        "change": _("Changes"),
        "same": _("Nothing new"),
        "taken": _("Taken in"),
        "left_out": _("Left out"),
    }
    url = carried.get_absolute_url()
    shown = [(name, label, counts[name]) for name, label in labels.items() if counts[name]]
    return [
        {"label": label, "count": count, "url": f"{url}?show={name}", "is_here": side == name}
        for name, label, count in shown
    ] + [{"label": _("All rows"), "count": total, "url": f"{url}?show=all", "is_here": not side}]


def told_problems(row: ProgrammeRow) -> list[dict[str, Any]]:
    """What is wrong with a row, in the reader's language, errors first; words in it keep their own direction."""
    told = []
    for problem in sorted(row.problems, key=lambda problem: problem["weight"] != "error"):
        words = {
            name: isolated(value) if isinstance(value, str) else value
            for name, value in problem["words"].items()
        }
        text = _(problem["text"]) % words if words else _(problem["text"])
        told.append(problem | {"said": text, "head": head_of(problem["column"])})
    return told


def words_of_failure(carried: ProgrammeImport) -> str:
    """Why the table could not be read, and what to do."""
    if carried.state != BulkState.FAILED:
        return ""
    told = {
        "heads": _(
            "The first row holds no heading “Programme”. Take the empty table, or head your columns as it does."
        ),
        "empty": _("The table has no rows below its headings."),
        "long": _("The table has more than 1,000 rows or very long cells. Cut it into several tables."),
    }.get(carried.why)
    return told or refusal_words(carried.why) % {"name": isolated(carried.table_name), "allowed": "XLSX, CSV"}


@login_required
@require_POST
def confirm_programme_import(request: HttpRequest, code: int, key: Any) -> HttpResponse:
    """Take in what is in order."""
    carried = import_of(request, code, key)
    try:
        deeds.confirm_import(by=request.user, carried=carried)
    except deeds.TooLate:
        messages.info(request, _("Someone was quicker: see how it stands now."))
    return redirect(carried)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def mend_programme_row(request: HttpRequest, code: int, key: Any, number: int) -> HttpResponse:
    """Change what one row says, or leave it out (``deed=leave``) and take it back in (``deed=take``)."""
    carried = import_of(request, code, key)
    row = get_object_or_404(carried.rows, number=number, is_taken=False)
    row.carried = carried
    if carried.state != BulkState.READ:
        return redirect(carried)
    form = ProgrammeRowForm(request.POST if request.method == "POST" else None, row=row)
    if request.method == "POST" and (form.is_valid() or request.POST.get("deed")):
        try:
            if mend(request, row, form):
                return redirect(carried)
        except deeds.TooLate:
            messages.info(request, _("Someone was quicker: see how it stands now."))
            return redirect(carried)
    context = {"row": row, "carried": carried, "form": form, "problems": hints_of(row, form)}
    context["crumbs"] = [*crumbs_of_import(carried), (carried.get_absolute_url(), carried.table_name)]
    return render(request, "policy/programme_row.html", context)


def hints_of(row: ProgrammeRow, form: ProgrammeRowForm) -> list[dict[str, Any]]:
    """What is said above the form; errors stand beside their fields once it was sent."""
    return [one for one in told_problems(row) if not form.is_bound or one["weight"] != "error"]


def mend(request: HttpRequest, row: ProgrammeRow, form: ProgrammeRowForm) -> bool:
    """Do it; answers whether the row is in order now. What is still wrong stands beside its field."""
    deed = request.POST.get("deed", "")
    if deed in ("leave", "take"):
        deeds.leave_row_out(by=request.user, row=row, is_left_out=deed == "leave")
        return True
    mended = deeds.mend_row(by=request.user, row=row, told=form.cleaned_data)
    if mended.error_count:
        form.show_problems(told_problems(mended))
        return False
    messages.success(request, _("Row %(number)d is in order now.") % {"number": row.number})
    return True


@login_required
@require_safe
def serve_programme_report(request: HttpRequest, code: int, key: Any) -> HttpResponse:
    """What is wrong with which row, and what became of each, as a table."""
    carried = import_of(request, code, key)
    lines = [[_("Row"), head_of("identifier"), head_of("name"), _("How it stands"), _("What is wrong")]]
    for row in carried.rows.in_order():
        said = " · ".join(f"{problem['head']}: {problem['said']}" for problem in told_problems(row))
        told = row.told.get("identifier", ""), row.told.get("name", "")
        lines.append([row.number, *told, standing_of(row), said])
    return csv_file(f"{_('Report')}.csv", lines)


def standing_of(row: ProgrammeRow) -> str:
    if row.is_taken or row.is_left_out:
        return _("Taken in") if row.is_taken else _("Left out")
    if row.error_count:
        return _("To mend")
    return {"new": _("New programme"), "change": _("Changes"), "same": _("Nothing new")}.get(row.does, "")
