"""The greeting of a newcomer: the words prepared for it, and its notice."""

from dataclasses import replace
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from communities.emails.community import actor, community_url, name_in
from communities.models import Community, GreetingText, Membership
from munistem.commons.mail.letters import Letter
from munistem.commons.notices.kinds import Family, Kind, visible_through
from munistem.commons.notices.models import Event
from munistem.commons.text.names import isolated


def prepared_text(community: Community, language: str) -> str:
    """The community's own words in this language; before it has any, words that fit every community."""
    kept = GreetingText.objects.filter(community=community, language=language).first()
    if kept:
        return kept.text
    with translation.override(language):
        said = [
            _("Welcome to %(community)s. It is good that you are here.") % {"community": community.name},
            _(
                "Tell us in a few words who you are and what you are working on; others here do the same work and know "
                "its questions."
            ),
            _(
                "If there is anything you would like to know, just answer me or open a topic. I am glad to help."
            ),
        ]
    return "\n\n".join(said)


def salutation(name: str) -> str:
    """The line before the text, in the active language."""
    return _("Hello %(name)s,") % {"name": isolated(name)}


def say_greeted(event: Event, reader: Any) -> str:
    return _("%(actor)s welcomes you to %(community)s") % {
        "actor": actor(event),
        "community": name_in(event, "community"),
    }


def greeting_given(event: Event, reader: Any) -> list[str]:
    text = [part.strip() for part in str(event.data.get("text", "")).split("\n\n") if part.strip()]
    return [salutation(reader.name), *text, event.actor.name if event.actor else ""]


def from_person(letter: Letter, event: Event, reader: Any) -> Letter:
    """From the person who writes; an answer goes to them, if they show their address."""
    by = event.actor
    if by is None:
        return letter
    return replace(letter, sender=by.name, reply_to=by.email if by.is_email_shown else "")


KINDS = (
    Kind(
        "greeted",
        Family.MENTIONS,
        say_greeted,
        community_url,
        visible_through(lambda user: Membership.objects.held_by(user).active()),
        greeting_given,
        from_person,
    ),
)
