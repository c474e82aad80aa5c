"""Communities of each access, with topics and posts, shown and hidden."""

from collections.abc import Iterator
from typing import Any

from django.urls import reverse
from django.utils import timezone

from communities.enums import Access, MembershipState, TopicKind
from communities.models import Attachment, Community, Edit, Membership, Post, Topic
from munistem.commons.audit.actions import key
from munistem.commons.notices.models import Event, Notice
from munistem.commons.search.actions import index
from munistem.front.management.probe.between import between, reported
from munistem.front.management.probe.gatherings import meetings
from munistem.front.management.probe.held import held
from munistem.front.management.probe.marks import Probed, file, mark
from munistem.front.management.probe.roles import MATRIX, Cast

INSIDE = ["cmember", "facilitator", "admin"]


def communities(cast: Cast) -> Iterator[Probed]:
    """Each access with topics and posts, shown and hidden; who was removed from the closed one keeps old notices."""
    for access in Access:
        community, probed = community_of(cast, access)
        yield probed
        readers = MATRIX if access == Access.OPEN else INSIDE
        yield from topics(cast, community, access, readers)
        yield from meetings(cast, community, access, readers)
        yield from between(cast, community, access, readers)


def community_of(cast: Cast, access: str) -> tuple[Community, Probed]:
    name, purpose = mark(), mark()
    community = Community.objects.create(slug=name, name=name, purpose=purpose, access=access, language="en")
    index(community)
    rows = [
        ("facilitator", MembershipState.ACTIVE),
        ("cmember", MembershipState.ACTIVE),
        ("exmember", MembershipState.REMOVED),
    ]
    for role, state in rows:
        Membership.objects.create(
            community=community, person=cast.people[role], state=state, is_facilitator=role == "facilitator"
        )
    Community.objects.filter(pk=community.pk).update(member_count=2)
    url = community.get_absolute_url()
    known = INSIDE if access == Access.CLOSED else MATRIX
    urls = [f"{url}people/", f"{url}library/", f"{url}topics/new/", f"{url}meetings/", f"{url}calendar/"]
    return community, Probed(
        "community", str(access), community.slug, known, url, [name, purpose], urls=urls, edit=f"{url}edit/"
    )


def topics(cast: Cast, community: Community, access: str, readers: list[str]) -> Iterator[Probed]:
    author, admin = cast.people["cmember"], cast.people["admin"]
    for is_hidden in (False, True):
        hidden = (
            {"hidden_at": timezone.now(), "hidden_by": admin, "hidden_reason": "probe"} if is_hidden else {}
        )
        topic, marks = topic_of(community, author, **hidden)
        seen_by = INSIDE if is_hidden else readers
        name = f"{access}{'-hidden' if is_hidden else ''}"
        opening = topic.posts.get(number=1)
        attachment, file_marks = attach(opening)
        urls = [opening.get_absolute_url(), f"/posts/{opening.pk}/history/", *attachment]
        edit = f"/posts/{opening.pk}/edit/"
        yield Probed(
            "topic", name, topic.pk, seen_by, topic.get_absolute_url(), marks, file_marks, urls, edit
        )
        if not is_hidden:
            yield from posts(cast, topic, access, readers)
            yield from held(cast, community, access, topic)
            leave_notice(cast.people["exmember"], topic, by=author)


def topic_of(community: Community, author: Any, **fields: Any) -> tuple[Topic, list[str]]:
    title, body, before, now = mark(), mark(), mark(), timezone.now()
    topic = Topic.objects.create(
        community=community, kind=TopicKind.QUESTION, title=title, language="en", author=author, created_at=now, last_post_at=now,
        last_post_by=author, **fields,
    )  # fmt: skip
    post = Post.objects.create(topic=topic, number=1, author=author, body=f"<p>{body}</p>", created_at=now)
    Edit.objects.create(post=post, title=title, body=f"<p>{before}</p>", replaced_by=author)
    index(topic)
    return topic, [title, body, before]


def attach(post: Post) -> tuple[list[str], list[str]]:
    stored, marks = file(post.author)
    Attachment.objects.create(post=post, file=stored)
    Topic.objects.filter(pk=post.topic_id).update(file_count=1)
    index(post.topic)
    url = reverse("serve_post_file", args=[post.topic_id, stored.key])
    return [url, f"{url}preview/"], marks


def posts(cast: Cast, topic: Topic, access: str, readers: list[str]) -> Iterator[Probed]:
    author, admin = cast.people["cmember"], cast.people["admin"]
    for number, is_hidden in ((2, False), (3, True)):
        body = mark()
        hidden = (
            {"hidden_at": timezone.now(), "hidden_by": admin, "hidden_reason": "probe"} if is_hidden else {}
        )
        post = Post.objects.create(
            topic=topic,
            number=number,
            author=author,
            body=f"<p>{body}</p>",
            created_at=timezone.now(),
            **hidden,
        )
        Topic.objects.filter(pk=topic.pk).update(post_count=number)
        index(topic)
        url, name = post.get_absolute_url(), f"{access}{'-hidden' if is_hidden else ''}"
        seen_by = INSIDE if is_hidden else readers
        yield Probed(
            "post",
            name,
            post.pk,
            seen_by,
            topic.get_absolute_url(),
            [body],
            urls=[url, f"{url}history/"],
            edit=f"{url}edit/",
        )
        if not is_hidden:
            yield reported(cast, post, access)


def leave_notice(reader: Any, topic: Topic, *, by: Any) -> None:
    """What the former member was told while still in."""
    data = {
        "title": topic.title,
        "post": topic.posts.get(number=1).pk,
        "community": topic.community.name,
        "kind": topic.kind,
    }
    event = Event.objects.create(kind="topic_opened", subject=key(topic), actor=by, data=data)
    Notice.objects.create(event=event, reader=reader, reason="member")
