"""Free tags meet the shared vocabulary: a word that it knows is its term, another one waits for curation."""

from collections.abc import Iterable

from django.db.models import Q

from munistem.commons.terms.models import Term, TermKind


def terms_for(words: Iterable[str]) -> list[Term]:
    """A term for each word: the curated one of that name or synonym, else a free one (made when new)."""
    return [
        _known(word) or Term.objects.get_or_create(name=word, defaults={"kind": TermKind.FREE})[0]
        for word in words
    ]


def _known(word: str) -> Term | None:
    named = Q(name__iexact=word)
    for language in ("he", "ar", "en"):
        named |= Q(**{f"name_{language}__iexact": word})
    terms = Term.objects.order_by("-is_curated", "pk")
    return terms.filter(named | Q(is_curated=True, synonyms__contains=[word])).first()
