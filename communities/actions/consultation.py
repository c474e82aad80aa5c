"""Peer consultations: beginning one, moving it on, asking colleagues personally, and asking later what came of it."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction
from django.utils import timezone, translation
from django.utils.html import format_html_join, linebreaks
from django.utils.safestring import mark_safe

from communities import rules
from communities.actions import post as posts
from communities.actions import topic as topics
from communities.actions.membership import TooLate
from communities.actions.stages import begin
from communities.emails import headings_of_case, whereabouts
from communities.enums import Stage, TopicKind
from communities.models import Community, Consultation, HeldPost, PeerRequest, Post
from communities.models.consultation import REST
from communities.models.peers import Peer, suggest_peers
from munistem.commons import audit
from munistem.commons.days.quiet import is_quiet
from munistem.commons.days.working import is_working
from munistem.commons.notices.actions import mark_read, tell

#: So many colleagues may be asked personally in one consultation.
MOST_ASKED = 6
#: The letter that asks what came of it leaves on a working morning; later than this it is dropped, My day asks on.
MORNING, EVENING = time(9), time(18)
LATE = timedelta(days=14)
ORDER = list(Stage)


def case_body(case: dict[str, str], language: str) -> str:
    """The opening post of a consultation: its case under headings in the language it is written in."""
    with translation.override(language):
        parts = [(heading, case[name]) for name, heading in headings_of_case() if case[name].strip()]
    shown = [(heading, mark_safe(linebreaks(text, autoescape=True))) for heading, text in parts]
    return str(format_html_join("", "<h2>{}</h2>{}", shown))


@transaction.atomic
def open_consultation(
    *,
    by: Any,
    community: Community,
    question: str,
    context: str,
    tried: str = "",
    would_help: str = "",
    files: Iterable[Any] = (),
    nonce: UUID | None = None,
) -> Consultation | HeldPost:
    """Tell of a case and ask colleagues for advice. A form sent twice makes one; raises TooLate for who is no member.

    Where a facilitator reads it first, the text that waits is returned.
    """
    case = {"context": context, "tried": tried, "would_help": would_help}
    language = topics.language_of(f"{question} {context}", community.language)
    topic = topics.open_topic(
        by=by,
        community=community,
        kind=TopicKind.CONSULTATION,
        title=question,
        body=case_body(case, language),
        files=files,
        nonce=nonce,
    )
    if isinstance(topic, HeldPost):
        return keep_case(topic, case)
    consultation, _is_new = Consultation.objects.get_or_create(
        topic=topic, defaults={**case, "moved_at": topic.created_at}
    )
    return consultation


@transaction.atomic
def edit_case(
    *,
    by: Any,
    consultation: Consultation,
    question: str,
    context: str,
    tried: str,
    would_help: str,
    seen: datetime | None,
    **files: Any,
) -> Post | HeldPost:
    """Tell the case otherwise; what it said before is kept. Raises StaleEdit and TooLate as ``edit_post`` does.

    files: ``files`` and ``dropped`` as there.
    """
    topic, case = consultation.topic, {"context": context, "tried": tried, "would_help": would_help}
    opening = Post.objects.get(topic=topic, number=1)
    opening.topic = topic
    body = case_body(case, topic.language)
    post = posts.edit_post(by=by, post=opening, body=body, title=question, seen=seen, **files)
    if isinstance(post, HeldPost):
        return keep_case(post, case)
    Consultation.objects.filter(pk=consultation.pk).update(**case)
    return post


def keep_case(held: HeldPost, case: dict[str, str]) -> HeldPost:
    """Keep the fields of a case with the text of it that waits."""
    if held.is_open:
        held.details = {**held.details, "case": case}
        held.save(update_fields=["details"])
    return held


def lock(consultation: Consultation) -> Consultation:
    """The consultation anew with its topic, which is locked."""
    topic = topics.lock(consultation.topic)
    row = Consultation.objects.get(pk=consultation.pk)
    row.topic = topic
    return row


@transaction.atomic
def move(*, by: Any, consultation: Consultation, to: str) -> Consultation:
    """Begin to ask for advice, or to gather what one takes from it; who is there already stays there.

    Raises TooLate for who may not (any more) move it.
    """
    row, stage = lock(consultation), Stage(to)
    if stage not in (Stage.ADVICE, Stage.TAKING) or not rules.leads_consultation(by, row.topic):
        raise TooLate
    if ORDER.index(Stage(row.stage)) >= ORDER.index(stage):
        return row
    begin(row, stage, by=by)
    if stage == Stage.ADVICE:
        tell_of_advice(row, by=by)
    return row


def tell_of_advice(consultation: Consultation, *, by: Any) -> None:
    """Those who asked to understand the case hear that their advice is wanted now."""
    topic = consultation.topic
    members = topic.community.memberships.present().values("person")
    wrote = Post.objects.shown().filter(topic=topic).values("author")
    people = get_user_model().objects.filter(pk__in=wrote).filter(pk__in=members).only("pk", "is_active")
    tell("advice_wanted", topic, people, by=by, reason="author", **whereabouts(topic), title=topic.title)


# Asking colleagues personally ----------------------------------------------------------------------------


@transaction.atomic
def ask_peers(
    *, by: Any, consultation: Consultation, people: Iterable[int], line: str = ""
) -> tuple[list[PeerRequest], list[Peer]]:
    """Ask members personally for their advice; returns the requests made, and those who were asked elsewhere meanwhile.

    people: keys of persons out of ``suggest_peers``, others are passed over. Raises TooLate when nobody may be asked here.
    """
    row = lock(consultation)
    if not rules.can_ask_peers(by, row):
        raise TooLate
    wanted, left = set(people), MOST_ASKED - row.requests.count()
    chosen = [peer for peer in suggest_peers(row, most=None) if peer.pk in wanted][: max(left, 0)]
    made, resting = [], []
    for peer in sorted(
        chosen, key=lambda one: one.pk
    ):  # in one order, so that two askers never wait for each other
        if request := ask(row, peer, by=by, line=line):
            made.append(request)
        else:
            resting.append(peer)
    return made, resting


def ask(consultation: Consultation, peer: Peer, *, by: Any, line: str) -> PeerRequest | None:
    """Ask one person; None when somebody else did so less than a month ago."""
    now = timezone.now()
    try:
        with transaction.atomic():
            request = PeerRequest.objects.create(
                consultation=consultation,
                person_id=peer.pk,
                asked_by=by,
                asked_at=now,
                rests_until=now + REST,
                line=line,
                reasons=list(peer.reasons),
            )
    except IntegrityError:
        return None
    audit.record("ask_peer", consultation.topic, by=by, person=peer.pk)
    topic, person = consultation.topic, get_user_model().objects.get(pk=peer.pk)
    about: dict[str, Any] = {
        "title": topic.title,
        "line": line,
        "reasons": list(peer.reasons),
        "topic": topic.pk,
    }
    tell("peer_asked", request, {person: "asked"}, by=by, **whereabouts(topic), **about)
    return request


@transaction.atomic
def put_off(*, by: Any, request: PeerRequest) -> PeerRequest:
    """Say “not now”; nobody else is told. Twice is once."""
    row = PeerRequest.objects.select_for_update().get(pk=request.pk, person=by)
    if row.put_off_at is None:
        row.put_off_at = timezone.now()
        row.save(update_fields=["put_off_at"])
        mark_read(by=by, things=[row])
    return row


# What came of it -----------------------------------------------------------------------------------------


def ask_for_outcomes(now: datetime | None = None) -> int:
    """Ask those whose two months are over what came of it, once; returns how many were asked. Harmless when repeated."""
    now = now or timezone.now()
    local = timezone.localtime(now)
    if is_quiet(now) or not is_working(local.date()) or not MORNING <= local.time() < EVENING:
        return 0
    due = Consultation.objects.due_for_outcome(local.date()).filter(outcome_asked_at__isnull=True)
    return sum(ask_for_outcome(pk, now) for pk in due.order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def ask_for_outcome(pk: int, now: datetime) -> bool:
    """Ask of one consultation, and mark it in the same transaction; returns whether a letter leaves."""
    row = lock(Consultation.objects.select_related("topic").get(pk=pk))
    if row.stage != Stage.OUTCOME or row.outcome_asked_at or not row.outcome_due_on:
        return False
    row.outcome_asked_at = now
    row.save(update_fields=["outcome_asked_at"])
    topic = row.topic
    is_late = timezone.localdate(now) - row.outcome_due_on > LATE
    is_there = rules.leads_consultation(topic.author, topic)
    if is_late or not is_there:
        return False
    tell("outcome_asked", topic, {topic.author: "sender"}, **whereabouts(topic), title=topic.title)
    audit.record("ask_for_outcome", topic)
    return True
