"""How municipalities are asked whether an endorsement still stands, and for their share in a joint one."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from munistem.commons.audit.actions import key
from munistem.commons.mail.letters import Letter
from munistem.commons.notices.actions import tell
from munistem.commons.notices.kinds import Family, Kind, register, visible_through
from munistem.commons.notices.models import Event, Notice
from policy.emails import Told, answers_of, asking, named, words
from policy.enums import Cause
from policy.models import Endorsement, EndorsementShare, Reconfirmation

SALT = "policy.vouching"


def declare() -> None:
    seen = visible_through(answers_of)
    register(
        Kind("endorsement_stands", Family.TASKS, say_stands, stands_url, asking.visible, why_asked, with_tap),
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


def ask_whether_they_stand(asked: Iterable[Reconfirmation]) -> None:
    """Ask those who act for the organisations, each in one letter about all that is asked. asked: of one cause and day."""
    rows = list(asked)
    if rows:
        endorsements = [row.endorsement for row in rows]
        cause, day = str(rows[0].cause), str(rows[0].due_on)
        asking.ask("endorsement_stands", endorsements, reason="decider", cause=cause, day=day)


def ask_for_share(share: EndorsementShare) -> None:
    data = named(share.endorsement)
    town = {code: getattr(share.organisation, f"name_{code}") for code in ("he", "ar", "en")}
    people = asking.acting_for([share.organisation_id]).get(share.organisation_id, [])
    tell("endorsement_share", share.endorsement, people, reason="decider", share=share.pk, town=town, **data)


def settle_standing(endorsement: Endorsement) -> None:
    """Once somebody answered, nobody of the municipality is asked any more, unless about others too."""
    open_ones = Reconfirmation.objects.open().values("endorsement")
    asking.settle(
        ["endorsement_stands"], endorsement, Endorsement.objects.endorsing().filter(pk__in=open_ones)
    )


def settle_share(share: EndorsementShare) -> None:
    """Once one of them answered, nobody of the municipality is asked any more."""
    asked = Notice.objects.unread().filter(event__kind="endorsement_share", event__data__share=share.pk)
    asked.filter(event__subject=key(share.endorsement)).update(read_at=timezone.now())


# Words ---------------------------------------------------------------------------------------------------


def say_stands(event: Event, reader: Any) -> str:
    asked = asking.asked_in(event)
    if len(asked) == 1:
        return _("Does the endorsement of “%(recommendation)s” by %(organisation)s still stand?") % vars(
            asked[0]
        )
    said = ngettext(
        "Does %(count)d endorsement still stand?", "Do your %(count)d endorsements still stand?", len(asked)
    )
    return said % {"count": len(asked)}


def why_asked(event: Event, reader: Any) -> list[str]:
    cause = event.data.get("cause")
    why = Cause(cause).label if cause in Cause.values else ""
    lines = [f"{why}."] if why else []
    if len(asking.asked_in(event)) > 1:
        how = _("Tap each one, then one button. Without an answer it is shown as not re-confirmed.")
        return [*lines, how]
    return [
        *lines,
        _("One tap and one button are enough. Without an answer it is shown as not re-confirmed."),
    ]


def with_tap(letter: Letter, event: Event, reader: Any) -> Letter:
    """A button for each that nobody vouched for since."""
    asked = asking.asked_in(event)
    if len(asked) == 1:
        return replace(letter, action=(_("Yes, it stands"), tap_url(asked[0].pk, reader)))
    rows = Reconfirmation.objects.open().filter(endorsement__in=[one.pk for one in asked])
    still = set(rows.values_list("endorsement", flat=True))
    buttons = [
        (f"{one.number}. {one.recommendation}", tap_url(one.pk, reader)) for one in asked if one.pk in still
    ]
    return replace(letter, rows=buttons, action=None)


def tap_url(endorsement: int, reader: Any) -> str:
    return settings.BASE_URL + reverse("vouch_from_mail", args=[token_for("stands", endorsement, reader.pk)])


def stands_url(event: Event) -> str:
    return asking.url_of(event, "show_endorsement")


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
