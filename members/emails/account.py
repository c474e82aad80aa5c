"""Letters on a person's own account: leaving and coming back, the archive of one's data, new devices, warnings."""

from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format
from django.utils.timezone import localdate, localtime
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from members.enums import Browser, System
from members.models import Archive, Departure, Device, User
from munistem.commons.mail.letters import Letter, post
from munistem.commons.notices.actions import tell
from munistem.commons.notices.kinds import Family, Kind, visible_through
from munistem.commons.notices.models import Event
from munistem.commons.text.names import isolated

SALT = "members.come_back"


def said(day: date | datetime) -> str:
    return date_format(localdate(day) if isinstance(day, datetime) else day, pgettext("date format", "j F Y"))


def greeting(person: User) -> list[str]:
    return [_("Hello %(name)s,") % {"name": isolated(person.name)}] if person.name else []


def send(letter: Any, person: User, *args: Any) -> None:
    """Post ``letter(person, …)`` in the person's language."""
    with translation.override(person.language):
        post(letter(person, *args), to=person.email, language=person.language)


# Leaving and coming back ---------------------------------------------------------------------------------


def come_back_url(departure: Departure) -> str:
    """The page on which a departure is taken back; who holds the letter holds the address."""
    return settings.BASE_URL + reverse("come_back", args=[signing.dumps(departure.pk, SALT, compress=True)])


def departure_of(token: str) -> Departure | None:
    """The departure of such an address while it may be taken back."""
    try:
        pk = signing.loads(token, SALT)
    except signing.BadSignature:
        return None
    return Departure.objects.select_related("person").defer("person__search_vector").filter(pk=pk).first()


def say_farewell(departure: Departure) -> None:
    send(farewell, departure.person, departure)


def farewell(person: User, departure: Departure) -> Letter:
    words = {
        "date": said(departure.due_at),
        "signature": isolated(departure.signature or _("A former member")),
    }
    return Letter(
        subject=_("You left muni:STEM; until %(date)s you can come back") % words,
        lines=[
            *greeting(person),
            _("You are signed out everywhere, and colleagues do not see you any more."),
            _("If you change your mind, come back until %(date)s and everything is as it was.") % words,
            _("After that day your details are removed for good. What you wrote stays, signed: %(signature)s.") % words,
            _("Thank you for everything you brought here."),
        ],
        action=(_("Come back"), come_back_url(departure)),
        reason=_("You received this because your account in muni:STEM was asked to be closed. If it was not you, come back and change your password."),
    )  # fmt: skip


def welcome_back(person: User) -> None:
    send(welcome, person)


def welcome(person: User) -> Letter:
    return Letter(
        subject=_("Welcome back to muni:STEM"),
        lines=[
            *greeting(person),
            _("Good to have you back. Your account is open again, and everything is as it was."),
            _("If it was not you who came back, change your password, or write to us."),
        ],
        action=(_("Sign in"), settings.BASE_URL + reverse("account_login")),
        reason=_("You received this because it touches the safety of your account."),
    )


# Signing in ------------------------------------------------------------------------------------------------


def tell_new_device(device: Device) -> None:
    send(new_device, device.person, device)


def new_device(person: User, device: Device) -> Letter:
    words = {
        "browser": isolated(str(Browser(device.browser).label)),
        "system": isolated(str(System(device.system).label)),
        # Translators: a Django date format; letters that are not format codes stand as they are.
        "moment": date_format(localtime(device.seen_at), pgettext("date format", "j F Y, H:i")),
    }
    return Letter(
        subject=_("New sign-in to your account"),
        lines=[
            *greeting(person),
            _("Somebody signed in to your account in a browser that we do not know yet:"),
            _("%(browser)s on %(system)s, %(moment)s") % words,
            _("Was it you? Then all is well. If not, sign that browser out and change your password."),
        ],
        action=(_("Where I am signed in"), settings.BASE_URL + reverse("list_sessions")),
        reason=_("You received this because it touches the safety of your account."),
    )


# What one takes along --------------------------------------------------------------------------------------


def tell_ready(archive: Archive) -> None:
    """The archive can be fetched: told at once."""
    tell(
        "archive_ready", archive, [archive.person], reason="sender", until=str(localdate(archive.expires_at))
    )


def say_ready(event: Event, reader: Any) -> str:
    until = date.fromisoformat(event.data["until"])
    return _("Your data are packed; you can fetch them until %(date)s") % {"date": said(until)}


def data_url(event: Event) -> str:
    return reverse("show_my_data")


KINDS = (
    Kind(
        "archive_ready",
        Family.DECISIONS,
        say_ready,
        data_url,
        visible_through(lambda user: Archive.objects.visible_to(user)),
    ),
)
