"""Communities and who takes part in them. Each deed locks the community, so that its count and its facilitators stay right."""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from communities import rules
from communities.enums import Access, InvitationState, MembershipState, Moderation
from communities.models import Community, CommunityInvitation, Membership
from communities.models.invitation import HOLDS
from munistem.commons import audit
from munistem.commons.audit.actions import key
from munistem.commons.notices.actions import tell
from munistem.commons.search.actions import index
from munistem.commons.text.slugs import free_slug


class TooLate(PermissionDenied):
    """Things have changed meanwhile, so that the deed is no longer allowed; a view that says no more answers 403."""


class LastFacilitator(TooLate):
    """Someone has to stay and facilitate."""


@transaction.atomic
def create_community(
    *,
    by: Any,
    name: str,
    purpose: str,
    access: str = Access.REQUEST,
    moderation: str = Moderation.AFTER,
    language: str = "he",
    slug: str = "",
    is_default: bool = False,
    terms: Iterable[Any] = (),
    facilitators: Iterable[Any] = (),
) -> Community:
    """Open a community; its facilitators are members from the start."""
    community = Community.objects.create(
        slug=slug or free_slug(Community, name),
        name=name,
        purpose=purpose,
        access=access,
        moderation=moderation,
        language=language,
        is_default=is_default,
    )
    community.topics_of_interest.set(list(terms))
    for person in facilitators:
        _set(community, person, MembershipState.ACTIVE, by=by, is_facilitator=True)
    audit.record("create_community", community, by=by, access=str(access))
    index(community)
    return community


@transaction.atomic
def edit_community(
    *, by: Any, community: Community, terms: Iterable[Any] | None = None, **fields: Any
) -> Community:
    """Change what a community says of itself: name, purpose, access, moderation, language, is_default."""
    row = lock(community)
    changed = {field: value for field, value in fields.items() if getattr(row, field) != value}
    for field, value in changed.items():
        setattr(row, field, value)
    if changed:
        row.save(update_fields=list(changed))
    if terms is not None:
        row.topics_of_interest.set(list(terms))
    audit.record("edit_community", row, by=by, fields=sorted(changed))
    index(row)
    return row


def lock(community: Community) -> Community:
    """The community's row, held until the transaction ends; topics can still be written meanwhile."""
    return Community.objects.select_for_update(no_key=True).defer("search_vector").get(pk=community.pk)


def _set(
    community: Community, person: Any, state: str, *, by: Any, is_facilitator: bool = False, **fields: Any
) -> Membership:
    """Write one person's row and the community's count; the community is locked by the caller or new."""
    membership, _created = Membership.objects.update_or_create(
        community=community,
        person=person,
        defaults={
            "state": state,
            "is_facilitator": is_facilitator,
            "since": timezone.now(),
            "changed_by": by if by is not None and by.is_authenticated else None,
            **fields,
        },
    )
    count(community)
    if state == MembershipState.ACTIVE:
        settle(community, person, InvitationState.ACCEPTED, by=by)
    return membership


def settle(community: Community, person: Any, state: str, *, by: Any) -> None:
    """End what invitations of a person to a community are open."""
    CommunityInvitation.objects.filter(community=community).of(person).settle(state, by=by)


def count(community: Community) -> None:
    community.member_count = Membership.objects.filter(community=community).present().count()
    Community.objects.filter(pk=community.pk).update(member_count=community.member_count)
    community.forget_standings()


def lock_membership(membership: Membership) -> Membership:
    """The row anew, its community locked."""
    lock(membership.community)
    return Membership.objects.select_related("community", "person").get(pk=membership.pk)


def tell_facilitators(kind: str, thing: Any, community: Community, *, by: Any, **data: Any) -> None:
    """Tell those who decide: the facilitators, or the network's admins where a community has none."""
    people = get_user_model().objects.filter(is_active=True)
    leaders = Membership.objects.facilitators().of_present_people().filter(community=community)
    leading = people.filter(pk__in=leaders.values("person"))
    deciders = list(leading) or list(people.filter(is_staff=True))
    tell(
        kind,
        thing,
        deciders,
        by=by,
        reason="decider",
        scope=key(community),
        community=community.name,
        slug=community.slug,
        **data,
    )


@transaction.atomic
def add_member(*, by: Any, community: Community, person: Any, is_facilitator: bool = False) -> Membership:
    """Make a person a member without asking: for the admission of organisations and for admins."""
    row = lock(community)
    known = Membership.objects.filter(community=row, person=person).first()
    if known and known.is_active and known.is_facilitator >= is_facilitator:
        return known
    membership = _set(row, person, MembershipState.ACTIVE, by=by, is_facilitator=is_facilitator)
    audit.record("add_member", membership, by=by, is_facilitator=is_facilitator)
    return membership


@transaction.atomic
def join(*, by: Any, community: Community) -> Membership:
    """Walk into an open community; harmless when already in it. Raises TooLate when it may not be joined any more."""
    row = lock(community)
    known = row.standing_of(by)
    if known and known.is_active:
        return known
    if not rules.can_join(by, row):
        raise TooLate
    membership = _set(row, by, MembershipState.ACTIVE, by=by, note="", reason="")
    audit.record("join_community", membership, by=by)
    return membership


@transaction.atomic
def ask_to_join(*, by: Any, community: Community, note: str = "") -> Membership:
    """Ask the facilitators; harmless when asked already. Raises TooLate."""
    row = lock(community)
    known = row.standing_of(by)
    if known and known.state == MembershipState.ASKED:
        return known
    if not rules.can_ask(by, row):
        raise TooLate
    membership = _set(row, by, MembershipState.ASKED, by=by, note=note, reason="")
    audit.record("ask_to_join", membership, by=by)
    tell_facilitators("asked_to_join", membership, row, by=by, note=note)
    return membership


@transaction.atomic
def withdraw_request(*, by: Any, community: Community) -> None:
    """Take one's request to join back."""
    row = lock(community)
    known = row.standing_of(by)
    if known and known.state == MembershipState.ASKED:
        membership = _set(row, by, MembershipState.LEFT, by=by)
        audit.record("withdraw_request", membership, by=by)


@transaction.atomic
def admit(*, by: Any, membership: Membership) -> Membership:
    """Let in a person who asked; decided once. Raises TooLate when the request no longer waits."""
    row = lock_membership(membership)
    if row.state != MembershipState.ASKED:
        raise TooLate
    row = _set(row.community, row.person, MembershipState.ACTIVE, by=by, reason="")
    audit.record("admit_member", row, by=by)
    tell_person("admitted", row, by=by)
    return row


@transaction.atomic
def decline(*, by: Any, membership: Membership, reason: str) -> Membership:
    """Answer a request with no, and say why. Raises TooLate when the request no longer waits."""
    row = lock_membership(membership)
    if row.state != MembershipState.ASKED:
        raise TooLate
    row = _set(row.community, row.person, MembershipState.DECLINED, by=by, reason=reason)
    audit.record("decline_member", row, by=by, reason=reason)
    tell_person("not_admitted", row, by=by, why=reason)
    return row


def tell_person(kind: str, membership: Membership, *, by: Any, thing: Any = None, **data: Any) -> None:
    community = membership.community
    tell(
        kind,
        thing or community,
        {membership.person: "sender" if kind in {"admitted", "not_admitted"} else "concerned"},
        by=by,
        scope=key(community) if data.get("community", True) else "",  # the name of a closed one is not told
        **{"community": community.name, "slug": community.slug, **data},
    )


@transaction.atomic
def invite(*, by: Any, community: Community, person: Any, text: str = "") -> Membership:
    """Ask a person of the network in; who had asked is admitted at once. Raises TooLate for members.

    text: a few words to the person, put into the letter.
    """
    row = lock(community)
    known = Membership.objects.filter(community=row, person=person).first()
    if known and known.is_active:
        raise TooLate
    if known and known.state == MembershipState.INVITED:
        return known
    if known and known.state == MembershipState.ASKED:
        return admit(by=by, membership=known)
    membership = _set(row, person, MembershipState.INVITED, by=by, note="", reason="")
    write_invitation(membership, by=by, text=text)
    audit.record("invite_member", membership, by=by)
    tell_person("invited", membership, by=by, thing=membership)
    return membership


def write_invitation(membership: Membership, *, by: Any, text: str = "") -> CommunityInvitation:
    """What reminds the person and runs out; an older one to the same person ends."""
    community, person, now = membership.community, membership.person, timezone.now()
    settle(community, person, InvitationState.EXPIRED, by=None)
    return CommunityInvitation.objects.create(
        community=community,
        email=person.email.lower(),
        name=person.name,
        person=person,
        language=person.language,
        text=text,
        invited_at=now,
        invited_by=by,
        mailed_at=now,
        expires_at=now + HOLDS,
    )


@transaction.atomic
def withdraw_invitation(*, by: Any, membership: Membership) -> None:
    """Take an invitation back before it is answered; raises TooLate."""
    row = lock_membership(membership)
    if row.state != MembershipState.INVITED:
        raise TooLate
    row = _set(row.community, row.person, MembershipState.LEFT, by=by)
    settle(row.community, row.person, InvitationState.WITHDRAWN, by=by)
    audit.record("withdraw_invitation", row, by=by)


@transaction.atomic
def accept_invitation(*, by: Any, community: Community) -> Membership:
    """Come in; harmless when already in. Raises TooLate when the invitation was taken back."""
    row = lock(community)
    known = row.standing_of(by)
    if known and known.is_active:
        return known
    if not rules.can_answer_invitation(by, row):
        raise TooLate
    membership = _set(row, by, MembershipState.ACTIVE, by=by)
    audit.record("accept_invitation", membership, by=by)
    return membership


@transaction.atomic
def decline_invitation(*, by: Any, community: Community) -> None:
    """Stay out, without giving reasons."""
    row = lock(community)
    known = row.standing_of(by)
    if known and known.state == MembershipState.INVITED:
        membership = _set(row, by, MembershipState.LEFT, by=by)
        settle(row, by, InvitationState.DECLINED, by=by)
        audit.record("decline_invitation", membership, by=by)


@transaction.atomic
def leave(*, by: Any, community: Community) -> None:
    """Go; what one wrote stays. Raises LastFacilitator when nobody else facilitates."""
    row = lock(community)
    known = row.standing_of(by)
    if known is None or not known.is_active:
        return
    if known.is_facilitator and not rules.has_other_facilitator(by, row):
        raise LastFacilitator
    membership = _set(row, by, MembershipState.LEFT, by=by)
    audit.record("leave_community", membership, by=by)


@transaction.atomic
def remove(*, by: Any, membership: Membership, reason: str) -> Membership:
    """End a person's membership and say why; what they wrote stays. Raises TooLate, LastFacilitator."""
    row = lock_membership(membership)
    if not row.is_active:
        raise TooLate
    if row.is_facilitator and not rules.has_other_facilitator(row.person, row.community):
        raise LastFacilitator
    row = _set(row.community, row.person, MembershipState.REMOVED, by=by, reason=reason)
    audit.record("remove_member", row, by=by, reason=reason)
    is_closed = row.community.access == Access.CLOSED
    known = {"community": "", "slug": ""} if is_closed else {}
    tell_person("removed_from_community", row, by=by, thing=row, why=reason, **known)
    return row


@transaction.atomic
def make_facilitator(*, by: Any, membership: Membership) -> Membership:
    """Let a member facilitate too; raises TooLate when they are no member any more."""
    row = lock_membership(membership)
    if not row.is_active:
        raise TooLate
    if not row.is_facilitator:
        row.is_facilitator, row.changed_by = True, by
        row.save(update_fields=["is_facilitator", "changed_by", "changed_at"])
        audit.record("make_facilitator", row, by=by)
        tell_person("made_facilitator", row, by=by)
    return row


@transaction.atomic
def end_facilitation(*, by: Any, membership: Membership) -> Membership:
    """Make a facilitator a plain member again; raises LastFacilitator."""
    row = lock_membership(membership)
    if row.is_facilitator:
        if not rules.has_other_facilitator(row.person, row.community):
            raise LastFacilitator
        row.is_facilitator, row.changed_by = False, by
        row.save(update_fields=["is_facilitator", "changed_by", "changed_at"])
        audit.record("end_facilitation", row, by=by)
    return row


def mark_visited(*, by: Any, community: Community) -> None:
    """Note that a member looked in; at most once in five minutes."""
    found = rules.standing(by, community)
    now = timezone.now()
    if found and found.is_active and (found.visited_at is None or (now - found.visited_at).seconds > 300):
        Membership.objects.filter(pk=found.pk).update(visited_at=now)
