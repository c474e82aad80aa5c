"""What passes to who holds the role of STEM excellence manager, and the seats in communities that the role has."""

from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from communities import rules as community_rules
from communities.actions import membership as seats
from communities.enums import Access
from communities.models import Community, Membership
from members.models import LocalAuthority, Organisation, Representative, RoleHolding
from munistem.commons import audit
from policy.actions.answer import NoMandate
from policy.emails import role as emails
from policy.models import Endorsement, PlanItem
from policy.models.role import communities_open_to, seats_of

#: What ``take_seat`` answers.
JOINED, ASKED = "joined", "asked"


def pass_on(holding: RoleHolding, before: RoleHolding | None, by: Any) -> None:
    """Let what hangs on the role follow it; part of the deed that names a holder.

    Open things of the work plan that the last holder was to do, and those of people who no longer act for the
    municipality, are the new holder's. Endorsements that name the last holder as responsible name the new one.
    Communities that take in every municipality take in the successor; facilitators of closed ones are told.
    Tasks of meetings stay with who took them on: approved minutes say so for good.
    """
    if before is not None:
        pass_responsibility(holding, before, by)
    if holding.person is not None:
        pass_plan(holding, before, by)
        if before is not None and before.person is not None and before.person != holding.person:
            pass_seats(holding, before.person, by)


def pass_plan(holding: RoleHolding, before: RoleHolding | None, by: Any) -> None:
    acting = Representative.objects.active().filter(
        organisation__authority=holding.authority, person__is_active=True
    )
    gone = ~Q(owner__in=acting.values("person")) & Q(owner__is_staff=False)
    theirs = gone | Q(owner=before.person_id) if before and before.person_id else gone
    rows = PlanItem.objects.of(holding.authority).open().exclude(owner=holding.person_id).filter(theirs)
    for item in rows.select_for_update(no_key=True, of=("self",)).order_by("pk"):
        was, item.owner = item.owner_id, holding.person
        item.save(update_fields=["owner"])
        audit.record("pass_plan_item", item, by=by, was=was, to=holding.person_id)


def pass_responsibility(holding: RoleHolding, before: RoleHolding, by: Any) -> None:
    was, now = before.label.strip(), holding.label.strip()
    if not was or not now or was == now:
        return
    rows = Endorsement.objects.standing().filter(
        organisation__authority=holding.authority, responsible__iexact=was
    )
    for row in rows.select_for_update(no_key=True, of=("self",)).order_by("pk"):
        row.responsible = now
        row.save(update_fields=["responsible"])
        audit.record("pass_responsibility", row, by=by, role=holding.pk)


def pass_seats(holding: RoleHolding, predecessor: Any, by: Any) -> None:
    """Seats that come with the role; whoever was refused, was removed or left before stays out."""
    person = holding.person
    sat = seats_of([predecessor.pk]).values("community")
    known = Membership.objects.filter(person=person).values("community")
    for community in Community.objects.current().filter(pk__in=sat).exclude(pk__in=known).by_name():
        if community.is_default:
            seats.add_member(by=by, community=community, person=person)
        elif community.access == Access.CLOSED:
            emails.tell_facilitators(holding, community, by=by)


@transaction.atomic
def take_seat(*, by: Any, authority: LocalAuthority, community: Community) -> str:
    """Take up the municipality's seat in a community: by joining, by an invitation, else by asking its facilitators.

    Answers JOINED or ASKED; harmless when done again. Raises NoMandate when the person does not hold the role or no
    earlier holder sat there, TooLate (of communities) when the community does not take the person in.
    """
    if not RoleHolding.objects.of(authority).held_by(by).exists():
        raise NoMandate
    if community_rules.is_member(by, community):
        return JOINED
    if not communities_open_to(by, authority).filter(pk=community.pk).exists():
        raise NoMandate
    if community_rules.can_answer_invitation(by, community):
        seats.accept_invitation(by=by, community=community)
        return JOINED
    if community.access == Access.OPEN:
        seats.join(by=by, community=community)
        return JOINED
    town = Organisation.objects.filter(authority=authority).first() or authority
    note = _("I hold the role of STEM excellence manager of %(town)s now and follow my predecessor here.")
    seats.ask_to_join(by=by, community=community, note=note % {"town": town.name})
    return ASKED
