"""What the network begins with: vocabulary, first communities, roundtable and recommendations, read from ``policy/data``.

Only what is missing is made, known by its slug: whatever people changed since stays as they left it.
"""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Max

from communities.actions.membership import create_community
from communities.models import Community
from knowledge.models import Item
from members.actions.reason import found_reasons
from munistem.commons.search.actions import reindex
from munistem.commons.terms.models import Term, TermKind
from policy.actions.keep import save_roundtable
from policy.actions.version import adopt, begin
from policy.models import ElectionDay, Recommendation, Roundtable

DATA = Path(__file__).resolve().parent.parent / "data"
LANGUAGES = ("he", "ar", "en")
TEXTS = {"roundtable": ("title", "question", "background", "participants")}
TEXTS["recommendation"] = ("title", "summary", "rationale", "actions")


@cache
def read(name: str) -> dict[str, Any]:
    """The content of ``policy/data/<name>.toml``."""
    with (DATA / f"{name}.toml").open("rb") as file:
        return tomllib.load(file)


@transaction.atomic
def found_network() -> dict[str, int]:
    """Make what is missing of the founding content; answers how many of each kind were made."""
    return {
        "terms": found_vocabulary(read("vocabulary")),
        "communities": found_communities(read("communities")),
        "recommendations": found_roundtable(read("roundtable")),
        "reasons": found_reasons(),
        "elections": found_elections(read("elections")),
    }


def found_elections(content: dict[str, Any]) -> int:
    """Days of municipal elections with their source."""
    made = 0
    for row in content["elections"]:
        told = {"source": row["source"], "note": row["note"]}
        made += ElectionDay.objects.get_or_create(held_on=row["held_on"], defaults=told)[1]
    return made


def found_vocabulary(content: dict[str, Any]) -> int:
    """Curated subjects and populations; a free tag that bears the name of one becomes it."""
    known = set(Term.objects.curated().values_list("slug", flat=True))
    made = 0
    for kind in (TermKind.SUBJECT, TermKind.POPULATION):
        for place, row in enumerate(content[kind.value], 1):
            if row["slug"] in known:
                continue
            names = {f"name_{code}": row[code] for code in LANGUAGES}
            fields = {"kind": kind, "synonyms": row["synonyms"], "position": place * 10, "is_curated": True}
            free = free_tag(row)
            term = free or Term(name=row["en"])
            for field, value in {**names, **fields, "slug": row["slug"]}.items():
                setattr(term, field, value)
            term.save()
            if free:  # what bears it now shows under the subject in the library
                reindex(Item.objects.filter(published__revision_terms__tag=free))
            made += 1
    return made


def free_tag(row: dict[str, Any]) -> Term | None:
    """A tag that people wrote before the vocabulary knew the word."""
    free = Term.objects.filter(is_curated=False)
    named = free.filter(name__in=[row["he"], row["ar"], row["en"], *row["synonyms"]])
    return free.filter(slug=row["slug"]).first() or named.order_by("pk").first()


def found_communities(content: dict[str, Any]) -> int:
    """The first communities; without facilitators until an admin names them."""
    known = set(Community.objects.values_list("slug", flat=True))
    missing = [row for row in content["community"] if row["slug"] not in known]
    for row in missing:
        terms = Term.objects.curated().filter(slug__in=row["terms"])
        create_community(by=None, **{**row, "terms": terms})
    return len(missing)


def found_roundtable(content: dict[str, Any]) -> int:
    """The roundtable with its recommendations; one whose number is taken stands at the end."""
    roundtable = Roundtable.objects.filter(slug=content["slug"]).first()
    if roundtable is None:
        texts = texts_of("roundtable", content)
        roundtable = save_roundtable(by=None, roundtable=Roundtable(slug=content["slug"], **texts))
    known = set(Recommendation.objects.values_list("slug", flat=True))
    missing = [row for row in content["recommendation"] if row["slug"] not in known]
    for row in missing:
        version = begin(
            by=None,
            roundtable=roundtable,
            number=free_number(roundtable, row["number"]),
            slug=row["slug"],
            life_stages=row["life_stages"],
            indicators=row["indicators"],
            **texts_of("recommendation", row),
        )
        version.populations.set(Term.objects.populations().filter(slug__in=row["populations"]))
        adopt(by=None, version=version)
    return len(missing)


def free_number(roundtable: Roundtable, wanted: int) -> int:
    if not roundtable.recommendations.filter(number=wanted).exists():
        return wanted
    return roundtable.recommendations.aggregate(last=Max("number"))["last"] + 1


def texts_of(kind: str, row: dict[str, Any]) -> dict[str, str]:
    """Fields of the three languages; lists become lines."""
    texts = {}
    for field in TEXTS[kind]:
        for code in LANGUAGES:
            text = row[field][code]
            texts[f"{field}_{code}"] = "\n".join(text) if isinstance(text, list) else text.strip()
    return texts
