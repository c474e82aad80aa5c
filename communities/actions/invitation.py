"""Invitations by list: looked at before they go out, answered by one click."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Lower
from django.utils import timezone

from communities import rules, tasks
from communities.actions import membership as memberships
from communities.actions.membership import TooLate
from communities.enums import Finding, InvitationState, MembershipState
from communities.models import Community, CommunityInvitation, Membership
from communities.models.invitation import HOLDS
from members.models import Organisation, Representative, User
from munistem.commons import audit
from munistem.commons.audit.actions import key
from munistem.commons.mail.models import Bounce
from munistem.commons.notices.actions import tell

MOST_A_DAY = 600
A_JOB = 50


class TooMany(Exception):
    """More invitations in a day than a person can have people in mind for."""


@dataclass(frozen=True)
class Line:
    """One line of a list as it was given: an address, "" where none was found, and a name."""

    number: int
    email: str
    name: str = ""
    typed: str = ""


@dataclass(frozen=True)
class Found:
    """What a line means. person: who is known in the network; organisation: of who is not, told by the mail domain."""

    line: Line
    finding: Finding
    person: Any = None
    organisation: Organisation | None = None
    earlier: CommunityInvitation | None = None

    @property
    def name(self) -> str:
        return self.person.name if self.person else self.line.name


# Looking -------------------------------------------------------------------------------------------------


def look_up(community: Community, lines: Sequence[Line]) -> list[Found]:
    """What each line means, in the order of the list; changes nothing. The number of queries is always the same."""
    addresses = {line.email for line in lines if line.email}
    people = {person.email.lower(): person for person in people_by(addresses)}
    states = {
        row.person_id: row.state
        for row in Membership.objects.filter(community=community, person__in=people.values())
    }
    invitations = CommunityInvitation.objects.filter(community=community, email__in=addresses)
    earlier = {row.email: row for row in invitations.latest_of_each()}
    bounced = set(Bounce.objects.filter(address__in=addresses).values_list("address", flat=True))
    organisations = organisations_by({address.partition("@")[2] for address in addresses})
    seen: set[str] = set()
    found = []
    for line in lines:
        person, last = people.get(line.email), earlier.get(line.email)
        finding = meaning(line, person, states, last)
        if finding.is_invited_now and line.email in bounced:
            finding = Finding.BOUNCED
        if line.email and line.email in seen:
            finding = Finding.DOUBLE
        seen.add(line.email)
        is_new = finding == Finding.NEWCOMER
        domain = line.email.partition("@")[2]
        found.append(
            Found(
                line,
                finding,
                person=person if person and not is_new and finding != Finding.CLOSED else None,
                organisation=organisations.get(domain) if is_new else None,
                earlier=last,
            )
        )
    return found


def meaning(line: Line, person: Any, states: dict[int, str], last: CommunityInvitation | None) -> Finding:
    """What a line means by itself."""
    if not is_address(line.email):
        return Finding.WRONG
    if person and not person.is_active:
        return Finding.CLOSED
    state = states.get(person.pk) if person and person.is_here else None
    known = {
        MembershipState.ACTIVE: Finding.MEMBER,
        MembershipState.INVITED: Finding.INVITED,
        MembershipState.REMOVED: Finding.REMOVED,
        MembershipState.ASKED: Finding.ASKED,
    }.get(state)  # type: ignore[call-overload]
    if known:
        return known
    if last and last.is_open:
        return Finding.INVITED
    if last and last.state == InvitationState.DECLINED:
        return Finding.DECLINED
    return Finding.PERSON if person and person.is_here else Finding.NEWCOMER


def is_address(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return len(text) <= 254


def people_by(addresses: set[str]) -> Iterable[Any]:
    """People with these addresses; ``is_here``: whether they take part in the network."""
    acting = Representative.objects.active().filter(person=OuterRef("pk"))
    rows = User.objects.alias(small=Lower("email")).filter(small__in=addresses)
    for person in rows.annotate(acts=Exists(acting)).defer("search_vector"):
        person.is_here = person.is_staff or person.is_knowledge_manager or person.acts
        yield person


def organisations_by(domains: set[str]) -> dict[str, Organisation]:
    """Member organisations whose people have addresses at these domains."""
    rows = Organisation.objects.members().alias(small=Lower("email_domain")).filter(small__in=domains - {""})
    return {row.email_domain.lower(): row for row in rows.defer("search_vector")}


# Inviting ------------------------------------------------------------------------------------------------


@transaction.atomic
def invite_by_list(
    *, by: Any, community: Community, lines: Sequence[Line], text: str = "", language: str = "he"
) -> Counter[Finding]:
    """Invite all of a list who can be; harmless when done again. Returns how many of each finding.

    text: a few words of the inviter, put into each letter; language: of letters to people who are not in the network.
    Raises TooLate when the person may not invite (any more), TooMany.
    """
    row = memberships.lock(community)
    if not rules.can_invite(by, row):
        raise TooLate
    found = look_up(row, lines)
    counts = Counter(one.finding for one in found)
    newcomers = [one for one in found if one.finding == Finding.NEWCOMER]
    check_allowance(by, len(newcomers))
    for one in found:
        if one.person and one.finding.is_invited_now:
            memberships.invite(by=by, community=row, person=one.person, text=text)
    keys = write_all(row, newcomers, by=by, text=text, language=language)
    told = {code.value: count for code, count in counts.items()}
    audit.record("invite_by_list", row, by=by, invitations=keys, **told)
    defer_letters(keys)
    return counts


def check_allowance(by: Any, count: int) -> None:
    lately = timezone.now() - timedelta(days=1)
    sent = CommunityInvitation.objects.filter(invited_by=by, person__isnull=True, invited_at__gte=lately)
    if count and sent.count() + count > MOST_A_DAY:
        raise TooMany


def write_all(
    community: Community, newcomers: Sequence[Found], *, by: Any, text: str, language: str
) -> list[int]:
    """Write the invitations of people who are not in the network; answers their keys."""
    now = timezone.now()
    addresses = [one.line.email for one in newcomers]
    older = CommunityInvitation.objects.filter(community=community, email__in=addresses)
    older.settle(InvitationState.EXPIRED)
    rows = CommunityInvitation.objects.bulk_create(
        CommunityInvitation(
            community=community,
            email=one.line.email,
            name=one.line.name,
            language=language,
            text=text,
            invited_at=now,
            invited_by=by,
            expires_at=now + HOLDS,
        )
        for one in newcomers
    )
    return [row.pk for row in rows]


def defer_letters(keys: Sequence[int]) -> None:
    jobs: list[Any] = [
        {"invitations": list(keys[start : start + A_JOB])} for start in range(0, len(keys), A_JOB)
    ]
    if jobs:
        tasks.mail_invitations.batch_defer(*jobs)


# Answering, taking back ----------------------------------------------------------------------------------


def lock(invitation: CommunityInvitation) -> CommunityInvitation:
    """The invitation anew, its community locked."""
    memberships.lock(invitation.community)
    rows = CommunityInvitation.objects.select_related("community", "invited_by", "person")
    return rows.select_for_update(of=("self",)).get(pk=invitation.pk)


def person_of(invitation: CommunityInvitation) -> Any:
    """The person of the network whom it reaches, known when invited or by the address since; else None."""
    person = invitation.person or User.objects.filter(email__iexact=invitation.email).first()
    return person if person and person.is_in_network else None


@transaction.atomic
def accept(*, invitation: CommunityInvitation) -> CommunityInvitation:
    """Say yes by the key in the letter: people of the network are members at once, others once they are in it.

    Harmless the second time. Raises TooLate when the invitation is over or was taken back, or its person removed since.
    """
    row = lock(invitation)
    person, community = person_of(row), row.community
    if person and rules.is_member(person, community):
        return row
    if not row.is_open or community.archived_at or (person and was_removed_since(row, person)):
        raise TooLate
    if person:
        admit_invited(row, person, by=person)
        row.refresh_from_db()
    elif row.wanted_at is None:
        row.wanted_at = timezone.now()
        row.save(update_fields=["wanted_at"])
        audit.record("want_invitation", row)
    return row


def was_removed_since(invitation: CommunityInvitation, person: Any) -> bool:
    """Whether the facilitators removed the person after they had invited one of their addresses: an old letter leads back no more."""
    removed = Membership.objects.filter(community=invitation.community, person=person)
    return removed.filter(state=MembershipState.REMOVED, since__gt=invitation.invited_at).exists()


def admit_invited(invitation: CommunityInvitation, person: Any, *, by: Any) -> Membership:
    """A member by invitation; that ends the invitation."""
    row = memberships.add_member(by=by, community=invitation.community, person=person)
    CommunityInvitation.objects.filter(pk=invitation.pk).settle(InvitationState.ACCEPTED, by=by)
    audit.record("accept_invitation", row, by=by)
    return row


@transaction.atomic
def decline(*, invitation: CommunityInvitation) -> CommunityInvitation:
    """Say no by the key in the letter, without reasons; harmless the second time."""
    row = lock(invitation)
    if row.state == InvitationState.OPEN:
        person = person_of(row)
        if person:
            memberships.decline_invitation(by=person, community=row.community)
        CommunityInvitation.objects.filter(pk=row.pk).settle(InvitationState.DECLINED, by=person)
        audit.record("decline_mail_invitation", row, by=person)
        row.refresh_from_db()
    return row


@transaction.atomic
def take_back(*, by: Any, invitation: CommunityInvitation) -> CommunityInvitation:
    """Take an invitation back; harmless the second time. Raises TooLate when it was answered."""
    row = lock(invitation)
    if row.state in {InvitationState.WITHDRAWN, InvitationState.EXPIRED}:
        return row
    if row.state != InvitationState.OPEN:
        raise TooLate
    end_membership(row, by=by)
    CommunityInvitation.objects.filter(pk=row.pk).settle(InvitationState.WITHDRAWN, by=by)
    audit.record("withdraw_mail_invitation", row, by=by)
    row.refresh_from_db()
    return row


def end_membership(invitation: CommunityInvitation, *, by: Any) -> None:
    """Who was invited and has not answered is no longer so."""
    rows = Membership.objects.filter(community=invitation.community, person=invitation.person)
    rows = rows.invited() if invitation.person_id else rows.none()
    rows.update(state=MembershipState.LEFT, since=timezone.now(), changed_by=by)


@transaction.atomic
def welcome_invited(person: Any) -> None:
    """Who begins to take part in the network comes into the communities they said yes to, and hears of the others."""
    if not person.is_in_network:
        return
    rows = CommunityInvitation.objects.holding().filter(email=person.email.lower(), person__isnull=True)
    rows = rows.filter(community__archived_at__isnull=True).select_related("community", "invited_by")
    for row in rows.order_by("community"):
        community = memberships.lock(row.community)
        if row.wanted_at:
            membership = admit_invited(row, person, by=person)
            tell_admitted(membership, by=row.invited_by)
        elif not Membership.objects.filter(community=community, person=person).exclude(
            state__in=rules.OUTSIDE
        ):
            memberships.invite(by=row.invited_by, community=community, person=person, text=row.text)


def tell_admitted(membership: Membership, *, by: Any) -> None:
    community = membership.community
    data = {"community": community.name, "slug": community.slug}
    tell("admitted", community, {membership.person: "concerned"}, by=by, scope=key(community), **data)
