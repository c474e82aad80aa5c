"""Three members who could know each other: the same role in municipalities that are alike, and nothing shared so far."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Lower

from communities.models.community import Community
from communities.models.introduction import Introduction
from communities.models.peers import Peer, compare, is_like, role_of, towns_of
from communities.models.topic import Post
from members.models import User
from munistem.commons.mail.models import Bounce

#: As many members are compared, those who came last; as many of the most alike of each are thought of.
MOST_MEMBERS, MOST_LIKE = 300, 8
#: As many of the best triples are looked at more closely.
MOST_LOOKED_AT = 40


@dataclass(frozen=True)
class Trio:
    """People in the order of their keys, each with an ``organisation``; reasons: codes that hold of all three."""

    people: tuple[Any, ...]
    reasons: tuple[str, ...]
    score: float

    @property
    def key(self) -> str:
        return ",".join(str(person.pk) for person in self.people)

    @property
    def language(self) -> str:
        return self.people[0].language


def ready_for_introductions(community: Community):
    """Members who may be introduced: they want it, show their address, and mail reaches them."""
    rows = community.memberships.present().filter(wants_introductions=True)
    back = Bounce.objects.filter(address=Lower(OuterRef("email")))
    people = User.objects.filter(~Exists(back), pk__in=rows.values("person"), is_email_shown=True)
    return people.exclude(name="").defer("search_vector")


def suggest_trios(community: Community, most: int = 3) -> list[Trio]:
    """The best triples, nobody in two of them; the number of queries does not depend on the number of members."""
    people = list(ready_for_introductions(community).order_by("-joined_at", "-pk")[:MOST_MEMBERS])
    towns = towns_of([person.pk for person in people])
    for person in people:
        person.organisation = towns.get(person.pk)
    people = [person for person in people if person.organisation and person.organisation.authority_id]
    strangers = without_acquainted(possible(likeness(people)))
    chosen: list[Trio] = []
    taken: set[int] = set()
    for trio in strangers:
        keys = {person.pk for person in trio.people}
        if len(chosen) < most and not keys & taken:
            chosen.append(trio)
            taken |= keys
    return chosen


Likeness = dict[frozenset[int], tuple[float, set[str]]]


def likeness(people: Iterable[Any]) -> tuple[dict[int, Any], Likeness]:
    """Pairs with one language, the same role and municipalities alike in size or standing: how much, and in what."""
    known = {person.pk: person for person in people}
    roles = {pk: role_of(person.role_title) for pk, person in known.items()}
    found: Likeness = {}
    for one, other in combinations(known.values(), 2):
        if one.language != other.language or not is_like(roles[one.pk], roles[other.pk]):
            continue
        peer = Peer(other.pk, "", "", "")
        compare(peer, one.organisation.authority, other.organisation.authority)
        if {"size", "cluster"} & set(peer.reasons):
            found[frozenset((one.pk, other.pk))] = peer.score, set(peer.reasons)
    return known, found


def possible(alike: tuple[dict[int, Any], Likeness]) -> list[Trio]:
    """Triples each two of whom are alike, the most alike first."""
    people, pairs = alike
    near: dict[int, list[tuple[float, int]]] = {}
    for pair, (score, _reasons) in pairs.items():
        one, other = pair
        near.setdefault(one, []).append((-score, other))
        near.setdefault(other, []).append((-score, one))
    found: dict[tuple[int, ...], Trio] = {}
    for pk, others in near.items():
        for (_a, second), (_b, third) in combinations(sorted(others)[:MOST_LIKE], 2):
            if frozenset((second, third)) in pairs:
                keys = tuple(sorted((pk, second, third)))
                found.setdefault(keys, trio_of(keys, people, pairs))
    return sorted(found.values(), key=lambda trio: (-trio.score, trio.key))[:MOST_LOOKED_AT]


def trio_of(keys: tuple[int, ...], people: dict[int, Any], pairs: Likeness) -> Trio:
    between = [pairs[frozenset(pair)] for pair in combinations(keys, 2)]
    shared = set.intersection(*(reasons for _score, reasons in between))
    reasons = tuple(code for code in ("size", "cluster", "group") if code in shared)
    return Trio(tuple(people[pk] for pk in keys), reasons, sum(score for score, _reasons in between))


def without_acquainted(trios: list[Trio]) -> list[Trio]:
    """Leave out triples two of whom wrote in one topic, wherever it is, or were introduced to each other."""
    people = {person.pk for trio in trios for person in trio.people}
    topics: dict[int, set[int]] = {}
    wrote = Post.objects.filter(author__in=people).values_list("author", "topic").distinct()
    for person, topic in wrote:
        topics.setdefault(person, set()).add(topic)
    met = introduced(people)

    def are_strangers(pair: tuple[Any, Any]) -> bool:
        one, other = (person.pk for person in pair)
        return frozenset((one, other)) not in met and not topics.get(one, set()) & topics.get(other, set())

    return [trio for trio in trios if all(map(are_strangers, combinations(trio.people, 2)))]


def introduced(people: Iterable[int]) -> set[frozenset[int]]:
    """Pairs of these people who were introduced to each other in whatever community."""
    keys = list(people)
    rows = Introduction.objects.filter(Q(first__in=keys) | Q(second__in=keys) | Q(third__in=keys))
    found = rows.values_list("first", "second", "third")
    return {frozenset(pair) for three in found for pair in combinations(three, 2)}
