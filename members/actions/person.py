"""What a person tells of themself, and how an account is closed and opened."""

from collections.abc import Iterable
from datetime import timedelta
from importlib import import_module
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone

from members.actions.participation import participation_changed
from members.actions.role import end_roles_of
from members.emails import account as emails
from members.emails.team import tell_admins_of_orphan
from members.models import (
    ClosingWarning,
    Departure,
    Device,
    Invitation,
    Organisation,
    Representative,
    User,
)
from munistem.commons import audit
from munistem.commons.files.actions import discard, store_picture
from munistem.commons.notices.models import Choice, Notice
from munistem.commons.search.actions import index


def lock(person: User) -> User:
    """The person's row anew, held until the transaction ends."""
    return User.objects.select_for_update(of=("self",), no_key=True).defer("search_vector").get(pk=person.pk)


@transaction.atomic
def edit_profile(
    *,
    by: Any,
    person: User,
    topics: Iterable[Any] | None = None,
    photo: Any = None,
    drops_photo: bool = False,
    **fields: Any,
) -> User:
    """Change what a person tells of themself, and index it.

    photo: an uploaded picture, which takes the place of the present one. Raises ValidationError when it is no picture.
    """
    row = lock(person)
    changed = [field for field, value in fields.items() if getattr(row, field) != value]
    for field in changed:
        setattr(row, field, fields[field])
    old = row.photo
    if photo:
        row.photo = store_picture(photo, by=by)
    elif drops_photo:
        row.photo = None
    if row.photo != old:
        changed.append("photo")
    if changed:
        row.save(update_fields=changed)
    if old and row.photo != old:
        discard(old, by=by)
    if topics is not None:
        row.topics.set(list(topics))
    audit.record("edit_profile", row, by=by, fields=sorted(changed))
    index(row)
    return row


@transaction.atomic
def choose_organisation(*, by: User, organisation: Organisation) -> None:
    """Act for this one of one's organisations from now on."""
    row = lock(by)
    if any(mandate.organisation_id == organisation.pk for mandate in row.mandates):
        row.acting_choice = organisation
        row.save(update_fields=["acting_choice"])
        audit.record("choose_organisation", row, by=by, organisation=organisation.pk)


@transaction.atomic
def deactivate_person(*, by: Any, person: User) -> User:
    """Close a person's account: no sign-in, no sessions, not in the directory; everything else stays as it is.

    Of who is leaving, done by somebody else, it bars the way back: else whoever stole an account would only have to leave with it.
    """
    row = lock(person)
    if by is None or by.pk != row.pk:
        leaving = Departure.objects.open().filter(person=row, barred_at__isnull=True)
        if leaving.update(barred_at=timezone.now()) and not row.is_active:
            audit.record("deactivate_person", row, by=by)
    if row.is_active:
        row.is_active = False
        row.save(update_fields=["is_active"])
        audit.record("deactivate_person", row, by=by)
        participation_changed(row)
        end_sessions(row)
    return row


@transaction.atomic
def reactivate_person(*, by: Any, person: User) -> User:
    """Open a closed account again; who was leaving stays."""
    row = lock(person)
    if not row.is_active:
        Departure.objects.open().filter(person=row).update(returned_at=timezone.now())
        row.is_active = True
        row.save(update_fields=["is_active"])
        audit.record("reactivate_person", row, by=by)
        participation_changed(row)
    return row


@transaction.atomic
def sign_out(*, by: Any, person: User) -> None:
    """End all sessions of a person, who may sign in again."""
    audit.record("sign_out_person", person, by=by, sessions=end_sessions(person))


def end_sessions(person: User, *, but: str | None = None) -> int:
    """Sign a person out everywhere; returns how many sessions ended. but: key of the session that stays."""
    key, store = str(person.pk), import_module(settings.SESSION_ENGINE).SessionStore
    own = [
        session
        for session in Session.objects.filter(expire_date__gt=timezone.now()).iterator()
        if session.session_key != but and session.get_decoded().get(SESSION_KEY) == key
    ]
    for session in own:
        store(session.session_key).delete()
    return len(own)


#: So long who left may come back.
GRACE = timedelta(days=30)


class LastAdmin(Exception):
    """Someone has to stay who can let others in."""


#: What a closed account keeps of each field.
NOTHING: dict[str, Any] = {
    "name": "",
    "role_title": "",
    "about": "",
    "ask_me_about": "",
    "languages": [],
    "phone": "",
    "is_email_shown": False,
    "photo": None,
    "acting_choice": None,
    "seen_at": None,
    "is_active": False,
    "is_staff": False,
    "is_superuser": False,
    "is_knowledge_manager": False,
}


def has_other_admin(person: User) -> bool:
    return User.objects.filter(is_staff=True, is_active=True).exclude(pk=person.pk).exists()


@transaction.atomic
def ask_to_leave(*, by: User, signature: str = "") -> Departure:
    """Sign out everywhere and take part no more; on the day when it is due the account is closed for good.

    signature: what stands under one's texts from then on, "" for a former member. Harmless twice. Raises LastAdmin.
    """
    row = lock(by)
    known = Departure.objects.open().filter(person=row).first()
    if known and not row.is_active:
        return known
    if row.is_staff and not has_other_admin(row):
        raise LastAdmin
    now = timezone.now()
    barred_at = None if row.is_active else now  # an admin closed the account while this page was on its way
    departure = Departure.objects.create(
        person=row, signature=signature, due_at=now + GRACE, barred_at=barred_at
    )
    audit.record("ask_to_leave", row, by=by, due=str(timezone.localdate(departure.due_at)))
    deactivate_person(by=by, person=row)
    emails.say_farewell(departure)
    return departure


@transaction.atomic
def come_back(*, by: Any, person: User) -> User:
    """Take a departure back while there is time; everything is as it was. Harmless when there is none."""
    row = lock(person)
    now = timezone.now()
    if Departure.objects.returnable(now).filter(person=row).update(returned_at=now):
        audit.record("come_back", row, by=by)
        reactivate_person(by=by, person=row)
        emails.welcome_back(row)
    return row


@transaction.atomic
def close_account(*, by: Any, person: User, signature: str = "") -> User:
    """Close an account for good and forget who it was; what the person wrote stays. Raises LastAdmin.

    signature: stands under it instead of the name.
    """
    row = lock(person)
    if row.is_active and row.is_staff and not has_other_admin(row):
        raise LastAdmin
    photo = row.photo
    for field, value in (NOTHING | {"name": signature}).items():
        setattr(row, field, value)
    row.email = f"{row.uuid}@left.invalid"
    row.set_unusable_password()
    row.save(update_fields=[*NOTHING, "email", "password"])
    if photo:
        discard(photo, by=by)
    forget(row, by=by)
    audit.record("close_account", row, by=by)
    participation_changed(row)
    end_sessions(row)
    return row


def forget(person: User, *, by: Any) -> None:
    """End mandates and invitations, drop what only served the person: addresses, second factors, choices, notices."""
    mandates = Representative.objects.filter(person=person, until_on__isnull=True)
    managed = [row.organisation for row in mandates.active().managers().select_related("organisation")]
    mandates.update(until_on=timezone.localdate(), ended_by=by)
    end_roles_of(person, by=by)
    for organisation in managed:
        if not any(colleague.is_manager for colleague in organisation.team):
            tell_admins_of_orphan(organisation, by=by)
    Invitation.objects.waiting().filter(invited_by=person).update(revoked_at=timezone.now())
    person.topics.clear()
    for own in (EmailAddress, Authenticator, SocialAccount):
        own.objects.filter(user=person).delete()
    for own in (Choice, Device, ClosingWarning):
        own.objects.filter(person=person).delete()
    Notice.objects.filter(reader=person).delete()


@transaction.atomic
def give_rights(*, by: Any, person: User, is_admin: bool, is_knowledge_manager: bool) -> User:
    """Make a person a network admin or a knowledge manager, or take that back. Raises LastAdmin."""
    row = lock(person)
    if (row.is_staff, row.is_knowledge_manager) == (is_admin, is_knowledge_manager):
        return row
    if row.is_staff and not is_admin and not has_other_admin(row):
        raise LastAdmin
    row.is_staff = row.is_superuser = is_admin
    row.is_knowledge_manager = is_knowledge_manager
    row.save(update_fields=["is_staff", "is_superuser", "is_knowledge_manager"])
    audit.record("give_rights", row, by=by, is_admin=is_admin, is_knowledge_manager=is_knowledge_manager)
    participation_changed(row)
    return row
