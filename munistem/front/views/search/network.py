"""Who is in the network, as the search box shows it: communities, people, organisations, the register beside them."""

from types import SimpleNamespace
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import JSONObject

from communities.models import Community, Membership
from members.models import LocalAuthority, Organisation, Representative, User
from munistem.commons.text.languages import pick
from munistem.front.views.search.snippets import Asked, Found

MOST_AUTHORITIES = 12


def community_rows(user: Any) -> QuerySet:
    return Community.objects.visible_to(user).defer("search_vector")


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


def person_rows(user: Any, community: Community | None = None) -> QuerySet:
    """With the names of the organisations each acts for, so that these need no query of their own."""
    acting = Representative.objects.active().filter(person=OuterRef("pk")).order_by("pk")
    names = JSONObject(**{name: f"organisation__{name}" for name in ("name_he", "name_ar", "name_en")})
    people = User.objects.visible_to(user).filter(is_active=True).defer("search_vector")
    if community:
        members = Membership.objects.visible_to(user).filter(community=community).active()
        people = people.filter(pk__in=members.values("person"))
    return people.annotate(acts_for=ArraySubquery(acting.values(names=names)))


def show_people(people: list[User], asked: Asked, user: Any) -> list[Found]:
    return [
        Found(
            asked.marked(person.name),
            person.get_absolute_url(),
            asked.passage([text for text in (person.ask_me_about, person.about) if text] or [""]),
            (*([person.role_title] if person.role_title else []), *map(name_of, person.acts_for)),
            person=person,
        )
        for person in people
    ]


def name_of(names: dict[str, str]) -> str:
    return pick(SimpleNamespace(**names), "name")


def organisation_rows(user: Any) -> QuerySet:
    return Organisation.objects.visible_to(user).defer("search_vector")


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


def authority_rows() -> QuerySet:
    """Local authorities of the register that are no members yet."""
    members = Organisation.objects.members().filter(authority=OuterRef("pk"))
    return LocalAuthority.objects.filter(~Exists(members)).defer("search_vector")


def show_authorities(authorities: list[LocalAuthority], asked: Asked) -> list[Found]:
    return [
        Found(asked.marked(one.name), one.get_absolute_url(), "", (one.get_status_display(),))
        for one in authorities
    ]
