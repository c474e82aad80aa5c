"""Who is told of a new topic and of an answer. The worker tells, a moment later; what it does again is told once."""

from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Lower

from communities.enums import Access
from communities.models import Community, Membership, Mention, Post, Topic
from munistem.commons.audit.actions import key
from munistem.commons.mail.models import Bounce
from munistem.commons.notices.actions import put_away, reach, tell, was_told
from munistem.commons.notices.choices import followers_of
from munistem.commons.notices.models import Event
from munistem.commons.notices.outcome import outcome
from munistem.commons.ready import NOBODY, Reader, Text, ready

#: Columns that only the search reads.
WIDE = [f"{row}__search_vector" for row in ("topic", "topic__community", "author")]


def whereabouts(topic: Topic) -> dict[str, str]:
    """Where an event of a topic happened, for ``tell``."""
    return {"scope": f"communities.community:{topic.community_id}", "thread": key(topic)}


def tell_of_topic(pk: int) -> None:
    """Tell the members of a community that a topic was opened; those mentioned in it know already."""
    topic = Topic.objects.select_related("community", "author").shown().filter(pk=pk).first()
    if topic is None:
        return
    opening = topic.posts.get(number=1)
    with transaction.atomic():
        if was_told("topic_opened", topic):
            return
        event = tell(
            "topic_opened",
            topic,
            members_of(topic.community).exclude(pk__in=opening.mentions.values("person")),
            by=topic.author,
            reason="member",
            **whereabouts(topic),
            title=topic.title,
            topic_kind=topic.kind,
            community=topic.community.name,
            post=opening.pk,
        )
    spare_readers(event, opening)


def tell_of_reply(pk: int, kind: str) -> None:
    """Tell of an answer those who take part in its topic; those mentioned in it know already.

    kind: of the notice, see ``stages.place``. Of what was hidden meanwhile nobody is told.
    """
    post = next(iter(shown_with_place(NOBODY, pk)), None)
    if post is None:
        return
    topic, here = post.topic, whereabouts(post.topic)
    place = (topic.pk, topic.community_id, Text(here["thread"]), topic.community.access == Access.OPEN)
    people = participants(NOBODY, post.pk, post.number, *place)
    readers = {person: "author" if person.pk == topic.author_id else "follower" for person in people}
    with transaction.atomic():
        if was_told(kind, topic, post=post.pk):
            return
        event = tell(kind, topic, readers, by=post.author, **here, title=topic.title, post=pk)
    spare_readers(event, post)


def spare_readers(event: Event | None, post: Post) -> None:
    """Put away what was told to those who had read the post by then.

    Asked once the telling stands: who reads later puts it away as one does any time.
    """
    if event:
        put_away(event, post.topic.reads.filter(number__gte=post.number).values("person"))


@ready
def shown_with_place(_reader: Reader, pk: int) -> QuerySet[Post]:
    posts = Post.objects.shown().filter(pk=pk, topic__hidden_at=None)
    return posts.select_related("topic__community", "author").defer(*WIDE)


@ready
def participants(
    _reader: Reader, post: int, number: int, topic: int, community: int, thread: str, is_open: bool
) -> QuerySet:
    """Who wrote in a topic before this post, as long as they are members, and who follows it and may read it."""
    members = Membership.objects.filter(community=community).present().values("person")
    wrote = Post.objects.filter(topic=topic, number__lt=number).shown().values("author")
    follows = Q(pk__in=followers_of(thread))
    if not is_open:
        follows &= Q(pk__in=members)
    people = get_user_model().objects.filter(Q(pk__in=wrote) & Q(pk__in=members) | follows)
    return people.exclude(pk__in=Mention.objects.filter(post=post).values("person")).only("pk", "is_active")


def members_of(community: Community):
    """Those who are told of what is new in a community, with the little that telling them asks for."""
    members = community.memberships.present()
    people = get_user_model().objects.filter(pk__in=members.values("person"))
    return people.only("pk", "is_active")


def reach_of_topic(community: Community, *, by: Any) -> dict[str, int]:
    """How many would hear of a new topic by this person, and how, as they have chosen by now; see ``notices.actions.reach``.

    ``bounced``: to how many of them mail comes back, so that it pauses.
    """
    people = members_of(community).exclude(pk=by.pk)
    back = Bounce.objects.filter(address=Lower(OuterRef("email")))
    return {
        **reach("topic_opened", people, scope=key(community)),
        "bounced": people.filter(Exists(back)).count(),
    }


def outcome_of_topic(topic: Topic) -> dict[str, int]:
    """What became of telling of a topic, see ``notices.outcome``; ``opened``: how many others opened its page."""
    opened = topic.reads.exclude(person_id=topic.author_id).count()
    return {**outcome("topic_opened", key(topic)), "opened": opened}
