"""What members do by mail: answer in a topic, open one, accept a meeting in their calendar. The same deeds as on the pages."""

from html import escape
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.html import urlize
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from communities import rules
from communities.actions.membership import TooLate
from communities.actions.seats import answer_meeting
from communities.actions.stages import StageMoved
from communities.actions.topic import open_topic, reply
from communities.emails.calendar import uid_of
from communities.enums import Coming, Part, TopicKind
from communities.models import Community, HeldPost, Invitee, Meeting, Topic
from munistem.commons.audit.actions import key
from munistem.commons.files.rules import recognise
from munistem.commons.guards.limits import count_hit
from munistem.commons.mail.addresses import Door, Ignored, Returned, Taken, register_door
from munistem.commons.mail.incoming import Incoming
from munistem.commons.mail.receiving import addresses_of
from munistem.commons.text.forms import LONGEST
from munistem.commons.text.html import clean
from munistem.commons.text.names import harmless, harmless_file_name, isolated, listed

MOST_FILES = 10
LONGEST_TITLE, SHORTEST_TITLE = 150, 3
MOST_POSTS, HOUR = 60, 3_600  # as on the pages, counted together with them
WAITS = gettext_lazy("A facilitator reads your text first; then it appears, and you are told.")
PREFIXES = ("re:", "fw:", "fwd:", "aw:", "השב:", "תשובה:", "הועבר:", "מענה:", "رد:", "إعادة توجيه:", "回复:")


def declare_doors() -> None:
    """What the portal does with mail to the addresses of topics, communities and meetings."""
    register_door("topic", Door(reply_by_mail))
    register_door("outcome", Door(tell_outcome_by_mail))
    register_door("community", Door(open_topic_by_mail))
    register_door("meeting", Door(answer_by_calendar, is_for_machines=True))


# Writing -------------------------------------------------------------------------------------------------


def tell_outcome_by_mail(person: Any, pk: int, mail: Incoming) -> Taken:
    """Post a mail as what came of a consultation."""
    return reply_by_mail(person, pk, mail, part=Part.OUTCOME)


def reply_by_mail(person: Any, pk: int, mail: Incoming, part: str = "") -> Taken:
    """Post a mail as an answer in a topic; part: see ``stages.place``."""
    topic = Topic.objects.visible_to(person).select_related("community").without_index().filter(pk=pk).first()
    if topic is None:
        raise Returned(_("You cannot read this discussion any more, so your answer was not posted."))
    if not rules.can_reply(person, topic):
        raise why_closed(person, topic)
    files, remarks = files_to_keep(mail)
    body = body_of(person, mail, files)
    try:
        post = reply(by=person, topic=topic, body=body, files=files, part=part)
    except StageMoved as error:
        raise Returned(_("What came of it has been told already, so your answer was not posted.")) from error
    except TooLate as error:
        raise why_closed(person, topic) from error
    waits = (WAITS,) if isinstance(post, HeldPost) else ()
    return Taken(key(post), settings.BASE_URL + post.get_absolute_url(), (*map(str, waits), *remarks))


def why_closed(person: Any, topic: Topic) -> Returned:
    """Why a person who may read a topic may not answer in it."""
    words = {"title": isolated(topic.title), "community": isolated(topic.community.name)}
    if topic.community.archived_at:
        said = _(
            "The community %(community)s was closed down. It can be read, and nothing more is written in it."
        )
    elif not rules.is_member(person, topic.community):
        said = _("Only members of %(community)s answer there. Join the community, then answer.")
        return Returned(said % words, settings.BASE_URL + topic.community.get_absolute_url())
    else:
        said = _("Meanwhile the discussion “%(title)s” was closed for answers.")
    return Returned(said % words, settings.BASE_URL + topic.get_absolute_url())


def open_topic_by_mail(person: Any, pk: int, mail: Incoming) -> Taken:
    """Open a topic with a mail: its subject is the title."""
    community = Community.objects.visible_to(person).filter(pk=pk).first()
    if community is None or not rules.can_post_topic(person, community):
        raise Returned(_("You cannot open discussions in this community any more, so nothing was posted."))
    files, remarks = files_to_keep(mail)
    body = body_of(person, mail, files)
    topic = open_topic(
        by=person,
        community=community,
        kind=TopicKind.QUESTION,
        title=title_of(mail),
        body=body,
        files=files,
    )
    if isinstance(topic, HeldPost):
        return Taken(key(topic), settings.BASE_URL + topic.get_absolute_url(), (str(WAITS), *remarks))
    words = {"title": isolated(topic.title), "community": isolated(community.name)}
    told = _("Your discussion “%(title)s” was opened in %(community)s; its members will hear of it.") % words
    return Taken(key(topic), settings.BASE_URL + topic.get_absolute_url(), (told, *remarks))


def title_of(mail: Incoming) -> str:
    """The subject without Re: and the like, else the first line; raises Returned when neither says anything."""
    title = mail.subject
    while found := next((prefix for prefix in PREFIXES if title.lower().startswith(prefix)), ""):
        title = title[len(found) :].strip()
    if len(title) < SHORTEST_TITLE:
        title = harmless(mail.text.partition("\n")[0])
    if len(title) < SHORTEST_TITLE:
        raise Returned(
            _(
                "Your mail had no subject. It becomes the title of the discussion: one line that tells what it is about."
            )
        )
    if len(title) <= LONGEST_TITLE:
        return title
    return title[: LONGEST_TITLE - 1].rpartition(" ")[0][:LONGEST_TITLE] + "…"


def body_of(person: Any, mail: Incoming, files: list[Any]) -> str:
    """What was written as clean HTML; raises Returned when it is nothing, or too much."""
    if count_hit(f"post:user{person.pk}", HOUR, MOST_POSTS) > MOST_POSTS:
        raise Returned(_("You posted very much within an hour. Wait a little, then send your mail again."))
    if len(mail.text) > LONGEST:
        raise Returned(
            _("Your text is longer than %(limit)s characters. Shorten it, or attach it as a file.")
            % {"limit": f"{LONGEST:,}"}
        )
    if mail.text:
        return clean(paragraphs(mail.text))
    if files:
        names = listed(isolated(harmless_file_name(file.name)) for file in files)
        words = ngettext("File: %(names)s", "Files: %(names)s", len(files)) % {"names": names}
        return clean(f"<p>{escape(words)}</p>")
    raise Returned(
        _(
            "We found no text in your mail. Write above the line that says so, and leave what stands below it as it is."
        )
    )


def paragraphs(text: str) -> str:
    """Plain text as HTML, its addresses of the web made links."""
    linked = urlize(text, nofollow=True, autoescape=True)
    return "".join(
        f"<p>{part.strip().replace(chr(10), '<br>')}</p>" for part in linked.split("\n\n") if part.strip()
    )


def files_to_keep(mail: Incoming) -> tuple[list[Any], tuple[str, ...]]:
    """The files that are taken, recognised as uploads are, and what the sender should know of the others."""
    kept, remarks = [], []
    for enclosed in mail.files[:MOST_FILES]:
        file = SimpleUploadedFile(harmless_file_name(enclosed.name), enclosed.content)
        try:
            file.recognised = recognise(file)  # type: ignore[attr-defined]
        except ValidationError as error:
            remarks += error.messages
        else:
            kept.append(file)
    left = [*(file.name for file in mail.files[MOST_FILES:]), *mail.left_out]
    if left:
        names = listed(isolated(harmless_file_name(name)) for name in left)
        remarks.append(
            _("Not taken along: %(names)s. Attach files one by one, ten at most.") % {"names": names}
        )
    if remarks:
        remarks.insert(0, _("Your text was posted, but not all that came with it:"))
    return kept, tuple(remarks)


# Calendars -----------------------------------------------------------------------------------------------


def answer_by_calendar(person: Any, pk: int, mail: Incoming) -> Taken:
    """Take the answer that a calendar program sends when its owner accepts an invitation (RFC 5546, REPLY)."""
    meeting = (
        Meeting.objects.visible_to(person).select_related("community").filter(pk=pk).first()
        if person
        else None
    )
    if meeting is None or mail.vouched is False:
        raise Ignored("no such meeting for this person, or a forged sender")
    if not mail.machine and not mail.calendars:
        said = _("This address takes answers of calendars only. Say here whether you come to “%(title)s”:")
        url = settings.BASE_URL + meeting.get_absolute_url()
        raise Returned(said % {"title": isolated(meeting.title)}, url)
    for calendar in mail.calendars[:3]:
        if said := said_in(calendar, meeting, addresses_of(person)):
            return note_answer(person, meeting, said)
    raise Ignored("no answer to this invitation in it")


def said_in(calendar: bytes, meeting: Meeting, addresses: set[str]) -> str:
    """What a person says of a meeting in a calendar reply: ACCEPTED, DECLINED, TENTATIVE; "" for anything else.

    An answer to an older date says nothing about the present one.
    """
    from icalendar import Calendar

    try:
        parsed = Calendar.from_ical(calendar[:200_000])
        if str(parsed.get("METHOD", "")).upper() != "REPLY":
            return ""
        for event in parsed.walk("VEVENT"):
            if (
                str(event.get("UID", "")) != uid_of(meeting)
                or int(event.get("SEQUENCE", 0)) < meeting.sequence
            ):
                continue
            attendees = event.get("ATTENDEE", [])
            for one in attendees if isinstance(attendees, list) else [attendees]:
                if str(one).lower().removeprefix("mailto:") in addresses:
                    return str(one.params.get("PARTSTAT", "")).upper()
    except (ValueError, TypeError, AttributeError, KeyError, IndexError, RecursionError):
        return ""
    return ""


def note_answer(person: Any, meeting: Meeting, said: str) -> Taken:
    mine = Invitee.objects.filter(meeting=meeting, person=person).first()
    before = mine.answer if mine else Coming.SILENT
    if said == "DECLINED":
        answer = Coming.NO
    elif said in {"ACCEPTED", "DELEGATED"} and before in Invitee.PRESENT:
        return Taken(key(meeting))  # they said already how they come
    elif said == "ACCEPTED":
        answer = Coming.COMING if meeting.is_in_person else Coming.ONLINE
    else:
        raise Ignored(f"left open: {said}")
    try:
        answer_meeting(by=person, meeting=meeting, answer=answer)
    except TooLate as error:
        raise Ignored("the meeting is over or called off") from error
    return Taken(key(meeting))
