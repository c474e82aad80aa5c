"""What the values of the facets are called: words of the code, the vocabulary, the municipalities of which it tells."""

from types import SimpleNamespace
from typing import Any

from django.db.models import F, IntegerField, QuerySet, TextField, Value
from django.db.models.functions import Cast

from knowledge.enums import Audience, Facet, FollowKind, ItemKind, Licence
from knowledge.models import Follow, Revision
from members.enums import District
from members.models import LocalAuthority
from munistem.commons.enums import Language, LifeStage, Setting
from munistem.commons.ready import ready
from munistem.commons.terms.models import Term, TermKind
from munistem.commons.text.languages import pick

#: Facets whose values are words of the code, in their order.
WORDS: dict[Facet, Any] = {
    Facet.STAGE: LifeStage,
    Facet.KIND: ItemKind,
    Facet.SETTING: Setting,
    Facet.LANGUAGE: Language,
    Facet.DISTRICT: District,
    Facet.AUDIENCE: Audience,
    Facet.LICENCE: Licence,
}
OF_TERMS = {TermKind.SUBJECT: Facet.SUBJECT, TermKind.POPULATION: Facet.POPULATION}
NAMES = ("name_he", "name_ar", "name_en")
FOLLOWED = "followed"


def labels_of_words() -> dict[str, dict[str, str]]:
    return {
        facet.value: {word.value: str(word.label) for word in choices} for facet, choices in WORDS.items()
    }


def labels_and_follows(user: Any) -> tuple[dict[str, dict[str, str]], frozenset[str]]:
    """Facet → value → its name, in its order and the reader's language; and the searches that this person follows.

    One query, of the vocabulary, of the municipalities that published items tell of, and of one's own follows.
    """
    rows = rows_of(user)
    labels = labels_of_words()
    labels |= {
        name: {} for name in (*(facet.value for facet in OF_TERMS.values()), Facet.AUTHORITY.value, FOLLOWED)
    }
    for sort, code, _place, *names in sorted(rows, key=lambda row: (row[0], row[2], row[1])):
        labels[sort][code] = pick(SimpleNamespace(**dict(zip(NAMES, names, strict=True))), "name")
    return labels, frozenset(labels.pop(FOLLOWED))


@ready
def rows_of(user: Any) -> QuerySet:
    told = Revision.objects.filter(published_for__isnull=False).order_by().values("authority")
    terms = Term.objects.curated().filter(kind__in=OF_TERMS)
    mine = Follow.objects.visible_to(user).filter(kind=FollowKind.SEARCH)
    return in_columns(terms, F("kind"), F("slug"), F("position"), *NAMES).union(
        in_columns(
            LocalAuthority.objects.filter(pk__in=told),
            Value(Facet.AUTHORITY.value),
            F("pk"),
            Value(0),
            *NAMES,
        ),
        in_columns(mine, Value(FOLLOWED), F("value"), Value(0)),
        all=True,
    )


def in_columns(rows: QuerySet, sort: Any, code: Any, place: Any, *names: str) -> QuerySet:
    """Rows as sort, code, place in the order, and names in three languages."""
    columns: dict[str, Any] = {
        "label_sort": Cast(sort, TextField()),
        "label_code": Cast(code, TextField()),
        "label_place": Cast(place, IntegerField()),
    }
    columns |= {f"label_{name}": Cast(F(name) if names else Value(""), TextField()) for name in NAMES}
    return rows.order_by().annotate(**columns).values_list(*columns)
