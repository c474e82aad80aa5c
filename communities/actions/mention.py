"""People named in what one writes: ``@`` and the full name of a member, with or without brackets."""

import re
from collections.abc import Iterable
from html import escape
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Q

from communities.models import Community, Mention, Post
from munistem.commons.text.html import clean

MOST = 20
TAG = re.compile(r"(<[^<>]+>)")
CALL = re.compile(r"(?<![\w@])@\[?(?=([^\W_]+))")
LINK = re.compile(r'href="/people/([0-9a-f-]{36})/"')
OPENS = re.compile(r"<(a|code|pre)\b")
CLOSES = re.compile(r"</(a|code|pre)>")


def members_called(community: Community, body: str) -> list[Any]:
    """Active members whose name begins with a word that follows an ``@``, the longest names first."""
    calls = {found.group(1) for found in CALL.finditer(TAG.sub("\0", body))}
    called = sorted(calls)[: 2 * MOST]
    if not called:
        return []
    begins = Q()
    for word in called:
        begins |= Q(name__istartswith=word)
    members = community.memberships.present().values("person")
    people = get_user_model().objects.filter(begins, pk__in=members)
    return sorted(people.only("pk", "uuid", "name", "is_active")[:200], key=lambda person: -len(person.name))


def linked(body: str, people: Iterable[Any]) -> str:
    """The body with each ``@name`` of these people made a link to them; links and code stay as they are."""
    names = [(escape(person.name, quote=False), person) for person in people]
    if not names:
        return body
    pieces, shelter = TAG.split(body), ""
    for place, piece in enumerate(pieces):
        if place % 2:
            if shelter:
                found = CLOSES.match(piece)
                shelter = "" if found and found.group(1) == shelter else shelter
            elif found := OPENS.match(piece):
                shelter = found.group(1)
        elif not shelter and "@" in piece:
            pieces[place] = _link_names(piece, names)
    return "".join(pieces)


def _link_names(text: str, names: list[tuple[str, Any]]) -> str:
    made, at = [], 0
    for call in CALL.finditer(text):
        if call.start() < at:
            continue
        rest = text[call.end() :]
        for name, person in names:
            after = rest[len(name) : len(name) + 1]
            if rest[: len(name)].casefold() == name.casefold() and not (after.isalnum() or after == "_"):
                end = call.end() + len(name)
                end += text[end : end + 1] == "]" and call.group().endswith("[")
                made += [text[at : call.start()], f'<a href="/people/{person.uuid}/">@{name}</a>']
                at = end
                break
    return "".join([*made, text[at:]])


def with_mentions(community: Community, body: str) -> tuple[str, list[Any]]:
    """The body with mentions made links, and the members mentioned in it (at most twenty)."""
    if "@" not in body:
        return body, []
    if people := members_called(community, body):
        body = clean(linked(body, people))
    keys = list(dict.fromkeys(LINK.findall(body)))[:MOST]
    if not keys:
        return body, []
    members = community.memberships.present().values("person")
    return body, list(get_user_model().objects.filter(uuid__in=keys, pk__in=members))


def keep_mentions(post: Post, people: Iterable[Any]) -> list[Any]:
    """Write down who is mentioned in a post; returns those who were not before."""
    people = {person.pk: person for person in people if person.pk != post.author_id}
    known = set(Mention.objects.filter(post=post).values_list("person", flat=True))
    Mention.objects.filter(post=post, person__in=known - people.keys()).delete()
    fresh = [person for pk, person in people.items() if pk not in known]
    Mention.objects.bulk_create(
        [Mention(post=post, person=person) for person in fresh], ignore_conflicts=True
    )
    return fresh
