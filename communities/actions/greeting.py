"""Greeting newcomers: once each, in words that the community keeps."""

from typing import Any

from django.db import transaction

from communities import rules
from communities.actions.membership import TooLate, lock_membership
from communities.models import Community, Greeting, GreetingText, Membership
from munistem.commons import audit
from munistem.commons.audit.actions import key
from munistem.commons.notices.actions import tell


@transaction.atomic
def greet(*, by: Any, membership: Membership, text: str, is_kept: bool = False) -> tuple[Greeting, bool]:
    """Welcome a member with a notice and a letter; returns the greeting and whether it went out just now.

    is_kept: let the next greetings in the member's language begin with this text. Who was greeted is not greeted
    again. Raises TooLate when the person is no member (any more) or the community was closed down.
    """
    row = lock_membership(membership)
    known = Greeting.objects.filter(membership=row).first()
    if known:
        return known, False
    if not rules.can_greet(by, row):
        raise TooLate
    greeting = Greeting.objects.create(membership=row, text=text, sent_by=by)
    community, person = row.community, row.person
    if is_kept:
        keep_text(by=by, community=community, language=person.language, text=text)
    audit.record("greet_member", row, by=by)
    tell(
        "greeted",
        row,
        {person: "member"},
        by=by,
        scope=key(community),
        community=community.name,
        slug=community.slug,
        text=text,
    )
    return greeting, True


@transaction.atomic
def keep_text(*, by: Any, community: Community, language: str, text: str) -> GreetingText:
    """Let greetings in a language begin with this text."""
    kept, _created = GreetingText.objects.update_or_create(
        community=community, language=language, defaults={"text": text}
    )
    audit.record("keep_greeting_text", community, by=by, language=language)
    return kept
