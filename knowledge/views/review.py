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

from communities.views.post import differences
from knowledge import rules
from knowledge.actions import review as deeds
from knowledge.actions.write import StaleEdit, TooLate
from knowledge.enums import RevisionState
from knowledge.forms import ItemForm, ReviewForm
from knowledge.models import Item, Revision
from knowledge.views.item import item_of, page_of_revision, revision_of
from munistem.commons.notices.actions import mark_read
from munistem.commons.text.html import plain

#: What a reviewer is shown of each change, beside title, summary and text.
COMPARED = ("kind", "language", "visibility", "licence", "contact", "valid_until", "authority")


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
            deeds.return_with_reason(by=request.user, revision=revision, reason=data["reason"], seen=seen)
            messages.success(request, _("It was returned; the author is told what to change."))
        else:
            deeds.publish(by=request.user, revision=revision, seen=seen)
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
        "changes": changes_of(published, revision) if published else [],
        "crumbs": crumbs,
        "description": "",
    }


def changes_of(before: Revision, after: Revision) -> list[dict[str, Any]]:
    """What a revision changes of the published one: labels with pieces (``same`` | ``gone`` | ``new``, words)."""
    pairs = [
        (_("Title"), before.title, after.title),
        (_("In short"), before.summary, after.summary),
        (_("Text"), plain(before.body), plain(after.body)),
    ]
    for name in COMPARED:
        pairs.append((str(ItemForm.base_fields[name].label), said(before, name), said(after, name)))
    return [{"label": label, "pieces": differences(old, new)} for label, old, new in pairs if old != new]


def said(revision: Revision, name: str) -> str:
    """A field in words."""
    words = getattr(revision, f"get_{name}_display", None)
    value = words() if words else getattr(revision, name)
    return str(value) if value else "–"
