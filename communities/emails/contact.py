"""Words to single people: a note to a member gone silent, a question about a task; prepared, then made one's own."""

from typing import Any

from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from communities.emails.community import actor, community_url, name_in
from communities.emails.greeting import from_person, salutation
from communities.emails.meeting import when
from communities.models import Meeting, Membership, Task, Topic
from munistem.commons.notices.kinds import Family, Kind, visible_through
from munistem.commons.notices.models import Event
from munistem.commons.text.names import isolated


def prepared_note(membership: Membership) -> str:
    """Words to a member who has gone silent, in their language, with what the community is about just now."""
    community, person = membership.community, membership.person
    with translation.override(person.language):
        said = [
            _("We have not heard from you in %(community)s for a while, and I would be glad to.")
            % {"community": isolated(community.name)},
            *lately(membership),
            _(
                "Is there something you are busy with that others here could help with? A line in answer to this mail is enough."
            ),
        ]
    return "\n\n".join(said)


def lately(membership: Membership) -> list[str]:
    """The next meeting and what was talked about last, as far as the member may see it."""
    person, community = membership.person, membership.community
    meeting = (
        Meeting.objects.visible_to(person).filter(community=community).upcoming().soonest_first().first()
    )
    topic = Topic.objects.visible_to(person).filter(community=community).shown().latest_first().first()
    said = []
    if meeting and meeting.starts_at:
        words = {"title": isolated(meeting.title), "when": isolated(when(meeting.starts_at))}
        said.append(_("We meet next on %(when)s: “%(title)s”.") % words)
    if topic:
        said.append(_("Lately we talked about “%(title)s”.") % {"title": isolated(topic.title)})
    return said


# Notices -------------------------------------------------------------------------------------------------


def say_note(event: Event, reader: Any) -> str:
    words = {"actor": actor(event), "community": name_in(event, "community")}
    return _("%(actor)s wrote to you from %(community)s") % words


def note_given(event: Event, reader: Any) -> list[str]:
    text = [part.strip() for part in str(event.data.get("text", "")).split("\n\n") if part.strip()]
    return [salutation(reader.name), *text, event.actor.name if event.actor else ""]


def say_nudged(event: Event, reader: Any) -> str:
    words = {"actor": actor(event), "task": name_in(event, "task")}
    return _("%(actor)s asks how it goes with your task: %(task)s") % words


def nudge_given(event: Event, reader: Any) -> list[str]:
    return [
        _("If it is done, one click on My day says so. If not, a line to the facilitators helps them plan.")
    ]


def task_url(event: Event) -> str:
    return reverse("home")


def open_tasks_of(user: Any) -> Any:
    return Task.objects.visible_to(user).of_owner(user).open()


def memberships_of(user: Any) -> Any:
    return Membership.objects.held_by(user).active()


KINDS = (
    Kind(
        "note_written",
        Family.MENTIONS,
        say_note,
        community_url,
        visible_through(memberships_of),
        note_given,
        from_person,
    ),
    Kind(
        "task_nudged",
        Family.MEETINGS,
        say_nudged,
        task_url,
        visible_through(open_tasks_of),
        nudge_given,
        from_person,
    ),
)
