"""Why an item was found although no text of it says all that was asked: a tag, a stage, a place, the name of a file."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from django.db.models.functions import JSONObject
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from knowledge.models import RevisionLink
from knowledge.models.item import in_all_languages
from members.enums import District
from munistem.commons.enums import LifeStage
from munistem.commons.search.passages import Asked
from munistem.commons.terms.models import Term
from munistem.commons.text.languages import ORDER, pick

MOST = 2
NAMES = tuple(f"name_{code}" for code in ORDER)

Reason = tuple[
    str, SafeString
]  # what it is found by, and how that is called there, with the asked words marked


def with_marks(items: QuerySet) -> QuerySet:
    """Items with the tags and links of what is published, so that these need no query of their own."""
    terms = Term.objects.filter(revision_terms__content_object=OuterRef("published")).in_order()
    links = RevisionLink.objects.filter(revision=OuterRef("published")).order_by("position", "pk")
    told = {name: name for name in ("name", *NAMES, "synonyms")}
    return items.annotate(
        told_terms=ArraySubquery(terms.values(data=JSONObject(**told))),
        told_links=ArraySubquery(links.values("title")),
    )


def reasons_of(item: Any, words: int, asked: Asked) -> list[Reason]:
    """What else says the words (as bits) that no text of an item says; see ``with_marks`` and ``best_in_files``."""
    found = []
    for label, names in marks_of(item) if words else ():
        if said := asked.words_in(names) & words:
            words &= ~said
            found.append((label, called(names, asked)))
    return found[:MOST]


def marks_of(item: Any) -> Iterator[tuple[str, list[str]]]:
    """What an item is found by beside its texts: what it is, and its names, that of the reader's language first."""
    revision = item.published
    for term in item.told_terms:
        names = [term[name] for name in NAMES]
        own = pick(_Named(term), "name") or term["name"]
        yield pgettext("kind of what is found", "Tag"), [own, *names, term["name"], *term["synonyms"]]
    for stage in revision.life_stages:
        yield _("Life stage"), in_languages(LifeStage(stage).label)
    if place := revision.authority:
        yield _("Local authority"), [pick(place, "name"), *(getattr(place, name) for name in NAMES)]
    elif revision.region:
        yield _("Region"), in_languages(District(revision.region).label)
    if item.organisation:
        every = [getattr(item.organisation, name) for name in NAMES]
        yield _("Organisation"), [item.organisation.name, *every]
    for file in item.file_names:
        yield pgettext("kind of what is found", "File"), list(file)
    for title in item.told_links:
        yield pgettext("kind of what is found", "Link"), [title]


class _Named:
    """Names out of a dictionary, as ``pick`` reads them."""

    def __init__(self, names: dict[str, Any]):
        self.__dict__ = names


def in_languages(label: Any) -> list[str]:
    return [str(label), *in_all_languages(label)]


def called(names: Sequence[str], asked: Asked) -> SafeString:
    """The first name that says what was asked, marked."""
    return asked.marked(next((name for name in names if asked.words_in([name])), names[0]))
