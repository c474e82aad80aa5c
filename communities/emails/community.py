"""Communities, who takes part in them, and what is said."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from communities.enums import TopicKind
from communities.models import Community, Membership, Post, Topic
from communities.rules import can_see_topic
from members.models import User
from munistem.commons.mail.addresses import address_of
from munistem.commons.mail.letters import Letter
from munistem.commons.mail.quoting import MARKERS
from munistem.commons.notices.kinds import Family, Kind, Place, visible_through
from munistem.commons.notices.models import Event
from munistem.commons.text.html import plain
from munistem.commons.text.names import isolated

LONGEST_QUOTE = 600


def actor(event: Event) -> str:
    return isolated(event.actor.name if event.actor and event.actor.name else _("Someone"))


def name_in(event: Event, field: str) -> str:
    return isolated(str(event.data.get(field, "")))


def who_and_what(event: Event) -> dict[str, str]:
    """Words of most sentences: who did it, and the title of the topic."""
    return {"actor": actor(event), "title": name_in(event, "title")}


def topic_url(event: Event) -> str:
    """Straight to the post it is about."""
    if post := event.data.get("post"):
        return reverse("show_post", args=[post])
    return reverse("show_topic", args=[topic_key(event)])


def topic_key(event: Event) -> int:
    return int(event.subject.rpartition(":")[2])


def community_url(event: Event) -> str:
    return reverse("show_community", args=[event.data["slug"]])


def people_url(event: Event) -> str:
    return reverse("list_community_people", args=[event.data["slug"]])


def quote(event: Event, reader: Any) -> list[str]:
    """What the post says, if it is shown to all who may see its topic; asked once for all readers of an event."""
    known = event.__dict__.setdefault("quotes", {})
    if "post" not in known:
        post = Post.objects.shown().filter(pk=event.data.get("post"), topic=topic_key(event)).first()
        text = plain(post.body) if post else ""
        known["post"] = [text[:LONGEST_QUOTE] + ("…" if len(text) > LONGEST_QUOTE else "")] if text else []
    return known["post"]


def answer_address(event: Event, reader: Any) -> str:
    """Where this reader answers in the discussion by mail; whether they may is asked when the answer comes."""
    return address_of("topic", topic_key(event), reader.pk)


def to_be_answered(letter: Letter, event: Event, reader: Any) -> Letter:
    """Let an answer by mail reach the discussion."""
    return answered_at(letter, answer_address(event, reader))


def answered_at(letter: Letter, address: str) -> Letter:
    """Let an answer by mail go to an address of the portal, if it takes mail in."""
    if not address:
        return replace(letter, reply_hint=_("Answer in the portal; nobody reads answers to this mail."))
    return replace(
        letter,
        reply_to=address,
        reply_line=MARKERS[get_language() or "he"],
        reply_hint=_(
            "You may simply answer this mail: what you write is posted in the discussion under your name."
        ),
    )


def reason_given(event: Event, reader: Any) -> list[str]:
    reason = event.data.get("why", "")
    return [_("Reason: %(reason)s") % {"reason": isolated(reason)}] if reason else []


def note_given(event: Event, reader: Any) -> list[str]:
    note = event.data.get("note", "")
    return [_("They wrote: %(note)s") % {"note": isolated(note)}] if note else []


def say_topic_opened(event: Event, reader: Any) -> str:
    words = {**who_and_what(event), "community": name_in(event, "community")}
    sentence = {
        TopicKind.ANNOUNCEMENT: _("An announcement by %(actor)s in %(community)s: %(title)s"),
        TopicKind.HELP: _("%(actor)s asks for help in %(community)s: %(title)s"),
        TopicKind.CONSULTATION: _("%(actor)s asks colleagues for advice in %(community)s: %(title)s"),
        TopicKind.CASE: _("%(actor)s told of a case in %(community)s: %(title)s"),
    }.get(event.data.get("topic_kind"), _("%(actor)s asked in %(community)s: %(title)s"))  # type: ignore[call-overload]
    return sentence % words


def say_replied(event: Event, reader: Any) -> str:
    return _("%(actor)s answered in “%(title)s”") % who_and_what(event)


def say_many_replied(event: Event, reader: Any, count: int) -> str:
    words = {"count": count, "title": name_in(event, "title")}
    return (
        ngettext("%(count)d new answer in “%(title)s”", "%(count)d new answers in “%(title)s”", count) % words
    )


def say_mentioned(event: Event, reader: Any) -> str:
    return _("%(actor)s mentioned you in “%(title)s”") % who_and_what(event)


def say_accepted(event: Event, reader: Any) -> str:
    return _("Your answer in “%(title)s” was accepted") % {"title": name_in(event, "title")}


def say_post_hidden(event: Event, reader: Any) -> str:
    return _("What you wrote in “%(title)s” was hidden by a facilitator") % {"title": name_in(event, "title")}


def say_post_shown(event: Event, reader: Any) -> str:
    return _("What you wrote in “%(title)s” can be seen again") % {"title": name_in(event, "title")}


def say_post_reported(event: Event, reader: Any) -> str:
    return _("%(actor)s asks you to look at a post in “%(title)s”") % who_and_what(event)


def say_asked(event: Event, reader: Any) -> str:
    return _("%(actor)s asks to join %(community)s") % {
        "actor": actor(event),
        "community": name_in(event, "community"),
    }


def say_admitted(event: Event, reader: Any) -> str:
    return _("You are now a member of %(community)s") % {"community": name_in(event, "community")}


def say_not_admitted(event: Event, reader: Any) -> str:
    return _("Your request to join %(community)s was not accepted") % {
        "community": name_in(event, "community")
    }


def say_removed(event: Event, reader: Any) -> str:
    if event.data.get("community"):
        return _("You are no longer a member of %(community)s") % {"community": name_in(event, "community")}
    return _("You are no longer a member of a closed community")


def say_made_facilitator(event: Event, reader: Any) -> str:
    return _("You are now a facilitator of %(community)s") % {"community": name_in(event, "community")}


def topics_of(user: Any):
    return Topic.objects.visible_to(user)


def seers_of_topic(event: Event, readers: Iterable[Any]) -> set[int]:
    """``topics_of`` asked for many readers at once, by its twin."""
    topic = Topic.objects.without_index().select_related("community").filter(pk=topic_key(event)).first()
    if topic is None:
        return set()
    readers = list(readers)
    User.read_mandates(readers)
    topic.community.read_standings(readers)
    return {reader.pk for reader in readers if can_see_topic(reader, topic)}


def moderated_topics_of(user: Any):
    if user.is_staff:
        return Topic.objects.all()
    return Topic.objects.filter(community__in=Community.objects.facilitated_by(user))


def communities_of(user: Any):
    return Community.objects.visible_to(user)


def talk(code: str, family: Family, sentence: Any, **more: Any) -> Kind:
    """A kind of what is said in topics: part of the conversation, answered in it by mail."""
    return Kind(
        code,
        family,
        sentence,
        topic_url,
        visible_through(topics_of),
        dress=to_be_answered,
        is_talk=True,
        answer_at=answer_address,
        **more,
    )


KINDS = (
    talk(
        "topic_opened",
        Family.TOPICS,
        say_topic_opened,
        details=quote,
        opens_thread=True,
        seers=seers_of_topic,
    ),
    talk("replied", Family.REPLIES, say_replied, details=quote, many=say_many_replied, seers=seers_of_topic),
    talk("mentioned", Family.MENTIONS, say_mentioned, details=quote),
    talk("answer_accepted", Family.REPLIES, say_accepted),
    Kind(
        "post_hidden", Family.DECISIONS, say_post_hidden, topic_url, visible_through(topics_of), reason_given
    ),
    Kind("post_shown", Family.DECISIONS, say_post_shown, topic_url, visible_through(topics_of)),
    Kind(
        "post_reported",
        Family.TASKS,
        say_post_reported,
        topic_url,
        visible_through(moderated_topics_of),
        note_given,
    ),
    Kind(
        "asked_to_join",
        Family.TASKS,
        say_asked,
        people_url,
        visible_through(lambda user: Membership.objects.waiting_for(user)),
        note_given,
    ),
    Kind("admitted", Family.DECISIONS, say_admitted, community_url, visible_through(communities_of)),
    Kind(
        "not_admitted",
        Family.DECISIONS,
        say_not_admitted,
        community_url,
        visible_through(communities_of),
        reason_given,
    ),
    Kind(
        "removed_from_community",
        Family.DECISIONS,
        say_removed,
        lambda event: reverse("list_communities"),
        visible_through(lambda user: Membership.objects.of(user)),
        reason_given,
    ),
    Kind(
        "made_facilitator",
        Family.DECISIONS,
        say_made_facilitator,
        people_url,
        visible_through(communities_of),
    ),
)


def community_places(keys: Iterable[int]) -> dict[int, Place]:
    found = Community.objects.filter(pk__in=keys).only("pk", "name", "slug")
    return {row.pk: Place(row.name, row.get_absolute_url()) for row in found}


def topic_places(keys: Iterable[int]) -> dict[int, Place]:
    found = Topic.objects.filter(pk__in=keys).only("pk", "title")
    return {row.pk: Place(row.title, row.get_absolute_url()) for row in found}
