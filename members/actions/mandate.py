"""How a person comes to act for an organisation: the account of a confirmed address, and the mandate."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Q

from members.actions.participation import participation_changed
from members.models import Organisation, Representative, User
from munistem.commons import audit
from munistem.commons.search.actions import index


class AccountClosed(PermissionDenied):
    """The person of this address was deactivated; an admin has to reopen the account first."""


@transaction.atomic
def person_of(*, by: Any, email: str, name: str, language: str, role: str = "", phone: str = "") -> User:
    """The person of an address that was shown to be theirs; made when there is none yet. Raises AccountClosed.

    An account that somebody opened with this address and never confirmed is handed to its owner: whatever could open
    it before – a password, a foreign sign-in service – no longer does.
    """
    person = held(email) or made(by, email, name=name, language=language, role_title=role, phone=phone)
    if not person.is_active:
        raise AccountClosed
    address = EmailAddress.objects.select_for_update().filter(user=person, email__iexact=email).first()
    if address is None or not address.verified:
        if person.last_login is None or address is not None:
            person.set_unusable_password()
            SocialAccount.objects.filter(user=person).delete()
        if not person.name:
            person.name, person.language = name, language
        person.save(update_fields=["password", "name", "language"])
        EmailAddress.objects.filter(user=person, primary=True).exclude(email__iexact=email).update(
            primary=False
        )
        EmailAddress.objects.update_or_create(
            user=person, email=person.email, defaults={"verified": True, "primary": True}
        )
    return person


def held(email: str) -> User | None:
    """The person who confirmed the address, be it their second one; else who signed up with it."""
    owner = (
        EmailAddress.objects.filter(email__iexact=email, verified=True).values_list("user", flat=True).first()
    )
    rows = User.objects.select_for_update(no_key=True)
    return rows.filter(Q(pk=owner) if owner else Q(email__iexact=email)).first()


def made(by: Any, email: str, **fields: Any) -> User:
    """A new person without a password; who signed up in the same moment is found instead."""
    try:
        with transaction.atomic():
            person = User.objects.create_user(email, **fields)
    except IntegrityError:
        return User.objects.select_for_update(no_key=True).get(email__iexact=email)
    audit.record("create_person", person, by=by)
    index(person)
    return person


@transaction.atomic
def give_mandate(
    *, by: Any, organisation: Organisation, person: User, role: str = "", is_manager: bool = False
) -> Representative:
    """Let a person act for an organisation; one mandate in force at most, which a manager's widens."""
    Organisation.objects.select_for_update(no_key=True).only("pk").get(pk=organisation.pk)
    mandate = Representative.objects.filter(
        organisation=organisation, person=person, until_on__isnull=True
    ).first()
    if mandate is None:
        mandate = Representative.objects.create(
            organisation=organisation, person=person, role=role, is_manager=is_manager
        )
        audit.record("give_mandate", mandate, by=by, is_manager=is_manager)
    elif is_manager and not mandate.is_manager:
        mandate.is_manager = True
        mandate.save(update_fields=["is_manager"])
        audit.record("make_manager", mandate, by=by)
    participation_changed(person)
    return mandate
