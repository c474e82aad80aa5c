"""Invitations to a community: the letter to who is not in the network yet, and what the notice to others carries."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from communities.emails.community import actor, community_url, name_in
from communities.emails.greeting import salutation
from communities.models import CommunityInvitation, Membership
from munistem.commons.mail.letters import Letter, compose
from munistem.commons.notices.kinds import Family, Kind, visible_through
from munistem.commons.notices.letters import rests
from munistem.commons.notices.models import Event
from munistem.commons.text.names import isolated


def mail_invitations(keys: Iterable[int], *, is_reminder: bool = False, now: datetime | None = None) -> int:
    """Queue the letters of open invitations, each once; returns how many. On days of rest they wait for the clock."""
    now = now or timezone.now()
    if rests(now):
        return 0
    with transaction.atomic():
        rows = CommunityInvitation.objects.holding(now).filter(pk__in=list(keys), person__isnull=True)
        rows = rows if is_reminder else rows.filter(mailed_at__isnull=True)
        rows = rows.select_for_update(of=("self",)).select_related("community", "invited_by")
        waiting = list(rows.defer("community__search_vector", "invited_by__search_vector").order_by("pk"))
        if waiting:
            get_connection().send_messages([composed(row, is_reminder=is_reminder) for row in waiting])
        if not is_reminder:
            done = [row.pk for row in waiting]
            CommunityInvitation.objects.filter(pk__in=done).update(mailed_at=now)
    return len(waiting)


def composed(invitation: CommunityInvitation, *, is_reminder: bool) -> EmailMessage:
    with translation.override(invitation.language):
        letter = letter_of(invitation, is_reminder=is_reminder)
    return compose(letter, to=invitation.email, language=invitation.language)


def page_of(invitation: CommunityInvitation) -> str:
    return settings.BASE_URL + invitation.get_absolute_url()


def letter_of(invitation: CommunityInvitation, *, is_reminder: bool = False) -> Letter:
    """In the active language; an answer goes to the person who invites, if they show their address."""
    inviter, community, page = invitation.invited_by, invitation.community, page_of(invitation)
    words = {
        "actor": isolated(inviter.name or _("Someone")),
        "community": isolated(community.name),
        # Translators: a Django date format; letters that are not format codes stand as they are.
        "date": date_format(timezone.localtime(invitation.expires_at), pgettext("date format", "j F Y")),
    }
    subject = _("Reminder: %(actor)s invites you to %(community)s") if is_reminder else _("%(actor)s invites you to %(community)s")  # fmt: skip
    return Letter(
        subject=subject % words,
        lines=[
            *([salutation(invitation.name)] if invitation.name else []),
            _("%(actor)s invites you to %(community)s, a learning community of muni:STEM, the national network of municipalities and partners for STEM.") % words,
            isolated(community.purpose),
            _("Say yes on the page of the invitation. Whose organisation is not in the network yet joins with it on the way."),
            _("The invitation holds until %(date)s.") % words,
        ],
        action=(_("See the invitation"), page),
        quote=invitation.text,
        reason=_("You received this because a facilitator of the community wrote down this address. One reminder may follow, no more."),
        stops=[(_("No, thank you, and no reminder"), f"{page}?answer=no")],
        unsubscribe=page,
        sender=inviter.name,
        reply_to=inviter.email if inviter.is_email_shown else "",
        key=f"community-invitation:{invitation.pk}:{'reminder' if is_reminder else 'first'}",
    )  # fmt: skip


# Notices to people of the network ------------------------------------------------------------------------


def say_invited(event: Event, reader: Any) -> str:
    words = {"actor": actor(event), "community": name_in(event, "community")}
    if event.data.get("is_reminder"):
        return _("Your invitation to %(community)s still waits for an answer") % words
    return _("%(actor)s invites you to join %(community)s") % words


def invitation_to(event: Event, reader: Any) -> CommunityInvitation | None:
    """The open invitation behind a notice on a membership."""
    here = Membership.objects.filter(pk=event.subject.rpartition(":")[2]).values("community")
    return CommunityInvitation.objects.holding().of(reader).filter(community__in=here).first()


def with_answer(letter: Letter, event: Event, reader: Any) -> Letter:
    """What the person who invites wrote, and the page on which one answers without signing in."""
    invitation = invitation_to(event, reader)
    if invitation is None:
        return letter
    action = (_("See the invitation"), page_of(invitation))
    return replace(letter, quote=invitation.text, action=action)


def invited(user: Any) -> Any:
    return Membership.objects.held_by(user).invited()


KINDS = (
    Kind("invited", Family.TASKS, say_invited, community_url, visible_through(invited), dress=with_answer),
)
