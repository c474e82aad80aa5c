"""Who could advise: members like the one who asks, near to the case, and thanked before; each with the reasons why."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone

from communities.models.consultation import Consultation, PeerRequest
from communities.models.topic import Helpful, Post, Topic
from members.models import LocalAuthority, Representative
from members.models.person import PersonTerm
from munistem.commons.search.analyser import terms, words
from munistem.commons.terms.models import Term

#: A municipality is of similar size up to this ratio of residents, of like standing up to so many clusters away.
SIZE_RATIO, CLUSTERS_AWAY = 2.0, 1
MOST_TOPICS = 3
#: Endings that tell a woman from a man, in Hebrew and Arabic as the analyser spells them.
ENDINGS = "תהه"
#: Roles are alike when they share so much of their words.
ALIKE = 0.6
#: Reason → how much it weighs; being of the same role and town-alike tells most.
WEIGHTS = {"role": 5, "size": 2, "cluster": 2, "group": 1, "topic": 3, "thanked": 2}


@dataclass
class Peer:
    """A member who could be asked; reasons: codes, some with what they are about behind a colon."""

    pk: int
    name: str
    role: str
    uuid: str
    photo_url: str = ""
    organisation: Any = None
    reasons: list[str] = field(default_factory=list)
    score: float = 0

    def add(self, reason: str, about: Any = "", weight: float = 1) -> None:
        self.reasons.append(f"{reason}:{about}" if about else reason)
        self.score += WEIGHTS[reason] * weight


def suggest_peers(consultation: Consultation, most: int | None = 8) -> list[Peer]:
    """Members who may be asked now, the likeliest first; without those who wrote here or were asked within the month, and
    without colleagues under the same roof, whom one asks at the door.

    The number of queries does not depend on the number of members. Who has nothing in common with the case comes last.
    """
    topic = consultation.topic
    peers = candidates(consultation)
    towns = towns_of([topic.author_id, *peers])
    own_town = towns.get(topic.author_id)
    own_role = role_of(topic.author.role_title)
    for pk, peer in peers.items():
        peer.organisation = towns.get(pk)
        if is_like(own_role, role_of(peer.role)):
            peer.add("role")
        compare(peer, own_town and own_town.authority, peer.organisation and peer.organisation.authority)
    add_topics(peers, consultation)
    add_thanks(peers, topic)
    others = (peer for peer in peers.values() if own_town is None or peer.organisation != own_town)
    found = sorted(others, key=lambda peer: (-peer.score, peer.name, peer.pk))
    return found if most is None else found[:most]


def candidates(consultation: Consultation) -> dict[int, Peer]:
    """Present members by key who may be asked: not the author, nobody who wrote here or rests from being asked."""
    topic, now = consultation.topic, timezone.now()
    wrote = Post.objects.filter(topic=topic).values("author")
    resting = PeerRequest.objects.filter(Q(rests_until__gt=now) | Q(consultation=consultation))
    rows = topic.community.memberships.present().exclude(person__in=wrote)
    rows = rows.exclude(person__in=resting.values("person")).exclude(person__name="")
    fields = ("person_id", "person__name", "person__role_title", "person__uuid", "person__photo")
    return {
        pk: Peer(pk, name, role, str(uuid), f"/people/{uuid}/photo/" if photo else "")
        for pk, name, role, uuid, photo in rows.values_list(*fields)
    }


def towns_of(people: Iterable[int]) -> dict[int, Any]:
    """Person → an organisation they act for, a municipality before any other."""
    rows = Representative.objects.active().filter(person__in=list(people))
    rows = rows.select_related("organisation__authority").defer(
        "organisation__search_vector", "organisation__authority__search_vector"
    )
    found: dict[int, Any] = {}
    for row in rows.order_by("pk"):
        known = found.get(row.person_id)
        if known is None or (known.authority_id is None and row.organisation.authority_id):
            found[row.person_id] = row.organisation
    return found


def role_of(title: str) -> frozenset[str]:
    """The words of a role without the endings of gender, in no order."""
    return frozenset(
        word.rstrip(ENDINGS) if len(word) > 3 else word for word in words(title) if len(word) > 1
    )


def is_like(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether two roles are the same but for a word: manager of STEM, manager of excellence in STEM."""
    return bool(one and other) and len(one & other) >= ALIKE * len(one | other)


def compare(peer: Peer, own: LocalAuthority | None, other: LocalAuthority | None) -> None:
    """What two municipalities have in common by the register; what is unknown counts for nothing, and one's own too."""
    if own is None or other is None or own == other:
        return
    if own.population and other.population:
        small, large = sorted((own.population, other.population))
        if large <= small * SIZE_RATIO:
            peer.add("size")
    clusters = own.socioeconomic_cluster, other.socioeconomic_cluster
    if all(clusters) and abs((clusters[0] or 0) - (clusters[1] or 0)) <= CLUSTERS_AWAY:
        peer.add("cluster")
    if own.population_group and own.population_group == other.population_group:
        peer.add("group")


def topics_in(texts: Iterable[str]) -> dict[int, Term]:
    """Words of the vocabulary that a case speaks of, in any of their names."""
    said = {term for text in texts for word in words(text) for term in terms(word)}
    return {
        term.pk: term
        for term in Term.objects.curated()
        if any(is_said(name, said) for name in names_of(term))
    }


def names_of(term: Term) -> list[str]:
    return [name for name in (term.name_he, term.name_ar, term.name_en, *term.synonyms) if name]


def is_said(name: str, said: set[str]) -> bool:
    """Whether every word of a name is among the words of a text."""
    asked = [terms(word) for word in words(name)]
    return bool(asked) and all(said.intersection(forms) for forms in asked)


def add_topics(peers: dict[int, Peer], consultation: Consultation) -> None:
    """Those who named a topic of the case as one that concerns them."""
    case = consultation
    found = topics_in((case.topic.title, case.context, case.tried, case.would_help))
    if not found:
        return
    rows = PersonTerm.objects.filter(tag__in=found, content_object__in=list(peers)).order_by("pk")
    shared: dict[int, list[int]] = {}
    for person, tag in rows.values_list("content_object", "tag"):
        shared.setdefault(person, []).append(tag)
    for person, tags in shared.items():
        for place, tag in enumerate(tags[:MOST_TOPICS]):
            peers[person].add("topic", tag, weight=1 / (place + 1))


def add_thanks(peers: dict[int, Peer], topic: Topic) -> None:
    """Those whose posts in this community others found helpful, or accepted as the answer."""
    here = Post.objects.shown().filter(topic__community=topic.community_id, author__in=list(peers))
    marks = Helpful.objects.filter(post__in=here).values_list("post__author").annotate(count=Count("pk"))
    accepted = here.filter(accepted_in__isnull=False).values_list("author").annotate(count=Count("pk"))
    thanks: dict[int, int] = {}
    for rows in (marks.order_by(), accepted.order_by()):
        for person, count in rows:
            thanks[person] = thanks.get(person, 0) + count
    for person, count in thanks.items():
        peers[person].add("thanked", count, weight=min(1 + count / 5, 2))
