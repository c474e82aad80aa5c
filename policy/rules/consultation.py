"""Who may open a version to the network, comment on it, and answer; who works on a roundtable."""

from typing import Any

from policy.enums import VersionState
from policy.models import (
    Consultation,
    ConsultationComment,
    Contribution,
    RecommendationVersion,
    RoundtableSeat,
)
from policy.rules.seeing import can_see_recommendation, convenes, is_admin
from policy.rules.version import can_keep_roundtable


def in_network(user: Any) -> bool:
    return user.is_authenticated and user.is_in_network


def can_see_consultation(user: Any, consultation: Consultation) -> bool:
    """Twin of ``Consultation.objects.visible_to``."""
    if is_admin(user) or in_network(user):
        return True
    return convenes(user, consultation.version.recommendation.roundtable_id)


def can_see_comment(user: Any, comment: ConsultationComment) -> bool:
    """Twin of ``ConsultationComment.objects.visible_to``."""
    if not can_see_consultation(user, comment.consultation):
        return False
    if comment.hidden_at is None or is_admin(user) or comment.written_by_id == user.pk:
        return True
    return convenes(user, comment.consultation.version.recommendation.roundtable_id)


def is_reportable(user: Any, comment: ConsultationComment) -> bool:
    """Whether a person who sees a comment may ask the admins to look at it: it is somebody else's, and not hidden."""
    return user.is_authenticated and comment.hidden_at is None and comment.written_by_id != user.pk


def can_report_comment(user: Any, comment: ConsultationComment) -> bool:
    """Ask the admins to look at what somebody else wrote."""
    return is_reportable(user, comment) and can_see_comment(user, comment)


def can_moderate_comment(user: Any, comment: ConsultationComment) -> bool:
    """Hide a comment or leave it as it is."""
    return comment.hidden_at is None and is_admin(user)


def can_open_consultation(user: Any, version: RecommendationVersion) -> bool:
    """Ask the network about a draft."""
    return version.state == VersionState.DRAFT and can_keep_roundtable(
        user, version.recommendation.roundtable
    )


def can_comment(user: Any, consultation: Consultation) -> bool:
    """Say something to a paragraph: people of the network while it is open."""
    return consultation.is_open and in_network(user)


def can_answer_comments(user: Any, consultation: Consultation) -> bool:
    """Answer for the version: those who convene the roundtable and admins, also once it closed."""
    return can_keep_roundtable(user, consultation.version.recommendation.roundtable)


def can_close_consultation(user: Any, consultation: Consultation) -> bool:
    return consultation.closed_at is None and can_answer_comments(user, consultation)


# The workspace of a roundtable ---------------------------------------------------------------------------


def can_see_seat(user: Any, seat: RoundtableSeat) -> bool:
    """Twin of ``RoundtableSeat.objects.visible_to``."""
    return is_admin(user) or convenes(user, seat.roundtable_id)


def can_see_contribution(user: Any, contribution: Contribution) -> bool:
    """Twin of ``Contribution.objects.visible_to``."""
    if is_admin(user) or convenes(user, contribution.roundtable_id):
        return True
    return in_network(user) and any(
        use.version.was_adopted and can_see_recommendation(user, use.version.recommendation)
        for use in contribution.uses.select_related("version__recommendation__roundtable")
    )
