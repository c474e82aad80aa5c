"""Where I am signed in: to look at and to end."""

import time
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from members.actions import device as deeds
from members.models import Device
from munistem.front.adapters import give_mark, remember_device

#: How often it is noted that somebody is here.
SEEN_EVERY = 3600


def follow_device(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Note once an hour that a browser is in use, and at once that its session got another key."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        known = request.session.get("device") if request.session.session_key else None
        if not known or not request.user.is_authenticated:
            return response
        key, now = request.session.session_key, int(time.time())
        if known["session"] != key or not 0 <= now - known["seen"] < SEEN_EVERY:
            person: Any = request.user
            deeds.note_seen(by=person, device=known["pk"], session_key=str(key))
            request.session["device"] = {**known, "session": key, "seen": now}
        return response

    return middleware


@login_required
@require_safe
def list_sessions(request: HttpRequest) -> HttpResponse:
    """Every browser in which I am signed in, this one first."""
    if "device" not in request.session:
        remember_device(request, request.user)
    rows = deeds.signed_in_devices(request.user)
    here = request.session.session_key
    rows.sort(key=lambda row: row.session_key != here)
    context = {"rows": rows, "here": here, "has_others": any(row.session_key != here for row in rows)}
    return give_mark(request, render(request, "front/sessions.html", context))


@login_required
@require_POST
def end_session(request: HttpRequest, key: Any) -> HttpResponse:
    """Sign out in one browser; a session that is over already is no mistake."""
    person: Any = request.user
    deeds.end_session(by=person, device=get_object_or_404(Device.objects.visible_to(person), key=key))
    messages.success(request, _("Signed out there."))
    return redirect("list_sessions")


@login_required
@require_POST
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    """Sign out everywhere but here."""
    person: Any = request.user
    count = deeds.end_other_sessions(by=person, session_key=str(request.session.session_key))
    said = ngettext("Signed out in %(count)d other place.", "Signed out in %(count)d other places.", count)
    messages.success(request, said % {"count": count} if count else _("You are signed in only here."))
    return redirect("list_sessions")
