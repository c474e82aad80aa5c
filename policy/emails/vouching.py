"""How municipalities are asked whether an endorsement still stands, and for their share in a joint one."""

from dataclasses import replace
from typing import Any

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from members.models import Representative
from munistem.commons.audit.actions import key
from munistem.commons.mail.letters import Letter
from munistem.commons.notices.actions import tell
from munistem.commons.notices.kinds import Family, Kind, register, visible_through
from munistem.commons.notices.models import Event, Notice
from policy.emails import Told, answers_of, endorsement_url, named, words
from policy.enums import Cause
from policy.models import Endorsement, EndorsementShare, Reconfirmation

SALT = "policy.vouching"


def declare() -> None:
    seen = visible_through(answers_of)
    register(
        Kind("endorsement_stands", Family.TASKS, say_stands, endorsement_url, seen, why_asked, with_tap),
        Kind("endorsement_share", Family.TASKS, say_share, share_url, seen, what_share_means, with_share_tap),
    )


# Answering from a letter without signing in ---------------------------------------------------------------


def token_for(kind: str, thing: int, person: int) -> str:
    """kind: ``stands`` or ``share``; thing: key of the endorsement or of the share."""
    return signing.dumps([kind, thing, person], salt=SALT, compress=True)


def read_token(token: str) -> tuple[str, int, int]:
    """Kind, thing and person; raises signing.BadSignature."""
    kind, thing, person = signing.loads(token, salt=SALT)
    return kind, thing, person


# To whom -------------------------------------------------------------------------------------------------


def acting_for(organisation: Any) -> list[Any]:
    """The managers of an organisation, else all who act for it."""
    acting = Representative.objects.active().filter(organisation=organisation)
    rows = list(acting.filter(person__is_active=True).select_related("person").order_by("pk"))
    return [row.person for row in rows if row.is_manager] or [row.person for row in rows]


def ask_whether_it_stands(asked: Reconfirmation) -> None:
    row = asked.endorsement
    people = acting_for(row.organisation)
    tell(
        "endorsement_stands",
        row,
        people,
        reason="decider",
        cause=asked.cause,
        day=str(asked.due_on),
        **named(row),
    )


def ask_for_share(share: EndorsementShare) -> None:
    data = named(share.endorsement)
    town = {code: getattr(share.organisation, f"name_{code}") for code in ("he", "ar", "en")}
    people = acting_for(share.organisation)
    tell("endorsement_share", share.endorsement, people, reason="decider", share=share.pk, town=town, **data)


def settle(endorsement: Endorsement, kind: str, share: EndorsementShare | None = None) -> None:
    """Once one of them answered, nobody of the municipality is asked any more."""
    asked = Notice.objects.unread().filter(event__kind=kind, event__subject=key(endorsement))
    if share is not None:
        asked = asked.filter(event__data__share=share.pk)
    asked.update(read_at=timezone.now())


# Words ---------------------------------------------------------------------------------------------------


def say_stands(event: Event, reader: Any) -> str:
    return _("Does the endorsement of “%(recommendation)s” by %(organisation)s still stand?") % words(event)


def why_asked(event: Event, reader: Any) -> list[str]:
    cause = event.data.get("cause")
    why = Cause(cause).label if cause in Cause.values else ""
    lines = [f"{why}."] if why else []
    return [
        *lines,
        _("One tap and one button are enough. Without an answer it is shown as not re-confirmed."),
    ]


def with_tap(letter: Letter, event: Event, reader: Any) -> Letter:
    token = token_for("stands", int(event.subject.rpartition(":")[2]), reader.pk)
    return replace(
        letter, action=(_("Yes, it stands"), settings.BASE_URL + reverse("vouch_from_mail", args=[token]))
    )


def say_share(event: Event, reader: Any) -> str:
    told = {**words(event), "town": Told(event.data.get("town"))}
    return (
        _("%(organisation)s endorsed “%(recommendation)s” for its members: does %(town)s take part?") % told
    )


def what_share_means(event: Event, reader: Any) -> list[str]:
    return [_("Your municipality counts once you confirm it; nobody answers in your place.")]


def with_share_tap(letter: Letter, event: Event, reader: Any) -> Letter:
    token = token_for("share", event.data.get("share", 0), reader.pk)
    return replace(
        letter, action=(_("Look and answer"), settings.BASE_URL + reverse("vouch_from_mail", args=[token]))
    )


def share_url(event: Event) -> str:
    return reverse("answer_share", args=[event.data.get("share", 0)])
