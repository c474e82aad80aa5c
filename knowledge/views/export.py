"""All of a community to take along: asking for the file, and handing it out to who leads the community."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from communities.rules import can_moderate
from communities.views.frame import community_of, frame_of
from knowledge.actions import export as deeds
from knowledge.enums import ExportState
from knowledge.models import Export
from munistem.commons.downloads import as_file
from munistem.commons.files.views import answer
from munistem.commons.guards.limits import limited
from munistem.commons.notices.actions import mark_read

MOST = 10


@login_required
@limited("export", 10, 3600)
@require_http_methods(["GET", "HEAD", "POST"])
def show_exports(request: HttpRequest, slug: str) -> HttpResponse:
    """What was made, and the button that asks for another."""
    community, user = community_of(request, slug), request.user
    if not can_moderate(user, community):
        raise PermissionDenied
    if request.method == "POST":
        deeds.ask_export(by=user, community=community)
        messages.success(request, _("The file is being made. You will be told when it is ready."))
        return redirect("show_exports", slug=slug)
    rows = list(Export.objects.filter(community=community).select_related("asked_by").latest_first()[:MOST])
    for row in rows:
        row.community = community
    mark_read(by=user, things=rows) if rows else None
    context = {
        **frame_of(request, community, "facilitation"),
        "rows": rows,
        "is_waiting": any(row.state == ExportState.WAITING for row in rows),
    }
    return render(request, "knowledge/exports.html", context)


@login_required
@require_safe
def serve_export(request: HttpRequest, slug: str, key: Any) -> HttpResponseBase:
    """The file, until its week is over; that it was taken is written down."""
    rows = Export.objects.visible_to(request.user).ready().filter(community__slug=slug)
    export = get_object_or_404(rows.select_related("community"), key=key)
    if request.method == "GET":  # a part too: it may be all but a byte
        deeds.note_taken(by=request.user, export=export)
    response = as_file(answer(request, export.blob, "application/zip", f'"{export.key}"'), export.file_name)
    response.headers["Cache-Control"] = "private, no-store"
    return response
