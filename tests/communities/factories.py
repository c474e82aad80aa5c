"""The smallest valid communities, memberships, topics and posts; counters and search columns as the actions leave them."""

import itertools
from datetime import timedelta
from typing import Any

from django.utils import timezone

from communities.enums import Access, Coming, MeetingState, MembershipState, TopicKind
from communities.models import (
    AgendaItem,
    Attachment,
    Community,
    Invitee,
    Meeting,
    Membership,
    Post,
    Topic,
)
from munistem.commons.files.models import FileKind, StoredFile
from munistem.commons.search.actions import index
from tests.members.factories import make_member, make_user

numbers = itertools.count(1)


def make_community(**fields: Any) -> Community:
    """A community by request unless told otherwise."""
    number = next(numbers)
    community = Community.objects.create(
        **{
            "slug": f"community-{number}",
            "name": f"Community {number}",
            "purpose": "To learn from each other.",
            "access": Access.REQUEST,
            "language": "en",
            **fields,
        }
    )
    index(community)
    return community


def make_membership(
    community: Community | None = None, person: Any = None, *, user: Any = None, **fields: Any
) -> Membership:
    """An active membership; community and person of the network are made when not given."""
    community = community or make_community()
    membership = Membership.objects.create(
        community=community,
        person=person or user or make_member(),
        **{"state": MembershipState.ACTIVE, **fields},
    )
    community.member_count = community.memberships.active().count()
    community.save(update_fields=["member_count"])
    community.forget_standings()
    return membership


def make_facilitator(community: Community | None = None, person: Any = None) -> Any:
    """A person who facilitates the community."""
    return make_membership(community, person, is_facilitator=True).person


def make_topic(community: Community | None = None, author: Any = None, **fields: Any) -> Topic:
    """A topic with its opening post (``body=``); the author is a member unless given."""
    number = next(numbers)
    community = community or make_community()
    author = author or make_membership(community).person
    body = fields.pop("body", "<p>What worked with you?</p>")
    nonce = fields.pop("nonce", None)
    at = fields.pop("created_at", None) or timezone.now()
    topic = Topic.objects.create(
        community=community,
        author=author,
        last_post_by=author,
        **{
            "kind": TopicKind.QUESTION,
            "title": f"Topic {number}",
            "language": "en",
            "created_at": at,
            "last_post_at": at,
            **fields,
        },
    )
    Post.objects.create(topic=topic, number=1, author=author, body=body, created_at=at, nonce=nonce)
    index(topic)
    community.topic_count = community.topics.shown().count()
    community.save(update_fields=["topic_count"])
    return topic


def make_post(topic: Topic | None = None, author: Any = None, **fields: Any) -> Post:
    """A reply, next in number; topic and author (a member) are made when not given."""
    topic = topic or make_topic()
    author = author or make_membership(topic.community).person
    topic.post_count += 1
    post = Post.objects.create(
        topic=topic,
        number=topic.post_count,
        author=author,
        **{"body": "<p>This worked with us.</p>", "created_at": timezone.now(), **fields},
    )
    topic.last_post_at, topic.last_post_by = post.created_at, author
    topic.save(update_fields=["post_count", "last_post_at", "last_post_by"])
    index(topic)
    return post


def make_attachment(post: Post | None = None, **fields: Any) -> Attachment:
    """A stored text file that hangs on a post; no bytes on disk."""
    number = next(numbers)
    post = post or make_topic().posts.get()
    stored = StoredFile.objects.create(
        **{
            "name": f"plan-{number}.txt",
            "kind": FileKind.TEXT,
            "content_type": "text/plain; charset=utf-8",
            "size": 5,
            "sha256": f"{number:064x}",
            "blob": f"aa/{number}",
            "uploaded_by": post.author,
            **fields,
        }
    )
    attachment = Attachment.objects.create(post=post, file=stored, position=post.attachments.count())
    Topic.objects.filter(pk=post.topic_id).update(
        file_count=Attachment.objects.filter(post__topic=post.topic_id).count()
    )
    return attachment


def make_meeting(community: Community | None = None, by: Any = None, **fields: Any) -> Meeting:
    """A planned meeting in a week (``starts_at=``), without invitations; ``by`` facilitates the community."""
    community = community or make_community()
    by = by or make_facilitator(community)
    starts_at = fields.pop("starts_at", timezone.now() + timedelta(days=7))
    minutes = fields.get("minutes_long", 90)
    return Meeting.objects.create(
        community=community,
        created_by=by,
        starts_at=starts_at,
        **{
            "title": f"Meeting {next(numbers)}",
            "state": MeetingState.PLANNED,
            "ends_at": starts_at and starts_at + timedelta(minutes=minutes),
            "place": "Town hall",
            **fields,
        },
    )


def make_invitee(meeting: Meeting | None = None, person: Any = None, **fields: Any) -> Invitee:
    """A member who is invited and has not answered (``answer=``)."""
    meeting = meeting or make_meeting()
    person = person or make_membership(meeting.community).person
    if fields.get("answer", Coming.SILENT) != Coming.SILENT:
        fields.setdefault("answered_at", timezone.now())
    return Invitee.objects.create(meeting=meeting, person=person, **fields)


def make_agenda_item(meeting: Meeting | None = None, **fields: Any) -> AgendaItem:
    """A line on the agenda, by the one who planned the meeting."""
    meeting = meeting or make_meeting()
    number = next(numbers)
    return AgendaItem.objects.create(
        meeting=meeting,
        **{
            "title": f"Item {number}",
            "position": number,
            "proposed_by": meeting.created_by,
            **fields,
        },
    )


__all__ = [
    "make_agenda_item",
    "make_attachment",
    "make_community",
    "make_facilitator",
    "make_invitee",
    "make_meeting",
    "make_member",
    "make_membership",
    "make_post",
    "make_topic",
    "make_user",
]
