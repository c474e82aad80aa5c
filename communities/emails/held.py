"""Texts that wait for a facilitator: those who decide are told, and then the author."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from communities.emails.community import LONGEST_QUOTE, actor, name_in, reason_given, topic_url
from communities.models import HeldPost
from munistem.commons.notices.kinds import Family, Kind, visible_through
from munistem.commons.notices.models import Event
from munistem.commons.text.html import plain


def say_held(event: Event, reader: Any) -> str:
    words = {
        "actor": actor(event),
        "title": name_in(event, "title"),
        "community": name_in(event, "community"),
    }
    return _("%(actor)s wrote in %(community)s, and it waits for you: %(title)s") % words


def say_released(event: Event, reader: Any) -> str:
    return _("What you wrote in “%(title)s” can now be read") % {"title": name_in(event, "title")}


def say_returned(event: Event, reader: Any) -> str:
    return _("What you wrote in “%(title)s” came back; you can mend it and send it again") % {
        "title": name_in(event, "title")
    }


def held_url(event: Event) -> str:
    return reverse("show_held_post", args=[event.subject.rpartition(":")[2]])


def quote_held(event: Event, reader: Any) -> list[str]:
    """What waits, as it now stands, if the reader may still decide on it."""
    key = event.subject.rpartition(":")[2]
    held = HeldPost.objects.waiting_for(reader).filter(pk=key).only("body").first()
    text = plain(held.body) if held else ""
    return [text[:LONGEST_QUOTE] + ("…" if len(text) > LONGEST_QUOTE else "")] if text else []


def decided_of(user: Any):
    return HeldPost.objects.visible_to(user).filter(author_id=user.pk)


KINDS = (
    Kind(
        "post_held",
        Family.TASKS,
        say_held,
        held_url,
        visible_through(lambda user: HeldPost.objects.waiting_for(user)),
        quote_held,
    ),
    Kind("post_released", Family.DECISIONS, say_released, topic_url, visible_through(decided_of)),
    Kind(
        "post_returned", Family.DECISIONS, say_returned, held_url, visible_through(decided_of), reason_given
    ),
)
