"""Adaptations as people hear of them: the introduction of both sides, the questions after a term, and the answers."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core import signing
from django.urls import reverse
from django.utils.translation import gettext as _

from knowledge.emails import title_in
from knowledge.models import Adaptation
from members.models import Representative
from munistem.commons.mail.letters import Letter
from munistem.commons.notices.actions import mark_read, tell
from munistem.commons.notices.kinds import Family, Kind, register, visible_through
from munistem.commons.notices.models import Event
from munistem.commons.text.names import isolated, listed

SALT = "knowledge.adaptation"
#: So long the link of a letter opens the questions; a letter that lies about for years opens nothing.
HOLDS = timedelta(days=120)


def declare() -> None:
    seen = visible_through(adaptations_of)
    register(
        Kind("adaptation_begun", Family.REPLIES, say_begun, adaptation_url, seen, purpose_of, to_adapter),
        Kind(
            "adaptation_introduced",
            Family.REPLIES,
            say_introduced,
            adaptation_url,
            seen,
            whom_to_ask,
            to_origin,
        ),
        Kind(
            "adaptation_due",
            Family.TASKS,
            say_due,
            report_url,
            visible_through(adaptations_to_report),
            three_minutes,
            with_link,
        ),
        Kind("adaptation_reported", Family.REPLIES, say_reported, adaptation_url, seen, result_of),
    )


# Who hears -----------------------------------------------------------------------------------------------


def keepers_of(adaptation: Adaptation) -> list[Any]:
    """The side of the item: who wrote it and, where it belongs to an organisation, its managers."""
    item = adaptation.item
    managers = Representative.objects.active().managers().filter(organisation=item.organisation_id)
    people = get_user_model().objects.filter(is_active=True)
    found = people.filter(pk__in=managers.values("person")) if item.organisation_id else people.none()
    author = [item.created_by] if item.created_by.is_active else []
    return [*author, *found.exclude(pk=item.created_by_id).defer("search_vector")]


def adapters_of(adaptation: Adaptation) -> list[Any]:
    """Who is asked how it went: who began it, or the managers once that person acts for the organisation no more."""
    acting = Representative.objects.active().filter(
        organisation=adaptation.organisation_id, person__is_active=True
    )
    rows = list(acting.select_related("person").defer("person__search_vector"))
    began = [row.person for row in rows if row.person_id == adaptation.begun_by_id]
    return began or [row.person for row in rows if row.is_manager]


def adaptations_of(user: Any) -> Any:
    return Adaptation.objects.visible_to(user).standing()


def adaptations_to_report(user: Any) -> Any:
    return Adaptation.objects.to_be_reported_by(user)


# Telling -------------------------------------------------------------------------------------------------


def introduce(adaptation: Adaptation, *, by: Any) -> None:
    """Two letters: the side of the item hears who adapts it and answers that person; the adapter hears whom to ask."""
    origin = dict.fromkeys(keepers_of(adaptation), "sender")
    tell("adaptation_begun", adaptation, origin, by=by, **_named(adaptation))
    tell("adaptation_introduced", adaptation, {by: "sender"}, **_named(adaptation))


def ask(adaptation: Adaptation) -> None:
    """The five questions, to those who adapt."""
    tell("adaptation_due", adaptation, adapters_of(adaptation), reason="adapter", **_named(adaptation))


def tell_reported(adaptation: Adaptation, *, by: Any) -> None:
    """The side of the item hears how it went; nobody is asked any more."""
    origin = dict.fromkeys(keepers_of(adaptation), "sender")
    tell("adaptation_reported", adaptation, origin, by=by, **_named(adaptation))
    settle(adaptation)


def settle(adaptation: Adaptation) -> None:
    """What waited for answers waits no more."""
    for person in adapters_of(adaptation):
        mark_read(by=person, things=[adaptation])


def _named(adaptation: Adaptation) -> dict[str, Any]:
    item, place = adaptation.item, adaptation.organisation
    names = {"he": place.name_he, "ar": place.name_ar, "en": place.name_en}
    return {"title": str(item), "slug": item.slug, "organisation": names}


# Words ---------------------------------------------------------------------------------------------------


def place_in(event: Event, reader: Any) -> str:
    names = event.data.get("organisation", {})
    return isolated(names.get(reader.language) or next(filter(None, names.values()), ""))


def say_begun(event: Event, reader: Any) -> str:
    return _("%(place)s adapts “%(title)s”") % {"place": place_in(event, reader), "title": title_in(event)}


def say_introduced(event: Event, reader: Any) -> str:
    return _("Those who wrote “%(title)s” know now that you adapt it") % {"title": title_in(event)}


def say_due(event: Event, reader: Any) -> str:
    return _("How did it go with “%(title)s”? Five short questions") % {"title": title_in(event)}


def say_reported(event: Event, reader: Any) -> str:
    told = _("%(place)s tells how it went with “%(title)s”")
    return told % {"place": place_in(event, reader), "title": title_in(event)}


def adaptation_url(event: Event) -> str:
    return reverse("show_adaptation", args=[event.subject.rpartition(":")[2]])


def report_url(event: Event) -> str:
    return reverse("report_adaptation", args=[event.subject.rpartition(":")[2]])


def subject_of(event: Event) -> Adaptation | None:
    rows = Adaptation.objects.select_related(
        "item__published", "item__created_by", "begun_by", "organisation"
    )
    return rows.filter(pk=event.subject.rpartition(":")[2]).first()


def purpose_of(event: Event, reader: Any) -> list[str]:
    adaptation = subject_of(event)
    if adaptation is None:
        return []
    who = listed(
        isolated(part) for part in (adaptation.begun_by.name, adaptation.begun_by.role_title) if part
    )
    return [
        _("What for: %(purpose)s") % {"purpose": isolated(adaptation.purpose)},
        _("%(who)s would be glad to hear from you what is worth knowing before they begin. Answer this mail, and it reaches them.")
        % {"who": who},
        _("In some months we ask how it went, and you will hear of it."),
    ]  # fmt: skip


def whom_to_ask(event: Event, reader: Any) -> list[str]:
    adaptation = subject_of(event)
    if adaptation is None:
        return []
    author, contact = adaptation.item.created_by, adaptation.item.current.contact
    lines = [_("They have your address and can write to you.")]
    if author.name and author.is_active:
        lines.append(_("It was written by %(name)s.") % {"name": isolated(author.name)})
    if contact:
        lines.append(_("Whom to ask: %(contact)s") % {"contact": isolated(contact)})
    return lines


def to_adapter(letter: Letter, event: Event, reader: Any) -> Letter:
    """An answer goes to who adapts it; they agreed to that."""
    return replace(letter, reply_to=event.actor.email) if event.actor and event.actor.is_active else letter


def to_origin(letter: Letter, event: Event, reader: Any) -> Letter:
    """An answer goes to who wrote it, if their address is shown to colleagues."""
    adaptation = subject_of(event)
    author = adaptation.item.created_by if adaptation else None
    return (
        replace(letter, reply_to=author.email)
        if author and author.is_active and author.is_email_shown
        else letter
    )


def three_minutes(event: Event, reader: Any) -> list[str]:
    return [
        _("What you kept, changed and left out, what came of it, and what you would tell the next municipality. Three minutes on the phone are enough."),
        _("It did not work out? That is worth knowing too."),
    ]  # fmt: skip


def with_link(letter: Letter, event: Event, reader: Any) -> Letter:
    """The button leads to the questions without signing in."""
    pk = int(event.subject.rpartition(":")[2])
    return replace(letter, action=(_("Tell how it went"), report_address(pk, reader)))


def report_address(pk: int, person: Any) -> str:
    """The page on which this person answers without signing in."""
    token = signing.dumps([pk, person.pk], salt=SALT, compress=True)
    return settings.BASE_URL + reverse("report_adaptation_from_mail", args=[token])


def read_report_token(token: str) -> tuple[int, int]:
    """Keys of adaptation and person; raises signing.BadSignature."""
    adaptation, person = signing.loads(token, salt=SALT, max_age=HOLDS)
    return adaptation, person


def result_of(event: Event, reader: Any) -> list[str]:
    adaptation = subject_of(event)
    return [isolated(adaptation.result)] if adaptation and adaptation.result else []
