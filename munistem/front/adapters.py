"""How allauth meets our house: letters, limits, and the same answer for known and unknown addresses."""

import logging
import time
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from communities.models import Membership
from members.actions.device import new_mark, note_sign_in, read_agent
from members.actions.person import come_back
from members.emails.account import tell_change
from members.models import User
from members.rules import can_come_back
from munistem.commons.guards.limits import client_address, count_hit, give_back, neighbourhood
from munistem.commons.mail.letters import Letter, compose
from munistem.commons.ready import NOBODY, Reader, ready

log = logging.getLogger(__name__)
WEB = ("http://", "https://")
WINDOW = 300
TRIES_AT_ACCOUNT = 5
TRIES_FROM_ADDRESS = 20


def sign_in_limits(request, credentials: dict[str, Any]) -> dict[str, int]:
    """What is counted at a try to sign in, and how many wrong ones the window allows of each.

    The address first: what is refused there does not use up the tries of the account's owner.
    """
    account = str(credentials.get("email", "")).strip().casefold()
    reader = neighbourhood(client_address(request))
    return {f"sign-in-from:{reader}": TRIES_FROM_ADDRESS, f"sign-in:{account}": TRIES_AT_ACCOUNT}


def unfolded(paragraph: str) -> str:
    """A paragraph of a template in one line, the lines of a list kept."""
    lines = [" ".join(line.split()) for line in paragraph.strip().splitlines()]
    return "".join(("\n" if line.startswith(("-", "–")) else " ") + line for line in lines).strip()


def remember_device(request: Any, person: Any) -> None:
    """Note in which browser the person's session is; the browser is recognised by a mark of its own."""
    if not request.session.session_key:
        request.session.create()
    mark = request.COOKIES.get(settings.DEVICE_COOKIE_NAME, "")[:100] or new_mark()
    agent, key = request.headers.get("User-Agent", ""), request.session.session_key
    device = note_sign_in(by=person, mark=mark, session_key=key, agent=agent)
    request.session["device"] = {"pk": device.pk, "session": key, "seen": int(time.time())}
    request.device_mark = mark


def give_mark(request: Any, response: Any) -> Any:
    """Let the browser keep its mark."""
    if mark := getattr(request, "device_mark", ""):
        response.set_cookie(
            settings.DEVICE_COOKIE_NAME,
            mark,
            max_age=settings.DEVICE_COOKIE_AGE,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
    return response


def renew_session(request: Any, *, reauthenticated: bool = False, **_told: Any) -> None:
    """Who has shown once more who it is goes on with another key of the session; the old key ends."""
    if reauthenticated:
        request.session.cycle_key()


class AccountAdapter(DefaultAccountAdapter):
    """Sign-in and sign-up of people."""

    def get_client_ip(self, request):
        return client_address(request)

    def is_safe_url(self, url):
        try:
            return super().is_safe_url(url)
        except ValueError:  # "//[" looks like an address and is none
            return False

    def pre_authenticate(self, request, **credentials):
        """Count the try before any password is hashed, atomically; refuse when it is one too many."""
        limits = sign_in_limits(request, credentials)
        if any(count_hit(key, WINDOW, most) > most for key, most in limits.items()):
            raise ValidationError(_("Too many attempts to sign in. Please wait five minutes and try again."))
        return super().pre_authenticate(request, **credentials)

    def authenticate(self, request, **credentials):
        """A right password is no guess: it is not counted. It forgives no wrong ones before it either."""
        user = super().authenticate(request, **credentials)
        if user:
            for key in sign_in_limits(request, credentials):
                give_back(key)
        return user

    def authentication_failed(self, request, **credentials):
        """Told in the log beside the number of the request; whose account was tried is not."""
        log.warning("A sign-in failed.")

    def pre_login(self, request, user, **hooks):
        """Who is leaving comes back by signing in, once every step of it is done."""
        if not user.is_active and can_come_back(user):
            return None
        return super().pre_login(request, user, **hooks)

    def login(self, request, user):
        """Let the person in, and note in which browser."""
        if not user.is_active:
            come_back(by=user, person=user)
            user.refresh_from_db(fields=["is_active"])
        super().login(request, user)
        remember_device(request, user)

    def post_login(self, request, user, **hooks):
        return give_mark(request, super().post_login(request, user, **hooks))

    def save_user(self, request, user, form, commit=True):
        user.language = get_language() or user.language
        return super().save_user(request, user, form, commit)

    def send_account_already_exists_mail(self, email):
        """Spend the time a new account would take, so that nobody learns which addresses are known."""
        make_password("spend the same time")
        super().send_account_already_exists_mail(email)

    def send_notification_mail(self, template_prefix, user, context=None, email=None):
        """Tell the person what was changed in how they sign in, in our own words."""
        if template_prefix.endswith("email_confirm"):
            return  # just done by the person, who came here from the mail to this very address
        browser, system = read_agent(self.request.headers.get("User-Agent", ""))
        change = template_prefix.rpartition("/")[2]
        tell_change(user, change, browser=browser, system=system, to=email or "")

    def render_mail(self, template_prefix, email, context, headers=None):
        """allauth's texts in our letter: in the reader's language, and from the portal by its name."""
        user: Any = context.get("user")
        language = getattr(user, "language", None) or get_language() or "he"
        site = SimpleNamespace(name="muni:STEM", domain=urlsplit(settings.BASE_URL).netloc)
        with override(language):
            message = super().render_mail(template_prefix, email, context | {"current_site": site}, headers)
            paragraphs = [unfolded(part) for part in str(message.body).split("\n\n")]
            lines = [part for part in paragraphs if part and not part.startswith(WEB)]
            links = [(_("Open in the portal"), part) for part in paragraphs if part.startswith(WEB)]
        action, code = next(iter(links), None), str(context.get("code", ""))
        letter = Letter(message.subject, lines, rows=links[1:], action=action, code=code)
        return compose(letter, to=email, language=language)


@ready
def person_with_leads(_reader: Reader, pk: int) -> QuerySet:
    leading = Membership.objects.facilitators().filter(person=OuterRef("pk"))
    people = User.objects.filter(pk=pk).defer("search_vector", "search_title")
    return people.annotate(leads=Exists(leading))


class Backend(AuthenticationBackend):
    """Sign-in by e-mail; whom a session belongs to is fetched together with whether they lead a community."""

    def get_user(self, user_id: Any) -> Any:
        """The person with ``leads``, so that the menu shows the desk at once and asks nothing more for it.

        What the search knows of a person is longer than the rest of the row, and no page shows it.
        """
        user = next(iter(person_with_leads(NOBODY, int(user_id))), None)
        return user if user and self.user_can_authenticate(user) else None


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    """Sign-in through Google, Microsoft or an organisation's own provider."""
