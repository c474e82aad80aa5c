"""The introduction of three people: one letter to all of them, which they answer to each other."""

from collections.abc import Iterable
from datetime import datetime
from email.utils import formataddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from communities.models import Introduction
from communities.models.peers import towns_of
from communities.models.trios import Trio, ready_for_introductions
from munistem.commons.mail.letters import Letter, compose
from munistem.commons.notices.letters import rests
from munistem.commons.text.names import isolated, listed


def prepared_introduction(trio: Trio, *, community: Any) -> str:
    """Words in the language of the three, to be made one's own."""
    with translation.override(trio.language):
        first, second, third = (isolated(person.name) for person in trio.people)
        names = {"first": first, "second": second, "third": third, "community": isolated(community.name)}
        said = [
            _("Hello %(first)s, %(second)s and %(third)s,") % names,
            _("The three of you do the same work in %(community)s, and I believe that you have not met yet.")
            % names,
            *words_of(trio),
            _("Answer this mail to all and tell the others what keeps you busy just now. Half an hour on the phone together is a good beginning."),
        ]  # fmt: skip
    return "\n\n".join(said)


def words_of(trio: Trio) -> list[str]:
    """What the three municipalities have in common, in the active language."""
    said = {
        "size": _("Your municipalities are of similar size."),
        "cluster": _("Your municipalities are of similar socio-economic standing."),
    }
    return [said[code] for code in trio.reasons if code in said]


def mail_introductions(keys: Iterable[int], *, now: datetime | None = None) -> int:
    """Queue the letters of introductions, each once; returns how many. On days of rest they wait for the clock.

    Where one of the three is gone by then or wants no introductions any more, the letter is dropped.
    """
    now = now or timezone.now()
    return 0 if rests(now) else sum(mail_introduction(key, now) for key in keys)


@transaction.atomic
def mail_introduction(key: int, now: datetime) -> bool:
    rows = Introduction.objects.waiting_for_mail().select_for_update(of=("self",), no_key=True)
    row = rows.select_related("community", "first", "second", "third", "introduced_by").filter(pk=key).first()
    if row is None:
        return False
    here = ready_for_introductions(row.community).filter(pk__in=[person.pk for person in row.people])
    is_ready = here.count() == len(row.people)
    if is_ready:
        with translation.override(row.language):
            message_of(row).send()
    mark = "mailed_at" if is_ready else "dropped_at"
    Introduction.objects.filter(pk=key).update(**{mark: now})
    return is_ready


def message_of(introduction: Introduction) -> EmailMessage:
    """One message with all three in its head, in the active language; an answer goes to them and to who introduced them."""
    people, by = introduction.people, introduction.introduced_by
    towns = towns_of(person.pk for person in people)
    answer_to = [person.email for person in people]
    if by.is_email_shown and by.email not in answer_to:
        answer_to.append(by.email)
    letter = Letter(
        subject=_("Meet each other: %(names)s")
        % {"names": listed(isolated(person.name) for person in people)},
        lines=[*paragraphs(introduction.text), by.name],
        rows=[(described(person, towns), settings.BASE_URL + f"/people/{person.uuid}/") for person in people],
        reason=_("You received this because you are a member of the community and its facilitators introduce members to each other."),
        stops=[(_("No introductions for me"), settings.BASE_URL + wish_url(introduction))],
        sender=by.name,
        reply_to=", ".join(answer_to),
        key=f"introduction:{introduction.pk}",
    )  # fmt: skip
    message = compose(letter, to=people[0].email, language=introduction.language)
    message.to = [formataddr((person.name, person.email)) for person in people]
    return message


def paragraphs(text: str) -> list[str]:
    return [part.strip() for part in text.split("\n\n") if part.strip()]


def described(person: Any, towns: dict[int, Any]) -> str:
    town = towns.get(person.pk)
    said = [person.name, person.role_title, town.name if town else ""]
    return listed(isolated(part) for part in said if part)


def wish_url(introduction: Introduction) -> str:
    return reverse("list_community_people", args=[introduction.community.slug]) + "#introductions"
