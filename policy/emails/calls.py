"""How people are reminded of a call for proposals before its day, with one tap to hear no more of it."""

from dataclasses import replace
from datetime import date
from typing import Any

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from knowledge.models import Item
from members.models import RegionalCluster
from munistem.commons.mail.letters import Letter
from munistem.commons.notices.actions import tell
from munistem.commons.notices.kinds import Family, Kind, register, visible_through
from munistem.commons.notices.models import Event
from munistem.commons.text.names import isolated, listed
from policy.models.calls import CallChoice, calls_open
from policy.models.fitting import checks_of, said, town_of
from policy.rules.call import town_of_reader

SALT = "policy.call"
CLOSING = "call_closing"


def declare() -> None:
    register(
        Kind(CLOSING, Family.CALLS, say_closing, call_url, visible_through(calls_of), why_told, with_tap)
    )


def calls_of(user: Any) -> Any:
    """Those that still take proposals and that the reader has not put aside."""
    aside = CallChoice.objects.visible_to(user).dismissing().values("item")
    return calls_open(user).exclude(pk__in=aside).exclude(edition_of__in=aside)


def tell_of_closing(item: Item, people: list[Any], day: date) -> None:
    tell(CLOSING, item, people, reason="call", title=str(item), slug=item.slug, day=str(day))


# Answering from a letter without signing in ---------------------------------------------------------------


def token_for(item: int, person: int) -> str:
    return signing.dumps([item, person], salt=SALT, compress=True)


def read_token(token: str) -> tuple[int, int]:
    """Keys of call and person; raises signing.BadSignature."""
    item, person = signing.loads(token, salt=SALT)
    return item, person


# Words ---------------------------------------------------------------------------------------------------


def say_closing(event: Event, reader: Any) -> str:
    day = date_format(date.fromisoformat(event.data["day"]), "j F Y")
    title = isolated(str(event.data.get("title", "")))
    return _("The call “%(title)s” takes proposals until %(day)s") % {"title": title, "day": isolated(day)}


def why_told(event: Event, reader: Any) -> list[str]:
    """What makes it fit the reader's municipality, in facts."""
    item = Item.objects.filter(pk=subject_of(event)).select_related("published").first()
    organisation = town_of_reader(reader)
    authority = organisation.authority if organisation else None
    if item is None or item.published is None or organisation is None or authority is None:
        return []
    checks = checks_of(item.published.details, town_of(authority, authority.cluster))
    if not checks or not all(check.fits for check in checks):
        return []
    names = {row.slug: row.name for row in RegionalCluster.objects.all()}
    reasons = listed(said(check, names) for check in checks)
    return [_("It fits %(town)s: %(reasons)s.") % {"town": isolated(organisation.name), "reasons": reasons}]


def with_tap(letter: Letter, event: Event, reader: Any) -> Letter:
    aside = reverse("put_call_aside", args=[token_for(subject_of(event), reader.pk)])
    return replace(
        letter,
        action=(_("Read the call"), settings.BASE_URL + call_url(event)),
        rows=[(_("Not for us: no more reminders of it"), settings.BASE_URL + aside)],
    )


def call_url(event: Event) -> str:
    return reverse("show_item", args=[event.data["slug"]])


def subject_of(event: Event) -> int:
    return int(event.subject.rpartition(":")[2])
