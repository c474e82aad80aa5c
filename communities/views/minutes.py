"""The minutes of a meeting: reading, sending, remarks, corrections; and what a community has decided."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from communities import rules
from communities.actions import minutes as deeds
from communities.actions.gathering import StaleNotes
from communities.emails.meeting import when
from communities.forms.minutes import PapersForm, ParagraphForm, RemarkAnswerForm, RemarkForm
from communities.models import Decision, Invitee, Minutes, MinutesFile, Paragraph, Remark, Task
from communities.views.frame import community_of, frame_of
from communities.views.gathering import said_counts
from communities.views.meeting import crumbs_of as crumbs_of_meeting
from munistem.commons.files.views import serve
from munistem.commons.guards.limits import limited
from munistem.commons.text.names import harmless
from munistem.commons.text.pages import page_of

DECISIONS_A_PAGE = 30


def readable_minutes(request: HttpRequest) -> Any:
    rows = Minutes.objects.visible_to(request.user).without_index()
    return rows.select_related("meeting", "community", "correction_of", "sent_by").defer(
        "community__search_vector"
    )


def minutes_of(request: HttpRequest, pk: int) -> Minutes:
    """The minutes of a meeting that this reader may read, the latest first, or those asked for (``?number=``)."""
    rows = readable_minutes(request).filter(meeting=pk)
    number = request.GET.get("number", "")
    if number.isascii() and number.isdigit() and len(number) < 9:
        rows = rows.filter(number=number)
    return get_object_or_404(rows, pk=rows.order_by("-pk").values("pk")[:1])


def paragraph_of(request: HttpRequest, pk: int) -> Paragraph:
    rows = Paragraph.objects.filter(minutes__in=Minutes.objects.visible_to(request.user))
    found = rows.select_related("minutes__meeting__community", "minutes__community")
    return get_object_or_404(found.defer("minutes__search_vector"), pk=pk)


@login_required
@require_safe
def show_minutes(request: HttpRequest, pk: int) -> HttpResponse:
    """What is kept of a meeting, with what this reader may do to it."""
    context = page_of_minutes(request.user, minutes_of(request, pk))
    return render(request, "communities/minutes.html", context)


def page_of_minutes(user: Any, minutes: Minutes) -> dict[str, Any]:
    """Context of ``communities/minutes.html``."""
    meeting = minutes.meeting
    meeting.community = minutes.community
    there = Invitee.objects.filter(meeting=meeting, attended=True).select_related("person").by_name()
    others = Minutes.objects.visible_to(user).filter(meeting=meeting).exclude(pk=minutes.pk)
    return {
        "minutes": minutes,
        "meeting": meeting,
        "crumbs": crumbs_of(minutes),
        "held_on": when(meeting.starts_at) if meeting.starts_at else "",
        "paragraphs": paragraphs_of(minutes),
        "there": there,
        "counts": said_counts(minutes.people_count, minutes.organisation_count),
        "decisions": decisions_of(minutes),
        "tasks": tasks_of(user, minutes),
        "files": files_of(minutes),
        "others": others.without_index().order_by("-pk"),
        **deeds_on(user, minutes),
    }


def deeds_on(user: Any, minutes: Minutes) -> dict[str, bool]:
    """What this reader may do."""
    can_edit = rules.can_edit_minutes(user, minutes)
    return {
        "can_edit": can_edit,
        "can_note": can_edit,
        "can_send": rules.can_send_minutes(user, minutes),
        "can_remark": rules.can_remark(user, minutes),
        "can_correct": rules.can_correct_minutes(user, minutes),
        "can_offer": rules.can_offer_insight(user, minutes),
    }


def files_of(minutes: Minutes) -> list[dict[str, Any]]:
    rows = minutes.files.select_related("file").defer("file__text").order_by("position", "pk")
    return [shown_file(minutes.meeting_id, row.file) for row in rows]


def crumbs_of(minutes: Minutes) -> list[tuple[str, str]]:
    return [*crumbs_of_meeting(minutes.meeting), (minutes.meeting.get_absolute_url(), minutes.meeting.title)]


def paragraphs_of(minutes: Minutes) -> list[Paragraph]:
    """In order, each with the remarks on it while they are discussed; approved minutes stand without."""
    rows = Remark.objects.none() if minutes.is_approved else Remark.objects.filter(paragraph__minutes=minutes)
    said: dict[int, list[Remark]] = {}
    for row in rows.select_related("author").in_order():
        said.setdefault(row.paragraph_id, []).append(row)
    paragraphs = list(minutes.paragraphs.in_order())
    for paragraph in paragraphs:
        paragraph.said = said.get(paragraph.pk, [])  # type: ignore[attr-defined]
    return paragraphs


def decisions_of(minutes: Minutes) -> Any:
    """What these minutes say was decided, and what they take back."""
    rows = Decision.objects.shown_in(minutes).without_index().select_related("dropped_in")
    return rows.defer("dropped_in__search_vector")


def tasks_of(user: Any, minutes: Minutes) -> list[Task]:
    """What was taken on and what these minutes take back, each with what this reader may do."""
    rows = Task.objects.shown_in(minutes).select_related("owner", "dropped_in")
    tasks = list(rows.defer("dropped_in__search_vector"))
    for task in tasks:
        task.community = minutes.community
        task.is_late = task.is_overdue()  # type: ignore[attr-defined]
        task.can_finish = task.dropped_in_id is None and rules.can_finish_task(user, task)  # type: ignore[attr-defined]
    return tasks


def shown_file(pk: int, file: Any) -> dict[str, Any]:
    url = reverse("serve_minutes_file", args=[pk, file.key])
    shown = {"name": file.name, "url": url, "size": file.size, "kind": file.get_kind_display()}
    return {**shown, "pages": file.pages, "scan": file.get_scan_display()}


@login_required
@require_safe
def serve_minutes_file(request: HttpRequest, pk: int, key: Any) -> HttpResponseBase:
    """Slides of a meeting, for the readers of its minutes."""
    minutes = Minutes.objects.visible_to(request.user).filter(meeting=pk)
    found = MinutesFile.objects.filter(minutes__in=minutes).select_related("file").defer("file__text")
    return serve(request, get_object_or_404(found, file__key=key).file)


@login_required
@require_POST
def send_minutes(request: HttpRequest, pk: int) -> HttpResponse:
    """Send the draft to those who were there."""
    minutes = minutes_of(request, pk)
    if not rules.can_edit_minutes(request.user, minutes):
        raise PermissionDenied
    deeds.send_minutes(by=request.user, minutes=minutes)
    messages.success(request, _("Sent to those who were there. They have seven days for remarks."))
    return redirect(minutes)


@login_required
@require_POST
def correct_minutes(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin a correction of approved minutes."""
    minutes = minutes_of(request, pk)
    if not rules.can_lead_meeting(request.user, minutes.meeting):
        raise PermissionDenied
    if minutes.is_approved:
        deeds.correct_minutes(by=request.user, minutes=minutes)
        messages.success(
            request,
            _("This is the draft of the correction; what was approved stands until it is approved too."),
        )
    return redirect(minutes)


@login_required
@limited("minutes", 300, 3600)
@require_http_methods(["GET", "HEAD", "POST"])
def edit_papers(request: HttpRequest, pk: int) -> HttpResponse:
    """Add the recording and slides."""
    minutes = minutes_of(request, pk)
    if not rules.can_edit_minutes(request.user, minutes):
        raise PermissionDenied
    form = PapersForm(request.POST or None, request.FILES or None, minutes=minutes)
    if request.method == "POST" and form.is_valid():
        deeds.add_papers(by=request.user, minutes=minutes, **form.cleaned_data)
        messages.success(request, _("Kept."))
        return redirect(minutes)
    context = {"title": _("Recording and slides"), "submit": _("Keep them"), "form": form}
    return show_form(request, minutes, context)


def show_form(
    request: HttpRequest, minutes: Minutes, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    minutes.meeting.community = minutes.community
    crumbs = [*crumbs_of(minutes), (minutes.get_absolute_url(), _("Minutes"))]
    context = {
        "cancel": minutes.get_absolute_url(),
        "crumbs": crumbs,
        "quoted": None,
        "standing": None,
    } | context
    return render(request, "communities/minutes_form.html", context, status=status)


@login_required
@limited("minutes", 300, 3600)
@require_http_methods(["GET", "HEAD", "POST"])
def edit_paragraph(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a part of the minutes; a stale form is answered with 409 and keeps the text."""
    paragraph = paragraph_of(request, pk)
    minutes, context, status = paragraph.minutes, {}, 200
    if not rules.can_edit_minutes(request.user, minutes) or paragraph.kind != "text":
        raise PermissionDenied
    form = ParagraphForm(request.POST or None, paragraph=paragraph)
    if request.method == "POST" and form.is_valid():
        try:
            deeds.edit_paragraph(by=request.user, paragraph=paragraph, **form.cleaned_data)
            return redirect(f"{minutes.get_absolute_url()}#paragraph-{pk}")
        except StaleNotes:
            paragraph.refresh_from_db()
            data = request.POST.copy()
            data["seen"] = str(paragraph.version)
            form, status = ParagraphForm(data, paragraph=paragraph), 409
            context = {"standing": paragraph}
    context |= {"title": _("Change a paragraph"), "submit": _("Keep the changes"), "form": form}
    return show_form(request, minutes, context, status)


@login_required
@limited("minutes", 100, 3600)
@require_http_methods(["GET", "HEAD", "POST"])
def remark_paragraph(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what should read otherwise."""
    paragraph = paragraph_of(request, pk)
    if not rules.can_remark(request.user, paragraph.minutes):
        raise PermissionDenied
    form = RemarkForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        deeds.remark(by=request.user, paragraph=paragraph, **form.cleaned_data)
        messages.success(request, _("Thank you. The facilitators were told and will answer."))
        return redirect(f"{paragraph.minutes.get_absolute_url()}#paragraph-{pk}")
    words = {"title": _("Remark on a paragraph"), "submit": _("Tell the facilitators")}
    return show_form(request, paragraph.minutes, {**words, "form": form, "quoted": paragraph})


@login_required
@limited("minutes", 300, 3600)
@require_http_methods(["GET", "HEAD", "POST"])
def answer_remark(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a remark in, or say why not."""
    readable = Minutes.objects.visible_to(request.user)
    rows = Remark.objects.filter(paragraph__minutes__in=readable).select_related(
        "author", "paragraph__minutes__meeting__community", "paragraph__minutes__community"
    )
    remark = get_object_or_404(rows, pk=pk)
    minutes = remark.paragraph.minutes
    if not rules.can_edit_minutes(request.user, minutes):
        raise PermissionDenied
    form = RemarkAnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        deeds.answer_remark(by=request.user, remark=remark, **form.cleaned_data)
        messages.success(request, _("The author of the remark is told."))
        return redirect(f"{minutes.get_absolute_url()}#paragraph-{remark.paragraph_id}")
    words = {"title": _("Answer a remark"), "submit": _("Answer the remark"), "remark": remark}
    return show_form(request, minutes, {**words, "form": form, "quoted": remark.paragraph})


@login_required
@require_safe
def list_decisions(request: HttpRequest, slug: str) -> HttpResponse:
    """What a community has decided, the latest first, with a box to search in it."""
    community, user = community_of(request, slug), request.user
    if not rules.can_moderate(user, community) and not rules.is_member(user, community):
        raise PermissionDenied
    typed = harmless(request.GET.get("q", ""))[:200]
    rows = Decision.objects.visible_to(user).filter(community=community).approved().without_index()
    rows = rows.matching(typed) if typed else rows.latest_first()
    rows = rows.select_related("meeting", "dropped_in").defer("dropped_in__search_vector")
    page = page_of(request, rows, DECISIONS_A_PAGE)
    kept = Minutes.objects.visible_to(user).filter(community=community).without_index()
    kept = kept.select_related("meeting").latest_first()
    context = {
        **frame_of(request, community, "decisions"),
        "page": page,
        "typed": typed,
        "minutes": kept[:50],
        "can_offer": rules.can_moderate(user, community),
    }
    return render(request, "communities/decisions.html", context)
