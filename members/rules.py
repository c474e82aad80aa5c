"""Who may do what in members: pure questions about a person (visitors included) and one thing.

``can_see_…`` are the twins of ``visible_to``.
"""

from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from members.enums import ApplicationState, TeamRequestState
from members.models import Application, TeamRequest
from members.models.application import WAITING

# Applications --------------------------------------------------------------------------------------------

#: Working days within which the network answers an application; the week runs from Sunday to Thursday.
DAYS_TO_ANSWER = 3
FRIDAY, SATURDAY = 4, 5
UNDO_WITHIN = timedelta(hours=24)
#: Post offices open to everyone: an address there says nothing on where its owner works.
OPEN_DOMAINS = frozenset(
    {
        *("gmail.com", "googlemail.com", "outlook.com", "outlook.co.il", "hotmail.com", "hotmail.co.il", "live.com"),
        *("msn.com", "yahoo.com", "yahoo.co.il", "icloud.com", "me.com", "mac.com", "aol.com", "proton.me"),
        *("protonmail.com", "gmx.com", "gmx.net", "mail.ru", "yandex.ru", "zoho.com", "walla.com", "walla.co.il"),
        *("netvision.net.il", "012.net.il", "013.net", "013net.net", "bezeqint.net", "zahav.net.il", "barak.net.il"),
    }
)  # fmt: skip


def is_admin(user: Any) -> bool:
    return user.is_authenticated and user.is_staff


def work_domain(email: str) -> str:
    """The domain that an address shares with colleagues; empty for post offices open to everyone."""
    domain = email.rpartition("@")[2].lower()
    return "" if domain in OPEN_DOMAINS else domain


def working_days_after(day: date, count: int) -> date:
    """The day that is ``count`` working days later: Sunday to Thursday are counted."""
    while count:
        day += timedelta(days=1)
        count -= day.weekday() not in {FRIDAY, SATURDAY}
    return day


def answer_expected_on(application: Application) -> date | None:
    """The day by which the network promises an answer to an application it received."""
    if application.submitted_at is None:
        return None
    return working_days_after(timezone.localdate(application.submitted_at), DAYS_TO_ANSWER)


def is_overdue(application: Application, now: datetime) -> bool:
    """Whether the network owes an answer since more than the promised days."""
    expected = answer_expected_on(application)
    is_ours = application.state in {ApplicationState.RECEIVED, ApplicationState.IN_REVIEW}
    return is_ours and expected is not None and timezone.localdate(now) > expected


def can_see_application(user: Any, application: Application) -> bool:
    """Twin of ``Application.objects.visible_to``; whoever holds its key may see it without signing in."""
    if is_admin(user):
        return application.state != ApplicationState.DRAFT
    return user.is_authenticated and bool(user.email) and application.email.lower() == user.email.lower()


def can_edit_application(application: Application) -> bool:
    """The holder of the key writes until the address is confirmed."""
    return application.state == ApplicationState.DRAFT


def can_answer_question(application: Application) -> bool:
    return application.state == ApplicationState.QUESTION


def can_withdraw_application(application: Application) -> bool:
    return application.state in WAITING


def can_decide_application(user: Any, application: Application) -> bool:
    """Ask, approve, decline or merge: admins, while it waits."""
    return is_admin(user) and application.state in WAITING


def can_take_in_review(user: Any, application: Application) -> bool:
    return is_admin(user) and application.state == ApplicationState.RECEIVED


def can_undo_admission(user: Any, application: Application) -> bool:
    """Within a day an admin can take an approval back."""
    return (
        is_admin(user)
        and application.state == ApplicationState.APPROVED
        and application.decided_at is not None
        and timezone.now() - application.decided_at < UNDO_WITHIN
    )


def manages_team(user: Any, request: TeamRequest) -> bool:
    """Whether the person decides on requests to this organisation: its managers and admins."""
    if not user.is_authenticated:
        return False
    managed = {row.organisation_id for row in user.mandates if row.is_manager}
    return user.is_staff or request.organisation_id in managed


def can_see_team_request(user: Any, request: TeamRequest) -> bool:
    """Twin of ``TeamRequest.objects.visible_to``."""
    if not user.is_authenticated or request.state == TeamRequestState.UNVERIFIED:
        return False
    return manages_team(user, request) or request.email.lower() == user.email.lower()


def can_decide_team_request(user: Any, request: TeamRequest) -> bool:
    return request.state == TeamRequestState.WAITING and manages_team(user, request)
