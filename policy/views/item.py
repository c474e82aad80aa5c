"""Knowledge items beside a recommendation: found by typing, put there and taken away by admins and knowledge managers."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from knowledge.models import Item
from munistem.commons.guards.limits import limited
from munistem.commons.text.names import harmless
from policy import rules
from policy.actions import keep
from policy.forms import LinkItemForm
from policy.views.frame import recommendation_of

MOST_FOUND = 8


@login_required
@limited("find", 600, 3600, methods=("GET",))
@require_safe
def find_item(request: HttpRequest, slug: str) -> HttpResponse:
    """Published items whose words match what is typed, as JSON for the picker: ``[{value, label, hint}]``."""
    recommendation_of(request, slug)
    if not rules.can_link_items(request.user):
        raise PermissionDenied
    typed = harmless(request.GET.get("q", ""))[:100]
    items = Item.objects.visible_to(request.user).published().matching(typed).select_related("published")
    found = items.defer("search_vector", "published__body")[:MOST_FOUND]
    answer = [
        {"value": item.slug, "label": item.published.title, "hint": item.published.get_kind_display()}
        for item in found
    ]
    return JsonResponse(answer, safe=False)


@login_required
@require_POST
def link_item(request: HttpRequest, slug: str) -> HttpResponse:
    """Put an item beside the recommendation."""
    recommendation = recommendation_of(request, slug)
    if not rules.can_link_items(request.user):
        raise PermissionDenied
    form = LinkItemForm(request.POST, user=request.user, picker="")
    if form.is_valid():
        keep.link_item(by=request.user, recommendation=recommendation, item=form.cleaned_data["item"])
        messages.success(request, _("The item stands beside the recommendation now."))
    else:
        messages.error(request, " ".join(form.errors.get("item", [])))
    return redirect(recommendation)


@login_required
@require_POST
def unlink_item(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Take an item away from the recommendation; the item itself stays."""
    recommendation = recommendation_of(request, slug)
    if not rules.can_link_items(request.user):
        raise PermissionDenied
    item = get_object_or_404(Item.objects.visible_to(request.user).defer("search_vector"), pk=pk)
    keep.unlink_item(by=request.user, recommendation=recommendation, item=item)
    messages.success(request, _("The item was taken away from the recommendation."))
    return redirect(recommendation)
