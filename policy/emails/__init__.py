"""What the room tells people: the words of its notices and letters."""

from typing import Any

from django.contrib.auth import get_user_model
from django.urls import reverse
from django.utils.translation import gettext as _

from munistem.commons.audit.actions import key
from munistem.commons.notices.actions import tell
from munistem.commons.notices.kinds import Family, Kind, register, visible_through
from munistem.commons.notices.models import Event, Notice
from munistem.commons.text.languages import pick
from munistem.commons.text.names import isolated
from policy.models import Endorsement
from policy.rules import is_admin


class Told:
    """Names kept with an event in three languages, to be picked in the reader's."""

    def __init__(self, names: Any):
        for code in ("he", "ar", "en"):
            setattr(self, f"name_{code}", str((names or {}).get(code, "")))

    def __str__(self) -> str:
        return isolated(pick(self, "name"))


def words(event: Event) -> dict[str, Any]:
    return {
        "organisation": Told(event.data.get("organisation")),
        "recommendation": Told(event.data.get("recommendation")),
    }


def say_submitted(event: Event, reader: Any) -> str:
    return _(
        "%(organisation)s answered the recommendation “%(recommendation)s”; it waits for confirmation"
    ) % words(event)


def say_confirmed(event: Event, reader: Any) -> str:
    return _("The answer of %(organisation)s to “%(recommendation)s” was confirmed") % words(event)


def say_returned(event: Event, reader: Any) -> str:
    return _(
        "The answer of %(organisation)s to “%(recommendation)s” was returned to you with remarks"
    ) % words(event)


def say_revoked(event: Event, reader: Any) -> str:
    return _("The answer of %(organisation)s to “%(recommendation)s” was taken back") % words(event)


def reason_given(event: Event, reader: Any) -> list[str]:
    reason = event.data.get("why", "")
    return [_("Reason: %(reason)s") % {"reason": isolated(reason)}] if reason else []


def remarks_given(event: Event, reader: Any) -> list[str]:
    reason = event.data.get("why", "")
    lines = [_("Remarks: %(reason)s") % {"reason": isolated(reason)}] if reason else []
    return [*lines, _("Nothing is lost: correct it and send it again.")]


def thanks(event: Event, reader: Any) -> list[str]:
    return [_("It now stands on the page of the recommendation and in the table of adoption.")]


def endorsement_url(event: Event) -> str:
    return reverse("show_endorsement", args=[event.subject.rpartition(":")[2]])


def answers_of(user: Any):
    return Endorsement.objects.visible_to(user)


def answers_for_admins(user: Any):
    return Endorsement.objects.all() if is_admin(user) else Endorsement.objects.none()


def declare() -> None:
    seen, deciding = visible_through(answers_of), visible_through(answers_for_admins)
    decisions = Family.DECISIONS
    register(
        Kind("endorsement_submitted", Family.TASKS, say_submitted, endorsement_url, deciding),
        Kind("endorsement_confirmed", decisions, say_confirmed, endorsement_url, seen, thanks),
        Kind("endorsement_returned", decisions, say_returned, endorsement_url, seen, remarks_given),
        Kind("endorsement_revoked", decisions, say_revoked, endorsement_url, seen, reason_given),
    )


def admins() -> list[Any]:
    return list(get_user_model().objects.filter(is_active=True, is_staff=True).defer("search_vector"))


def tell_admins(kind: str, endorsement: Endorsement, *, by: Any, **data: Any) -> None:
    tell(kind, endorsement, admins(), by=by, reason="decider", **named(endorsement), **data)


def tell_sender(kind: str, endorsement: Endorsement, *, by: Any, **data: Any) -> None:
    tell(kind, endorsement, [endorsement.submitted_by], by=by, reason="sender", **named(endorsement), **data)


def settle(endorsement: Endorsement) -> None:
    """What waited for all admins waits for none of them any more."""
    waiting = Notice.objects.unread().filter(
        event__kind="endorsement_submitted", event__subject=key(endorsement)
    )
    waiting.update(read_at=endorsement.answered_at or endorsement.ended_at)


def named(endorsement: Endorsement) -> dict[str, Any]:
    organisation, recommendation = endorsement.organisation, endorsement.recommendation
    return {
        "organisation": {code: getattr(organisation, f"name_{code}") for code in ("he", "ar", "en")},
        "recommendation": {code: getattr(recommendation, f"title_{code}") for code in ("he", "ar", "en")},
    }
