"""The library: items, collections, tags."""

from datetime import date, datetime
from functools import partial
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from knowledge.actions.shelf import fetched, told_of
from knowledge.enums import ItemKind
from knowledge.models import Collection, CollectionItem, Item
from members.enums import District
from munistem.commons.enums import LifeStage, Setting
from munistem.commons.terms.models import Term
from munistem.front.api.answers import MOST_A_PAGE, USUAL, Names, Page, names_of, one_of, page_of, whole

router = Router()
Limit = Annotated[int, Query(ge=1, le=MOST_A_PAGE, description="How many at most")]
After = Annotated[str, Query(max_length=100, description="Go on after this one; see next")]


class Link(Schema):
    """A place outside the portal."""

    url: str
    title: str


class File(Schema):
    """A file of an item."""

    name: str
    url: str
    size: int = Field(description="Bytes")
    content_type: str


class ItemOut(Schema):
    """An item of the library as it is published."""

    id: str
    url: str
    title: str
    summary: str
    kind: str
    language: str
    life_stages: list[str]
    settings: list[str]
    subjects: list[str] = Field(description="See /tags")
    populations: list[str] = Field(description="See /tags")
    tags: list[str] = Field(description="Free ones")
    authority: int | None = Field(description="Number in the register, see /authorities")
    region: str
    year: int | None = Field(description="Of which it tells")
    organisation: str | None = Field(description="See /organisations")
    licence: str
    valid_until: date | None
    visibility: str
    published_at: datetime
    revised_at: datetime | None


class WholeItem(ItemOut):
    """An item with its text."""

    body_html: str
    details: dict[str, Any] = Field(description="Fields of its kind")
    links: list[Link]
    files: list[File]


class Items(Page):
    """One page of items."""

    items: list[ItemOut]


def of(words: Any) -> str:
    """The codes to choose from, for the description."""
    return ", ".join(words.values)


class Facets(Schema):
    """What of the library is asked for."""

    kind: Annotated[str, Field(max_length=40, description=of(ItemKind))] = ""
    language: Annotated[Literal["", "he", "ar", "en"], Field(description="he, ar, en")] = ""
    stage: Annotated[str, Field(max_length=40, description=of(LifeStage))] = ""
    setting: Annotated[str, Field(max_length=40, description=of(Setting))] = ""
    subject: Annotated[str, Field(max_length=100, description="A word of the vocabulary, see /tags")] = ""
    population: Annotated[str, Field(max_length=100, description="Likewise")] = ""
    district: Annotated[str, Field(max_length=40, description=of(District))] = ""
    authority: Annotated[str, Field(max_length=10, description="Number in the register")] = ""
    year: Annotated[str, Field(max_length=4, description="Of the item")] = ""


def shown(request: HttpRequest) -> Any:
    return fetched(Item.objects.visible_to(request.user).published())


@router.get("/items", response=Items, summary="Items of the library")
def list_items(
    request: HttpRequest, facets: Query[Facets], after: After = "", limit: Limit = USUAL
) -> dict[str, Any]:
    """What is published, as far as you may see it, narrowed by facets; the oldest first."""
    chosen = {name: value for name, value in facets.dict().items() if value}
    rows = shown(request).having(chosen)
    return page_of(request, rows, key="slug", after=after, limit=limit, told=told_of, name="items")


@router.get("/items/find", response=Items, summary="Items found by words")
def find_items(
    request: HttpRequest, q: Annotated[str, Query(min_length=1, max_length=200)], limit: Limit = 20
) -> dict[str, Any]:
    """As the portal's search finds them, the best match first; one page."""
    rows = fetched(Item.objects.visible_to(request.user).published().matching(q))
    return {"items": [told_of(item) for item in rows[:limit]], "next": None}


@router.get("/items/{slug}", response=WholeItem, summary="One item")
def show_item(request: HttpRequest, slug: str) -> dict[str, Any]:
    """What an item says, with its text, links and files."""
    return told_of(one_of(shown(request).filter(slug=slug)))


class CollectionOut(Schema):
    """A choice of items."""

    id: str
    url: str
    title: str
    text: str
    language: str
    visibility: str
    changed_at: datetime


class Entry(Schema):
    """An item in a collection."""

    item: str
    title: str
    note: str


class WholeCollection(CollectionOut):
    """A collection with what stands in it, in its order."""

    entries: list[Entry]


class Collections(Page):
    """One page of collections."""

    collections: list[CollectionOut]


def collection_told(request: HttpRequest, collection: Any) -> dict[str, Any]:
    told = {
        name: getattr(collection, name) for name in ("title", "text", "language", "visibility", "changed_at")
    }
    return told | {"id": collection.slug, "url": whole(request, collection.get_absolute_url())}


@router.get("/collections", response=Collections, summary="Collections")
def list_collections(request: HttpRequest, after: After = "", limit: Limit = USUAL) -> dict[str, Any]:
    """Choices of items under one title."""
    rows = Collection.objects.visible_to(request.user).standing()
    told = partial(collection_told, request)
    return page_of(request, rows, key="slug", after=after, limit=limit, told=told, name="collections")


@router.get("/collections/{slug}", response=WholeCollection, summary="One collection")
def show_collection(request: HttpRequest, slug: str) -> dict[str, Any]:
    """Its items in their order; those that you may not see are not there."""
    collection = one_of(Collection.objects.visible_to(request.user).standing().filter(slug=slug))
    rows = CollectionItem.objects.visible_to(request.user).filter(collection=collection).in_order()
    rows = rows.select_related("item__published").only("note", "item__slug", "item__published__title")
    entries = [{"item": row.item.slug, "title": row.item.published.title, "note": row.note} for row in rows]
    return collection_told(request, collection) | {"entries": entries}


class Tag(Schema):
    """A word of the vocabulary."""

    id: str
    kind: str
    names: Names


class Tags(Schema):
    """The vocabulary."""

    tags: list[Tag]


@router.get("/tags", response=Tags, summary="The vocabulary")
def list_tags(request: HttpRequest) -> dict[str, Any]:
    """Subjects and populations in three languages."""
    rows = Term.objects.curated().in_order()
    return {"tags": [{"id": term.slug, "kind": term.kind, "names": names_of(term)} for term in rows]}
