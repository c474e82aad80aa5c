"""An application on its way: begun, sent, confirmed, asked about, answered, taken back, declined, joined to another.

Its approval creates more than this room has: ``communities.actions.admission``.
"""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.core import signing
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from members import rules, tasks
from members.emails import application as emails
from members.emails.application import WAY_BACK as WAY_BACK
from members.enums import ApplicationState, OrganisationType
from members.models import Application, ApplicationMessage
from munistem.commons import audit
from munistem.commons.guards.limits import count_hit

CONFIRMATION = "members.application.confirm"
LINK_HOLDS = timedelta(days=7)
#: What is sent again within this time was a second click.
ONE_CLICK = timedelta(seconds=20)
DRAFT_KEPT = timedelta(days=30)
#: Mails of one sort that one address gets within an hour, whoever asks for them.
MOST_MAILS = 4
HOUR = 3600


class TooLate(PermissionDenied):
    """The application was decided, answered or taken back meanwhile."""


class Incomplete(Exception):
    """Something that every application needs is missing; ``step`` says where it is filled in."""

    def __init__(self, step: str):
        super().__init__(step)
        self.step = step


class BadLink(Exception):
    """A mailed link is forged, too old, or its application is gone."""


def lock(application: Application) -> Application:
    """The row anew, held until the transaction ends."""
    rows = Application.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("authority", "cluster").get(pk=application.pk)


def may_mail(email: str, sort: str) -> bool:
    """Whether this address may get one more mail of this sort now; nobody's box is filled through our forms."""
    return count_hit(f"{sort}:{email.lower()}", HOUR, MOST_MAILS) <= MOST_MAILS


# The draft -----------------------------------------------------------------------------------------------


@transaction.atomic
def begin(*, type: str, language: str, row: Any = None) -> Application:
    """A new draft; row: what the applicant picked from the register already."""
    return Application.objects.create(type=type, language=language, **bound(type, row))


def bound(type: str, row: Any) -> dict[str, Any]:
    """The fields that bind an application to the register: exactly the one of its type."""
    return {
        "authority": row if type == OrganisationType.MUNICIPALITY else None,
        "cluster": row if type == OrganisationType.CLUSTER else None,
    }


@transaction.atomic
def fill(*, application: Application, language: str, **fields: Any) -> Application:
    """Keep a step of the draft; what was sent before has to be sent again. Raises TooLate once it is confirmed."""
    row = lock(application)
    if not rules.can_edit_application(row):
        raise TooLate
    if "type" in fields and fields["type"] != row.type:
        fields = {**bound(fields["type"], None), **fields}
    for field, value in {**fields, "language": language, "submitted_at": None}.items():
        setattr(row, field, value)
    row.save()
    return row


def missing_step(application: Application) -> str | None:
    """The first step that is not filled in yet; None when the application can be sent."""
    is_placed = {
        OrganisationType.MUNICIPALITY: application.authority_id is not None,
        OrganisationType.CLUSTER: application.cluster_id is not None,
    }.get(application.type, bool(application.organisation_name and application.description))  # type: ignore[call-overload]
    if not application.type:
        return "type"
    if not is_placed:
        return "organisation"
    is_known = application.email and application.contact_name and application.motive
    return None if is_known and application.consented_at else "contact"


@transaction.atomic
def send_off(*, application: Application, language: str) -> Application:
    """Send the draft: a link goes to its address, and only who opens it makes it count.

    Sending again mails the link again, within limits. Raises TooLate, Incomplete.
    """
    row = lock(application)
    if not rules.can_edit_application(row):
        raise TooLate
    if step := missing_step(row):
        raise Incomplete(step)
    now = timezone.now()
    if row.submitted_at and now - row.submitted_at < ONE_CLICK:
        return row
    row.submitted_at, row.language = now, language
    row.save(update_fields=["submitted_at", "language"])
    if may_mail(row.email, "confirm-application"):
        token = signing.dumps([row.pk, row.email], salt=CONFIRMATION, compress=True)
        emails.send_confirmation_request(row, token)
    return row


@transaction.atomic
def discard(*, application: Application) -> None:
    """Throw a draft away; harmless when it is gone already. Raises TooLate once it is confirmed."""
    row = Application.objects.select_for_update().filter(pk=application.pk).first()
    if row is None:
        return
    if not rules.can_edit_application(row):
        raise TooLate
    row.delete()


@transaction.atomic
def forget_old_drafts() -> int:
    """Delete drafts that nobody touched for a month, with what people wrote in them; answers how many."""
    old = Application.objects.filter(state=ApplicationState.DRAFT, created_at__lt=timezone.now() - DRAFT_KEPT)
    return old.delete()[0]


@transaction.atomic
def forget_applicants(kept: timedelta) -> int:
    """Take name, address and words of the sender out of applications that were answered or withdrawn so long ago.

    Which organisation asked, and what was answered, stays. Returns how many.
    """
    before = timezone.now() - kept
    over = Q(decided_at__lt=before) | Q(state=ApplicationState.WITHDRAWN, created_at__lt=before)
    rows = Application.objects.filter(over).exclude(email="", contact_name="", phone="", role="", motive="")
    ApplicationMessage.objects.filter(application__in=rows).delete()
    return rows.update(email="", contact_name="", phone="", role="", motive="")


# Links by mail -------------------------------------------------------------------------------------------


def ask_way_back(*, email: str) -> None:
    """Have the links to this address's latest applications mailed; takes the same time whether it has any or not."""
    if may_mail(email, "way-back"):
        tasks.mail_way_back.defer(email=email)


def application_of(token: str, salt: str) -> Application:
    """The application of a mailed link; raises BadLink."""
    try:
        pk, email = signing.loads(token, salt=salt, max_age=LINK_HOLDS)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise BadLink from error
    rows = Application.objects.select_related("authority", "cluster")
    row = rows.filter(pk=pk, email=email).first()
    if row is None:
        raise BadLink
    return row


@transaction.atomic
def confirm_address(*, token: str) -> Application:
    """Whoever holds the mailed link confirms the address: the application is received. Harmless the second time.

    It gets a new key, so that its page is known only to who reads that mail, not to who typed in the address.
    Raises BadLink, and TooLate when the draft was changed since and must be sent again.
    """
    row = lock(application_of(token, CONFIRMATION))
    if row.state != ApplicationState.DRAFT:
        return row
    if row.submitted_at is None:
        raise TooLate
    now = timezone.now()
    row.state, row.verified_at, row.submitted_at, row.key = ApplicationState.RECEIVED, now, now, uuid4()
    row.save(update_fields=["state", "verified_at", "submitted_at", "key"])
    audit.record("receive_application", row, email=row.email)
    emails.send_received(row)
    emails.tell_admins("application_received", row, said=row.motive)
    return row


# While it waits ------------------------------------------------------------------------------------------


@transaction.atomic
def take_in_review(*, by: Any, application: Application) -> Application:
    """Show the applicant that someone reads it; harmless when someone does already."""
    row = lock(application)
    if rules.can_take_in_review(by, row):
        row.state = ApplicationState.IN_REVIEW
        row.save(update_fields=["state"])
        audit.record("review_application", row, by=by)
    return row


@transaction.atomic
def ask(*, by: Any, application: Application, body: str) -> ApplicationMessage:
    """Put a question to the applicant, by mail and on the page; the same one twice counts once. Raises TooLate."""
    row = lock(application)
    if not rules.can_decide_application(by, row):
        raise TooLate
    last = row.messages.order_by("-pk").first()
    if last and last.author_id and last.body == body and row.state == ApplicationState.QUESTION:
        return last
    row.state = ApplicationState.QUESTION
    row.save(update_fields=["state"])
    message = ApplicationMessage.objects.create(application=row, author=by, body=body)
    audit.record("ask_applicant", row, by=by, question=body)
    emails.settle(row)
    with emails.in_language_of(row):
        emails.send(emails.question(row, body), row)
    return message


@transaction.atomic
def answer(*, application: Application, body: str) -> ApplicationMessage:
    """The applicant's answer; the admins are told. Raises TooLate when no question waits (any more)."""
    row = lock(application)
    if not rules.can_answer_question(row):
        raise TooLate
    row.state = ApplicationState.IN_REVIEW
    row.save(update_fields=["state"])
    message = ApplicationMessage.objects.create(application=row, body=body)
    audit.record("answer_question", row, email=row.email)
    emails.tell_admins("application_answered", row, said=body)
    return message


@transaction.atomic
def withdraw(*, application: Application) -> Application:
    """Take an application back; harmless the second time. Raises TooLate when it is decided."""
    row = lock(application)
    if row.state == ApplicationState.WITHDRAWN:
        return row
    if not rules.can_withdraw_application(row):
        raise TooLate
    row.state = ApplicationState.WITHDRAWN
    row.save(update_fields=["state"])
    audit.record("withdraw_application", row, email=row.email)
    emails.settle(row)
    return row


# Decisions -----------------------------------------------------------------------------------------------


def decide(row: Application, state: str, *, by: Any, **fields: Any) -> None:
    """Write a decision down; the row is locked and the rule was asked by the caller."""
    values = {"state": state, "decided_at": timezone.now(), "decided_by": by, **fields}
    for field, value in values.items():
        setattr(row, field, value)
    row.save(update_fields=list(values))
    emails.settle(row)


@transaction.atomic
def decline(*, by: Any, application: Application, reason: str) -> Application:
    """Answer no, and say why. Raises TooLate when it is decided or taken back already."""
    row = lock(application)
    if not rules.can_decide_application(by, row):
        raise TooLate
    decide(row, ApplicationState.DECLINED, by=by, reason=reason)
    audit.record("decline_application", row, by=by, reason=reason)
    with emails.in_language_of(row):
        emails.send(emails.refusal(row, reason), row)
    return row


@transaction.atomic
def merge(*, by: Any, application: Application, into: Application) -> Application:
    """Handle an application as part of another that waits. Raises TooLate when either no longer waits."""
    rows = {row.pk: row for row in map(lock, sorted({application, into}, key=lambda one: one.pk))}
    row, target = rows[application.pk], rows[into.pk]
    if row.pk == target.pk or not all(rules.can_decide_application(by, one) for one in (row, target)):
        raise TooLate
    decide(row, ApplicationState.MERGED, by=by, merged_into=target)
    audit.record("merge_application", row, by=by, into=target.pk)
    with emails.in_language_of(row):
        emails.send(emails.joining(row, target), row)
    return row


@transaction.atomic
def remind_admins() -> int:
    """Tell the admins, once each, of applications that wait longer than promised; answers how many."""
    now, count = timezone.now(), 0
    states = [ApplicationState.RECEIVED, ApplicationState.IN_REVIEW]
    waiting = Application.objects.filter(state__in=states, reminded_at__isnull=True)
    for row in waiting.longest_waiting_first().select_for_update(skip_locked=True):
        if rules.is_overdue(row, now):
            row.reminded_at = now
            row.save(update_fields=["reminded_at"])
            audit.record("remind_of_application", row)
            emails.tell_admins("application_overdue", row)
            count += 1
    return count
