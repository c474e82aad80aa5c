"""How representatives are asked for a report, answer it by mail, and who is told when the work is stuck."""

from dataclasses import replace
from datetime import date
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from communities.models import Community, Membership
from members.models import Representative
from munistem.commons.audit.actions import key
from munistem.commons.mail.addresses import address_of
from munistem.commons.mail.letters import Letter
from munistem.commons.mail.quoting import MARKERS
from munistem.commons.notices.actions import tell
from munistem.commons.notices.kinds import Family, Kind, register, visible_through
from munistem.commons.notices.models import Event, Notice
from munistem.commons.text.names import isolated, listed
from policy.emails import admins, answers_of, named, words
from policy.models import Endorsement, ProgressReport
from policy.models.peers import peers_of

DOOR = "progress"
ASKING = ("progress_requested", "progress_reminded")


def declare() -> None:
    seen = visible_through(answers_of)
    register(
        Kind("progress_requested", Family.TASKS, say_requested, report_url, seen, how_to_tell, by_mail, answer_at=door_of),
        Kind("progress_reminded", Family.TASKS, say_reminded, report_url, seen, how_to_tell, by_mail, answer_at=door_of),
        Kind("progress_stuck", Family.TASKS, say_stuck, endorsement_url, seen, what_helps),
    )  # fmt: skip


# To whom -------------------------------------------------------------------------------------------------


def ask_for_report(kind: str, endorsement: Endorsement, *, day: date) -> None:
    """Ask the managers of the organisation, else all who act for it."""
    acting = Representative.objects.active().filter(organisation=endorsement.organisation)
    rows = list(acting.filter(person__is_active=True).select_related("person").order_by("pk"))
    asked = [row.person for row in rows if row.is_manager] or [row.person for row in rows]
    tell(kind, endorsement, asked, reason="owner", day=str(day), **named(endorsement))


def tell_facilitators(report: ProgressReport) -> None:
    """Tell those who facilitate a community of who reported; without one, the admins."""
    mine = Community.objects.joined_by(report.reported_by).current().values("pk")
    led = Membership.objects.present().facilitators().filter(community__in=mine).values("person")
    people = list(get_user_model().objects.filter(pk__in=led, is_active=True).defer("search_vector"))
    tell(
        "progress_stuck",
        report.endorsement,
        people or admins(),
        by=report.reported_by,
        reason="facilitator" if people else "decider",
        text=report.body,
        **named(report.endorsement),
    )


def settle(endorsement: Endorsement) -> None:
    """Who was asked for a report is not asked any more once one came."""
    asked = Notice.objects.unread().filter(event__kind__in=ASKING, event__subject=key(endorsement))
    asked.update(read_at=timezone.now())


# Words ---------------------------------------------------------------------------------------------------


def say_requested(event: Event, reader: Any) -> str:
    return _("%(organisation)s: how does “%(recommendation)s” go?") % words(event)


def say_reminded(event: Event, reader: Any) -> str:
    return _("A word on “%(recommendation)s” is still missing (%(organisation)s)") % words(event)


def how_to_tell(event: Event, reader: Any) -> list[str]:
    day = date_format(date.fromisoformat(event.data["day"]), "j F Y")
    lines = [_("It takes a minute, and counts until %(day)s.") % {"day": isolated(day)}]
    if door_of(event, reader):
        lines.append(
            _(
                "Answer this mail with one word: done, under way, stuck, not started, stopped. More is welcome."
            )
        )
    return lines


def by_mail(letter: Letter, event: Event, reader: Any) -> Letter:
    """Lead to the short form; one word by mail does as well, if the portal takes mail in."""
    letter = replace(letter, action=(_("Report progress"), settings.BASE_URL + report_url(event)))
    if not (address := door_of(event, reader)):
        return letter
    return replace(
        letter,
        reply_to=address,
        reply_line=MARKERS[get_language() or "he"],
        reply_hint=_("You may simply answer this mail with one word."),
    )


def door_of(event: Event, reader: Any) -> str:
    return address_of(DOOR, subject_of(event), reader.pk)


def say_stuck(event: Event, reader: Any) -> str:
    return _("%(organisation)s is stuck with “%(recommendation)s” and could use a hand") % words(event)


def what_helps(event: Event, reader: Any) -> list[str]:
    """What was told, and whom they could ask."""
    text = event.data.get("text", "")
    lines = [isolated(text)] if text else []
    endorsement = Endorsement.objects.visible_to(reader).with_ends().filter(pk=subject_of(event)).first()
    peers = peers_of(reader, endorsement) if endorsement else []
    if peers:
        names = listed(isolated(peer.endorsement.organisation.name) for peer in peers)
        lines.append(_("Alike, and further with it: %(names)s") % {"names": names})
    return lines


def subject_of(event: Event) -> int:
    return int(event.subject.rpartition(":")[2])


def report_url(event: Event) -> str:
    return reverse("report_progress", args=[subject_of(event)])


def endorsement_url(event: Event) -> str:
    return reverse("show_endorsement", args=[subject_of(event)])
