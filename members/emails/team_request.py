"""Letters to who asks to join a team, and notices to the managers who decide."""

from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from members.models import Representative, TeamRequest
from munistem.commons.audit.actions import key
from munistem.commons.mail.letters import Letter, post
from munistem.commons.notices.actions import tell
from munistem.commons.notices.kinds import Family, Kind, visible_through
from munistem.commons.notices.models import Event, Notice
from munistem.commons.text.names import isolated


def send(request: TeamRequest, letter: Letter) -> None:
    post(letter, to=request.email, language=request.language)


def why() -> str:
    return _("You received this because this address was given in a request to join a team.")


def words(request: TeamRequest) -> dict[str, str]:
    return {"name": isolated(request.name), "organisation": isolated(request.organisation.name)}


def send_confirmation_request(request: TeamRequest, token: str) -> None:
    with translation.override(request.language):
        letter = Letter(
            subject=_("Confirm your address, and your request is on its way"),
            lines=[
                _("Hello %(name)s,") % words(request),
                _(
                    "You asked to join the team of %(organisation)s in the network. One step is left: confirm that this address is yours."
                )
                % words(request),
                _("If you did not ask, leave this mail as it is: without your confirmation nothing happens."),
            ],
            action=(
                _("Confirm my address"),
                settings.BASE_URL + reverse("confirm_team_request", args=[token]),
            ),
            reason=why(),
        )
        send(request, letter)


def send_accepted(request: TeamRequest) -> None:
    with translation.override(request.language):
        letter = Letter(
            subject=_("You are in the team"),
            lines=[
                _("Hello %(name)s,") % words(request),
                _("You now act for %(organisation)s in the network. Welcome.") % words(request),
                _(
                    "For your first sign-in, let us mail you a code to this address; you can choose a password afterwards."
                ),
            ],
            action=(_("Sign in"), settings.BASE_URL + reverse("account_request_login_code")),
            reason=why(),
        )
        send(request, letter)


def send_declined(request: TeamRequest) -> None:
    with translation.override(request.language):
        letter = Letter(
            subject=_("Our answer to your request"),
            lines=[
                _("Hello %(name)s,") % words(request),
                _(
                    "A manager of %(organisation)s did not accept your request to join its team. If you think that this is a mistake, talk to them."
                )
                % words(request),
            ],
            reason=why(),
        )
        send(request, letter)


def tell_managers(request: TeamRequest) -> None:
    """Those who decide: the managers, or the network's admins where nobody manages."""
    people = get_user_model().objects.filter(is_active=True)
    mandates = Representative.objects.active().managers().filter(organisation=request.organisation)
    managers = list(people.filter(pk__in=mandates.values("person")))
    deciders = managers or list(people.filter(is_staff=True))
    names = {code: getattr(request.organisation, f"name_{code}") for code in ("he", "ar", "en")}
    data = {
        "name": request.name,
        "organisation": names,
        "slug": request.organisation.slug,
        "note": request.note,
    }
    tell("team_requested", request, deciders, reason="decider", **data)


def settle(request: TeamRequest) -> None:
    notices = Notice.objects.filter(event__subject=key(request), read_at__isnull=True)
    notices.update(read_at=timezone.now())


def say_requested(event: Event, reader: Any) -> str:
    names = event.data.get("organisation", {})
    organisation = names.get(translation.get_language() or "he") or next(filter(None, names.values()), "")
    return _("%(name)s asks to join the team of %(organisation)s") % {
        "name": isolated(str(event.data.get("name", ""))),
        "organisation": isolated(organisation),
    }


def note_given(event: Event, reader: Any) -> list[str]:
    note = event.data.get("note", "")
    return [_("They wrote: %(note)s") % {"note": isolated(note)}] if note else []


def team_url(event: Event) -> str:
    return reverse("show_team", args=[event.data["slug"]])


KINDS = (
    Kind(
        "team_requested",
        Family.TASKS,
        say_requested,
        team_url,
        visible_through(lambda user: TeamRequest.objects.visible_to(user).waiting()),
        note_given,
    ),
)
