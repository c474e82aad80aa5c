"""Who may see and keep programmes and their figures; ``can_see_…`` are the twins of ``visible_to``."""

from typing import Any

from members.models import LocalAuthority
from munistem.commons.enums import Visibility
from policy.models import (
    PlanItem,
    PopulationFigure,
    Programme,
    ProgrammeFigure,
    ProgrammeFunder,
    ProgrammeImport,
    ProgrammeSchool,
)
from policy.rules import is_admin


def acts_for_authority(user: Any, code: int) -> bool:
    """Whether the person is active and has a mandate in force for the member municipality of this register number."""
    return (
        user.is_authenticated
        and user.is_active
        and any(row.organisation.authority_id == code for row in user.mandates)
    )


def can_keep_programmes(user: Any, authority: LocalAuthority) -> bool:
    """Enter and change programmes and figures of a municipality: its representatives while it is a member, and admins."""
    return is_admin(user) or acts_for_authority(user, authority.pk)


def can_see_programme(user: Any, programme: Programme) -> bool:
    """Twin of ``Programme.objects.visible_to``."""
    if programme.visibility == Visibility.PUBLIC or is_admin(user):
        return True
    return user.is_authenticated and user.is_in_network


def can_keep_programme(user: Any, programme: Programme) -> bool:
    """Twin of ``Programme.objects.kept_by``."""
    return is_admin(user) or acts_for_authority(user, programme.authority_id)


def can_see_programme_part(user: Any, part: ProgrammeFunder | ProgrammeSchool) -> bool:
    """Twin of ``visible_to`` of funders and schools."""
    return can_see_programme(user, part.programme)


def can_see_figure(user: Any, figure: ProgrammeFigure) -> bool:
    """Twin of ``ProgrammeFigure.objects.visible_to``: all others are shown sums of cells only."""
    return can_keep_programme(user, figure.programme)


def can_see_population_figure(user: Any, figure: PopulationFigure) -> bool:
    """Twin of ``PopulationFigure.objects.visible_to``."""
    return can_see_figure(user, figure.figure)


def can_see_import(user: Any, carried: ProgrammeImport) -> bool:
    """Twin of ``ProgrammeImport.objects.visible_to``."""
    return is_admin(user) or acts_for_authority(user, carried.authority_id)


def can_see_plan_item(user: Any, item: PlanItem) -> bool:
    """Twin of ``PlanItem.objects.visible_to``; who sees a plan keeps it."""
    return is_admin(user) or acts_for_authority(user, item.authority_id)
