"""The directory of people."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from members import rules
from members.enums import District, OrganisationType
from members.models import Representative, User
from members.views.filters import Filters
from munistem.commons.enums import Language
from munistem.commons.guards.limits import limited
from munistem.commons.terms.models import Term
from munistem.commons.text.pages import page_of

PEOPLE_A_PAGE = 24
OF_ORGANISATION = {"type": "organisation__type", "district": "organisation__authority__district"}


@login_required
@limited("find", 600, 3600, methods=("GET",))
@require_safe
def list_people(request: HttpRequest) -> HttpResponse:
    """People of the network, found by words and narrowed by filters."""
    if not rules.can_list_people(request.user):
        raise PermissionDenied
    filters = filters_of(request)
    page = page_of(request, people_of(request.user, filters), PEOPLE_A_PAGE)
    context = {"page": page, "rows": rows_of(page), "filters": filters, "query": ""}
    return render(request, "members/people.html", context)


def filters_of(request: HttpRequest) -> Filters:
    topics = [(term.slug, term.label) for term in Term.objects.subjects().in_order()]
    return Filters(
        request,
        [
            ("type", _("Kind of organisation"), OrganisationType.choices),
            ("district", _("District"), District.choices),
            ("topic", _("Topic"), topics),
            ("language", _("Language"), Language.choices),
            ("asked", _("Can be asked"), [("yes", _("Those who say what to ask them about"))]),
        ],
    )


def people_of(user: Any, filters: Filters) -> Any:
    """The people asked for, best match first when words were typed, else by name."""
    people = User.objects.visible_to(user).in_directory().defer("search_vector", "search_title")
    if conditions := filters.conditions(OF_ORGANISATION):
        acting = Representative.objects.active().filter(**conditions)
        people = people.filter(pk__in=acting.values("person"))
    if filters["topic"]:
        people = people.with_topic(filters["topic"])
    if filters["language"]:
        people = people.filter(languages__contains=[filters["language"]])
    if filters["asked"]:
        people = people.exclude(ask_me_about="")
    return people.matching(filters.query) if filters.query else people.by_name()


def rows_of(page: Any) -> list[dict[str, Any]]:
    """People as the list shows them, each with the organisations they act for."""
    people = list(page)
    acting: dict[int, list[Any]] = {}
    mandates = Representative.objects.active().filter(person__in=people).select_related("organisation")
    for mandate in mandates.defer("organisation__search_vector").order_by("pk"):
        acting.setdefault(mandate.person_id, []).append(mandate.organisation)
    return [{"person": person, "organisations": acting.get(person.pk, [])} for person in people]
