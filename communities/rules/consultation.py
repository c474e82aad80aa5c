"""Peer consultations: who asked leads, colleagues question and advise."""

from typing import Any

from communities.enums import Part, Stage, TopicKind
from communities.models import Community, Consultation, PeerRequest, Topic
from communities.rules.community import can_moderate, is_in_network, is_member
from communities.rules.topic import can_post_topic, can_see_topic, is_writable


def can_see_consultation(user: Any, consultation: Consultation) -> bool:
    """Twin of ``Consultation.objects.visible_to``."""
    return can_see_topic(user, consultation.topic)


def can_see_peer_request(user: Any, request: PeerRequest) -> bool:
    """Twin of ``PeerRequest.objects.visible_to``."""
    if not user.is_authenticated or not can_see_consultation(user, request.consultation):
        return False
    topic = request.consultation.topic
    return user.pk in (request.person_id, topic.author_id) or can_moderate(user, topic.community)


def can_consult(user: Any, community: Community) -> bool:
    """Tell colleagues of a case and ask for their advice."""
    return can_post_topic(user, community)


def leads_consultation(user: Any, topic: Topic) -> bool:
    """Who asked, while a member and while one may write in the topic."""
    if topic.kind != TopicKind.CONSULTATION or not user.is_authenticated or topic.author_id != user.pk:
        return False
    return is_writable(topic) and is_member(user, topic.community)


def can_move_consultation(user: Any, consultation: Consultation) -> bool:
    """Go on to the next stage by a button; the later ones begin with what is written in them."""
    return consultation.is_open and leads_consultation(user, consultation.topic)


def can_edit_case(user: Any, consultation: Consultation) -> bool:
    """Who asked, and facilitators and admins as with any post."""
    topic = consultation.topic
    if topic.hidden_at or topic.community.archived_at:
        return False
    return leads_consultation(user, topic) or can_moderate(user, topic.community)


def can_ask_peers(user: Any, consultation: Consultation) -> bool:
    """Ask colleagues personally: who asked for the consultation, and who facilitates."""
    topic = consultation.topic
    if not consultation.is_open or not is_writable(topic) or not is_in_network(user):
        return False
    return leads_consultation(user, topic) or can_moderate(user, topic.community)


def can_put_off(user: Any, request: PeerRequest) -> bool:
    """Say “not now” to a request that still waits; the person alone."""
    is_own = user.is_authenticated and request.person_id == user.pk
    return is_own and request.consultation.is_open and can_see_consultation(user, request.consultation)


def parts_for(user: Any, consultation: Consultation) -> list[Part]:
    """Under which headings this member may write now, the usual one first; none for who may not write at all."""
    topic = consultation.topic
    if not is_writable(topic) or not is_member(user, topic.community):
        return []
    own = leads_consultation(user, topic)
    return {
        Stage.QUESTIONS: [Part.QUESTION],
        Stage.ADVICE: [Part.ADVICE] if own else [Part.ADVICE, Part.QUESTION],
        Stage.TAKING: [Part.TAKEAWAY, Part.ADVICE] if own else [Part.ADVICE],
        Stage.OUTCOME: [Part.OUTCOME, Part.ADVICE] if own else [Part.ADVICE],
        Stage.DONE: [Part.ADVICE],
    }[Stage(consultation.stage)]


def can_offer_topic(user: Any, topic: Topic) -> bool:
    """Make a knowledge item of a discussion: who opened it, and who facilitates; of a consultation who asked alone.

    A consultation is ripe once its author said what they take; any other topic once somebody answered.
    """
    if topic.hidden_at or (not is_member(user, topic.community) and not can_moderate(user, topic.community)):
        return False
    if topic.kind == TopicKind.CONSULTATION:
        ripe = Consultation.objects.filter(topic=topic, stage__in=[Stage.OUTCOME, Stage.DONE])
        return topic.author_id == user.pk and ripe.exists()
    return topic.post_count > 1 and (topic.author_id == user.pk or can_moderate(user, topic.community))
