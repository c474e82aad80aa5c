"""What an author says of the files of an item, once they are there."""

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
from knowledge.actions import files as deeds
from knowledge.actions.write import StaleEdit, TooLate
from knowledge.forms.files import FileForm
from knowledge.models import Item, Revision
from knowledge.views.item import item_of


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def describe_files(request: HttpRequest, slug: str) -> HttpResponse:
    """Titles and order of the files, and what pictures show; ``deed=submit`` sends the item for review too."""
    item = item_of(request, slug)
    if not rules.can_edit_item(request.user, item):
        raise PermissionDenied
    revision = item.revisions.open().first()
    if revision is None or not revision.files.exists():
        return redirect("edit_item", slug)
    submits = request.method == "POST" and request.POST.get("deed") == "submit"
    forms, status = forms_of(request, revision, submits), 200
    if request.method == "POST" and not any(form.errors for form in forms):
        if submits and not is_complete(revision):
            messages.info(request, _("Something is missing yet; fill it in and send it from here."))
            return redirect("edit_item", slug)
        try:
            return save(request, item, forms, submits)
        except (StaleEdit, TooLate):
            status = 409
    return render(request, "knowledge/files.html", page_of(item, revision, forms, status), status=status)


def forms_of(request: HttpRequest, revision: Revision, submits: bool) -> list[FileForm]:
    rows = revision.files.select_related("file").defer("file__text").order_by("position", "pk")
    return [FileForm(request.POST or None, held=held, submits=submits) for held in rows]


def save(request: HttpRequest, item: Item, forms: list[FileForm], submits: bool) -> HttpResponse:
    deeds.describe_files(
        by=request.user,
        item=item,
        seen=request.POST.get("seen", ""),
        told={form.held.pk: form.told() for form in forms},
        submits=submits,
    )
    sent = _("It was sent; a knowledge manager reads it and you will hear from us.")
    messages.success(request, sent if submits else _("It was kept."))
    return redirect(item)


def is_complete(revision: Revision) -> bool:
    """Whether a revision with files says what is asked before it goes to review."""
    return bool(revision.summary and revision.privacy)


def page_of(item: Item, revision: Revision, forms: list[FileForm], status: int) -> dict[str, Any]:
    return {
        "item": item,
        "revision": revision,
        "forms": forms,
        "is_stale": status == 409,
        "errors": [field for form in forms for field in form if field.errors],
        "crumbs": [(reverse("list_items"), _("Knowledge")), (item.get_absolute_url(), revision.title)],
    }
