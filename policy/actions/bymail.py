"""A report by mail: one word says where the work stands."""

import re
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from munistem.commons.audit.actions import key
from munistem.commons.guards.limits import count_hit
from munistem.commons.mail.addresses import Door, Returned, Taken, register_door
from munistem.commons.mail.incoming import Incoming
from munistem.commons.search.analyser import normalised
from munistem.commons.text.names import harmless_text, isolated
from policy import rules
from policy.actions.answer import TooLate
from policy.actions.report import report_progress
from policy.emails.progress import DOOR
from policy.enums import Progress, ReportField
from policy.models import Endorsement

LONGEST = 4_000
MOST_MAILS, HOUR = 60, 3_600  # as on the page
#: What people write, in three languages.
SAID = {
    Progress.DONE: "בוצע|הושלם|סיימנו|הסתיים|נעשה|تم|تمّ|أنجز|أنجزنا|اكتمل|مكتمل|انتهينا|done|finished|completed|complete",
    Progress.UNDER_WAY: "בתהליך|בביצוע|בעבודה|מתקדם|מתקדמים|מתקדמת|قيد التنفيذ|جار|جاري|جارٍ|نعمل عليه|نتقدم|in progress|under way|underway|ongoing|in process",
    Progress.STUCK: "תקוע|תקועים|תקועה|נתקענו|חסום|עצור|عالق|عالقون|متعثر|متعثرون|stuck|blocked",
    Progress.NOT_STARTED: "לא התחלנו|טרם התחלנו|עוד לא התחלנו|לא התחיל|טרם התחיל|לא התחילה|لم نبدأ|لم نبدأ بعد|لم يبدأ|لم يبدأ بعد|not started|not started yet|not yet",
    Progress.STOPPED: "הופסק|הפסקנו|הופסקה|בוטל|توقف|توقفنا|أوقفناه|أوقف|ألغي|stopped|we stopped|cancelled|canceled",
}
KNOWN = {normalised(word): status for status, words in SAID.items() for word in words.split("|")}
#: After the word something else may follow, if a sign parts it: "done, and it works" – but not "done partly".
PARTED = re.compile(r"^([^.,;:!?–—\n-]+?)\s*(?:[.,;:!–—\n]|\s-)\s*(.*)$", re.DOTALL)


def declare_doors() -> None:
    """What the portal does with mail to the addresses at which reports are asked for."""
    register_door(DOOR, Door(report_by_mail))


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


def report_by_mail(person: Any, pk: int, mail: Incoming) -> Taken:
    """Take the word as a report; what else was written is kept with it, for the network only."""
    endorsement = Endorsement.objects.visible_to(person).with_ends().filter(pk=pk).first()
    if endorsement is None or not rules.can_report_progress(person, endorsement):
        raise Returned(_("This answer is no longer in force, so nothing can be reported on it."))
    url = settings.BASE_URL + endorsement.get_absolute_url()
    if count_hit(f"report_progress:user{person.pk}", HOUR, MOST_MAILS) > MOST_MAILS:
        raise Returned(_("You sent very much within an hour. Wait a little, then send your mail again."), url)
    if (found := status_in(mail.text)) is None:
        raise Returned(
            _(
                "We could not tell where it stands. Begin with one of these words, alone in its line: done, under way, stuck, not started, stopped."
            ),
            f"{url}report/",
        )
    status, body = found[0], harmless_text(found[1])[:LONGEST]
    try:
        report = report_progress(
            by=person,
            endorsement=endorsement,
            status=status,
            body=body,
            for_network=[ReportField.BODY] if body else [],
            came_by_mail=True,
        )
    except TooLate as error:
        raise Returned(
            _("This answer is no longer in force, so nothing can be reported on it."), url
        ) from error
    return Taken(key(report), url, remarks_on(endorsement, status, mail), subject=_("Your report was noted"))


def remarks_on(endorsement: Endorsement, status: Progress, mail: Incoming) -> tuple[str, ...]:
    told = {"title": isolated(endorsement.recommendation.title), "status": status.label}
    remarks = [_("“%(title)s”: %(status)s. Thank you.") % told]
    if mail.files or mail.left_out:
        remarks.append(_("Files were not taken along; add them in the portal."))
    return tuple(remarks)
