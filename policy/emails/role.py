"""How facilitators of a closed community hear who follows a member in the role of STEM excellence manager."""

from typing import Any

from django.contrib.auth import get_user_model
from django.urls import reverse
from django.utils.translation import gettext as _

from communities.models import Community, Membership
from members.models import RoleHolding
from munistem.commons.audit.actions import key
from munistem.commons.notices.actions import tell
from munistem.commons.notices.kinds import Family, Kind, register, visible_through
from munistem.commons.notices.models import Event
from munistem.commons.text.names import isolated
from policy.emails import Told


def declare() -> None:
    seen = visible_through(lambda user: Community.objects.facilitated_by(user))
    register(Kind("role_passed", Family.TASKS, say_passed, people_url, seen, what_to_do))


def tell_facilitators(holding: RoleHolding, community: Community, *, by: Any) -> None:
    led = Membership.objects.present().facilitators().filter(community=community).values("person")
    people = get_user_model().objects.filter(pk__in=led, is_active=True).defer("search_vector")
    names = {code: getattr(holding.authority, f"name_{code}") for code in ("he", "ar", "en")}
    told = {
        "organisation": names,
        "person": holding.label,
        "community": community.name,
        "slug": community.slug,
    }
    tell("role_passed", community, people, by=by, reason="facilitator", scope=key(community), **told)


def say_passed(event: Event, reader: Any) -> str:
    return _("%(organisation)s: %(person)s holds the STEM role now, after a member of “%(community)s”") % {
        "organisation": Told(event.data.get("organisation")),
        "person": isolated(str(event.data.get("person", ""))),
        "community": isolated(str(event.data.get("community", ""))),
    }


def what_to_do(event: Event, reader: Any) -> list[str]:
    return [
        _(
            "The community is closed, so nobody can ask to join it. If the seat shall go on, invite the successor."
        )
    ]


def people_url(event: Event) -> str:
    return reverse("list_community_people", args=[event.data["slug"]])
