"""All that is kept about me: to look at and to take along."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from members.enums import ArchiveState
from members.models import Archive
from munistem.commons.downloads import as_file
from munistem.commons.files.views import answer
from munistem.commons.guards.limits import limited
from munistem.front.actions import archive as deeds
from munistem.front.actions.owned import kept_about
from munistem.front.views.counts import count_all
from munistem.front.views.pages import contact


@login_required
@require_safe
def show_my_data(request: HttpRequest) -> HttpResponse:
    """What is kept, how to take it along, how to have it corrected, how to leave."""
    latest = Archive.objects.visible_to(request.user).latest_first().first()
    context = {
        "counts": words_of(count_all(**kept_about(request.user))),
        "archive": latest if latest and latest.state != ArchiveState.OVER else None,
        "is_waiting": bool(latest and latest.state == ArchiveState.WAITING),
        "contact": contact(),
    }
    return render(request, "front/mydata.html", context)


@login_required
@limited("export", 10, 3600)
@require_POST
def export_my_data(request: HttpRequest) -> HttpResponse:
    """Let the worker pack everything; who asked is told when it is ready."""
    person: Any = request.user
    deeds.ask_archive(by=person)
    messages.success(request, _("We are packing your data and write to you once they are ready."))
    return redirect("show_my_data")


@login_required
@require_safe
def serve_archive(request: HttpRequest, key: Any) -> HttpResponseBase:
    """The file, until its week is over, for oneself alone; that it was taken is written down."""
    archive = get_object_or_404(Archive.objects.visible_to(request.user).ready(), key=key)
    if request.method == "GET":  # a part too: it may be all but a byte
        deeds.note_taken(by=request.user, archive=archive)
    response = as_file(
        answer(request, archive.blob, "application/zip", f'"{archive.key}"'), archive.file_name
    )
    response.headers["Cache-Control"] = "private, no-store"
    return response


def words_of(counts: dict[str, int]) -> list[tuple[str, int]]:
    """What there is, in words; of what there is none nothing is said."""
    labels = {
        "mandates": _("Mandates"),
        "memberships": _("Communities"),
        "meetings": _("Meetings"),
        "posts": _("Posts"),
        "items": _("Knowledge items and their versions"),
        "answers": _("Answers to recommendations"),
        "progress_reports": _("Progress reports"),
        "files": _("Files"),
        "imports": _("Tables of many items"),
        "files_on_their_way": _("Files on their way"),
        "notices": _("Notices"),
    }
    return [(words, counts[name]) for name, words in labels.items() if counts[name]]
