"""What is told to who begins to hold the role of STEM excellence manager, and to who held it."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from members.emails.team import words_of
from members.models import RoleHolding
from munistem.commons.notices.actions import tell
from munistem.commons.notices.kinds import Family, Kind, visible_through
from munistem.commons.notices.models import Event
from munistem.commons.text.names import isolated


def tell_holder(kind: str, holding: RoleHolding, *, by: Any, **data: Any) -> None:
    """Tell the person, if the holder has an account."""
    if holding.person is None:
        return
    names = {code: getattr(holding.authority, f"name_{code}") for code in ("he", "ar", "en")}
    tell(kind, holding, [holding.person], by=by, organisation=names, code=holding.authority_id, **data)


def say_given(event: Event, reader: Any) -> str:
    return _("You are the STEM excellence manager of %(organisation)s now. Good luck!") % words_of(event)


def what_comes_with_it(event: Event, reader: Any) -> list[str]:
    return [
        _("What was planned and promised comes with the role: open things of the work plan are yours now."),
        _("The handover pack tells what was endorsed, what is due and whom to call."),
    ]


def say_ended(event: Event, reader: Any) -> str:
    return _("You no longer hold the STEM role of %(organisation)s. Thank you for all you did.") % words_of(
        event
    )


def reason_given(event: Event, reader: Any) -> list[str]:
    reason = event.data.get("why", "")
    return [_("Reason: %(reason)s") % {"reason": isolated(reason)}] if reason else []


def pack_url(event: Event) -> str:
    return reverse("show_handover", args=[event.data["code"]])


def authority_url(event: Event) -> str:
    return reverse("show_authority", args=[event.data["code"]])


def holdings_of(user: Any) -> Any:
    return RoleHolding.objects.visible_to(user)


SEEN = visible_through(holdings_of)
KINDS = (
    Kind("role_given", Family.DECISIONS, say_given, pack_url, SEEN, what_comes_with_it),
    Kind("role_ended", Family.DECISIONS, say_ended, authority_url, SEEN, reason_given),
)
