"""Why an item was found although no text of it says all that was asked: a tag, a stage, a place, the name of a file."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.db.models.functions import JSONObject
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from knowledge.models import Item, Revision, RevisionFile, RevisionLink
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


def reasons_of(unsaid: dict[Item, int], asked: Asked) -> dict[int, list[Reason]]:
    """For items, each with the words that its texts do not say (as bits): what else says these words. One query."""
    if not unsaid:
        return {}
    known = {revision.pk: revision for revision in with_marks(unsaid)}
    return {
        item.pk: list(telling(known[item.published_id], item, words, asked))[:MOST]
        for item, words in unsaid.items()
        if item.published_id in known
    }


def with_marks(items: Iterable[Item]) -> Iterable[Any]:
    """Their published revisions, each with its tags, files and links in the same query."""
    terms = Term.objects.filter(revision_terms__content_object=OuterRef("pk")).in_order()
    files = RevisionFile.objects.filter(revision=OuterRef("pk")).order_by("position", "pk")
    links = RevisionLink.objects.filter(revision=OuterRef("pk")).order_by("position", "pk")
    of_term = {name: name for name in ("name", *NAMES, "synonyms")}
    of_file = {"name": "file__name", "title": "title", "alt": "alt"}
    return (
        Revision.objects.filter(pk__in=[item.published_id for item in items])
        .select_related("authority")
        .only("life_stages", "region", *(f"authority__{name}" for name in NAMES))
        .annotate(
            told_terms=ArraySubquery(terms.values(data=JSONObject(**of_term))),
            told_files=ArraySubquery(files.values(data=JSONObject(**of_file))),
            told_links=ArraySubquery(links.values("title")),
        )
    )


def telling(revision: Any, item: Item, words: int, asked: Asked) -> Iterator[Reason]:
    """The reasons that say words which nothing before has said."""
    for label, names in marks_of(revision, item):
        if said := asked.words_in(names) & words:
            words &= ~said
            yield label, called(names, asked)


def marks_of(revision: Any, item: Item) -> Iterator[tuple[str, list[str]]]:
    """What an item is found by beside its texts: what it is, and its names, that of the reader's language first."""
    for term in revision.told_terms:
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
    for file in revision.told_files:
        yield (
            pgettext("kind of what is found", "File"),
            [file["title"] or file["name"], file["name"], file["alt"]],
        )
    for title in revision.told_links:
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
