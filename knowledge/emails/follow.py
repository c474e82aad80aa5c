"""News of what people follow in the library; gathered, unless they chose otherwise."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from knowledge.emails import item_url, title_in
from knowledge.models import CollectionItem, Follow, Item
from knowledge.models.follow import labels_of
from munistem.commons.audit.actions import key
from munistem.commons.enums import Language
from munistem.commons.notices.actions import tell
from munistem.commons.notices.kinds import Family, Kind, register, visible_through
from munistem.commons.notices.models import Event, Notice
from munistem.commons.text.names import isolated


def declare() -> None:
    register(
        Kind("followed_news", Family.LIBRARY, say_news, item_url, visible_through(items_of), see_all),
        Kind(
            "collection_grew",
            Family.LIBRARY,
            say_grown,
            collection_url,
            visible_through(CollectionItem.objects.visible_to),
            many=say_grown_much,
        ),
    )


def items_of(user: Any) -> Any:
    return Item.objects.visible_to(user).published()


# Telling -------------------------------------------------------------------------------------------------


def already_told(item: Item) -> set[int]:
    """Whom news of an item reached before, by whatever they follow."""
    rows = Notice.objects.filter(event__kind="followed_news", event__subject=key(item))
    return set(rows.values_list("reader_id", flat=True))


def tell_followers(item: Item, follows: Mapping[tuple[str, str], list[Follow]]) -> int:
    """Tell the followers of each thing, by its kind and value, of an item that fits; returns how many people."""
    for rows in follows.values():
        readers = dict.fromkeys([row.person for row in rows], "library")
        tell("followed_news", item, readers, **_named(item), followed=names_of(rows[0]))
    return sum(map(len, follows.values()))


def tell_grown(entry: CollectionItem, readers: Iterable[Any], *, by: Any) -> None:
    """Tell the followers of a collection that an item came into it; several of them are told as one."""
    collection = entry.collection
    named = {**_named(entry.item), "collection": collection.title, "address": collection.slug}
    told = dict.fromkeys(readers, "library")
    tell("collection_grew", entry, told, by=by, thread=key(collection), item=entry.item_id, **named)


def already_told_of(entry: CollectionItem) -> set[int]:
    """Whom it reached before that this item stands in this collection: it may have been taken out and put back."""
    rows = Notice.objects.filter(event__kind="collection_grew", event__thread=key(entry.collection))
    return set(rows.filter(event__data__item=entry.item_id).values_list("reader_id", flat=True))


def names_of(follow: Follow) -> dict[str, str]:
    """What is followed, in each language, as the news will name it."""
    names = {}
    for language in Language.values:
        with translation.override(language):
            names[language] = labels_of([follow], follow.person)[follow.pk]
    return names


def _named(item: Item) -> dict[str, Any]:
    return {"title": str(item), "slug": item.slug}


# Words ---------------------------------------------------------------------------------------------------


def say_news(event: Event, reader: Any) -> str:
    names = event.data.get("followed", {})
    what = isolated(names.get(reader.language) or next(filter(None, names.values()), ""))
    return _("New in the library: “%(title)s” (you follow %(what)s)") % {
        "title": title_in(event),
        "what": what,
    }


def see_all(event: Event, reader: Any) -> list[str]:
    return [_("What you follow, and how to end it, stands in the portal under “What I follow”.")]


def say_grown(event: Event, reader: Any) -> str:
    return _("“%(title)s” stands in the collection “%(collection)s” now") % {
        "title": title_in(event),
        "collection": isolated(str(event.data.get("collection", ""))),
    }


def say_grown_much(event: Event, reader: Any, count: int) -> str:
    return _("%(count)d items came into the collection “%(collection)s”") % {
        "count": count,
        "collection": isolated(str(event.data.get("collection", ""))),
    }


def collection_url(event: Event) -> str:
    return reverse("show_collection", args=[event.data["address"]])
