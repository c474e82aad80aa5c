"""Reviewing: a knowledge manager reads what was sent, and publishes it or returns it with remarks."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from knowledge import rules
from knowledge.actions import review as deeds
from knowledge.actions.write import StaleEdit, TooLate
from knowledge.enums import Question, RevisionState
from knowledge.forms import ReviewForm
from knowledge.models import Item, Review, Revision
from knowledge.models.reviewing import needs_two_persons
from knowledge.views.changes import changes_between
from knowledge.views.item import item_of, page_of_revision, revision_of
from knowledge.views.times import waited
from munistem.commons.notices.actions import mark_read


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def review_revision(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Read and decide: ``deed=publish`` or ``deed=return`` with remarks."""
    item = item_of(request, slug)
    revision = revision_of(request, item, number)
    if not rules.is_reviewer(request.user):
        raise PermissionDenied
    if revision.state != RevisionState.SUBMITTED:
        messages.info(request, _("This was decided already, or taken back."))
        return redirect(item)
    can_review, status = rules.can_review_revision(request.user, revision), 200
    returns = request.POST.get("deed") == "return"
    form = ReviewForm(request.POST or None, initial={"seen": revision.marker}, returns=returns)
    if request.method == "POST":
        if not can_review:
            raise PermissionDenied
        if form.is_valid():
            try:
                return decide(request, revision, form)
            except StaleEdit:
                status, form = 409, refreshed(request, revision, returns=returns)
    context = page_of_review(request, item, revision) | {"form": form, "can_review": can_review}
    return render(request, "knowledge/review.html", context | {"is_stale": status == 409}, status=status)


def decide(request: HttpRequest, revision: Revision, form: ReviewForm) -> HttpResponse:
    data = form.cleaned_data
    seen = data["seen"] or None
    try:
        if form.returns:
            deeds.return_with_reason(
                by=request.user, revision=revision, reason=data["reason"], seen=seen, noted=form.noted()
            )
            messages.success(request, _("It was returned; the author is told what to change."))
        else:
            deeds.publish(by=request.user, revision=revision, seen=seen, noted=form.noted())
            messages.success(request, _("It is published; the author is told."))
    except TooLate:
        messages.info(request, _("This was decided already, or taken back."))
    return redirect(revision.item)


def refreshed(request: HttpRequest, revision: Revision, *, returns: bool) -> ReviewForm:
    """The form with the remarks that were written, for the revision as it is now."""
    written = request.POST.copy()
    written["seen"] = revision.marker
    return ReviewForm(written, returns=returns)


def page_of_review(request: HttpRequest, item: Item, revision: Revision) -> dict[str, Any]:
    mark_read(by=request.user, things=[revision])
    published = item.published
    url = item.get_absolute_url()
    crumbs = [
        (reverse("list_items"), _("Knowledge")),
        (url, published.title if published else revision.title),
    ]
    return page_of_revision(request, item, revision) | {
        "published": published,
        "changes": changes_between(parts_of(published), revision) if published else [],
        "reviews": reviews_of(request.user, revision),
        "crumbs": crumbs,
        "description": "",
    }


def parts_of(revision: Revision) -> Revision:
    """A revision anew, with tags, links and files."""
    return Revision.objects.with_parts().select_related("authority").get(pk=revision.pk)


def reviews_of(user: Any, revision: Revision) -> list[Review]:
    """What was answered to a revision before, the latest first."""
    rows = Review.objects.visible_to(user).filter(revision=revision).select_related("decided_by")
    return list(rows.defer("decided_by__search_vector").latest_first())


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def show_reviewing(request: HttpRequest) -> HttpResponse:
    """How the network reviews: the six questions, the usual time; admins say whether two persons are needed."""
    user = request.user
    if not rules.is_reviewer(user):
        raise PermissionDenied
    can_change = rules.can_change_reviewing(user)
    if request.method == "POST":
        if not can_change:
            raise PermissionDenied
        if request.POST.get("persons") in ("one", "two"):
            deeds.choose_reviewing(by=user, needs_two_persons=request.POST["persons"] == "two")
            messages.success(request, _("The choice was kept."))
        return redirect("show_reviewing")
    context = {
        "questions": Question.labels,
        "usual": waited(Review.objects.usual_wait()),
        "needs_two": needs_two_persons(),
        "can_change": can_change,
        "crumbs": [(reverse("show_desk"), _("Review desk"))],
    }
    return render(request, "knowledge/reviewing.html", context)
