"""A report by mail: one word says where the work stands."""

import re
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from munistem.commons.audit.actions import key
from munistem.commons.guards.limits import count_hit
from munistem.commons.mail.addresses import Door, Returned, Taken, register_door
from munistem.commons.mail.incoming import Incoming
from munistem.commons.notices.models import Event
from munistem.commons.search.analyser import normalised
from munistem.commons.text.names import harmless_text, isolated
from policy import rules
from policy.actions.answer import TooLate
from policy.actions.report import report_progress
from policy.emails.asking import asked_in
from policy.emails.progress import ASKING, DOOR, DOOR_OF_MANY
from policy.enums import Progress, ReportField
from policy.models import Endorsement, ProgressReport

LONGEST = 4_000
MOST_MAILS, HOUR = 60, 3_600  # as on the page
#: What people write, in three languages.
SAID = {
    Progress.DONE: "בוצע|הושלם|סיימנו|הסתיים|נעשה|تم|تمّ|أنجز|أنجزنا|اكتمل|مكتمل|انتهينا|done|finished|completed|complete",
    Progress.UNDER_WAY: "בתהליך|בביצוע|בעבודה|מתקדם|מתקדמים|מתקדמת|قيد التنفيذ|جار|جاري|جارٍ|نعمل عليه|نتقدم|in progress|under way|underway|ongoing|in process",
    Progress.STUCK: "תקוע|תקועים|תקועה|נתקע|נתקעה|נתקענו|חסום|עצור|عالق|عالقون|متعثر|متعثرون|stuck|blocked",
    Progress.NOT_STARTED: "לא התחלנו|טרם התחלנו|עוד לא התחלנו|עוד לא התחיל|עוד לא התחילה|עדיין לא התחלנו|עדיין לא התחיל|לא התחיל|טרם התחיל|לא התחילה|لم نبدأ|لم نبدأ بعد|لم يبدأ|لم يبدأ بعد|not started|not started yet|not yet",
    Progress.STOPPED: "הופסק|הפסקנו|הופסקה|בוטל|توقف|توقفنا|أوقفناه|أوقف|ألغي|stopped|we stopped|cancelled|canceled",
}
KNOWN = {normalised(word): status for status, words in SAID.items() for word in words.split("|")}
#: After the word something else may follow, if a sign parts it: "done, and it works" – but not "done partly".
PARTED = re.compile(r"^([^.,;:!?–—\n-]+?)\s*(?:[.,;:!–—\n]|\s-)\s*(.*)$", re.DOTALL)

#: “2 done”, “2. done”, “2: done”; and the other way round, “done 2”.
NUMBERED = re.compile(r"^\s*(\d{1,3})\s*[.):–-]?\s*(\D.*)$")
BETWEEN = re.compile(r"[,;،]\s*(?=\d{1,3}\b)")
NUMBERED_AFTER = re.compile(r"^\s*(\D*?\S)\s+(\d{1,3})\s*[.!]?\s*$")


def declare_doors() -> None:
    """What the portal does with mail to the addresses at which reports are asked for."""
    register_door(DOOR, Door(report_by_mail))
    register_door(DOOR_OF_MANY, Door(report_several))


def status_in(text: str) -> tuple[Progress, str] | None:
    """Where the work stands in what somebody wrote, and the rest of the words; None when no clear word leads."""
    said = text.strip()
    parted = PARTED.match(said)
    if said.endswith(("?", "؟")) and "\n" not in said:
        return None
    for word, rest in [(said, ""), *([parted.groups()] if parted else [])]:
        if status := KNOWN.get(normalised(word.strip(" .!\"'“”„"))):
            return status, rest.strip()
    return None


def numbered_in(text: str) -> dict[int, tuple[Progress, str]]:
    """Number → where it stands and the rest, as in “2 done”; empty when a part has no clear word or number, or one twice."""
    parts: list[list[str]] = []
    for line in BETWEEN.sub("\n", text.strip()).splitlines():
        if found := NUMBERED.match(line):
            parts.append([found[1], found[2]])
        elif parts:
            parts[-1][1] += f"\n{line}"
        elif found := NUMBERED_AFTER.match(line):
            parts.append([found[2], found[1]])
        elif line.strip():
            return {}
    said = {int(number): status_in(words) for number, words in parts}
    if len(said) < len(parts) or None in said.values():
        return {}
    return {number: found for number, found in said.items() if found}


def report_by_mail(person: Any, pk: int, mail: Incoming) -> Taken:
    """Take the word as a report; what else was written is kept with it, for the network only."""
    endorsement = reported_on(person, pk)
    url = settings.BASE_URL + endorsement.get_absolute_url()
    refuse_flood(person, url)
    if (found := status_in(mail.text)) is None:
        raise Returned(
            _(
                "We could not tell where it stands. Begin with one of these words, alone in its line: done, under way, stuck, not started, stopped."
            ),
            f"{url}report/",
        )
    report = take_word(person, endorsement, *found)
    return Taken(
        key(report), url, remarks_on([(endorsement, found[0])], mail), subject=_("Your report was noted")
    )


def report_several(person: Any, pk: int, mail: Incoming) -> Taken:
    """Take a number and a word in each line as reports on what a letter numbered; all of them or none.

    A word without a number is taken when one of them alone still waits; else it is asked which one is meant.
    """
    event = Event.objects.filter(pk=pk, kind__in=ASKING, subject=key(person)).first()
    asked = {one.number: one.pk for one in asked_in(event)} if event else {}
    url = settings.BASE_URL + reverse("list_due")
    refuse_flood(person, url)
    waiting = due_of(asked)
    said = numbered_in(mail.text)
    if not said and (found := status_in(mail.text)):
        if len(waiting) != 1:
            raise Returned(which_one(asked), url)
        said = {next(iter(waiting)): found}
    if not said or not set(said) <= set(asked):
        raise Returned(which_one(asked), url)
    told = [(reported_on(person, asked[number]), *found) for number, found in said.items()]
    reports = [take_word(person, *one) for one in told]
    remarks = remarks_on([(endorsement, status) for endorsement, status, _body in told], mail)
    return Taken(key(reports[0]), url, remarks, subject=_("Your report was noted"))


def due_of(asked: dict[int, int]) -> dict[int, Endorsement]:
    """Number → endorsement, of those that nobody told of yet."""
    rows = {row.pk: row for row in Endorsement.objects.due_for_report().filter(pk__in=asked.values())}
    return {number: rows[pk] for number, pk in asked.items() if pk in rows}


def which_one(asked: dict[int, int]) -> str:
    """Asks which of the endorsements was meant, with the numbers of the letter."""
    rows = {row.pk: row for row in Endorsement.objects.filter(pk__in=asked.values()).with_ends()}
    how = _(
        "We could not tell which one you mean, or where it stands. Write its number and one word, each in its own line, such as “2 done”: done, under way, stuck, not started, stopped."
    )
    lines = [
        f"{number}. {isolated(rows[pk].recommendation.title)}" for number, pk in asked.items() if pk in rows
    ]
    return "\n".join([how, *lines])


def reported_on(person: Any, pk: int) -> Endorsement:
    """The answer that a person reports on. Raises Returned when it is no longer theirs to report on."""
    endorsement = Endorsement.objects.visible_to(person).with_ends().filter(pk=pk).first()
    if endorsement is None or not rules.can_report_progress(person, endorsement):
        raise Returned(_("This answer is no longer in force, so nothing can be reported on it."))
    return endorsement


def refuse_flood(person: Any, url: str) -> None:
    if count_hit(f"report_progress:user{person.pk}", HOUR, MOST_MAILS) > MOST_MAILS:
        raise Returned(_("You sent very much within an hour. Wait a little, then send your mail again."), url)


def take_word(person: Any, endorsement: Endorsement, status: Progress, rest: str) -> ProgressReport:
    body = harmless_text(rest)[:LONGEST]
    try:
        return report_progress(
            by=person,
            endorsement=endorsement,
            status=status,
            body=body,
            for_network=[ReportField.BODY] if body else [],
            came_by_mail=True,
        )
    except TooLate as error:
        raise Returned(
            _("This answer is no longer in force, so nothing can be reported on it."),
            settings.BASE_URL + endorsement.get_absolute_url(),
        ) from error


def remarks_on(told: list[tuple[Endorsement, Progress]], mail: Incoming) -> tuple[str, ...]:
    remarks = [
        _("“%(title)s”: %(status)s. Thank you.")
        % {"title": isolated(endorsement.recommendation.title), "status": status.label}
        for endorsement, status in told
    ]
    if mail.files or mail.left_out:
        remarks.append(_("Files were not taken along; add them in the portal."))
    return tuple(remarks)
