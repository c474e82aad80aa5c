"""The directory of people."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from members import rules
from members.enums import District, OrganisationType
from members.models import Representative, User
from members.views.filters import Filters
from munistem.commons.awhile import Awhile
from munistem.commons.enums import Language
from munistem.commons.guards.limits import limited
from munistem.commons.ready import Reader, ready, ready_counts
from munistem.commons.terms.models import Term
from munistem.commons.text.pages import Asked, Stretch, page_of

PEOPLE_A_PAGE = 24
#: Where more are passed over, reading all who act for somebody at once is quicker than asking of each.
FAR = 2_000
SHOWN = ("uuid", "name", "role_title", "ask_me_about", "photo_id")
KEPT = Awhile(most=1)
NAMED = [f"organisation__{field}" for field in ("slug", "name_he", "name_ar", "name_en")]


@login_required
@limited("find", 600, 3600, methods=("GET",))
@require_safe
def list_people(request: HttpRequest) -> HttpResponse:
    """People of the network, found by words and narrowed by filters."""
    if not rules.can_list_people(request.user):
        raise PermissionDenied
    filters = filters_of(request)
    page = page_of(request, people_of(request.user, filters), PEOPLE_A_PAGE)
    rows = rows_of(list(page))
    return render(request, "members/people.html", {"page": page, "rows": rows, "filters": filters})


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
    asked = tuple(filters.values.values())  # as ``narrowed`` takes them
    if filters.query:
        return narrowed(in_directory(user), *asked).only(*SHOWN).matching(filters.query)

    def count() -> int:
        return count_people(user, *asked)["people"]

    return Asked(
        # in all they are as many for everybody who may list them, and the number may be some seconds old
        count if any(asked) else lambda: KEPT.get("all", count),
        lambda part: part.in_order(
            people_by_name(user, part.skip or None, part.is_from_end, part.skip > FAR, *asked)
        ),
    )


@ready
def people_by_name(
    reader: Reader, skip: int | None, is_from_end: bool, is_far: bool, *asked: str
) -> QuerySet:
    """A page of them, from the end backwards when asked for so; skip: None for none, is_far: many are passed over."""
    part = Stretch(skip or 0, PEOPLE_A_PAGE, is_from_end)
    people = in_directory(reader) if is_far else User.objects.listed_to(reader)
    people = part.slice(narrowed(people, *asked).only(*SHOWN).by_name())
    if not skip:
        return people
    found = User.objects.filter(pk__in=people.values("pk")).only(*SHOWN).by_name()
    return found.reverse() if is_from_end else found


@ready_counts
def count_people(reader: Reader, *asked: str) -> dict[str, QuerySet]:
    return {"people": narrowed(in_directory(reader), *asked)}


def in_directory(user: Any) -> Any:
    """The people whom this reader may know of; a member of the network sees just these."""
    people = User.objects.visible_to(user)
    return people if user.is_in_network and not user.is_staff else people.in_directory()


def narrowed(people: Any, kind: str, district: str, topic: str, language: str, asked: str) -> Any:
    """Of these people those whom the filters that are set leave."""
    told = {"organisation__type": kind, "organisation__authority__district": district}
    if conditions := {lookup: value for lookup, value in told.items() if value}:
        acting = Representative.objects.active().filter(**conditions)
        people = people.filter(pk__in=acting.values("person"))
    if topic:
        people = people.with_topic(topic)
    if language:
        people = people.filter(languages__contains=[language])
    return people.exclude(ask_me_about="") if asked else people


def rows_of(people: list[User]) -> list[dict[str, Any]]:
    """People as the list shows them, each with the organisations they act for."""
    acting: dict[int, list[Any]] = {}
    mandates = Representative.objects.active().filter(person__in=people).select_related("organisation")
    for mandate in mandates.only("person", *NAMED).order_by("pk"):
        row = mandate.organisation
        acting.setdefault(mandate.person_id, []).append({"url": row.get_absolute_url(), "name": row.name})
    return [row_of(person, acting.get(person.pk, [])) for person in people]


def row_of(person: User, organisations: list[dict[str, str]]) -> dict[str, Any]:
    return {
        "person": person,
        "url": person.get_absolute_url(),
        **{field: getattr(person, field) for field in ("name", "role_title", "ask_me_about")},
        "organisations": organisations,
    }
