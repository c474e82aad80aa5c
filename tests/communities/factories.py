"""The smallest valid communities, memberships, topics and posts; counters and search columns as the actions leave them."""

import itertools
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.utils import timezone

from communities.enums import (
    Access,
    Coming,
    MeetingState,
    MembershipState,
    MinutesState,
    Moderation,
    ParagraphKind,
    Part,
    Stage,
    TopicKind,
)
from communities.models import (
    AgendaItem,
    Attachment,
    Community,
    CommunityInvitation,
    CommunityProposal,
    Consultation,
    Contribution,
    Decision,
    HeldFile,
    HeldPost,
    Invitee,
    Meeting,
    Membership,
    Minutes,
    Paragraph,
    PeerRequest,
    Post,
    Series,
    Task,
    Topic,
)
from communities.models.consultation import REST
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


def make_community_invitation(community: Community | None = None, **fields: Any) -> CommunityInvitation:
    """An open invitation whose letter went out just now, to somebody who is not in the network."""
    community = community or make_community()
    now = fields.get("invited_at") or timezone.now()
    inviter = fields.pop("invited_by", None) or make_facilitator(community)
    return CommunityInvitation.objects.create(
        community=community,
        invited_by=inviter,
        **{
            "email": f"invited{next(numbers)}@city.example",
            "language": "en",
            "invited_at": now,
            "mailed_at": now,
            "expires_at": now + timedelta(days=30),
            **fields,
        },
    )


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


def make_held(
    community: Community | None = None, author: Any = None, topic: Topic | None = None, **fields: Any
) -> HeldPost:
    """A new topic that waits for a facilitator, or an answer in a ``topic``; a file hangs on it (``file_name=``)."""
    community = community or (topic.community if topic else make_community(moderation=Moderation.EVERYBODY))
    author = author or make_membership(community).person
    opening = {} if topic else {"kind": TopicKind.QUESTION, "title": f"Held {next(numbers)}"}
    file_name = fields.pop("file_name", "")
    held = HeldPost.objects.create(
        community=community,
        topic=topic,
        author=author,
        **{"body": "<p>Not yet.</p>", "nonce": uuid4(), **opening, **fields},
    )
    if file_name:
        stored = make_attachment(make_topic(community, author).posts.get(), name=file_name).file
        stored.post_attachment.delete()
        HeldFile.objects.create(held=held, file=stored)
    return held


def make_proposal(person: Any = None, **fields: Any) -> CommunityProposal:
    """A community that a member proposes to facilitate."""
    person = person or make_member()
    proposal = CommunityProposal.objects.create(
        proposed_by=person,
        **{
            "name": f"Proposal {next(numbers)}",
            "purpose": "To share kits.",
            "audience": "Teachers",
            "nonce": uuid4(),
            **fields,
        },
    )
    proposal.facilitators.add(person)
    return proposal


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


def make_series(community: Community | None = None, **fields: Any) -> Series:
    """A monthly series without meetings."""
    return Series.objects.create(community=community or make_community(), **fields)


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


def make_held_meeting(community: Community | None = None, by: Any = None, **fields: Any) -> Meeting:
    """A planned meeting that began two hours ago and is over."""
    return make_meeting(community, by, **{"starts_at": timezone.now() - timedelta(hours=2), **fields})


def make_minutes(
    meeting: Meeting | None = None, state: str = MinutesState.DRAFT, number: int = 1, **fields: Any
) -> Minutes:
    """Minutes of a closed meeting with one paragraph of text; sent ones wait for remarks a week, approved ones are numbered."""
    meeting = meeting or make_held_meeting()
    if meeting.state != MeetingState.CLOSED:
        meeting.state, meeting.closed_at, meeting.closed_by = (
            MeetingState.CLOSED,
            timezone.now(),
            meeting.created_by,
        )
        meeting.save()
    now = timezone.now()
    sent, approved = {}, {"state": state}
    if state != MinutesState.DRAFT:
        sent = {"sent_at": now, "sent_by": meeting.created_by, "approves_at": now + timedelta(days=7)}
    if state == MinutesState.APPROVED:
        sent["approves_at"] = now
        approved |= {"approved_at": now, "number": number, "fingerprint": "0" * 64}
    minutes = Minutes.objects.create(
        community=meeting.community,
        meeting=meeting,
        state=MinutesState.DRAFT if state == MinutesState.DRAFT else MinutesState.SENT,
        created_by=meeting.created_by,
        **{**sent, **fields},
    )
    for place, kind in enumerate(ParagraphKind, 1):
        words = {"heading": "Labs", "body": "We talked."} if kind == ParagraphKind.TEXT else {}
        Paragraph.objects.create(minutes=minutes, kind=kind, position=place, **words)
    if state == MinutesState.APPROVED:  # nothing can be put into approved ones
        Minutes.objects.filter(pk=minutes.pk).update(**approved)
        minutes.refresh_from_db()
    index(minutes)
    return minutes


def make_decision(meeting: Meeting | None = None, **fields: Any) -> Decision:
    """A decision that is not approved yet (``approved_at=`` and ``number=`` for one that is)."""
    meeting = meeting or make_held_meeting()
    decision = Decision.objects.create(
        community=meeting.community,
        meeting=meeting,
        **{
            "text": f"Decision {next(numbers)}",
            "decided_on": timezone.localdate(meeting.starts_at),
            "nonce": uuid4(),
            "created_by": meeting.created_by,
            **fields,
        },
    )
    index(decision)
    return decision


def make_task(meeting: Meeting | None = None, owner: Any = None, **fields: Any) -> Task:
    """An open task of a member, without a date."""
    meeting = meeting or make_held_meeting()
    return Task.objects.create(
        community=meeting.community,
        meeting=meeting,
        owner=owner or make_membership(meeting.community).person,
        **{"text": f"Task {next(numbers)}", "nonce": uuid4(), "created_by": meeting.created_by, **fields},
    )


def make_consultation(
    community: Community | None = None, author: Any = None, stage: str = Stage.QUESTIONS, **fields: Any
) -> Consultation:
    """A peer consultation in its first stage; ``title`` and the like are of its topic."""
    own = {name: fields.pop(name) for name in ("tried", "would_help", "outcome_due_on") if name in fields}
    context = fields.pop("context", "The teacher left in the middle of the year.")
    topic = make_topic(community, author, **{"kind": TopicKind.CONSULTATION, **fields})
    if stage in (Stage.OUTCOME, Stage.DONE):
        own.setdefault("outcome_due_on", timezone.localdate())
    return Consultation.objects.create(
        topic=topic, stage=stage, context=context, moved_at=topic.created_at, **own
    )


def make_contribution(
    consultation: Consultation | None = None, author: Any = None, part: str = Part.ADVICE, **fields: Any
) -> Post:
    """A post in a consultation: a piece of advice unless told otherwise."""
    consultation = consultation or make_consultation(stage=Stage.ADVICE)
    answers = fields.pop("answers", None)
    post = make_post(consultation.topic, author, **fields)
    Contribution.objects.create(post=post, part=part, answers=answers)
    return post


def make_peer_request(
    consultation: Consultation | None = None, person: Any = None, **fields: Any
) -> PeerRequest:
    """A member who was asked just now by who leads the consultation."""
    consultation = consultation or make_consultation()
    asked_at = fields.pop("asked_at", None) or timezone.now()
    return PeerRequest.objects.create(
        consultation=consultation,
        person=person or make_membership(consultation.topic.community).person,
        asked_by=consultation.topic.author,
        asked_at=asked_at,
        rests_until=asked_at + REST,
        **fields,
    )


__all__ = [
    "make_agenda_item",
    "make_attachment",
    "make_community",
    "make_consultation",
    "make_contribution",
    "make_decision",
    "make_facilitator",
    "make_held",
    "make_held_meeting",
    "make_invitee",
    "make_meeting",
    "make_member",
    "make_membership",
    "make_minutes",
    "make_peer_request",
    "make_post",
    "make_proposal",
    "make_series",
    "make_task",
    "make_topic",
    "make_user",
]
