"""Marks on an item: useful, and kept at hand; and the shelf."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from knowledge.actions import use as deeds
from knowledge.actions.write import TooLate
from knowledge.forms.use import UsefulForm
from knowledge.models import Item
from knowledge.views.item import item_of
from munistem.commons.guards.limits import limited
from munistem.commons.text.pages import page_of

ITEMS_A_PAGE = 24


@login_required
@limited("mark", 300, 3600)
@require_POST
def call_useful(request: HttpRequest, slug: str) -> HttpResponse:
    """Say that an item was useful, how (``benefit=``, ``note=``), or take it back (``off=1``)."""
    item = item_of(request, slug)
    if "off" in request.POST:
        deeds.uncall_useful(by=request.user, item=item)
        return redirect(f"{item.get_absolute_url()}#use")
    form = UsefulForm(request.POST)
    if not form.is_valid():
        return render_again(request, item, form)
    try:
        mark = deeds.call_useful(by=request.user, item=item, **form.cleaned_data)
    except TooLate:
        raise PermissionDenied from None
    if mark.benefit or mark.note:
        messages.success(request, _("Thank you. Those who wrote it will be glad."))
    return redirect(f"{item.get_absolute_url()}#use")


def render_again(request: HttpRequest, item: Item, form: UsefulForm) -> HttpResponse:
    """What was typed on a page of its own, with what is to be mended."""
    crumbs = [(reverse("list_items"), _("Knowledge")), (item.get_absolute_url(), str(item))]
    context = {"form": form, "item": item, "crumbs": crumbs}
    return render(request, "knowledge/useful.html", context)


@login_required
@limited("mark", 300, 3600)
@require_POST
def save_for_later(request: HttpRequest, slug: str) -> HttpResponse:
    """Put an item on one's shelf, or take it from there (``off=1``)."""
    item = item_of(request, slug)
    if "off" in request.POST:
        deeds.unsave(by=request.user, item=item)
        return redirect(f"{item.get_absolute_url()}#use")
    try:
        deeds.save_for_later(by=request.user, item=item)
    except TooLate:
        raise PermissionDenied from None
    return redirect(f"{item.get_absolute_url()}#use")


@login_required
@require_safe
def list_saved(request: HttpRequest) -> HttpResponse:
    """My shelf: what I keep at hand, the latest first."""
    items = Item.objects.visible_to(request.user).published().filter(saved_marks__person=request.user)
    page = page_of(request, items.as_cards().order_by("-saved_marks__saved_at", "-pk"), ITEMS_A_PAGE)
    crumbs = [(reverse("list_items"), _("Knowledge"))]
    return render(request, "knowledge/saved.html", {"page": page, "crumbs": crumbs})
