"""An item as Dublin Core tells it (the fifteen elements of DCMES 1.1), for harvesters, pages, files and citations."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.utils import timezone, translation

from knowledge.enums import ItemKind, Licence
from knowledge.models.item import Item, in_all_languages
from knowledge.models.revision import Revision
from members.enums import District
from munistem.commons.enums import Language, LifeStage

PUBLISHER = "muni:STEM"
#: The kinds in the words of the DCMI type vocabulary.
TYPES = {ItemKind.VIDEO: "MovingImage", ItemKind.TOOL: "InteractiveResource"}
ADDRESSES = {
    Licence.CC_BY: "https://creativecommons.org/licenses/by/4.0/",
    Licence.CC_BY_SA: "https://creativecommons.org/licenses/by-sa/4.0/",
    Licence.CC_BY_NC: "https://creativecommons.org/licenses/by-nc/4.0/",
}
Statement = tuple[str, str, str]


def dublin_core(item: Item, revision: Revision, editions: Iterable[Item] = ()) -> list[Statement]:
    """What a revision of an item says, as triples of element, value and language (empty where there is none).

    editions: of the same work in other languages, those only that who reads this may see. Reads the tags, the
    organisation and the municipality of the rows given; fetch them along for many.
    """
    own = revision.language
    said: list[Statement] = [
        ("title", revision.title, own),
        *creators(item),
        *subjects(revision),
        ("description", revision.summary, own),
        ("publisher", PUBLISHER, ""),
        ("date", day_of(item), ""),
        ("type", TYPES.get(ItemKind(revision.kind), "Text"), ""),
        ("type", said_in(own, ItemKind(revision.kind).label), own),
        ("format", "text/html", ""),
        ("identifier", settings.BASE_URL + item.get_absolute_url(), ""),
        ("language", own, ""),
        *(("relation", settings.BASE_URL + other.get_absolute_url(), "") for other in editions),
        *coverage(revision),
        ("rights", said_in(own, Licence(revision.licence).label), own),
        ("rights", ADDRESSES.get(Licence(revision.licence), ""), ""),
    ]
    return [row for row in said if row[1]]


def said_in(language: str, words: Any) -> str:
    """Words of the code in one language."""
    with translation.override(language):
        return str(words)


def creators(item: Item) -> list[Statement]:
    """The organisation in whose name it was written, else the network: names of people are not for everyone."""
    if item.organisation:
        with translation.override(item.language):
            return [("creator", item.organisation.name, item.language)]
    return [("creator", PUBLISHER, "")]


def subjects(revision: Revision) -> list[Statement]:
    """Words of the vocabulary in three languages, free tags as they were typed, life stages in the item's language."""
    found: list[Statement] = []
    for term in revision.tags.all():
        if term.is_curated:
            found += [("subject", getattr(term, f"name_{code}"), code) for code in Language.values]
        else:
            found.append(("subject", term.name, ""))
    own = revision.language
    return found + [("subject", said_in(own, LifeStage(code).label), own) for code in revision.life_stages]


def coverage(revision: Revision) -> list[Statement]:
    """The place and the year it tells of."""
    found: list[Statement] = []
    if place := revision.authority:
        found += [("coverage", getattr(place, f"name_{code}"), code) for code in Language.values]
    elif revision.region:
        names = in_all_languages(District(revision.region).label)
        found += [("coverage", name, code) for name, code in zip(names, Language.values, strict=True)]
    return [*found, ("coverage", str(revision.year or ""), "")]


def day_of(item: Item) -> str:
    return f"{timezone.localtime(item.published_at):%Y-%m-%d}" if item.published_at else ""
