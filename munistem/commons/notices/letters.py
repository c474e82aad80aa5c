"""Notices as letters: at once, and gathered into digests."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core import signing
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from munistem.commons.mail.letters import Letter, post
from munistem.commons.notices.kinds import KINDS, Family, visible_events
from munistem.commons.notices.models import Choice, Notice, Rhythm

SALT = "notices.unsubscribe"
MOST_LINES = 10
# A little less than the rhythm, so that a run that came late yesterday does not silence today's.
PAUSE = {Rhythm.DAILY: timedelta(hours=20), Rhythm.WEEKLY: timedelta(days=6, hours=12)}


def unsubscribe_url(person: Any, family: str) -> str:
    """An address that stops a family of mails in one click, without signing in."""
    token = signing.dumps([person.pk, family], salt=SALT, compress=True)
    return settings.BASE_URL + reverse("unsubscribe", args=[token])


def read_token(token: str) -> tuple[int, str]:
    """Person and family of an unsubscribe address; raises signing.BadSignature."""
    person, family = signing.loads(token, salt=SALT)
    return person, family


def why(reason: str) -> str:
    """Why this mail came, in the active language."""
    return {
        "mentioned": _("You received this because someone mentioned you."),
        "author": _("You received this because it answers what you wrote."),
        "follower": _("You received this because you take part in this discussion."),
        "member": _("You received this because you are a member of the community."),
        "sender": _("You received this because you sent it."),
        "meeting": _("You received this because you are invited to the meeting."),
        "decider": _("You received this because it waits for your decision."),
    }.get(reason, _("You received this because it concerns you."))


@transaction.atomic
def mail_notice(pk: int) -> bool:
    """Post one notice if it still waits, is unread and its subject may still be seen; returns whether it went out."""
    notice = (
        Notice.objects.select_for_update(of=("self",))
        .select_related("event__actor", "reader")
        .filter(pk=pk, mailed_at__isnull=True, read_at__isnull=True)
        .first()
    )
    if not notice or not notice.reader.is_active:
        return False
    notice.mailed_at = timezone.now()
    notice.save(update_fields=["mailed_at"])
    event, reader = notice.event, notice.reader
    if event.pk not in visible_events(reader, [event]):
        return False
    kind = KINDS[event.kind]
    with translation.override(reader.language):
        sentence = kind.sentence(event, reader)
        letter = Letter(
            subject=sentence,
            lines=[sentence, *kind.details(event, reader)],
            action=(_("Open in the portal"), settings.BASE_URL + kind.url(event)),
            reason=why(notice.reason),
            unsubscribe=unsubscribe_url(reader, kind.family),
        )
        post(kind.dress(letter, event, reader), to=reader.email, language=reader.language)
    return True


def mail_digests(rhythm: str) -> int:
    """Mail the digest of a rhythm to everybody for whom it is due; returns how many went out. Harmless when repeated."""
    recent = timezone.now() - PAUSE[Rhythm(rhythm)]
    served = Notice.objects.filter(rhythm=rhythm, mailed_at__gt=recent)
    waiting = Notice.objects.waiting_for_mail(rhythm).exclude(reader__in=served.values("reader"))
    readers = get_user_model().objects.filter(pk__in=waiting.values("reader")).order_by("pk")
    return sum(mail_digest(reader, rhythm) for reader in readers.iterator())


@transaction.atomic
def mail_digest(reader: Any, rhythm: str) -> bool:
    """Post what gathered for one reader in one letter; nothing when nothing is left to tell."""
    notices = list(
        Notice.objects.filter(reader=reader)
        .waiting_for_mail(rhythm)
        .filter(event__happened_at__gt=timezone.now() - timedelta(days=30))
        .select_related("event__actor")
        .latest_first()
        .select_for_update(of=("self",))
    )
    seen = visible_events(reader, [notice.event for notice in notices])
    Notice.objects.filter(pk__in=[notice.pk for notice in notices]).update(mailed_at=timezone.now())
    told = [notice for notice in notices if notice.event_id in seen]
    if not told or not reader.is_active:
        return False
    with translation.override(reader.language):
        rows = [
            (
                KINDS[n.event.kind].sentence(n.event, reader),
                settings.BASE_URL + KINDS[n.event.kind].url(n.event),
            )
            for n in told[:MOST_LINES]
        ]
        letter = Letter(
            subject=_("New in muni:STEM"),
            lines=[_("This is what happened since the last mail.")],
            rows=rows,
            action=(_("All notices"), settings.BASE_URL + reverse("list_notices")),
            reason=_("You chose to receive a gathered mail."),
            unsubscribe=unsubscribe_url(reader, "all"),
        )
        post(letter, to=reader.email, language=reader.language)
    return True


def stop_mail(person: Any, family: str) -> None:
    """Turn a family of mails, or all of them, into notices of the portal only."""
    for code in Family.values if family == "all" else [family]:
        Choice.objects.update_or_create(person=person, family=code, defaults={"rhythm": Rhythm.BELL})
