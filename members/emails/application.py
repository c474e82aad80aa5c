"""Letters to applicants, in their language, and notices to the admins who decide."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core import signing
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from members.enums import ApplicationState
from members.models import Application, Organisation
from members.rules import answer_expected_on
from munistem.commons.audit.actions import key
from munistem.commons.mail.letters import Letter, post
from munistem.commons.notices.actions import tell
from munistem.commons.notices.kinds import Family, Kind, visible_through
from munistem.commons.notices.models import Event, Notice
from munistem.commons.text.names import isolated

LONGEST_QUOTE = 600
WAY_BACK = "members.application.open"
MOST_WAYS = 3


@contextmanager
def in_language_of(application: Application) -> Iterator[None]:
    with translation.override(application.language):
        yield


def send(letter: Letter, application: Application) -> None:
    post(letter, to=application.email, language=application.language)


def page_of(application: Application) -> str:
    return settings.BASE_URL + application.get_absolute_url()


def name_of(application: Application) -> str:
    return isolated(application.name or _("your organisation"))


def why() -> str:
    return _("You received this because this address was given in an application to the network.")


def greeting(application: Application) -> str:
    return _("Hello %(name)s,") % {"name": isolated(application.contact_name)}


# Before it is received -----------------------------------------------------------------------------------


@transaction.atomic
def mail_way_back(email: str) -> int:
    """Mail this address the links to its latest applications, none when it has none; answers how many."""
    rows = Application.objects.select_for_update(of=("self",)).select_related("authority", "cluster")
    found = rows.filter(email__iexact=email).order_by("-created_at", "-pk")[:MOST_WAYS]
    for row in found:
        row.draft_mailed_at = timezone.now()
        row.save(update_fields=["draft_mailed_at"])
        send_way_back(row, signing.dumps([row.pk, row.email], salt=WAY_BACK, compress=True))
    return len(found)


def send_way_back(application: Application, token: str) -> None:
    """The link with which a draft is continued, or the page of an application is found again."""
    with in_language_of(application):
        letter = Letter(
            subject=_("Your application to muni:STEM"),
            lines=[
                _("Someone, probably you, asked for the way back to the application of %(organisation)s.")
                % {"organisation": name_of(application)},
                _("The link holds for seven days. If you did not ask for it, nothing has to be done."),
            ],
            action=(
                _("Go on with the application"),
                settings.BASE_URL + reverse("open_application", args=[token]),
            ),
            reason=why(),
        )
        send(letter, application)


def send_confirmation_request(application: Application, token: str) -> None:
    """The link that shows that the address is the applicant's own."""
    with in_language_of(application):
        letter = Letter(
            subject=_("Confirm your address, and the application is with us"),
            lines=[
                greeting(application),
                _(
                    "You applied for %(organisation)s to join the network. One step is left: confirm that this address is yours."
                )
                % {"organisation": name_of(application)},
                _(
                    "If you did not apply, leave this mail as it is: without your confirmation nothing happens."
                ),
            ],
            action=(_("Confirm my address"), settings.BASE_URL + reverse("confirm_address", args=[token])),
            reason=why(),
        )
        send(letter, application)


# While it waits ------------------------------------------------------------------------------------------


def said_day(application: Application) -> str:
    day = answer_expected_on(application)
    # Translators: a Django date format with the weekday (he: "יום l, j בF").
    return date_format(day, pgettext("date format", "l, j F")) if day else ""


def send_received(application: Application) -> None:
    with in_language_of(application):
        letter = Letter(
            subject=_("Your application was received"),
            lines=[
                greeting(application),
                _(
                    "Thank you. The application of %(organisation)s is with us, and a person of the network reads it."
                )
                % {"organisation": name_of(application)},
                _("You hear from us within three working days, by %(day)s.") % {"day": said_day(application)},
                _(
                    "The page below shows how it stands. Keep the link to yourself: whoever has it can read and answer."
                ),
            ],
            action=(_("Open the page of the application"), page_of(application)),
            reason=why(),
        )
        send(letter, application)


def question(application: Application, body: str) -> Letter:
    return Letter(
        subject=_("A question on your application"),
        lines=[
            greeting(application),
            _("We read the application of %(organisation)s and would like to know:")
            % {"organisation": name_of(application)},
        ],
        quote=body,
        action=(_("Answer the question"), page_of(application)),
        reason=why(),
    )


# Decisions -----------------------------------------------------------------------------------------------


def approval(application: Application, note: str = "") -> Letter:
    return Letter(
        subject=_("Welcome to muni:STEM"),
        lines=[
            greeting(application),
            _(
                "%(organisation)s is now a member of the network, and you act for it as its manager. We are glad that you are here."
            )
            % {"organisation": name_of(application)},
            *([note] if note else []),
            _(
                "The button leads to your sign-in: choose a password there, or let us mail you a code each time. Then invite your colleagues on the page of your organisation."
            ),
        ],
        action=(_("Sign in for the first time"), page_of(application)),
        reason=why(),
    )


def refusal(application: Application, reason: str) -> Letter:
    return Letter(
        subject=_("Our answer to your application"),
        lines=[
            greeting(application),
            _(
                "Thank you for your interest in the network. We read the application of %(organisation)s and cannot accept it at this time, for this reason:"
            )
            % {"organisation": name_of(application)},
        ],
        quote=reason,
        action=(_("Open the page of the application"), page_of(application)),
        reason=why(),
    )


def joining(application: Application, target: Application) -> Letter:
    return Letter(
        subject=_("Your application was joined to another"),
        lines=[
            greeting(application),
            _("A colleague had applied for %(organisation)s too, so we handle both as one application.")
            % {"organisation": name_of(target)},
            _(
                "As soon as it is decided, we tell you; once your organisation is a member, you can join its team."
            ),
        ],
        action=(_("Open the page of the application"), page_of(application)),
        reason=why(),
    )


def team_opened(application: Application, organisation: Organisation) -> Letter:
    """To those whose application was joined to one that is approved now."""
    url = reverse("join_team", args=[organisation.slug])
    return Letter(
        subject=_("Your organisation is a member now: join its team"),
        lines=[
            greeting(application),
            _("%(organisation)s is now a member of the network. Ask to join its team; its manager decides.")
            % {"organisation": isolated(organisation.name)},
        ],
        action=(_("Join the team"), settings.BASE_URL + url),
        reason=why(),
    )


def taking_back(application: Application) -> Letter:
    return Letter(
        subject=_("The approval of your application was taken back"),
        lines=[
            greeting(application),
            _(
                "The approval of %(organisation)s was given by mistake and taken back. We are sorry for the confusion."
            )
            % {"organisation": name_of(application)},
            _("The application is in review again; you hear from us."),
        ],
        action=(_("Open the page of the application"), page_of(application)),
        reason=why(),
    )


# Notices to the admins -----------------------------------------------------------------------------------


def admins() -> Any:
    return get_user_model().objects.filter(is_active=True, is_staff=True)


def tell_admins(kind: str, application: Application, **data: Any) -> None:
    tell(kind, application, admins(), reason="decider", name=str(application.name), **data)


def welcome(application: Application, person: Any, *, by: Any) -> None:
    """The bell of the new manager; the mail has gone already, with the same news."""
    organisation = application.organisation
    if organisation and (
        event := tell(
            "application_approved",
            application,
            {person: "sender"},
            by=by,
            name=str(organisation.name),
            slug=organisation.slug,
        )
    ):
        event.notices.update(mailed_at=timezone.now())


def settle(application: Application) -> None:
    """A decided application waits for nobody any more: its notices to the admins count as read."""
    waiting = ["application_received", "application_answered", "application_overdue"]
    notices = Notice.objects.filter(
        event__subject=key(application), event__kind__in=waiting, read_at__isnull=True
    )
    notices.update(read_at=timezone.now())


def named(event: Event) -> dict[str, str]:
    return {"organisation": isolated(str(event.data.get("name", "")))}


def say_received(event: Event, reader: Any) -> str:
    return _("%(organisation)s applies to join the network") % named(event)


def say_answered(event: Event, reader: Any) -> str:
    return _("%(organisation)s answered the question on its application") % named(event)


def say_overdue(event: Event, reader: Any) -> str:
    return _("The application of %(organisation)s waits for more than three working days") % named(event)


def say_approved(event: Event, reader: Any) -> str:
    return _("%(organisation)s is a member of the network now; you act for it as its manager") % named(event)


def quoted(event: Event, reader: Any) -> list[str]:
    said = str(event.data.get("said", ""))
    return [isolated(said[:LONGEST_QUOTE] + ("…" if len(said) > LONGEST_QUOTE else ""))] if said else []


def desk_url(event: Event) -> str:
    return reverse("admin:members_application_change", args=[event.subject.rpartition(":")[2]])


def organisation_url(event: Event) -> str:
    return reverse("show_organisation", args=[event.data["slug"]])


def waiting_for(user: Any):
    return Application.objects.visible_to(user).waiting()


def approved_of(user: Any):
    return Application.objects.visible_to(user).filter(state=ApplicationState.APPROVED)


KINDS = (
    Kind("application_received", Family.TASKS, say_received, desk_url, visible_through(waiting_for), quoted),
    Kind("application_answered", Family.TASKS, say_answered, desk_url, visible_through(waiting_for), quoted),
    Kind("application_overdue", Family.TASKS, say_overdue, desk_url, visible_through(waiting_for)),
    Kind(
        "application_approved",
        Family.DECISIONS,
        say_approved,
        organisation_url,
        visible_through(approved_of),
    ),
)
