"""What becomes of memberships when a person leaves the network for good."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from communities.actions.held import withdraw_held
from communities.actions.membership import count, lock
from communities.enums import MembershipState
from communities.models import CalendarFeed, CommunityInvitation, HeldPost, Membership, TopicRead
from munistem.commons import audit

#: Memberships that end; where one was declined or removed, that stays on record.
ENDING = (MembershipState.ACTIVE, MembershipState.ASKED, MembershipState.INVITED)


@transaction.atomic
def recount_communities_of(person: Any) -> None:
    """Count the communities of a person anew, who began or ceased to take part in the network."""
    rows = Membership.objects.active().filter(person=person).select_related("community")
    for row in rows.order_by("community"):
        count(lock(row.community))


@transaction.atomic
def leave_all(*, by: Any, person: Any) -> int:
    """End a person's part in every community, the only facilitator's too: admins decide there from then on.

    What the person wrote stays; what nobody else has read yet is taken back. Returns how many memberships ended.
    """
    rows = Membership.objects.filter(person=person, state__in=ENDING).select_related("community")
    ending = list(
        rows.order_by("community")
    )  # in one order, so that two departures never wait for each other
    for held in HeldPost.objects.open().filter(author=person).order_by("pk"):
        withdraw_held(by=person, held=held)
    for row in ending:
        community = lock(row.community)
        Membership.objects.filter(pk=row.pk).update(
            state=MembershipState.LEFT, is_facilitator=False, since=timezone.now(), note="", changed_by=by
        )
        count(community)
        audit.record("leave_community", row, by=by)
    CommunityInvitation.objects.of(person).delete()
    TopicRead.objects.filter(person=person).delete()
    CalendarFeed.objects.filter(person=person).delete()
    return len(ending)
