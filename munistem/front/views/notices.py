"""The bell: what happened that concerns me, how I want to hear of it, and the door out of mails."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from members.models import User
from munistem.commons.notices.actions import choose, mark_read
from munistem.commons.notices.kinds import KINDS, Family, visible_events
from munistem.commons.notices.letters import read_token, stop_mail
from munistem.commons.notices.models import Notice
from munistem.commons.text.pages import page_of
from munistem.front.forms import ChoicesForm


@login_required
@require_safe
def list_notices(request: HttpRequest) -> HttpResponse:
    """The latest first; what one may not see any more is left out."""
    notices = Notice.objects.visible_to(request.user).select_related("event__actor").latest_first()
    page = page_of(request, notices.defer("event__actor__search_vector"), 20)
    page.object_list = rows_of(page.object_list, request.user)
    return render(request, "front/notices.html", {"page": page})


def rows_of(notices: Any, reader: Any) -> list[dict[str, Any]]:
    """Notices as the page shows them, each sentence in the language of the page."""
    notices = list(notices)
    seen = visible_events(reader, [notice.event for notice in notices])
    return [
        {
            "pk": notice.pk,
            "sentence": KINDS[notice.event.kind].sentence(notice.event, reader),
            "at": notice.event.happened_at,
            "is_unread": notice.read_at is None,
            "actor": notice.event.actor,
        }
        for notice in notices
        if notice.event_id in seen
    ]


@login_required
@require_safe
def open_notice(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark a notice as read and lead to what it is about."""
    notice = get_object_or_404(Notice.objects.visible_to(request.user).select_related("event"), pk=pk)
    if notice.event_id not in visible_events(request.user, [notice.event]):
        raise Http404
    mark_read(by=request.user, notices=[notice.pk])
    return redirect(KINDS[notice.event.kind].url(notice.event))


@login_required
@require_POST
def read_all_notices(request: HttpRequest) -> HttpResponse:
    """Put all notices away."""
    mark_read(by=request.user)
    return redirect("list_notices")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def choose_notices(request: HttpRequest) -> HttpResponse:
    """By mail at once, gathered, or in the portal only: for each family of events."""
    form = ChoicesForm(request.POST or None, person=request.user)
    if request.method == "POST" and form.is_valid():
        choose(by=request.user, rhythms=form.cleaned_data)
        messages.success(request, _("Your choices were kept."))
        return redirect("choose_notices")
    return render(request, "front/choices.html", {"form": form})


@csrf_exempt  # mail programs send the one-click request of RFC 8058 without any cookie; the token is the key
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Stop a family of mails without signing in: asked on the page, or in one click by the mail program."""
    person, family = holder_of(token)
    is_done = request.method == "POST"
    if is_done:
        stop_mail(person, family)
    name = "" if family == "all" else Family(family).label
    return render(
        request, "front/unsubscribe.html", {"is_done": is_done, "family": name, "email": person.email}
    )


def holder_of(token: str) -> tuple[User, str]:
    """Whose mails of which family a token stops; 404 for a token that is none."""
    try:
        pk, family = read_token(token)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise Http404 from error
    if family != "all" and family not in Family.values:
        raise Http404
    return get_object_or_404(User, pk=pk), family
