"""Single posts: their address, changing them with history, helpful marks, accepting, hiding, reporting."""

from difflib import SequenceMatcher
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from communities import rules
from communities.actions import post as deeds
from communities.actions import topic as topic_deeds
from communities.actions.membership import TooLate
from communities.enums import TopicKind
from communities.forms import EditForm, ReasonForm, ReportForm, version
from communities.models import HeldPost, Post
from communities.views.frame import visibility_of, who_reads
from munistem.commons.guards.limits import limited
from munistem.commons.notices.actions import mark_read
from munistem.commons.text.html import plain
from munistem.commons.text.pages import page_of

EDITS_A_PAGE = 10
MOST_WORDS_COMPARED = 400


def post_of(request: HttpRequest, pk: int) -> Post:
    """The post of an address with its topic and community; 404 for what one may not know of."""
    posts = Post.objects.visible_to(request.user).select_related("topic__community", "author")
    return get_object_or_404(posts.defer("topic__search_vector", "topic__community__search_vector"), pk=pk)


def crumbs_of(post: Post) -> list[tuple[str, str]]:
    community = post.topic.community
    return [
        ("/communities/", _("Communities")),
        (community.get_absolute_url(), community.name),
        (post.place, post.topic.title),
    ]


@require_safe
def show_post(request: HttpRequest, pk: int) -> HttpResponse:
    """Lead to the post's place in its topic, and put the notices of that topic away."""
    post = post_of(request, pk)
    if request.user.is_authenticated:
        mark_read(by=request.user, things=[post.topic])
    return redirect(post.place)


@login_required
@limited("edit", 60, 3600)
@require_http_methods(["GET", "HEAD", "POST"])
def edit_post(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a post; what it said before is kept. A stale form is answered with 409 and keeps the text."""
    post, status = post_of(request, pk), 200
    if not rules.can_edit_post(request.user, post):
        raise PermissionDenied
    if post.is_opening and post.topic.kind == TopicKind.CONSULTATION:
        return redirect("edit_case", pk=post.topic_id)
    form = EditForm(request.POST or None, request.FILES or None, post=post)
    if request.method == "POST" and form.is_valid():
        try:
            return redirect(change(request, post, form).place)
        except deeds.StaleEdit:
            status = 409
            form = refreshed(request, post)
    context = {"post": post, "form": form, "crumbs": crumbs_of(post), "is_stale": status == 409}
    context |= {
        "who_reads": who_reads(post.topic.community),
        "visibility": visibility_of(post.topic.community),
        "is_held": rules.is_held(request.user, post.topic.community),
    }
    return render(request, "communities/edit_post.html", context, status=status)


def change(request: HttpRequest, post: Post, form: EditForm) -> Post | HeldPost:
    data = form.cleaned_data
    changed = deeds.edit_post(
        by=request.user,
        post=post,
        body=data["body"],
        title=data.get("title", ""),
        files=data["files"],
        dropped=data.get("dropped", ()),
        seen=parse_seen(data["seen"]),
    )
    if isinstance(changed, HeldPost):
        messages.success(
            request, _("A facilitator reads your change first; until then the post stays as it was.")
        )
    else:
        messages.success(request, _("The post was changed; what it said before is kept in its history."))
    return changed


def parse_seen(text: str) -> Any:
    """When the form's post was last edited; a time that never was when it cannot be read."""
    try:
        return parse_datetime(text) if text else None
    except ValueError:
        return None


def refreshed(request: HttpRequest, post: Post) -> EditForm:
    """The form with the text the person wrote, now made from the present state of the post."""
    post.refresh_from_db(fields=["body", "edited_at"])
    written = request.POST.copy()
    written["seen"] = version(post)
    return EditForm(written, post=post)


@login_required
@require_safe
def show_history(request: HttpRequest, pk: int) -> HttpResponse:
    """What a post said before each change, and what changed."""
    post = post_of(request, pk)
    if not rules.can_see_history(request.user, post):
        raise PermissionDenied
    page = page_of(
        request, post.edits.select_related("replaced_by").order_by("-replaced_at", "-pk"), EDITS_A_PAGE
    )
    later = (
        post.edits.filter(replaced_at__gt=page[0].replaced_at).order_by("replaced_at", "pk").first()
        if page
        else None
    )
    after_title, after_body = (later.title, later.body) if later else (post.topic.title, post.body)
    for edit in page:
        edit.changes = differences(plain(edit.body), plain(after_body))
        edit.title_changes = (
            differences(edit.title, after_title) if edit.title not in ("", after_title) else []
        )
        after_title, after_body = edit.title, edit.body
    context = {"post": post, "page": page, "crumbs": crumbs_of(post)}
    return render(request, "communities/history.html", context)


def differences(before: str, after: str) -> list[tuple[str, str]]:
    """Pieces of text as (``same`` | ``gone`` | ``new``, words): line by line, changed lines word by word."""
    old, new = before.split("\n"), after.split("\n")
    pieces: list[tuple[str, str]] = []
    for deed, a, b, c, d in SequenceMatcher(None, old, new).get_opcodes():
        gone, come = "\n".join(old[a:b]), "\n".join(new[c:d])
        if deed == "equal":
            pieces.append(("same", gone))
        elif deed == "replace" and max(gone.count(" "), come.count(" ")) < MOST_WORDS_COMPARED:
            pieces += differing_words(gone.split(" "), come.split(" "))
        else:
            pieces += [(kind, text) for kind, text in (("gone", gone), ("new", come)) if text]
    return pieces


def differing_words(old: list[str], new: list[str]) -> list[tuple[str, str]]:
    pieces = []
    for deed, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if deed == "equal":
            pieces.append(("same", " ".join(old[a:b])))
            continue
        if b > a:
            pieces.append(("gone", " ".join(old[a:b])))
        if d > c:
            pieces.append(("new", " ".join(new[c:d])))
    return pieces


@login_required
@limited("helpful", 300, 3600)
@require_POST
def mark_helpful(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that a post helped, or (``off=1``) take it back."""
    post = post_of(request, pk)
    if not rules.can_mark_helpful(request.user, post):
        raise PermissionDenied
    deeds.mark_helpful(by=request.user, post=post, is_helpful="off" not in request.POST)
    return redirect(post.place)


@login_required
@require_POST
def accept_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark the answer that helped."""
    post = post_of(request, pk)
    if not rules.can_accept_post(request.user, post):
        raise PermissionDenied
    topic_deeds.accept_answer(by=request.user, post=post)
    messages.success(request, _("The answer was accepted; it now stands on top, and its author is told."))
    return redirect(post.topic)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def hide_post(request: HttpRequest, pk: int) -> HttpResponse:
    """Hide a post, or with its opening the whole topic, and say why."""
    post = post_of(request, pk)
    if not rules.can_hide_post(request.user, post):
        raise PermissionDenied
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            deeds.hide(by=request.user, post=post, reason=form.cleaned_data["reason"])
        except TooLate:
            messages.info(request, _("It was hidden already."))
        else:
            messages.success(request, _("Hidden. The author is told why; you can show it again."))
        return redirect(post.place)
    context = {"post": post, "form": form, "crumbs": crumbs_of(post)}
    return render(request, "communities/hide_post.html", context)


@login_required
@require_POST
def unhide_post(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a hidden post or topic again."""
    post = post_of(request, pk)
    if not rules.can_unhide_post(request.user, post):
        raise PermissionDenied
    deeds.unhide(by=request.user, post=post)
    messages.success(request, _("It can be seen again."))
    return redirect(post.place)


@login_required
@limited("report", 20, 3600)
@require_http_methods(["GET", "HEAD", "POST"])
def report_post(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the facilitators to look at a post."""
    post = post_of(request, pk)
    if not rules.can_report_post(request.user, post):
        raise PermissionDenied
    form = ReportForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        deeds.report(by=request.user, post=post, **form.cleaned_data)
        messages.success(request, _("Thank you. The facilitators were told and will look at it."))
        return redirect(post.place)
    context = {"post": post, "form": form, "crumbs": crumbs_of(post)}
    return render(request, "communities/report_post.html", context)


@login_required
@require_POST
def close_reports(request: HttpRequest, pk: int) -> HttpResponse:
    """Leave a reported post as it is."""
    post = post_of(request, pk)
    if not rules.can_moderate(request.user, post.topic.community):
        raise PermissionDenied
    deeds.close_reports(by=request.user, post=post, decision="left")
    messages.success(request, _("The post stays; the reports on it are closed."))
    return redirect(post.place)
