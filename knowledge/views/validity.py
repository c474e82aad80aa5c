"""Answering whether an item is still right, signed in or by the link of a letter."""

from datetime import date
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import login_required
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods

from knowledge import rules
from knowledge.actions import validity as deeds
from knowledge.actions.write import StaleEdit, TooLate
from knowledge.emails.validity import is_call, read_confirm_token
from knowledge.models import Item
from knowledge.views.item import item_of
from munistem.commons.guards.limits import limited


@login_required
@limited("validity", 120, 3600)
@require_http_methods(["GET", "HEAD", "POST"])
def confirm_item(request: HttpRequest, slug: str) -> HttpResponse:
    """Say that an item is still right, change it, or take it out."""
    item = item_of(request, slug)
    if not rules.keeps_item(request.user, item):
        raise PermissionDenied
    return answer(request, item, request.user, day_in(request) or item.valid_until)


@limited("validity_mail", 120, 3600)
@require_http_methods(["GET", "HEAD", "POST"])
def confirm_item_from_mail(request: HttpRequest, token: str) -> HttpResponse:
    """The same by the link in the letter, without signing in; opening it changes nothing (mail scanners do)."""
    try:
        key, reader, day = read_confirm_token(token)
    except (signing.BadSignature, ValueError, TypeError):
        raise Http404 from None
    person = get_object_or_404(get_user_model(), pk=reader, is_active=True)
    items = (
        Item.objects.visible_to(person).published().select_related("published", "organisation", "created_by")
    )
    item = get_object_or_404(items.defer("search_vector"), pk=key)
    if not rules.keeps_item(person, item):
        raise Http404
    return answer(request, item, person, day)


def day_in(request: HttpRequest) -> date | None:
    """The day of which the page spoke from which an answer comes."""
    try:
        return date.fromisoformat(request.POST.get("day", ""))
    except ValueError:
        return None


def answer(request: HttpRequest, item: Item, person: Any, day: date | None) -> HttpResponse:
    """The page of both doors: 410 when there is nothing to answer, 409 when it was answered differently meanwhile."""
    status, is_answered = 200, False
    if request.method == "POST" and day:
        try:
            item = deeds.confirm(by=person, item=item, seen=day)
            is_answered = True
        except TooLate:
            status = 410
        except StaleEdit:
            status = 409
    can_confirm = rules.can_confirm_item(person, item)
    context = {
        "item": item,
        "revision": item.published or item.current,
        "day": item.valid_until if status == 409 or is_answered else day,
        "can_confirm": can_confirm and not is_answered and (item.valid_until == day or status == 409),
        "is_answered": is_answered,
        "is_call": is_call(item),
    }
    return render(request, "knowledge/validity.html", context, status=status)
