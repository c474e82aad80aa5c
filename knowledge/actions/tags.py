"""Free tags meet the shared vocabulary: a word that it knows is its term, another one waits until it is put in order."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction

from communities.models import CommunityTerm
from knowledge.models import Item, RevisionTerm
from knowledge.rules import is_reviewer
from members.models import PersonTerm
from munistem.commons import audit
from munistem.commons.search.actions import reindex
from munistem.commons.search.analyser import normalised
from munistem.commons.terms.models import Term, TermKind

#: What bears tags: on a published item, in a person's profile, on a community.
BEARERS: tuple[Any, ...] = (RevisionTerm, PersonTerm, CommunityTerm)


class Settled(Exception):
    """The tag is put in order already, or is gone."""


def terms_for(words: Iterable[str]) -> list[Term]:
    """A term for each word: the curated one of that name or synonym, else a free one (made when new)."""
    words = list(words)
    known = vocabulary() if words else {}
    return [known.get(normalised(word)) or _free(word) for word in words]


def vocabulary() -> dict[str, Term]:
    """Every curated term by each of its names and synonyms, as the search compares words."""
    found: dict[str, Term] = {}
    for term in Term.objects.curated().order_by("pk"):
        for name in (term.name_he, term.name_ar, term.name_en, term.name, *term.synonyms):
            found.setdefault(normalised(name), term)
    return found


def _free(word: str) -> Term:
    """A tag as people typed it; one that differs only in capitals is the same."""
    known = Term.objects.filter(name__iexact=word).order_by("-is_curated", "pk").first()
    return known or Term.objects.get_or_create(name=word, defaults={"kind": TermKind.FREE})[0]


@transaction.atomic
def join_tag(*, by: Any, tag: Term, into: Term) -> Term:
    """Let a curated term take a free tag in: whatever bore the tag bears the term, its word becomes a synonym.

    Raises Settled when the tag is put in order already or is gone.
    """
    tag, into = _taken(by, tag), Term.objects.select_for_update().get(pk=into.pk, is_curated=True)
    items = list(Item.objects.filter(published__revision_terms__tag=tag))
    for bearer in BEARERS:
        has_both = bearer.objects.filter(tag=into).values("content_object")
        bearer.objects.filter(tag=tag, content_object__in=has_both).delete()
        bearer.objects.filter(tag=tag).update(tag=into)
    if normalised(tag.name) not in {normalised(word) for word in (into.name, *into.synonyms)}:
        into.synonyms = [*into.synonyms, tag.name]
        into.save(update_fields=["synonyms"])
    audit.record("join_tag", into, by=by, tag=tag.name)
    tag.delete()
    reindex(items)
    return into


@transaction.atomic
def adopt_tag(*, by: Any, tag: Term, kind: TermKind, names: Mapping[str, str]) -> Term:
    """Make a free tag a subject or population of the vocabulary; names: by language code. Raises Settled."""
    tag = _taken(by, tag)
    last = Term.objects.curated().filter(kind=kind).order_by("-position").first()
    tag.kind, tag.is_curated, tag.position = kind, True, last.position + 10 if last else 10
    for code in ("he", "ar", "en"):
        setattr(tag, f"name_{code}", names[code])
    tag.save()
    audit.record("adopt_tag", tag, by=by, kind=str(kind))
    reindex_term(tag)
    return tag


def _taken(by: Any, tag: Term) -> Term:
    """The tag's row, locked, while it is still a free one."""
    row = Term.objects.select_for_update().filter(pk=tag.pk, is_curated=False).first()
    if row is None or not is_reviewer(by):
        raise Settled
    return row


@transaction.atomic
def save_term(*, by: Any, term: Term) -> Term:
    """Keep a word of the vocabulary as it was filled in, and find everything that bears it by its new words."""
    is_new = term.pk is None
    term.save()
    audit.record("add_term" if is_new else "edit_term", term, by=by, synonyms=term.synonyms)
    reindex_term(term)
    return term


def reindex_term(term: Term) -> int:
    """Index the published items that bear a term anew; returns how many."""
    return reindex(Item.objects.filter(published__revision_terms__tag=term).iterator())
