"""Letters and notices on who acts for an organisation: invitations, mandates that begin, widen and end."""

from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from members.models import Invitation, Organisation, Representative, User
from munistem.commons.mail.letters import Letter, post
from munistem.commons.notices.actions import tell
from munistem.commons.notices.kinds import Family, Kind, visible_through
from munistem.commons.notices.models import Event
from munistem.commons.text.languages import pick
from munistem.commons.text.names import isolated


def send_invitation(invitation: Invitation) -> None:
    """In the language of who is known by this address, else in the one the manager chose."""
    known = User.objects.filter(email__iexact=invitation.email, is_active=True).first()
    language = known.language if known else invitation.language
    with translation.override(language):
        post(letter_of(invitation), to=invitation.email, language=language)


def letter_of(invitation: Invitation) -> Letter:
    words = {
        "actor": isolated(invitation.invited_by.name or _("Someone")),
        "organisation": isolated(pick(invitation.organisation, "name")),
        "name": isolated(invitation.name),
        # Translators: a Django date format; letters that are not format codes stand as they are.
        "date": date_format(localtime(invitation.expires_at), pgettext("date format", "j F Y")),
    }
    greeting = [_("Hello %(name)s,") % words] if invitation.name else []
    return Letter(
        subject=_("%(actor)s invites you to the team of %(organisation)s") % words,
        lines=[
            *greeting,
            _("%(actor)s invites you to act for %(organisation)s in muni:STEM, the national network of municipalities and partners for STEM.") % words,
            _("Accept with this address. Who has no account yet opens one on the way; it takes a minute."),
            _("The invitation holds until %(date)s. If you do not know of it, leave this mail as it is.") % words,
        ],
        action=(_("See the invitation"), settings.BASE_URL + invitation.get_absolute_url()),
        reason=_("You received this because a manager of the organisation wrote down this address."),
    )  # fmt: skip


# Notices -------------------------------------------------------------------------------------------------


def names_of(organisation: Organisation) -> dict[str, Any]:
    names = {code: getattr(organisation, f"name_{code}") for code in ("he", "ar", "en")}
    return {"organisation": names, "slug": organisation.slug}


def tell_of(kind: str, mandate: Representative, readers: Any, *, by: Any, reason: str = "concerned") -> None:
    """Tell people of a deed done to a mandate."""
    tell(
        kind,
        mandate,
        readers,
        by=by,
        reason=reason,
        person=mandate.person.name,
        **names_of(mandate.organisation),
    )


def tell_admins_of_orphan(organisation: Organisation, *, by: Any) -> None:
    """The last manager is gone: an admin has to find another."""
    admins = get_user_model().objects.filter(is_staff=True, is_active=True)
    tell("team_without_manager", organisation, admins, by=by, reason="decider", **names_of(organisation))


def words_of(event: Event) -> dict[str, str]:
    names = event.data.get("organisation", {})
    organisation = names.get(translation.get_language() or "he") or next(filter(None, names.values()), "")
    actor = event.actor.name if event.actor and event.actor.name else _("Someone")
    return {
        "actor": isolated(actor),
        "person": isolated(str(event.data.get("person", ""))),
        "organisation": isolated(organisation),
    }


def say_accepted(event: Event, reader: Any) -> str:
    return _("%(person)s accepted your invitation and acts for %(organisation)s now") % words_of(event)


def say_ended(event: Event, reader: Any) -> str:
    return _("You no longer act for %(organisation)s. What you wrote stays.") % words_of(event)


def say_made_manager(event: Event, reader: Any) -> str:
    return _("%(actor)s made you a manager of %(organisation)s") % words_of(event)


def say_left_team(event: Event, reader: Any) -> str:
    return _("%(person)s no longer acts for %(organisation)s") % words_of(event)


def say_orphan(event: Event, reader: Any) -> str:
    return _("Nobody manages the team of %(organisation)s any more") % words_of(event)


def team_url(event: Event) -> str:
    return reverse("show_team", args=[event.data["slug"]])


def own_url(event: Event) -> str:
    return reverse("show_me")


def mandates_of(user: Any) -> Any:
    return Representative.objects.visible_to(user)


KINDS = (
    Kind("team_accepted", Family.DECISIONS, say_accepted, team_url, visible_through(mandates_of)),
    Kind("mandate_ended", Family.DECISIONS, say_ended, own_url, visible_through(mandates_of)),
    Kind("made_manager", Family.DECISIONS, say_made_manager, team_url, visible_through(mandates_of)),
    Kind("left_team", Family.DECISIONS, say_left_team, team_url, visible_through(mandates_of)),
    Kind(
        "team_without_manager",
        Family.TASKS,
        say_orphan,
        team_url,
        visible_through(lambda user: Organisation.objects.visible_to(user)),
    ),
)
