"""What passes between a community and its people: requests, invitations, proposals, reports, cases and what is asked of one."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone

from communities.enums import Access, MembershipState, TopicKind
from communities.models import (
    Community,
    CommunityInvitation,
    CommunityProposal,
    Consultation,
    Membership,
    PeerRequest,
    Post,
    Topic,
)
from knowledge.enums import ExportState
from knowledge.models import Export
from munistem.commons.audit.actions import key
from munistem.commons.reports.models import Report, Why
from munistem.commons.search.actions import index
from munistem.front.management.probe.marks import Probed, mark
from munistem.front.management.probe.roles import Cast

LEADERS = ["facilitator", "admin"]
WEEK, MONTH = timedelta(days=7), timedelta(days=30)


def between(cast: Cast, community: Community, access: str, readers: list[str]) -> Iterator[Probed]:
    yield asked(cast, community, access)
    yield invited(cast, community, access)
    yield from consulted(cast, community, access, readers)
    yield exported(cast, community, access)


def asked(cast: Cast, community: Community, access: str) -> Probed:
    """Somebody asks to join, with a few words."""
    note = mark()
    row = Membership.objects.create(
        community=community, person=cast.people["victim2"], state=MembershipState.ASKED, note=note
    )
    people = reverse("list_community_people", args=[community.slug])
    pages = [reverse("decline_member", args=[community.slug, row.pk])]
    return Probed("request to join", access, row.pk, LEADERS, people, [note], urls=pages)


def invited(cast: Cast, community: Community, access: str) -> Probed:
    """Somebody new to the network was asked into the community by mail."""
    name, box, now = mark(), mark(), timezone.now()
    row = CommunityInvitation.objects.create(
        community=community,
        email=f"{box}@probe.example",
        name=name,
        language="en",
        text="Welcome",
        invited_by=cast.people["facilitator"],
        mailed_at=now,
        expires_at=now + WEEK,
    )
    detail = reverse("invite_by_list", args=[community.slug])
    return Probed("community invitation", access, row.pk, LEADERS, detail, [name, box])


def consulted(cast: Cast, community: Community, access: str, readers: list[str]) -> Iterator[Probed]:
    """A case that a facilitator brings, and a member who is asked personally."""
    author, now = cast.people["facilitator"], timezone.now()
    title, context, tried = mark(), mark(), mark()
    topic = Topic.objects.create(
        community=community,
        kind=TopicKind.CONSULTATION,
        title=title,
        language="en",
        author=author,
        created_at=now,
        last_post_at=now,
        last_post_by=author,
    )
    body = f"<p>{context}</p><p>{tried}</p>"  # as the form of a case writes it
    Post.objects.create(topic=topic, number=1, author=author, body=body, created_at=now)
    case = Consultation.objects.create(topic=topic, context=context, tried=tried)
    index(topic)
    url = topic.get_absolute_url()
    yield Probed("peer consultation", access, topic.pk, readers, url, [title], [context, tried])
    if access == Access.CLOSED:  # nobody is asked twice a month
        yield asked_personally(cast, case)


def asked_personally(cast: Cast, case: Consultation) -> Probed:
    """A few words to one member, seen by that member alone."""
    line, now = mark(), timezone.now()
    row = PeerRequest.objects.create(
        consultation=case,
        person=cast.people["cmember"],
        asked_by=case.topic.author,
        asked_at=now,
        rests_until=now + MONTH,
        line=line,
    )
    return Probed("peer request", "own", row.pk, ["cmember"], case.get_absolute_url(), [], [line])


def exported(cast: Cast, community: Community, access: str) -> Probed:
    """A file of the whole community."""
    word, now = mark(), timezone.now()
    row = Export(
        community=community,
        language="en",
        asked_by=cast.people["facilitator"],
        state=ExportState.READY,
        built_at=now,
        expires_at=now + WEEK,
    )
    row.blob.save("export.zip", ContentFile(word.encode()), save=True)
    detail = reverse("serve_export", args=[community.slug, row.key])
    return Probed("export", access, row.key, LEADERS, detail, [], [word])


def reported(cast: Cast, post: Post, access: str) -> Probed:
    """A reader asks the facilitators to look at a post."""
    note, url = mark(), post.topic.get_absolute_url()
    reporter: Any = cast.people["victim1"]
    row = Report.objects.create(subject=key(post), url=url, why=Why.HURTFUL, note=note, reporter=reporter)
    return Probed("moderation report", access, row.pk, LEADERS, url, [], [note])


def proposed(cast: Cast) -> Probed:
    """A community that a manager would like to open."""
    name, purpose, audience = mark(), mark(), mark()
    row = CommunityProposal.objects.create(
        name=name, purpose=purpose, audience=audience, proposed_by=cast.people["manager"], nonce=uuid4()
    )
    row.facilitators.add(cast.people["manager"])
    url = row.get_absolute_url()
    return Probed(
        "community proposal", "waiting", row.pk, ["manager", "admin"], url, [name], [purpose, audience]
    )
