"""Texts that wait for a facilitator: reading one, mending it, releasing it or sending it back."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from communities import rules
from communities.actions import held as deeds
from communities.actions import release as decisions
from communities.actions.membership import TooLate
from communities.enums import HeldState, TopicKind
from communities.forms import MendForm, ReasonForm, moment_of
from communities.models import Community, HeldFile, HeldPost
from communities.views.frame import who_reads
from communities.views.post import differences
from munistem.commons.files.models import FileKind, FileState
from munistem.commons.files.views import serve
from munistem.commons.guards.limits import limited
from munistem.commons.notices.actions import mark_read
from munistem.commons.text.html import plain

MOST_SHOWN = 20


def held_of(request: HttpRequest, pk: int) -> HeldPost:
    """The text of an address; 404 for what one may not know of."""
    rows = HeldPost.objects.visible_to(request.user)
    rows = rows.select_related("community", "topic__community", "post", "author", "decided_by", "released_as")
    return get_object_or_404(rows.defer("community__search_vector", "topic__search_vector"), pk=pk)


def crumbs_of(held: HeldPost) -> list[tuple[str, str]]:
    crumbs = [
        ("/communities/", _("Communities")),
        (held.community.get_absolute_url(), held.community.name),
    ]
    return [*crumbs, (held.topic.get_absolute_url(), held.topic.title)] if held.topic else crumbs


def said_what(held: HeldPost) -> str:
    """What it will be once it appears."""
    if held.post_id:
        return _("Change of a post")
    return TopicKind(held.kind).label if held.topic_id is None and held.kind else pgettext("post", "Answer")


def said_held() -> str:
    return _("A facilitator reads your text first; then it appears, and you are told.")


def held_in(request: HttpRequest, community: Community, **where: Any) -> list[dict[str, Any]]:
    """Open texts of a community that this reader may see, the newest last; nothing is asked where none are held."""
    if not request.user.is_authenticated or not community.is_moderated:
        return []
    rows = HeldPost.objects.visible_to(request.user).open().filter(community=community, **where)
    rows = rows.select_related("author", "topic", "community")
    rows = rows.defer("author__search_vector", "topic__search_vector", "community__search_vector")
    return [
        {
            "held": row,
            "what": said_what(row),
            "excerpt": excerpt(row),
            "is_mine": row.author_id == request.user.pk,
        }
        for row in rows.longest_waiting_first()[:MOST_SHOWN]
    ]


def excerpt(held: HeldPost) -> str:
    return " ".join(plain(held.body).split())[:200]


@login_required
@require_safe
def show_held_post(request: HttpRequest, pk: int) -> HttpResponse:
    """Read a text before its release; what has appeared leads to its place, what was taken back to the community."""
    held, user = held_of(request, pk), request.user
    mark_read(by=user, things=[held])
    if not held.is_open:
        return redirect(held.released_as or held.community)
    context = {
        "held": held,
        "what": said_what(held),
        "files": files_of(held),
        "changes": differences(plain(held.post.body), plain(held.body)) if held.post else [],
        "crumbs": crumbs_of(held),
        "seen": held.changed_at.isoformat(),
        "is_mine": held.author_id == user.pk,
        "can_decide": rules.can_decide_held(user, held),
        "can_mend": rules.can_mend_held(user, held),
        "can_withdraw": rules.can_withdraw_held(user, held),
        "is_returned": held.state == HeldState.RETURNED,
        "who_reads": who_reads(held.community),
    }
    return render(request, "communities/held_post.html", context)


def files_of(held: HeldPost) -> list[dict[str, Any]]:
    rows = HeldFile.objects.filter(held=held).select_related("file").defer("file__text")
    return [
        {
            "name": row.file.name,
            "url": reverse("serve_held_file", args=[held.pk, row.file.key]),
            "size": row.file.size,
            "pages": row.file.pages,
            "words": FileKind(row.file.kind).label,
            "is_waiting": row.file.state == FileState.WAITING,
            "scan": row.file.get_scan_display(),
        }
        for row in rows.order_by("position", "pk")
    ]


@require_safe
def serve_held_file(request: HttpRequest, pk: int, key: Any) -> HttpResponseBase:
    """A file that hangs on a text before its release, for the text's readers."""
    readable = HeldPost.objects.visible_to(request.user).filter(pk=pk)
    rows = HeldFile.objects.filter(held__in=readable).select_related("file").defer("file__text")
    return serve(request, get_object_or_404(rows, file__key=key).file)


@login_required
@limited("edit", 60, 3600)
@require_http_methods(["GET", "HEAD", "POST"])
def mend_held_post(request: HttpRequest, pk: int) -> HttpResponse:
    """Change one's text before its release, or mend what came back and send it again."""
    held = held_of(request, pk)
    if not held.is_open:
        return redirect(held)
    if not rules.can_mend_held(request.user, held):
        raise PermissionDenied
    form = MendForm(request.POST or None, request.FILES or None, held=held)
    if request.method == "POST" and form.is_valid() and mend(request, held, form):
        return redirect(held)
    context = {
        "held": held,
        "form": form,
        "crumbs": [*crumbs_of(held), (held.get_absolute_url(), _("Your text"))],
    }
    context["who_reads"] = who_reads(held.community)
    return render(request, "communities/mend_held_post.html", context)


def mend(request: HttpRequest, held: HeldPost, form: MendForm) -> bool:
    try:
        deeds.mend_held(by=request.user, held=held, **form.cleaned_data)
    except deeds.StaleHeld:
        form.add_error(
            None,
            _("You changed this text in another window meanwhile. Copy what you need, then open it anew."),
        )
        return False
    except TooLate:
        form.add_error(None, _("Meanwhile it was decided on. Your text is still here: copy it."))
        return False
    messages.success(request, _("Your text waits for a facilitator; you will be told."))
    return True


@login_required
@require_POST
def withdraw_held_post(request: HttpRequest, pk: int) -> HttpResponse:
    """Take one's text back."""
    held = held_of(request, pk)
    if held.is_open and not rules.can_withdraw_held(request.user, held):
        raise PermissionDenied
    try:
        deeds.withdraw_held(by=request.user, held=held)
    except TooLate:
        messages.info(request, _("It was decided on already."))
        return redirect(held)
    messages.success(request, _("Your text was taken back; nobody reads it any more."))
    return redirect(held.topic or held.community)


@login_required
@require_POST
def release_held_post(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a text appear as it was read (``seen``)."""
    held = held_of(request, pk)
    if not rules.can_moderate(request.user, held.community):
        raise PermissionDenied
    try:
        post = decisions.release(by=request.user, held=held, seen=moment_of(request.POST.get("seen", "")))
    except deeds.StaleHeld:
        messages.error(request, _("The author changed the text meanwhile. Read it once more."))
        return redirect(held)
    except TooLate:
        messages.error(
            request,
            _(
                "It cannot appear: it was decided on, its topic was closed or changed, or its author has left. You can send it back."
            ),
        )
        return redirect(held)
    messages.success(request, _("It appeared, and its author was told."))
    return redirect(post.place)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def return_held_post(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a text back to its author, with a reason."""
    held = held_of(request, pk)
    if not rules.can_moderate(request.user, held.community):
        raise PermissionDenied
    if not rules.can_decide_held(request.user, held):
        messages.info(request, _("It was decided on already."))
        return redirect(held)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return send_back(request, held, form.cleaned_data["reason"])
    context = {
        "held": held,
        "form": form,
        "crumbs": [*crumbs_of(held), (held.get_absolute_url(), said_what(held))],
    }
    return render(request, "communities/return_held_post.html", context)


def send_back(request: HttpRequest, held: HeldPost, reason: str) -> HttpResponse:
    try:
        decisions.send_back(by=request.user, held=held, reason=reason)
    except TooLate:
        messages.info(request, _("It was decided on already."))
    else:
        messages.success(
            request, _("It went back to its author with your reason; the text is kept for mending.")
        )
    return redirect("show_desk")
