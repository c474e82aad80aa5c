"""The page of a person: who they are, for whom they act, what they wrote."""

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from communities.models import Membership
from knowledge.models import Item
from munistem.commons.enums import Language
from munistem.commons.mail.actions import is_paused
from munistem.commons.text.pages import page_of


@login_required
@require_safe
def show_person(request: HttpRequest, uuid: Any) -> HttpResponse:
    """Profile, organisations, the communities in which the reader may see the person, and what the person published."""
    viewer = request.user
    people = get_user_model().objects.visible_to(viewer).defer("search_vector", "search_title")
    person = people.filter(uuid=uuid).first()
    if person is None:
        return show_leaving(request, uuid)
    shown = Membership.objects.visible_to(viewer).active().filter(person=person).select_related("community")
    memberships = shown.defer("community__search_vector").order_by("-is_facilitator", "community__name")
    items = Item.objects.visible_to(viewer).published().filter(created_by=person)
    items = items.one_per_work(get_language() or Language.HE).as_cards().latest_first()
    is_me = person.pk == viewer.pk
    context = {
        "person": person,
        "is_me": is_me,
        "mandates": person.mandates,
        "memberships": memberships,
        "page": page_of(request, items, 12),
        "topics": person.topics.all(),
        "languages_spoken": [Language(code).label for code in person.languages if code in Language.values],
        "shows_address": is_me or person.is_email_shown,
        "has_bounced": is_me and is_paused(person.email),
        "crumbs": [("/people/", _("People"))],
    }
    return render(request, "knowledge/person.html", context)


def show_leaving(request: HttpRequest, uuid: Any) -> HttpResponse:
    """For as long as somebody may come back, their name stands under their texts and leads here."""
    person = get_object_or_404(get_user_model().objects.leaving_before(request.user), uuid=uuid)
    return render(
        request, "knowledge/leaving.html", {"person": person, "crumbs": [("/people/", _("People"))]}
    )
