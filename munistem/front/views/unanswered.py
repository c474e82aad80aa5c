"""The librarian's list: what people searched for and did not find, and how each of these searches is settled."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from knowledge.models import Item
from munistem.commons.guards.limits import limited
from munistem.commons.models import UnansweredSearch
from munistem.commons.search.unanswered import actions as deeds
from munistem.commons.text.names import harmless
from munistem.commons.text.pages import page_of
from munistem.front.forms import AnswerSearchForm
from munistem.front.rules import can_review_knowledge

A_PAGE, MOST_FOUND = 40, 8


@login_required
@require_safe
def list_unanswered(request: HttpRequest) -> HttpResponse:
    """Searches that found nothing and wait to be settled, the most wanted first."""
    if not can_review_knowledge(request.user):
        raise PermissionDenied
    searches = UnansweredSearch.objects.visible_to(request.user).waiting().most_wanted_first()
    context = {
        "page": page_of(request, searches, A_PAGE),
        "crumbs": [(reverse("show_desk"), _("Review desk"))],
    }
    return render(request, "front/unanswered.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def settle_search(request: HttpRequest, pk: int) -> HttpResponse:
    """Decide on one search: ``deed=answer`` by an item of the library, or ``deed=dismiss``."""
    if not can_review_knowledge(request.user):
        raise PermissionDenied
    search = get_object_or_404(UnansweredSearch.objects.visible_to(request.user), pk=pk)
    if search.settled_at:
        return settled_already(request)
    form = AnswerSearchForm(request.POST if request.POST.get("deed") == "answer" else None, user=request.user)
    is_dismissed = request.method == "POST" and request.POST.get("deed") == "dismiss"
    if is_dismissed or (request.method == "POST" and form.is_valid()):
        return settle(request, search, None if is_dismissed else form.cleaned_data["item"])
    return render(request, "front/settle_search.html", {"search": search, "form": form, "crumbs": crumbs()})


def settle(request: HttpRequest, search: UnansweredSearch, item: Item | None) -> HttpResponse:
    try:
        deeds.settle_search(by=request.user, search=search, answer=item)
    except deeds.Settled:
        return settled_already(request)
    answered = _("Whoever searches for “%(words)s” and finds nothing is led to this item from now on.")
    dismissed = _("“%(words)s” is off the list.")
    messages.success(request, (answered if item else dismissed) % {"words": search.typed})
    return redirect("list_unanswered")


def settled_already(request: HttpRequest) -> HttpResponse:
    messages.info(request, _("This search was settled already."))
    return redirect("list_unanswered")


def crumbs() -> list[tuple[str, str]]:
    return [
        (reverse("show_desk"), _("Review desk")),
        (reverse("list_unanswered"), _("Searches without an answer")),
    ]


@login_required
@limited("find", 600, 3600, methods=("GET",))
@require_safe
def find_answer(request: HttpRequest) -> HttpResponse:
    """Published items whose words match what is typed, as JSON for the picker: ``[{value, label, hint}]``."""
    if not can_review_knowledge(request.user):
        raise PermissionDenied
    typed = harmless(request.GET.get("q", ""))[:100]
    items = Item.objects.visible_to(request.user).published().matching(typed).select_related("published")
    found: list[Any] = list(items.defer("search_vector", "published__body")[:MOST_FOUND])
    answer = [
        {"value": item.slug, "label": item.published.title, "hint": item.published.get_kind_display()}
        for item in found
    ]
    return JsonResponse(answer, safe=False)
