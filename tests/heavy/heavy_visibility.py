"""The whole matrix: every role walks over every address, searches for every mark, and opens feeds and letters.

``make test-heavy``. Roles that see most walk first: what a cache kept of theirs would be found by those who come after.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from itertools import chain
from typing import Any
from urllib.parse import urlencode

from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from communities.actions.calendar import open_feed as open_calendar
from communities.models import Community, Meeting, Membership, Minutes, Topic
from knowledge.actions.feed import open_feed
from knowledge.models import Adaptation, Item, Revision
from members.models import TeamRequest
from munistem.commons.audit.actions import key
from munistem.commons.notices.kinds import KINDS, visible_events
from munistem.commons.notices.models import Event, Notice, Rhythm
from policy.models import Consultation, ConsultationComment, Endorsement, RecommendationVersion
from tests.house.addresses import Address
from tests.house.test_visibility import asked_for, leaks, missed, person_of, world
from tests.house.visible import Eyes, Sighting, Thing, read_table
from tests.house.walking import Answer, ask, client_of, walk
from tests.letters import OF_TOPIC, Shelf

__all__ = ["world"]
#: Kinds of things whose events are told, and their models.
OF_KIND: dict[str, Any] = {
    "topic": Topic,
    "peer consultation": Topic,
    "meeting": Meeting,
    "minutes": Minutes,
    "request to join": Membership,
    "item": Item,
    "call": Item,
    "revision": Revision,
    "adaptation": Adaptation,
    "endorsement": Endorsement,
    "version": RecommendationVersion,
    "consultation": Consultation,
    "comment": ConsultationComment,
    "team request": TeamRequest,
}
#: Who may see least, each in another way; what they do not find nobody finds who may see no more.
SEEKERS = ("anon", "registered", "outsider", "exmember")
#: Visitors, and whose account is closed: letters to them are held back whatever they are about.
GETS_NO_MAIL = {"anon", "deactivated"}
#: Places that answer to words: name of the address → address and the field that takes them.
FINDERS = {
    "search": ("/search/", "q"),
    "complete_search": ("/search/complete/", "q"),
    "list_items": ("/knowledge/", "q"),
    "list_people": ("/people/", "q"),
    "list_organisations": ("/organisations/", "q"),
    "list_communities": ("/communities/", "q"),
    "find_similar_items": ("/knowledge/similar/", "title"),
    "/items/find": ("/api/v1/items/find", "q"),
}


def test_everybody_finds_what_is_for_them_and_nothing_else(world):
    table, eyes = read_table(), Eyes(world)
    shown: dict[tuple[str, str], set[str]] = defaultdict(set)
    wrong = []
    for role in sorted(
        world["matrix_roles"], key=lambda role: -sum(role in one.allowed for one in eyes.things)
    ):
        client = client_of(person_of(world, role))
        seen = list(
            chain.from_iterable(map(eyes.see, walk(client, [*asked_for(), *of_admin(eyes)], table.lists)))
        )
        wrong += [f"{role} is shown {one}" for one in leaks(seen, role)]
        wrong += [f"{role} is not shown {one}" for one in missed(eyes, seen, role)]
        for one in seen:
            shown[one.thing.key].add(table.surfaces.get(one.name, one.name))
    assert wrong == []
    unseen = {key: surfaces - shown[key] for key, (_circle, surfaces) in table.things.items()}
    assert {key: sorted(surfaces) for key, surfaces in unseen.items() if surfaces} == {}


def of_admin(eyes: Eyes) -> list[Address]:
    """Things that stand on a page of the admin alone."""
    return [Address("admin", thing.detail) for thing in eyes.things if thing.detail.startswith("/admin/")]


def test_no_search_and_no_narrowed_list_finds_what_is_not_for_one(world):
    """Each mark is asked for by whom it is not for; what is found by one word would show the others."""
    eyes, wrong = Eyes(world), []
    for role in SEEKERS:
        client = client_of(person_of(world, role))
        for thing in eyes.things:
            if role not in thing.allowed and thing.words:
                wrong += [
                    f"{role}: {one}" for one in found(client, eyes, thing) if role not in one.thing.allowed
                ]
    assert wrong == []


def found(client: Client, eyes: Eyes, thing: Thing) -> Iterator[Sighting]:
    """What shows when one asks for a mark of a thing at every place that answers to words; one place for each mark."""
    for number, word in enumerate(sorted(thing.words)):
        name, (path, field) = list(FINDERS.items())[number % len(FINDERS)]
        for asked in {name: (path, field), "search": FINDERS["search"]}.items():
            answer = ask(client, Address(asked[0], f"{asked[1][0]}?{urlencode({asked[1][1]: word})}"))
            yield from eyes.see(answer)
            yield from linked(answer, thing)


def linked(answer: Answer, thing: Thing) -> Iterator[Sighting]:
    """A link to the thing, where its words are not told."""
    if f'href="{thing.detail}"' in answer.text:
        yield Sighting(thing, answer.address.name, answer.address.url, answer.status)


def test_secret_feeds_hold_only_what_their_reader_may_see(world):
    """The addresses that feed readers and calendars of one person use; those of who was removed go on working."""
    eyes, wrong = Eyes(world), []
    for role in world["matrix_roles"]:
        person = person_of(world, role)
        if person is None:
            continue
        token = f"probe-{role}"
        open_feed(by=person, token=token), open_calendar(by=person, token=token)
        own = [
            Address("feed", reverse("serve_own_feed", args=[token])),
            Address("ics", reverse("serve_feed", args=[token])),
        ]
        own += [
            Address("feed", reverse("serve_own_community_feed", args=[token, slug]))
            for slug in Community.objects.values_list("slug", flat=True)
        ]
        answers = [ask(client_of(None), address) for address in own]
        wrong += [
            f"{role}: {one}"
            for answer in answers
            for one in eyes.see(answer)
            if role not in one.thing.allowed
        ]
    assert wrong == []


def test_no_letter_tells_of_a_thing_to_whom_it_is_not_for(world):
    """Whatever kinds of events there are: one about a thing is told to nobody who may not see the thing (any more)."""
    shelf, eyes, wrong = Shelf("en"), Eyes(world), []
    told = defaultdict(list)
    for code in KINDS:
        model = type(shelf.subject_of(code))
        if (
            model is not Topic or code in OF_TOPIC
        ):  # the shelf has a topic for whatever it knows no subject of
            told[model].append(code)
    readers = {role: person_of(world, role) for role in world["matrix_roles"] if role not in GETS_NO_MAIL}
    for thing in eyes.things:
        if (model := OF_KIND.get(thing.key[0])) is None:
            continue
        subject = model.objects.get(**{"slug" if hasattr(model, "slug") else "pk": thing.id})
        events = [
            Event.objects.create(kind=code, subject=key(subject), actor=shelf.actor, data=shelf.data)
            for code in told[model]
        ]
        for role, reader in readers.items():
            if role not in thing.allowed:
                seen = visible_events(reader, events)
                wrong += [f"{role}: {event.kind} of {thing.key}" for event in events if event.pk in seen]
    assert wrong == []


def test_digest_of_who_was_removed_says_nothing_of_the_community(world, mailoutbox, settings):
    """What one was told of as a member and has not read is not mailed after one was put out."""
    settings.MAIL_RESTS = False
    Notice.objects.update(read_at=None, mailed_at=None, rhythm=Rhythm.DAILY)
    Event.objects.update(happened_at=timezone.now() - timedelta(days=1, hours=1))
    call_command("send_digests", verbosity=0)
    eyes = Eyes(world)
    assert Notice.objects.filter(mailed_at__isnull=True).count() == 0
    for letter in mailoutbox:
        if (role := letter.to[0].partition("@")[0]) not in world["matrix_roles"]:
            continue
        answer = Answer(
            Address("letter", ""), 200, {}, f"{letter.subject}\n{letter.body}\n{letter.alternatives}"
        )
        assert leaks(list(eyes.see(answer)), role) == []
