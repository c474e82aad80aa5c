"""To the library by mail: each person who may add items has an address there; a mail to it becomes a draft of theirs."""

import re
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from communities.actions.bymail import PREFIXES, files_to_keep, paragraphs
from knowledge import rules
from knowledge.actions.propose import Lexicon, Source, propose, says_something, shortened, stem
from knowledge.actions.words import LONGEST_TITLE, is_web_address
from knowledge.actions.write import TooLate, start_item
from knowledge.enums import ItemKind
from munistem.commons.audit.actions import key
from munistem.commons.enums import Visibility
from munistem.commons.guards.limits import count_hit
from munistem.commons.mail.addresses import Door, Returned, Taken, address_of, register_door
from munistem.commons.mail.incoming import Incoming
from munistem.commons.search import reading
from munistem.commons.text.forms import LONGEST
from munistem.commons.text.html import clean
from munistem.commons.text.names import harmless, isolated

KIND = "library"
SHORTEST_TITLE = 3
MOST_MAILS, HOUR = 20, 3_600
MOST_LINKS = 5
URL = re.compile(r"https?://[^\s<>\"'()\[\]]+[^\s<>\"'()\[\].,;:!?]")


def declare_doors() -> None:
    """What the portal does with mail to the addresses of the library."""
    register_door(KIND, Door(begin_by_mail))


def address_for(person: Any) -> str:
    """The address at which a person begins items by mail; "" for who may not, and when no mail is taken."""
    return address_of(KIND, person.pk, person.pk) if rules.can_add_item(person) else ""


def begin_by_mail(person: Any, pk: int, mail: Incoming) -> Taken:
    """Make a draft of a mail: its subject is the title, its text the text, what is attached the files."""
    if pk != person.pk or not rules.can_add_item(person):
        raise Returned(_("You cannot add to the library any more, so nothing was kept."))
    if count_hit(f"library:user{person.pk}", HOUR, MOST_MAILS) > MOST_MAILS:
        raise Returned(_("You sent very much within an hour. Wait a little, then send your mail again."))
    if len(mail.text) > LONGEST:
        said = _("Your text is longer than %(limit)s characters. Shorten it, or attach it as a file.")
        raise Returned(said % {"limit": f"{LONGEST:,}"})
    files, remarks = files_to_keep(mail)
    if not files and not mail.text:
        raise Returned(
            _("We found neither text nor files in your mail, so there is nothing to make a draft of.")
        )
    title = title_of(mail, files)
    try:
        item = start_item(
            by=person, content=content_of(mail, title), organisation=person.acting_for, files=files
        )
    except TooLate as error:
        raise Returned(_("You cannot add to the library any more, so nothing was kept.")) from error
    told = _(
        "A draft “%(title)s” was made of your mail. Look at it, say in short what it is, and send it for review."
    )
    left_out = (_("Not all that came with it could be kept:"), *remarks[1:]) if remarks else ()
    url = settings.BASE_URL + item.get_absolute_url()
    subject = _("A draft was made of your mail")
    return Taken(key(item), url, (told % {"title": isolated(title)}, *left_out), subject=subject)


def title_of(mail: Incoming, files: list[Any]) -> str:
    """The subject without Re: and the like, else the first line, else the name of a file."""
    subject = mail.subject
    while found := next((prefix for prefix in PREFIXES if subject.lower().startswith(prefix)), ""):
        subject = subject[len(found) :].strip()
    for words in (subject, mail.text.partition("\n")[0], *(stem(file.name) for file in files)):
        if len(words := harmless(words)) >= SHORTEST_TITLE and says_something(words):
            return shortened(words, LONGEST_TITLE)
    return _("Sent by mail")


def content_of(mail: Incoming, title: str) -> dict[str, Any]:
    """What the draft says; kind and language as the text shows them."""
    found = propose([Source(title, mail.text)], Lexicon(), reading.current().analyser, timezone.localdate())
    return {
        "title": title,
        "summary": "",
        "body": clean(paragraphs(mail.text)) if mail.text else "",
        "kind": found.get("kind", ItemKind.GUIDE),
        "language": found.get("language", "he"),
        "visibility": Visibility.NETWORK,
        "links": links_in(mail.text),
    }


def links_in(text: str) -> list[tuple[str, str]]:
    """Addresses that stand in the text, each once."""
    return [(url, "") for url in dict.fromkeys(URL.findall(text)) if is_address(url)][:MOST_LINKS]


def is_address(url: str) -> bool:
    try:
        is_web_address(url)
    except (ValidationError, ValueError):
        return False
    return True
