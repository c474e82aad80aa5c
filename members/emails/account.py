"""Letters on a person's own account: leaving and coming back, the archive of one's data, new devices, warnings."""

from datetime import date, datetime
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format
from django.utils.timezone import localdate, localtime, now
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


def warn_of_closing(person: User, closes_on: date) -> None:
    send(closing, person, closes_on)


def closing(person: User, closes_on: date) -> Letter:
    words = {"date": said(closes_on)}
    return Letter(
        subject=_("Your account in muni:STEM closes on %(date)s") % words,
        lines=[
            *greeting(person),
            _("We have not seen you for a long time. Accounts that nobody uses are closed, so that details do not lie about."),
            _("Would you like to keep yours? Sign in once until %(date)s, and it stays.") % words,
            _("Otherwise your details are removed on that day. What you wrote stays, without your name."),
        ],
        action=(_("Sign in and stay"), settings.BASE_URL + reverse("account_login")),
        reason=_("You received this because you have an account in muni:STEM."),
    )  # fmt: skip


# Signing in ------------------------------------------------------------------------------------------------


def tell_new_device(device: Device) -> None:
    send(new_device, device.person, device)


def new_device(person: User, device: Device) -> Letter:
    return Letter(
        subject=_("New sign-in to your account"),
        lines=[
            *greeting(person),
            _("Somebody signed in to your account in a browser that we do not know yet:"),
            where_and_when(device.browser, device.system, device.seen_at),
            _("Was it you? Then all is well. If not, sign that browser out and change your password."),
        ],
        action=(_("Where I am signed in"), settings.BASE_URL + reverse("list_sessions")),
        reason=_("You received this because it touches the safety of your account."),
    )


def where_and_when(browser: str, system: str, moment: datetime) -> str:
    words = {
        "browser": isolated(str(Browser(browser).label)),
        "system": isolated(str(System(system).label)),
        # Translators: a Django date format; letters that are not format codes stand as they are.
        "moment": date_format(localtime(moment), pgettext("date format", "j F Y, H:i")),
    }
    return _("%(browser)s on %(system)s, %(moment)s") % words


def change_in_words(change: str) -> str:
    """What happened to somebody's sign-in, by the name that allauth gives it; any other is a change all the same."""
    return {
        "password_changed": _("Your password was changed"),
        "password_reset": _("Your password was changed"),
        "password_set": _("Your account has a password now"),
        "email_changed": _("Your e-mail address was changed"),
        "email_deleted": _("An e-mail address was removed from your account"),
        "totp_activated": _("Your sign-in asks for a code from an app now"),
        "totp_deactivated": _("Your sign-in no longer asks for a code from an app"),
        "webauthn_added": _("A passkey was added to your account"),
        "webauthn_removed": _("A passkey was removed from your account"),
        "recovery_codes_generated": _("New recovery codes were made; the old ones no longer work"),
        "account_connected": _("A sign-in service was connected to your account"),
        "account_disconnected": _("A sign-in service was disconnected from your account"),
    }.get(change, _("Your sign-in was changed"))


def tell_change(person: User, change: str, *, browser: str, system: str, to: str = "") -> None:
    """Tell a person what was changed in how they sign in; to: the address before, when it is the address itself."""
    with translation.override(person.language):
        letter = changed(person, change, where_and_when(browser, system, now()))
        post(letter, to=to or person.email, language=person.language)


def changed(person: User, change: str, where: str) -> Letter:
    contact = {"address": isolated(parseaddr(settings.ACCESSIBILITY_CONTACT)[1])}
    return Letter(
        subject=change_in_words(change),
        lines=[
            *greeting(person),
            change_in_words(change) + ".",
            where,
            _("Was it you? Then all is well. If not, set a new password at once and write to us: %(address)s") % contact,
        ],
        action=(_("Set a new password"), settings.BASE_URL + reverse("account_reset_password")),
        reason=_("You received this because it touches the safety of your account."),
    )  # fmt: skip


# What one takes along --------------------------------------------------------------------------------------


def tell_ready(archive: Archive, until: datetime) -> None:
    """The archive can be fetched: told at once."""
    tell("archive_ready", archive, [archive.person], reason="sender", until=until.isoformat())


def say_ready(event: Event, reader: Any) -> str:
    until = datetime.fromisoformat(event.data["until"])
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
