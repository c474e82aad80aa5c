"""How representatives are asked for a report, answer it by mail, and who is told when the work is stuck."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from communities.models import Community, Membership
from munistem.commons.mail.addresses import address_of
from munistem.commons.mail.letters import Letter
from munistem.commons.mail.quoting import MARKERS
from munistem.commons.notices.actions import tell
from munistem.commons.notices.kinds import Family, Kind, register, visible_through
from munistem.commons.notices.models import Event
from munistem.commons.text.names import isolated, listed
from policy.emails import admins, answers_of, asking, named, words
from policy.models import Endorsement, ProgressReport
from policy.models.peers import peers_of

#: Where one word is taken: on one endorsement, and on one of those that a letter numbers.
DOOR, DOOR_OF_MANY = "progress", "reports"
ASKING = ("progress_requested", "progress_reminded")


def declare() -> None:
    register(
        Kind("progress_requested", Family.TASKS, say_requested, report_url, asking.visible, how_to_tell, by_mail, answer_at=door_of),
        Kind("progress_reminded", Family.TASKS, say_reminded, report_url, asking.visible, how_to_tell, by_mail, answer_at=door_of),
        Kind("progress_stuck", Family.TASKS, say_stuck, endorsement_url, visible_through(answers_of), what_helps),
    )  # fmt: skip


# To whom -------------------------------------------------------------------------------------------------


def ask_for_reports(kind: str, endorsements: Iterable[Endorsement], *, day: date) -> None:
    """Ask those who act for the organisations, each in one letter about all that is due; day: the last of the period."""
    asking.ask(kind, endorsements, reason="owner", day=str(day))


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
    """Who was asked for a report is not asked any more once all that they were asked about was told."""
    asking.settle(ASKING, endorsement, Endorsement.objects.due_for_report())


# Words ---------------------------------------------------------------------------------------------------


def say_requested(event: Event, reader: Any) -> str:
    asked = asking.asked_in(event)
    if len(asked) == 1:
        return _("%(organisation)s: how does “%(recommendation)s” go?") % vars(asked[0])
    said = ngettext(
        "How does %(count)d endorsement go?", "How do your %(count)d endorsements go?", len(asked)
    )
    return said % {"count": len(asked)}


def say_reminded(event: Event, reader: Any) -> str:
    asked = asking.asked_in(event)
    if len(asked) == 1:
        return _("A word on “%(recommendation)s” is still missing (%(organisation)s)") % vars(asked[0])
    said = ngettext(
        "A word on %(count)d endorsement is still missing",
        "A word on %(count)d endorsements is still missing",
        len(asked),
    )
    return said % {"count": len(asked)}


def how_to_tell(event: Event, reader: Any) -> list[str]:
    day = date_format(date.fromisoformat(event.data["day"]), "j F Y")
    lines = [_("It takes a minute, and counts until %(day)s.") % {"day": isolated(day)}]
    if not door_of(event, reader):
        return lines
    if len(asking.asked_in(event)) > 1:
        how = _(
            "Answer this mail with the number and one word, each in its own line, such as “2 done”: done, under way, stuck, not started, stopped."
        )
        return [*lines, how]
    return [
        *lines,
        _("Answer this mail with one word: done, under way, stuck, not started, stopped. More is welcome."),
    ]


def by_mail(letter: Letter, event: Event, reader: Any) -> Letter:
    """Lead to the short form of each; words by mail do as well, if the portal takes mail in."""
    letter = replace(letter, action=(_("Report progress"), settings.BASE_URL + report_url(event)))
    asked = asking.asked_in(event)
    if len(asked) > 1:
        letter = replace(letter, rows=rows_of(asked), action=None)
    if not (address := door_of(event, reader)):
        return letter
    hint = _("You may simply answer this mail with one word.")
    if len(asked) > 1:
        hint = _("You may simply answer this mail with a number and one word.")
    return replace(letter, reply_to=address, reply_line=MARKERS[get_language() or "he"], reply_hint=hint)


def rows_of(asked: list[asking.Asked]) -> list[tuple[str, str]]:
    """A button for each that nobody told of since, with the number by which it is answered."""
    due = set(
        Endorsement.objects.due_for_report()
        .filter(pk__in=[one.pk for one in asked])
        .values_list("pk", flat=True)
    )
    return [
        (f"{one.number}. {one.recommendation}", settings.BASE_URL + reverse("report_progress", args=[one.pk]))
        for one in asked
        if one.pk in due
    ]


def door_of(event: Event, reader: Any) -> str:
    """Where the reader answers by mail."""
    asked = asking.asked_in(event)
    if len(asked) == 1:
        return address_of(DOOR, asked[0].pk, reader.pk)
    return address_of(DOOR_OF_MANY, event.pk, reader.pk)


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
    return asking.url_of(event, "report_progress")


def endorsement_url(event: Event) -> str:
    return reverse("show_endorsement", args=[subject_of(event)])
