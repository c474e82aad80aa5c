"""What the room tells people: the words of its notices and letters."""

from typing import Any

from django.contrib.auth import get_user_model
from django.urls import reverse
from django.utils.translation import gettext as _

from knowledge.models import Item, Revision
from knowledge.rules import is_reviewer
from munistem.commons.audit.actions import key
from munistem.commons.notices.actions import tell
from munistem.commons.notices.kinds import Family, Kind, register, visible_through
from munistem.commons.notices.models import Event
from munistem.commons.text.names import isolated


def title_in(event: Event) -> str:
    return isolated(str(event.data.get("title", "")))


def actor(event: Event) -> str:
    return isolated(event.actor.name if event.actor and event.actor.name else _("Someone"))


def say_submitted(event: Event, reader: Any) -> str:
    return _("%(actor)s sent “%(title)s” to the library; it waits for review") % {
        "actor": actor(event),
        "title": title_in(event),
    }


def say_published(event: Event, reader: Any) -> str:
    if event.data.get("number", 1) > 1:
        return _("The changes of “%(title)s” were published") % {"title": title_in(event)}
    return _("“%(title)s” was published in the library") % {"title": title_in(event)}


def say_returned(event: Event, reader: Any) -> str:
    return _("“%(title)s” was returned to you with remarks") % {"title": title_in(event)}


def say_withdrawn(event: Event, reader: Any) -> str:
    return _("“%(title)s” was taken out of the library") % {"title": title_in(event)}


def say_restored(event: Event, reader: Any) -> str:
    return _("“%(title)s” stands in the library again") % {"title": title_in(event)}


def reason_given(event: Event, reader: Any) -> list[str]:
    reason = event.data.get("why", "")
    return [_("Remarks: %(reason)s") % {"reason": isolated(reason)}] if reason else []


def reason_of_withdrawal(event: Event, reader: Any) -> list[str]:
    reason = event.data.get("why", "")
    return [_("Reason: %(reason)s") % {"reason": isolated(reason)}] if reason else []


def item_url(event: Event) -> str:
    return reverse("show_item", args=[event.data["slug"]])


def review_url(event: Event) -> str:
    return reverse("review_revision", args=[event.data["slug"], event.data["number"]])


def revisions_of(user: Any):
    return Revision.objects.visible_to(user)


def reviewed_by(user: Any):
    return Revision.objects.all() if is_reviewer(user) else Revision.objects.none()


def items_of(user: Any):
    return Item.objects.visible_to(user)


def declare() -> None:
    register(
        Kind("item_submitted", Family.TASKS, say_submitted, review_url, visible_through(reviewed_by)),
        Kind("item_published", Family.DECISIONS, say_published, item_url, visible_through(revisions_of)),
        Kind(
            "item_returned",
            Family.DECISIONS,
            say_returned,
            item_url,
            visible_through(revisions_of),
            reason_given,
        ),
        Kind(
            "item_withdrawn",
            Family.DECISIONS,
            say_withdrawn,
            item_url,
            visible_through(items_of),
            reason_of_withdrawal,
        ),
        Kind("item_restored", Family.DECISIONS, say_restored, item_url, visible_through(items_of)),
    )


def tell_reviewers(revision: Revision, *, by: Any) -> None:
    """Tell the knowledge managers that a revision waits; the admins while the network has none of them."""
    active = get_user_model().objects.filter(is_active=True)
    readers = list(active.filter(is_knowledge_manager=True)) or list(active.filter(is_staff=True))
    tell("item_submitted", revision, readers, by=by, reason="decider", **_named(revision))


def tell_authors(kind: str, revision: Revision, *, by: Any, **data: Any) -> None:
    """Tell who wrote the revision, and who wrote the item, what was decided."""
    readers = {revision.item.created_by, revision.created_by}
    subject = revision.item if kind in ("item_withdrawn", "item_restored") else revision
    tell(kind, subject, readers, by=by, reason="sender", **_named(revision), **data)


def _named(revision: Revision) -> dict[str, Any]:
    return {"title": revision.title, "slug": revision.item.slug, "number": revision.number}


def subject_of(revision: Revision) -> str:
    """Under which name the notices of a revision stand."""
    return key(revision)
