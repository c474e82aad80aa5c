"""The same item in other languages: what there is, what is missing, and beginning what is missing."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from knowledge import rules
from knowledge.actions.write import TooLate
from knowledge.forms import ItemForm
from knowledge.forms.start import for_edition
from knowledge.models import Item, Revision
from knowledge.views.item import item_of
from knowledge.views.near import asks_of_near, watch_title
from knowledge.views.write import begin, submits
from munistem.commons.enums import Language
from munistem.commons.guards.limits import limited


@login_required
@limited("item", 60, 3600)
@require_http_methods(["GET", "HEAD", "POST"])
def add_edition(request: HttpRequest, slug: str, language: str) -> HttpResponse:
    """Write an item in another language: described as the first one is, with a text of its own."""
    item, user = item_of(request, slug), request.user
    if language not in Language.values or language == item.language:
        raise Http404
    if not rules.can_add_edition(user, item):
        raise PermissionDenied
    if known := Item.objects.of_work(item).filter(language=language).exclude(pk=item.pk).first():
        if rules.can_see_item(user, known):
            return redirect(known)
        messages.info(request, _("Someone else is writing this already."))
        return redirect(item)
    original = published_of(item)
    form = form_of(request, original, language)
    watch_title(form, item)
    if request.method == "POST" and form.is_valid() and not asks_of_near(request, form, item):
        try:
            return begin(request, form, edition_of=item)
        except TooLate:
            messages.info(request, _("Someone else is writing this already."))
            return redirect(item)
    context = {"form": form, "item": None, "standing": None, "cancel": item.get_absolute_url()}
    context["crumbs"] = [(reverse("list_items"), _("Knowledge")), (context["cancel"], original.title)]
    context["original"], context["edition"] = original, language
    return render(request, "knowledge/write.html", context)


def published_of(item: Item) -> Revision:
    """What is published of an item, with what a form reads of it."""
    found = Revision.objects.select_related("community", "authority").get(pk=item.published_id)
    found.item = item
    return found


def form_of(request: HttpRequest, original: Revision, language: str) -> ItemForm:
    return ItemForm(
        request.POST or None,
        request.FILES or None,
        user=request.user,
        submits=submits(request),
        proposed=for_edition(original, language),
        languages=[language],
    )
