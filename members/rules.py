"""Who may do what with people, organisations, their teams and applications: pure questions about a person (visitors included).

``can_see_…`` are the twins of ``visible_to``.
"""

from datetime import date, datetime, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.utils import timezone

from members.enums import ApplicationState, TeamRequestState
from members.models import (
    Application,
    Departure,
    Invitation,
    LocalAuthority,
    Organisation,
    Representative,
    RoleHolding,
    TeamRequest,
    User,
)
from members.models.application import WAITING


def is_admin(user: Any) -> bool:
    return user.is_authenticated and user.is_staff


def is_in_network(user: Any) -> bool:
    return user.is_authenticated and user.is_in_network


# People --------------------------------------------------------------------------------------------------


def can_list_people(user: Any) -> bool:
    """The directory of people is for people of the network."""
    return is_in_network(user)


def can_see_person(user: Any, person: User) -> bool:
    """Twin of ``User.objects.visible_to``."""
    if not user.is_authenticated:
        return False
    if not user.is_in_network:
        return person.pk == user.pk
    return user.is_staff or (bool(person.name) and person.is_in_network)


def can_come_back(person: User) -> bool:
    """Whether somebody who left may still take it back, by signing in or by the link of the letter."""
    return (
        not person.is_active and Departure.objects.returnable(timezone.now()).filter(person=person).exists()
    )


def can_see_photo(user: Any, person: User) -> bool:
    """A picture stands beside what its person writes, so whoever takes part in the network sees it."""
    return user.is_authenticated and (person.pk == user.pk or user.is_in_network)


# Organisations and their teams ---------------------------------------------------------------------------


def can_see_organisation(user: Any, organisation: Organisation) -> bool:
    """Twin of ``Organisation.objects.visible_to``."""
    return organisation.left_on is None or (user.is_authenticated and user.is_staff)


def acts_for(user: Any, organisation: Organisation) -> bool:
    """Whether the person has a mandate in force for the organisation."""
    return is_in_network(user) and any(row.organisation_id == organisation.pk for row in user.mandates)


def manages(user: Any, organisation: Organisation) -> bool:
    return is_in_network(user) and any(
        row.organisation_id == organisation.pk and row.is_manager for row in user.mandates
    )


def can_see_team(user: Any, organisation: Organisation) -> bool:
    """The team page is for those who act for the organisation, and admins."""
    return is_admin(user) or acts_for(user, organisation)


def can_manage_team(user: Any, organisation: Organisation) -> bool:
    """Invite colleagues, decide requests, end mandates: managers of a member organisation, and admins."""
    return organisation.left_on is None and (is_admin(user) or manages(user, organisation))


def colleagues(mandate: Representative) -> list[Representative]:
    """The others with an open account who act for the organisation."""
    return [row for row in mandate.organisation.team if row.pk != mandate.pk]


def has_other_manager(mandate: Representative) -> bool:
    return any(row.is_manager for row in colleagues(mandate))


def can_end_mandate(user: Any, mandate: Representative) -> bool:
    """Managers and the person; the last manager stays while there is a colleague, and admins free a team of one."""
    if mandate.until_on or mandate.organisation.left_on:
        return False
    is_own = user.is_authenticated and user.is_active and mandate.person_id == user.pk
    if not is_own and not can_manage_team(user, mandate.organisation):
        return False
    if not mandate.is_manager or has_other_manager(mandate):
        return True
    return is_admin(user) and not colleagues(mandate)


def can_see_mandate(user: Any, mandate: Representative) -> bool:
    """Twin of ``Representative.objects.visible_to``."""
    if not user.is_authenticated:
        return False
    if user.is_staff or mandate.person_id == user.pk:
        return True
    if any(row.organisation_id == mandate.organisation_id for row in user.mandates):
        return True
    return user.is_in_network and mandate.until_on is None and mandate.organisation.left_on is None


def can_see_invitation(user: Any, invitation: Invitation) -> bool:
    """Twin of ``Invitation.objects.visible_to``; the holder of the mailed link sees its page as well."""
    return is_admin(user) or (
        user.is_authenticated
        and any(row.organisation_id == invitation.organisation_id and row.is_manager for row in user.mandates)
    )


def can_make_manager(user: Any, mandate: Representative) -> bool:
    is_ready = mandate.until_on is None and not mandate.is_manager and mandate.person.is_active
    return is_ready and can_manage_team(user, mandate.organisation)


def can_resend_invitation(user: Any, invitation: Invitation) -> bool:
    """While it is neither accepted nor taken back; an expired one gets a new term."""
    is_waiting = invitation.accepted_at is None and invitation.revoked_at is None
    return is_waiting and can_manage_team(user, invitation.organisation)


def can_revoke_invitation(user: Any, invitation: Invitation) -> bool:
    return can_resend_invitation(user, invitation)


def is_meant_for(user: Any, invitation: Invitation) -> bool:
    """Whether one of the person's confirmed addresses is the invited one."""
    return user.is_authenticated and user.is_active and has_confirmed(user, invitation.email)


def has_confirmed(user: Any, email: str) -> bool:
    """Whether the address is one of the person's own and was confirmed by mail."""
    return EmailAddress.objects.filter(user=user, email__iexact=email, verified=True).exists()


def can_accept_invitation(user: Any, invitation: Invitation) -> bool:
    is_standing = invitation.is_open and invitation.organisation.left_on is None
    return is_standing and is_meant_for(user, invitation)


# The role of STEM excellence manager -----------------------------------------------------------------------


def can_see_holder(user: Any, holding: RoleHolding) -> bool:
    """Who holds or held the role; twin of ``RoleHolding.objects.naming_to``. That it is held is public."""
    if not is_in_network(user):
        return False
    if user.is_staff or holding.person is None:
        return True
    own = any(row.organisation.authority_id == holding.authority_id for row in user.mandates)
    return own or can_see_person(user, holding.person)


def can_appoint_holder(user: Any, authority: LocalAuthority) -> bool:
    """Say who holds the role: managers of the municipality while it is a member, and admins."""
    if is_admin(user):
        return True
    return is_in_network(user) and any(
        row.organisation.authority_id == authority.pk and row.is_manager for row in user.mandates
    )


def can_end_holding(user: Any, holding: RoleHolding) -> bool:
    """Who may appoint, and the holder, who lays the role down."""
    is_own = user.is_authenticated and user.is_active and holding.person_id == user.pk
    return holding.is_open and (is_own or can_appoint_holder(user, holding.authority))


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
