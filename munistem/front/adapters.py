"""How allauth meets our house: letters, limits, and the same answer for known and unknown addresses."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from munistem.commons.guards.limits import client_address, count_hit
from munistem.commons.mail.letters import Letter, compose

TRIES, WINDOW = 5, 300
SPRAYED = 20


class AccountAdapter(DefaultAccountAdapter):
    """Sign-in and sign-up of people."""

    def get_client_ip(self, request):
        return client_address(request)

    def pre_authenticate(self, request, **credentials):
        """At most five tries in five minutes for one account, twenty from one address; counted atomically."""
        email = str(credentials.get("email", "")).lower()
        over = count_hit(f"sign-in:{email}", WINDOW) > TRIES
        if over or count_hit(f"sign-in-from:{client_address(request)}", WINDOW) > SPRAYED * TRIES:
            raise ValidationError(_("Too many attempts to sign in. Please wait five minutes and try again."))
        return super().pre_authenticate(request, **credentials)

    def save_user(self, request, user, form, commit=True):
        user.language = get_language() or user.language
        return super().save_user(request, user, form, commit)

    def send_account_already_exists_mail(self, email):
        """Spend the time a new account would take, so that nobody learns which addresses are known."""
        make_password("spend the same time")
        super().send_account_already_exists_mail(email)

    def render_mail(self, template_prefix, email, context, headers=None):
        """allauth's texts in our letter."""
        message = super().render_mail(template_prefix, email, context, headers)
        paragraphs = [" ".join(part.split()) for part in str(message.body).split("\n\n")]
        letter = Letter(subject=message.subject, lines=[part for part in paragraphs if part])
        user: Any = context.get("user")
        language = getattr(user, "language", None) or get_language() or "he"
        return compose(letter, to=email, language=language)


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    """Sign-in through Google, Microsoft or an organisation's own provider."""
