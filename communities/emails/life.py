"""How communities begin and end, in words."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from communities.emails.community import actor, communities_of, community_url, name_in, reason_given
from communities.models import CommunityProposal
from munistem.commons.notices.kinds import Family, Kind, visible_through
from munistem.commons.notices.models import Event


def say_proposed(event: Event, reader: Any) -> str:
    return _("%(actor)s proposes a community: %(title)s") % {
        "actor": actor(event),
        "title": name_in(event, "title"),
    }


def say_approved(event: Event, reader: Any) -> str:
    return _("The community you proposed is open: %(title)s") % {"title": name_in(event, "title")}


def say_declined(event: Event, reader: Any) -> str:
    return _("The community you proposed was not opened: %(title)s") % {"title": name_in(event, "title")}


def say_archived(event: Event, reader: Any) -> str:
    return _("%(community)s was closed down; it can still be read and searched") % {
        "community": name_in(event, "community")
    }


def say_reopened(event: Event, reader: Any) -> str:
    return _("%(community)s was taken up again") % {"community": name_in(event, "community")}


def proposal_url(event: Event) -> str:
    return reverse("show_proposal", args=[event.subject.rpartition(":")[2]])


def decision_url(event: Event) -> str:
    return reverse("admin:communities_communityproposal_change", args=[event.subject.rpartition(":")[2]])


def proposals_of(user: Any):
    return CommunityProposal.objects.visible_to(user)


def waiting_for(user: Any):
    return proposals_of(user).waiting() if user.is_staff else CommunityProposal.objects.none()


KINDS = (
    Kind("community_proposed", Family.TASKS, say_proposed, decision_url, visible_through(waiting_for)),
    Kind("community_approved", Family.DECISIONS, say_approved, community_url, visible_through(proposals_of)),
    Kind(
        "community_declined",
        Family.DECISIONS,
        say_declined,
        proposal_url,
        visible_through(proposals_of),
        reason_given,
    ),
    Kind(
        "community_archived",
        Family.TOPICS,
        say_archived,
        community_url,
        visible_through(communities_of),
        reason_given,
    ),
    Kind("community_reopened", Family.TOPICS, say_reopened, community_url, visible_through(communities_of)),
)
