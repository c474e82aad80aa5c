"""What the clock does to invitations: one reminder after a week, the end after a month, forgetting after a year."""

from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from communities.actions.invitation import end_membership, lock
from communities.emails import mail_invitations
from communities.enums import InvitationState
from communities.models import CommunityInvitation, Membership
from munistem.commons import audit
from munistem.commons.audit.actions import key
from munistem.commons.days.quiet import next_allowed
from munistem.commons.mail.models import Bounce
from munistem.commons.notices.actions import tell

REMIND_AFTER = timedelta(days=7)
#: A reminder that is later than this (the worker slept) is dropped.
REMINDER_LATE = timedelta(days=3)
#: Addresses of people who did not come are not kept for longer.
KEPT = timedelta(days=365)


def keep_invitations(now: datetime | None = None) -> int:
    """What is due of all invitations: letters that waited for a day of rest to end, reminders, ends of terms."""
    now = now or timezone.now()
    return mail_waiting(now) + remind_invited(now) + expire(now) + forget_old(now)


def mail_waiting(now: datetime) -> int:
    """Queue letters that were held over a rest, or whose job was lost."""
    late = CommunityInvitation.objects.holding(now).filter(
        mailed_at__isnull=True, invited_at__lt=now - timedelta(minutes=10)
    )
    keys = list(late.order_by("pk").values_list("pk", flat=True))
    return mail_invitations(keys, now=now) if keys else 0


def is_reminder_due(invitation: CommunityInvitation, now: datetime) -> bool:
    """A week after the letter at the same hour of the clock, or after the rest in which that lies."""
    assert invitation.mailed_at
    due = next_allowed(timezone.localtime(invitation.mailed_at) + REMIND_AFTER).astimezone(UTC)
    return due <= now < min(due + REMINDER_LATE, invitation.expires_at)


def remind_invited(now: datetime) -> int:
    """Remind those who have not answered, once; returns how many."""
    near = CommunityInvitation.objects.holding(now).filter(
        wanted_at__isnull=True,
        reminded_at__isnull=True,
        community__archived_at__isnull=True,
        mailed_at__lte=now - REMIND_AFTER + timedelta(hours=2),
    )
    near = near.filter(mailed_at__gt=now - REMIND_AFTER - REMINDER_LATE - timedelta(days=4))
    near = near.filter(~Exists(Bounce.objects.filter(address=OuterRef("email"))))
    return sum(remind(row, now) for row in near.order_by("pk"))


@transaction.atomic
def remind(invitation: CommunityInvitation, now: datetime) -> bool:
    """Remind of one invitation and mark it in the same transaction; returns whether it was due."""
    row = lock(invitation)
    is_waiting = row.state == InvitationState.OPEN and not row.wanted_at and not row.reminded_at
    if not is_waiting or not is_reminder_due(row, now):
        return False
    if row.person:
        waiting = Membership.objects.filter(community=row.community, person=row.person).invited()
        for membership in waiting:
            tell_again(membership, row)
    elif not mail_invitations([row.pk], is_reminder=True, now=now):
        return False
    row.reminded_at = now
    row.save(update_fields=["reminded_at"])
    audit.record("remind_of_invitation", row)
    return True


def tell_again(membership: Membership, invitation: CommunityInvitation) -> None:
    community = invitation.community
    tell(
        "invited",
        membership,
        {invitation.person: "concerned"},
        by=invitation.invited_by,
        scope=key(community),
        community=community.name,
        slug=community.slug,
        is_reminder=True,
    )


def expire(now: datetime) -> int:
    """End invitations whose term is over; returns how many."""
    term_is_over = Q(expires_at__lte=now, wanted_at__isnull=True) | Q(wanted_at__lt=now - KEPT)
    over = CommunityInvitation.objects.open().filter(term_is_over)
    return sum(end_term(row, now) for row in over.select_related("community").order_by("pk"))


@transaction.atomic
def end_term(invitation: CommunityInvitation, now: datetime) -> bool:
    row = lock(invitation)
    is_over = row.wanted_at < now - KEPT if row.wanted_at else row.expires_at <= now
    if row.state != InvitationState.OPEN or not is_over:
        return False
    end_membership(row, by=None)
    CommunityInvitation.objects.filter(pk=row.pk).settle(InvitationState.EXPIRED)
    audit.record("expire_invitation", row)
    return True


def forget_old(now: datetime) -> int:
    """Delete invitations that ended long ago: they hold addresses of people who may never have come."""
    return CommunityInvitation.objects.filter(ended_at__lt=now - KEPT).delete()[0]
