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

from communities.models import Community
from members.models import User
from munistem.commons.audit.actions import key
from munistem.commons.mail.actions import forget_bounce, is_paused
from munistem.commons.notices.actions import mark_read
from munistem.commons.notices.choices import choose, choose_scope, chosen, essential_only
from munistem.commons.notices.kinds import KINDS, visible_events
from munistem.commons.notices.models import Event, Notice
from munistem.commons.notices.stops import Stop, close, is_closed, read_token, reopen
from munistem.commons.text.pages import page_of
from munistem.front.forms import ChoicesForm


@login_required
@require_safe
def list_notices(request: HttpRequest) -> HttpResponse:
    """The latest first, many answers in one topic as one; what one may not see any more is left out."""
    mine = Notice.objects.visible_to(request.user).bundled()
    notices = mine.select_related("event__actor").latest_first()
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
            "sentence": KINDS[notice.event.kind].say(notice.event, reader, notice.how_many),
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
    """Mark a notice as read and lead to what it is about: of many told as one, to the first that is unread."""
    mine = Notice.objects.visible_to(request.user).select_related("event")
    notice = get_object_or_404(mine, pk=pk)
    if notice.event_id not in visible_events(request.user, [notice.event]):
        raise Http404
    first = first_of(mine, notice)
    mark_read(by=request.user, notices=[notice.pk])
    return redirect(KINDS[first.kind].url(first))


def first_of(mine: Any, notice: Notice) -> Event:
    """Where reading begins."""
    if notice.read_at or not notice.event.bundle:
        return notice.event
    return mine.unread().filter(event__bundle=notice.event.bundle).earliest("pk").event


@login_required
@require_POST
def read_all_notices(request: HttpRequest) -> HttpResponse:
    """Put all notices away."""
    mark_read(by=request.user)
    return redirect("list_notices")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def choose_notices(request: HttpRequest) -> HttpResponse:
    """By mail at once, gathered, or in the portal only: for each family of events and for each community."""
    user = request.user
    form = ChoicesForm(request.POST or None, person=user, communities=communities_of(user))
    if request.method == "POST" and form.is_valid():
        choose(by=user, rhythms=form.families())
        choose_scope(by=user, rhythms=form.scopes())
        messages.success(request, _("Your choices were kept."))
        return redirect("choose_notices")
    context = {
        "form": form,
        "has_bounced": is_paused(user.email),
        "wants_essential_only": bool(chosen(user)),
    }
    return render(request, "front/choices.html", context)


def communities_of(user: Any) -> dict[str, Any]:
    """The communities of a person by the key under which choices for them are kept."""
    mine = Community.objects.joined_by(user).by_name().only("pk", "name", "slug")
    return {key(community): community for community in mine}


@login_required
@require_POST
def resume_mails(request: HttpRequest) -> HttpResponse:
    """Send mails again: to an address from which they came back, or (``all=1``) beside the essential ones."""
    if "all" in request.POST:
        essential_only(by=request.user, is_so=False)
        messages.success(request, _("Mails are sent again as you chose before."))
    else:
        forget_bounce(request.user.email)
        messages.success(request, _("We will try to mail you again."))
    return redirect("choose_notices")


@csrf_exempt  # mail programs send the one-click request of RFC 8058 without any cookie; the token is the key
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Stop mails without signing in, asked on the page or in one click by the mail program; or take that back."""
    person, stop = holder_of(token)
    before = ""
    if request.method == "POST" and "undo" in request.POST:
        reopen(person, stop, request.POST.get("before", ""))
    elif request.method == "POST":
        before = close(person, stop)
    context = {
        "is_done": is_closed(person, stop),
        "is_undone": "undo" in request.POST,
        "level": stop.level,
        "name": stop.name(),
        "email": person.email,
        "before": before,
    }
    return render(request, "front/unsubscribe.html", context)


def holder_of(token: str) -> tuple[User, Stop]:
    """Whose mails a token stops, and which; 404 for a token that is none."""
    try:
        pk, stop = read_token(token)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise Http404 from error
    return get_object_or_404(User, pk=pk), stop
