"""A version that is open to the network: its paragraphs, what people say to them, what the authors answer."""

from collections import defaultdict
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from munistem.commons.guards.limits import limited
from munistem.commons.notices.actions import mark_read
from policy import rules
from policy.actions import consult
from policy.actions.version import OutOfTurn
from policy.forms.consultation import AnswerCommentForm, CommentForm
from policy.models import Consultation, ConsultationComment
from policy.rules.consultation import can_moderate_comment, is_reportable
from policy.views.version import crumbs_to
from policy.views.wording import language_of, wording_of


def consultation_of(request: HttpRequest, pk: int) -> Consultation:
    """The consultation of an address; 404 for what one may not know of."""
    known = Consultation.objects.visible_to(request.user)
    known = known.select_related("version__recommendation__roundtable")
    unread = ("version__recommendation__search_vector", "version__recommendation__search_title")
    return get_object_or_404(known.defer(*unread), pk=pk)


@login_required
@require_safe
def show_consultation(request: HttpRequest, pk: int) -> HttpResponse:
    """The text paragraph by paragraph with what was said to each."""
    context = page_of_consultation(request, consultation_of(request, pk))
    return render(request, "policy/consultation.html", context)


def page_of_consultation(
    request: HttpRequest,
    consultation: Consultation,
    *,
    form: CommentForm | None = None,
    answer_form: tuple[int, AnswerCommentForm] | None = None,
) -> dict[str, Any]:
    """Context of ``policy/consultation.html``; form, answer_form: those that have to be corrected."""
    user, version = request.user, consultation.version
    comments = comments_of(user, consultation)
    mark_read(by=user, things=[consultation, *comments])
    may = deeds_for(user, consultation)
    for row in comments:
        prepare(user, row, answer_form, can_answer=may["can_answer"])
    wording = wording_of(version, language_of(request))
    lay_out(wording["sections"], comments, form, can_comment=may["can_comment"])
    return {
        "consultation": consultation,
        "recommendation": version.recommendation,
        "comment_count": len(comments),
        "waiting_count": sum(not row.answered_at and not row.hidden_at for row in comments),
        "crumbs": crumbs_to(user, version),
        **wording,
        **may,
    }


def prepare(user: Any, row: Any, sent: Any, *, can_answer: bool) -> None:
    """What the reader may do with a comment. sent: the answer that has to be corrected, if any."""
    row.may_report, row.may_judge = is_reportable(user, row), can_moderate_comment(user, row)
    row.answer_form = form_of(row, sent) if can_answer and not row.hidden_at else None


def deeds_for(user: Any, consultation: Consultation) -> dict[str, bool]:
    """What this reader may do with it."""
    version, can_answer = consultation.version, rules.can_answer_comments(user, consultation)
    return {
        "has_earlier": version.number > 1,
        "can_comment": rules.can_comment(user, consultation),
        "can_answer": can_answer,
        "can_close": rules.can_close_consultation(user, consultation),
        "can_adopt": rules.can_adopt_version(user, version),
        "can_draft": can_answer and version.state == "consultation" and not consultation.is_open,
    }


def comments_of(user: Any, consultation: Consultation) -> list[Any]:
    rows = ConsultationComment.objects.visible_to(user).filter(consultation=consultation).oldest_first()
    rows = rows.select_related("written_by", "answered_by")
    return list(rows.defer("written_by__search_vector", "answered_by__search_vector"))


def form_of(row: Any, sent: tuple[int, AnswerCommentForm] | None) -> AnswerCommentForm:
    """The form that answers a comment: the one that has to be corrected, else with what was answered."""
    if sent and sent[0] == row.pk:
        return sent[1]
    return AnswerCommentForm(key=row.pk, initial={"outcome": row.outcome, "answer": row.answer})


def lay_out(
    sections: list[dict[str, Any]], comments: list[Any], form: CommentForm | None, *, can_comment: bool
) -> None:
    """Hang comments and forms on their paragraphs; what was said to a paragraph of another edition, on its section."""
    by_key: dict[str, list[Any]] = defaultdict(list)
    for row in comments:
        by_key[row.paragraph].append(row)
    bound = form.data.get("paragraph", "") if form else ""
    for section in sections:
        for paragraph in section["paragraphs"]:
            paragraph.comments = by_key.pop(paragraph.key, [])
            is_bound = form is not None and bound == paragraph.key
            paragraph.form = form if is_bound else CommentForm(key=paragraph.key) if can_comment else None
            paragraph.is_open = is_bound
        section["others"] = [
            row for key in list(by_key) if belongs(key, section["key"]) for row in by_key.pop(key)
        ]


def belongs(key: str, section: str) -> bool:
    return key == section or key.startswith(f"{section}-")


@login_required
@limited("comment_version", 120, 3600)
@require_POST
def comment_paragraph(request: HttpRequest, pk: int) -> HttpResponse:
    """Say something to a paragraph."""
    consultation = consultation_of(request, pk)
    form = CommentForm(request.POST, key=request.POST.get("paragraph", "")[:40])
    if not rules.can_comment(request.user, consultation):
        if consultation.is_open:
            raise PermissionDenied
        messages.info(request, _("It is closed for comments."))
        return redirect(consultation)
    if not form.is_valid():
        context = page_of_consultation(request, consultation, form=form)
        return render(request, "policy/consultation.html", context)
    language = (get_language() or "he")[:2]
    try:
        made = consult.comment(
            by=request.user, consultation=consultation, language=language, **form.cleaned_data
        )
    except (OutOfTurn, consult.NoSuchParagraph):
        messages.info(request, _("This paragraph takes no comments."))
        return redirect(consultation)
    messages.success(request, _("Thank you. The authors answer it here."))
    return redirect(f"{consultation.get_absolute_url()}#comment-{made.pk}")


@login_required
@require_POST
def answer_comment(request: HttpRequest, pk: int, comment: int) -> HttpResponse:
    """Answer for the authors (``outcome``, ``answer``)."""
    consultation = consultation_of(request, pk)
    rows = ConsultationComment.objects.visible_to(request.user).filter(consultation=consultation)
    row = get_object_or_404(rows, pk=comment)
    if not rules.can_answer_comments(request.user, consultation):
        raise PermissionDenied
    form = AnswerCommentForm(request.POST, key=row.pk)
    if not form.is_valid():
        context = page_of_consultation(request, consultation, answer_form=(row.pk, form))
        return render(request, "policy/consultation.html", context)
    consult.answer_comment(by=request.user, comment=row, **form.cleaned_data)
    messages.success(request, _("Answered. Who wrote it is told."))
    return redirect(f"{consultation.get_absolute_url()}#comment-{row.pk}")


@login_required
@require_POST
def close_consultation(request: HttpRequest, pk: int) -> HttpResponse:
    """Close it before its day."""
    consultation = consultation_of(request, pk)
    if not rules.can_answer_comments(request.user, consultation):
        raise PermissionDenied
    try:
        consult.close_consultation(by=request.user, consultation=consultation)
        messages.success(request, _("Closed for comments."))
    except OutOfTurn:
        messages.info(request, _("It is closed already."))
    return redirect(consultation)
