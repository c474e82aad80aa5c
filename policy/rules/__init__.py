"""Who may do what with recommendations and the answers to them: pure questions about a person (visitors included).

``can_see_…`` are the twins of ``visible_to``.
"""

from typing import Any

from knowledge.rules import acts_for, can_see_item, manages
from members.enums import OrganisationType
from members.models import Organisation
from policy.enums import EndorsementState, ReportField
from policy.models import Endorsement, ProgressReport, RecommendationItem
from policy.models.endorsement import CARRIED_OUT
from policy.models.progress import reads_for_network
from policy.rules.consultation import (
    can_answer_comments,
    can_close_consultation,
    can_comment,
    can_open_consultation,
    can_see_comment,
    can_see_consultation,
    can_see_contribution,
    can_see_seat,
)
from policy.rules.seeing import can_see_recommendation, can_see_roundtable, convenes, is_admin
from policy.rules.version import (
    can_adopt_version,
    can_keep_roundtable,
    can_see_version,
    can_withdraw_version,
    can_write_version,
)

__all__ = [
    "can_adopt_version",
    "can_answer_comments",
    "can_close_consultation",
    "can_comment",
    "can_keep_roundtable",
    "can_open_consultation",
    "can_see_comment",
    "can_see_consultation",
    "can_see_contribution",
    "can_see_recommendation",
    "can_see_roundtable",
    "can_see_seat",
    "can_see_version",
    "can_withdraw_version",
    "can_write_version",
    "convenes",
    "is_admin",
]

#: Types of organisations that answer recommendations.
ANSWERING = (OrganisationType.MUNICIPALITY, OrganisationType.CLUSTER)


def represents(user: Any, organisation_id: int) -> bool:
    """Whether the person is active and has a mandate in force for the organisation."""
    return user.is_authenticated and user.is_active and acts_for(user, organisation_id)


# Seeing --------------------------------------------------------------------------------------------------


def can_see_recommendation_item(user: Any, link: RecommendationItem) -> bool:
    """Twin of ``RecommendationItem.objects.visible_to``."""
    is_published = link.item.published_id is not None and link.item.withdrawn_at is None
    return (
        is_published and can_see_item(user, link.item) and can_see_recommendation(user, link.recommendation)
    )


def can_see_endorsement(user: Any, endorsement: Endorsement) -> bool:
    """Twin of ``Endorsement.objects.visible_to``."""
    if is_admin(user):
        return True
    if endorsement.organisation.left_on or not can_see_recommendation(user, endorsement.recommendation):
        return False
    return endorsement.state == EndorsementState.CONFIRMED or represents(user, endorsement.organisation_id)


def can_see_signed_page(user: Any, endorsement: Endorsement) -> bool:
    """The signed page holds a signature: it is for the organisation's representatives and the admins."""
    return is_admin(user) or (
        represents(user, endorsement.organisation_id) and can_see_endorsement(user, endorsement)
    )


def can_see_report(user: Any, report: ProgressReport) -> bool:
    """Twin of ``ProgressReport.objects.visible_to``."""
    return can_see_endorsement(user, report.endorsement) and (
        ReportField.STATUS not in report.for_network or reads_for_network(user)
    )


def can_see_report_field(user: Any, report: ProgressReport, field: str) -> bool:
    """Twin of ``ProgressReport.objects.telling``: each field of a report is public or for the network."""
    return can_see_report(user, report) and (field not in report.for_network or reads_for_network(user))


def can_see_representatives(user: Any) -> bool:
    """Names of people are for people of the network."""
    return user.is_authenticated and user.is_in_network


# Answering -----------------------------------------------------------------------------------------------


def can_endorse(user: Any, organisation: Organisation) -> bool:
    """Answer recommendations for a municipality or a cluster: its representatives, while it is a member."""
    is_answering = organisation.type in ANSWERING and organisation.left_on is None
    return is_answering and represents(user, organisation.pk)


def can_revoke(user: Any, endorsement: Endorsement) -> bool:
    """Take back an answer that waits or is in force: the organisation's representatives and admins."""
    if not endorsement.is_standing:
        return False
    return is_admin(user) or represents(user, endorsement.organisation_id)


def can_report_progress(user: Any, endorsement: Endorsement) -> bool:
    """Tell how the work goes: the organisation's representatives, on what is confirmed and carried out."""
    is_under_way = endorsement.state == EndorsementState.CONFIRMED and endorsement.stance in CARRIED_OUT
    return is_under_way and represents(user, endorsement.organisation_id)


# Deciding and keeping ------------------------------------------------------------------------------------


def can_confirm(user: Any, endorsement: Endorsement) -> bool:
    """Confirm or return an answer that waits."""
    return endorsement.state == EndorsementState.WAITING and is_admin(user)


def can_link_items(user: Any) -> bool:
    """Put knowledge items beside a recommendation: admins and knowledge managers."""
    return user.is_authenticated and (user.is_staff or user.is_knowledge_manager)


def can_edit_organisation(user: Any, organisation: Organisation) -> bool:
    """Change what an organisation tells of itself: its managers while it is a member, and admins."""
    if is_admin(user):
        return True
    return organisation.left_on is None and user.is_authenticated and manages(user, organisation.pk)
