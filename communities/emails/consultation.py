"""Peer consultations: asking a colleague personally, moving on, what was taken, and what came of it."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from communities.emails.community import (
    answered_at,
    name_in,
    quote,
    talk,
    topic_key,
    topic_url,
    topics_of,
    who_and_what,
)
from communities.models import PeerRequest
from munistem.commons.mail.addresses import address_of
from munistem.commons.mail.letters import Letter
from munistem.commons.notices.kinds import Family, Kind, visible_through
from munistem.commons.notices.models import Event
from munistem.commons.terms.models import Term
from munistem.commons.text.names import isolated, listed

SALT = "communities.peer_request"


# Putting a request off from a letter ---------------------------------------------------------------------


def put_off_path(request: PeerRequest) -> str:
    """The page on which this person says “not now” without signing in."""
    token = signing.dumps([request.pk, request.person_id], salt=SALT, compress=True)
    return reverse("put_off_request", args=[token])


def read_request_token(token: str) -> tuple[int, int]:
    """Keys of request and person; raises signing.BadSignature."""
    request, person = signing.loads(token, salt=SALT)
    return request, person


# Words ---------------------------------------------------------------------------------------------------


def headings_of_case() -> list[tuple[str, str]]:
    """Parts of a case and the headings under which they are told, in the active language."""
    return [
        ("context", _("The case")),
        ("tried", _("What was tried")),
        ("would_help", _("What would help")),
    ]


def said_reasons(codes: Iterable[str]) -> list[str]:
    """Why just this person, in words of the active language; of municipalities all in one line."""
    codes = list(codes)
    known = dict(code.split(":", 1) for code in codes if ":" in code and not code.startswith("topic:"))
    lines = [_("In a role like yours")] if "role" in codes else []
    if alike := alike_in(codes):
        lines.append(_("A similar municipality: %(what)s") % {"what": alike})
    if topics := topics_said(codes):
        lines.append(_("Cares for: %(topics)s") % {"topics": topics})
    if count := int(known.get("thanked", 0)):
        thanked = ngettext("Thanked for an answer here", "Thanked for answers here, %(count)d times", count)
        lines.append(thanked % {"count": count})
    return lines


def alike_in(codes: Sequence[str]) -> str:
    """In what the two municipalities are alike, as words in a row; "" if in nothing."""
    words = {
        "size": _("size"),
        "cluster": _("socio-economic cluster"),
        "group": _("population group"),
    }
    return listed([word for code, word in words.items() if code in codes])


def topics_said(codes: Sequence[str]) -> str:
    """The topics among the reasons, as names in a row; "" if there are none."""
    keys = [code.partition(":")[2] for code in codes if code.startswith("topic:")]
    found = {str(term.pk): str(term) for term in Term.objects.filter(pk__in=keys)} if keys else {}
    return listed([isolated(found[key]) for key in keys if key in found])


def say_asked(event: Event, reader: Any) -> str:
    return _("%(actor)s asks for your advice: %(title)s") % who_and_what(event)


def asked_how(event: Event, reader: Any) -> list[str]:
    """The personal words, and why just this reader."""
    line, why = str(event.data.get("line", "")), said_to_reader(event.data.get("reasons", ()))
    said = [isolated(line)] if line else []
    if why:
        said.append(_("Why you: %(reasons)s.") % {"reasons": pgettext("between reasons", "; ").join(why)})
    said.append(
        _("A few lines are enough. If it does not suit you now, one tap says so, and nobody is told.")
    )
    return said


def said_to_reader(codes: Iterable[str]) -> list[str]:
    """The reasons as the one who is asked reads them."""
    codes = list(codes)
    lines = [_("your role is like theirs")] if "role" in codes else []
    if alike := alike_in(codes):
        lines.append(_("your municipality is like theirs (%(what)s)") % {"what": alike})
    if topics := topics_said(codes):
        lines.append(_("you care for %(topics)s") % {"topics": topics})
    if any(code.startswith("thanked:") for code in codes):
        lines.append(_("colleagues thanked you for answers"))
    return lines


def with_put_off(letter: Letter, event: Event, reader: Any) -> Letter:
    """Add the two ways to answer."""
    found = PeerRequest.objects.filter(pk=event.subject.rpartition(":")[2], person=reader).first()
    if found is None:
        return letter
    answered = answered_at(letter, asked_address(event, reader))
    return replace(
        answered,
        action=(_("Write a few lines"), settings.BASE_URL + asked_url(event)),
        rows=[(_("Not now"), settings.BASE_URL + put_off_path(found))],
    )


def asked_address(event: Event, reader: Any) -> str:
    """Where who was asked answers by mail: in the consultation."""
    return address_of("topic", event.data["topic"], reader.pk)


def outcome_address(event: Event, reader: Any) -> str:
    """Where what came of it is told by mail."""
    return address_of("outcome", topic_key(event), reader.pk)


def with_outcome_address(letter: Letter, event: Event, reader: Any) -> Letter:
    return answered_at(letter, outcome_address(event, reader))


def asked_url(event: Event) -> str:
    return reverse("show_topic", args=[event.data["topic"]])


def say_wanted(event: Event, reader: Any) -> str:
    return _("%(actor)s now asks for your advice in “%(title)s”") % who_and_what(event)


def say_taken(event: Event, reader: Any) -> str:
    return _("%(actor)s tells what they take from the advice in “%(title)s”") % who_and_what(event)


def say_outcome(event: Event, reader: Any) -> str:
    return _("%(actor)s tells what came of “%(title)s”") % who_and_what(event)


def say_outcome_asked(event: Event, reader: Any) -> str:
    return _("What came of it? Two months ago colleagues advised you in “%(title)s”") % {
        "title": name_in(event, "title")
    }


def outcome_told_how(event: Event, reader: Any) -> list[str]:
    return [_("Tell them in a few lines what you tried and what came of it. That it did not work helps too.")]


def requests_of(user: Any):
    return PeerRequest.objects.waiting_for(user)


KINDS = (
    Kind(
        "peer_asked",
        Family.MENTIONS,
        say_asked,
        asked_url,
        visible_through(requests_of),
        asked_how,
        with_put_off,
        answer_at=asked_address,
    ),
    talk("advice_wanted", Family.REPLIES, say_wanted),
    talk("advice_taken", Family.REPLIES, say_taken, details=quote),
    talk("outcome_told", Family.REPLIES, say_outcome, details=quote),
    Kind(
        "outcome_asked",
        Family.MENTIONS,
        say_outcome_asked,
        topic_url,
        visible_through(topics_of),
        outcome_told_how,
        with_outcome_address,
        answer_at=outcome_address,
    ),
)
