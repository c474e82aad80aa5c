"""Who is in the network, as the search box shows it: communities, people, organisations, the register beside them."""

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from communities.models import Community
from members.models import LocalAuthority, Organisation, Representative, User
from munistem.front.views.search.snippets import Asked, Found

MOST_AUTHORITIES = 12


def community_rows(user: Any, query: str) -> QuerySet:
    return Community.objects.visible_to(user).matching(query).defer("search_vector")


def show_communities(communities: list[Community], asked: Asked, user: Any) -> list[Found]:
    return [
        Found(
            asked.marked(one.name),
            one.get_absolute_url(),
            asked.passage([one.purpose]),
            (one.get_access_display(),),
            one.language,
        )
        for one in communities
    ]


def person_rows(user: Any, query: str) -> QuerySet:
    return User.objects.visible_to(user).filter(is_active=True).matching(query).defer("search_vector")


def show_people(people: list[User], asked: Asked, user: Any) -> list[Found]:
    acting: dict[int, list[str]] = {}
    if people:
        mandates = Representative.objects.active().filter(person__in=people).select_related("organisation")
        for mandate in mandates.defer("organisation__search_vector"):
            acting.setdefault(mandate.person_id, []).append(mandate.organisation.name)
    return [
        Found(
            asked.marked(person.name),
            person.get_absolute_url(),
            asked.passage([text for text in (person.ask_me_about, person.about) if text] or [""]),
            (*([person.role_title] if person.role_title else []), *acting.get(person.pk, [])),
            person=person,
        )
        for person in people
    ]


def organisation_rows(user: Any, query: str) -> QuerySet:
    return Organisation.objects.visible_to(user).matching(query).defer("search_vector")


def show_organisations(organisations: list[Organisation], asked: Asked, user: Any) -> list[Found]:
    return [
        Found(
            asked.marked(one.name),
            one.get_absolute_url(),
            asked.passage([one.about]),
            (one.get_type_display(),),
        )
        for one in organisations
    ]


def authorities(query: str, asked: Asked) -> list[Found]:
    """Local authorities of the register that are no members yet."""
    members = Organisation.objects.members().filter(authority=OuterRef("pk"))
    rows = LocalAuthority.objects.matching(query).filter(~Exists(members)).defer("search_vector")
    return [
        Found(asked.marked(one.name), one.get_absolute_url(), "", (one.get_status_display(),))
        for one in rows[:MOST_AUTHORITIES]
    ]
