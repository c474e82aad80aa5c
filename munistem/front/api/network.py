"""The network: organisations, communities, the register, recommendations."""

from datetime import date
from functools import partial
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from communities.models import Community
from members.models import LocalAuthority, Organisation
from munistem.front.api.answers import USUAL, Names, Page, names_of, one_of, page_of, whole
from munistem.front.api.library import After, Limit
from policy.models import Recommendation

router = Router()
PLACE = ("status", "district", "population", "population_year", "socioeconomic_cluster", "periphery_cluster", "lat", "lon")  # fmt: skip


class OrganisationOut(Schema):
    """A member of the network."""

    id: str
    url: str
    type: str
    names: Names
    about: str
    website: str
    authority: int | None = Field(description="Number in the register, of a municipality")
    joined_on: date


class Organisations(Page):
    """One page of organisations."""

    organisations: list[OrganisationOut]


def organisation_told(request: HttpRequest, row: Any) -> dict[str, Any]:
    told = {name: getattr(row, name) for name in ("type", "about", "website", "joined_on")}
    return told | {
        "id": row.slug,
        "url": whole(request, row.get_absolute_url()),
        "names": names_of(row),
        "authority": row.authority_id,
    }


@router.get("/organisations", response=Organisations, summary="Organisations")
def list_organisations(
    request: HttpRequest, type: str = "", after: After = "", limit: Limit = USUAL
) -> dict[str, Any]:
    """Members of the network, of one type if you say which."""
    rows = Organisation.objects.visible_to(request.user).members().defer("search_vector")
    rows = rows.filter(type=type) if type else rows
    told = partial(organisation_told, request)
    return page_of(request, rows, key="slug", after=after, limit=limit, told=told, name="organisations")


@router.get("/organisations/{slug}", response=OrganisationOut, summary="One organisation")
def show_organisation(request: HttpRequest, slug: str) -> dict[str, Any]:
    """A member of the network."""
    return organisation_told(
        request, one_of(Organisation.objects.visible_to(request.user).members().filter(slug=slug))
    )


class CommunityOut(Schema):
    """A learning community."""

    id: str
    url: str
    name: str
    purpose: str
    access: str
    language: str
    member_count: int


class Communities(Page):
    """One page of communities."""

    communities: list[CommunityOut]


def community_told(request: HttpRequest, row: Any) -> dict[str, Any]:
    told = {name: getattr(row, name) for name in ("name", "purpose", "access", "language", "member_count")}
    return told | {"id": row.slug, "url": whole(request, row.get_absolute_url())}


@router.get("/communities", response=Communities, summary="Communities")
def list_communities(request: HttpRequest, after: After = "", limit: Limit = USUAL) -> dict[str, Any]:
    """Learning communities that you may know of."""
    rows = Community.objects.visible_to(request.user).current().defer("search_vector")
    told = partial(community_told, request)
    return page_of(request, rows, key="slug", after=after, limit=limit, told=told, name="communities")


@router.get("/communities/{slug}", response=CommunityOut, summary="One community")
def show_community(request: HttpRequest, slug: str) -> dict[str, Any]:
    """A learning community."""
    return community_told(
        request, one_of(Community.objects.visible_to(request.user).current().filter(slug=slug))
    )


class Authority(Schema):
    """A row of the national register; null means unknown."""

    id: int
    url: str
    names: Names
    status: str
    district: str
    population: int | None
    population_year: int | None
    socioeconomic_cluster: int | None
    periphery_cluster: int | None
    lat: float | None
    lon: float | None
    member: str | None = Field(description="The organisation that is a member of the network, if it is")


class Authorities(Page):
    """One page of the register."""

    authorities: list[Authority]


def authorities(request: HttpRequest) -> tuple[Any, Any]:
    """Rows of the register, and what is said of each."""
    members = Organisation.objects.visible_to(request.user).members().exclude(authority=None)
    known = dict(members.values_list("authority_id", "slug"))

    def told(row: Any) -> dict[str, Any]:
        return {name: getattr(row, name) for name in PLACE} | {
            "id": row.pk,
            "url": whole(request, row.get_absolute_url()),
            "names": names_of(row),
            "member": known.get(row.pk),
        }

    return LocalAuthority.objects.defer("search_vector"), told


@router.get("/authorities", response=Authorities, summary="Local authorities")
def list_authorities(request: HttpRequest, after: After = "", limit: Limit = USUAL) -> dict[str, Any]:
    """The national register of local authorities, members of the network or not."""
    rows, told = authorities(request)
    return page_of(request, rows, key="pk", after=after, limit=limit, told=told, name="authorities")


@router.get("/authorities/{code}", response=Authority, summary="One local authority")
def show_authority(request: HttpRequest, code: int) -> dict[str, Any]:
    """By its number in the register."""
    rows, told = authorities(request)
    return told(one_of(rows.filter(pk=code) if 0 < code < 2**31 else ()))


class RecommendationOut(Schema):
    """What a municipality is recommended to do."""

    id: str
    url: str
    number: int
    roundtable: str
    titles: Names
    summaries: Names
    life_stages: list[str]


class Recommendations(Page):
    """One page of recommendations."""

    recommendations: list[RecommendationOut]


def recommendation_told(request: HttpRequest, row: Any) -> dict[str, Any]:
    return {
        "id": row.slug,
        "url": whole(request, row.get_absolute_url()),
        "number": row.number,
        "roundtable": row.roundtable.slug,
        "titles": names_of(row, "title"),
        "summaries": names_of(row, "summary"),
        "life_stages": row.life_stages,
    }


@router.get("/recommendations", response=Recommendations, summary="Policy recommendations")
def list_recommendations(request: HttpRequest, after: After = "", limit: Limit = USUAL) -> dict[str, Any]:
    """Recommendations of the roundtables."""
    rows = Recommendation.objects.visible_to(request.user).filter(is_published=True)
    rows = rows.select_related("roundtable").defer("search_vector")
    told = partial(recommendation_told, request)
    return page_of(request, rows, key="slug", after=after, limit=limit, told=told, name="recommendations")


@router.get("/recommendations/{slug}", response=RecommendationOut, summary="One recommendation")
def show_recommendation(request: HttpRequest, slug: str) -> dict[str, Any]:
    """What is recommended, in three languages."""
    rows = Recommendation.objects.visible_to(request.user).filter(is_published=True, slug=slug)
    return recommendation_told(request, one_of(rows.select_related("roundtable")))
