"""Notices gathered into one letter: by community, the newest first, on mornings on which people work."""

from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from munistem.commons.days.holidays import FRIDAY, SATURDAY, SUNDAY, is_rest
from munistem.commons.mail.addresses import Door, Returned, Taken, address_of, register_door
from munistem.commons.mail.letters import Letter, Section, post
from munistem.commons.notices.kinds import KINDS, Place, places_of, visible_events
from munistem.commons.notices.letters import paused_among, rests
from munistem.commons.notices.models import Notice, Rhythm
from munistem.commons.notices.stops import Stop, stop_url

MOST_LINES = 10
OLDEST = timedelta(days=30)
MORNING = time(7)
LONGEST_SEARCH = 21  # days; no rest is so long


def slot(rhythm: str, now: datetime) -> datetime | None:
    """The latest morning, not after now, on which this rhythm is served; None in times of rest.

    Daily: every working day, Sunday to Thursday. Weekly: Sunday. A day of rest gives way to the next that is none.
    """
    if rests(now):
        return None
    today = timezone.localtime(now).date()
    for back in range(LONGEST_SEARCH):
        day = today - timedelta(days=back)
        morning = timezone.make_aware(datetime.combine(day, MORNING))
        if morning <= now and (serves_weekly(day) if rhythm == Rhythm.WEEKLY else is_working(day)):
            return morning
    return None


def is_working(day: Any) -> bool:
    return day.weekday() not in {FRIDAY, SATURDAY} and not is_holy(day)


def is_holy(day: Any) -> bool:
    return settings.MAIL_RESTS and is_rest(day)


def serves_weekly(day: Any) -> bool:
    """Whether the weekly digest goes out on this day: a Sunday, or the first day after one that is holy."""
    if is_holy(day):
        return False
    while day.weekday() != SUNDAY:
        day -= timedelta(days=1)
        if not is_holy(day):
            return False
    return True


def mail_digests(rhythm: str, *, now: datetime | None = None) -> int:
    """Mail the digest of a rhythm to everybody for whom it is due; returns how many went out. Harmless when repeated."""
    now = now or timezone.now()
    morning = slot(rhythm, now)
    if morning is None:
        return 0
    waiting = Notice.objects.waiting_for_mail(rhythm).filter(event__happened_at__lt=morning)
    readers = get_user_model().objects.filter(pk__in=waiting.values("reader")).order_by("pk")
    return sum(
        mail_digest(reader, rhythm, before=morning, now=now)
        for reader in readers.defer("search_vector").iterator()
    )


@transaction.atomic
def mail_digest(reader: Any, rhythm: str, *, before: datetime, now: datetime) -> bool:
    """Post what gathered for one reader until a morning in one letter; nothing when nothing is left to tell."""
    waiting = Notice.objects.filter(reader=reader, event__happened_at__lt=before).waiting_for_mail(rhythm)
    weekly = rhythm == Rhythm.WEEKLY
    return mail_together(
        waiting,
        reader,
        now=now,
        subject=gettext_lazy("Your week in muni:STEM") if weekly else gettext_lazy("Your day in muni:STEM"),
        line=gettext_lazy("This is what happened since the last mail."),
        reason=gettext_lazy(
            "You received this because you are in the network and chose to have news gathered."
        ),
        key=f"digest:{rhythm}",
    )


def mail_together(
    waiting: Any, reader: Any, *, now: datetime, subject: Any, line: Any, reason: Any, key: str
) -> bool:
    """Post waiting notices of a reader in one letter, in the running transaction; nothing when nothing is left to tell.

    The words are lazy ones, since the letter is made in the reader's language.
    """
    told = take(waiting, reader, now=now)
    if not told:
        return False
    with translation.override(reader.language):
        words = {"subject": str(subject), "line": str(line), "reason": str(reason)}
        letter = gathered(told, reader, **words, key=f"{key}:{reader.pk}:{told[0].pk}")
        Notice.objects.filter(pk__in=[notice.pk for notice in told]).update(letter=letter.key)
        post(letter, to=reader.email, language=reader.language)
    return True


def take(waiting: Any, reader: Any, *, now: datetime) -> list[Notice]:
    """Note waiting notices of a reader as mailed, in the running transaction; those to be told, the newest first."""
    notices = list(
        waiting.select_related("event__actor")
        .defer("event__actor__search_vector")
        .with_bundle()
        .latest_first()
        .select_for_update(of=("self",))
    )
    Notice.objects.filter(pk__in=[notice.pk for notice in notices]).update(mailed_at=now)
    recent = [notice for notice in notices if notice.event.happened_at > now - OLDEST]
    seen = visible_events(reader, [notice.event for notice in recent])
    told = [notice for notice in recent if notice.event_id in seen]
    return told if reader.is_active and not paused_among([reader.email]) else []


def gathered(
    notices: Sequence[Notice], reader: Any, *, subject: str, line: str, reason: str, key: str
) -> Letter:
    """Many notices as one letter, in the reader's language, which is active."""
    stop = Stop("all")
    answer_at = address_of("digest", reader.pk, reader.pk)
    return Letter(
        subject=subject,
        lines=[line],
        sections=sections_of(notices, reader),
        action=(_("All notices"), settings.BASE_URL + reverse("list_notices")),
        reason=reason,
        unsubscribe=stop_url(reader, stop),
        stops=[
            (_("Choose what to receive"), settings.BASE_URL + reverse("choose_notices")),
            (stop.label(), stop_url(reader, stop)),
        ],
        key=key,
        reply_to=answer_at,
        reply_hint=_("To answer a discussion by mail, use the link beside it.") if answer_at else "",
    )


def sections_of(notices: Sequence[Notice], reader: Any) -> list[Section]:
    """By community, that with the newest first; what belongs to none comes last."""
    places = places_of({notice.event.scope for notice in notices})
    by_scope: dict[str, dict[str, list[Notice]]] = {}
    for notice in notices:
        scope = notice.event.scope if notice.event.scope in places else ""
        bundles = by_scope.setdefault(scope, {})
        bundles.setdefault(notice.told_as, []).append(notice)  # type: ignore[attr-defined]
    scopes = sorted(by_scope, key=lambda scope: scope == "")
    return [section(places.get(scope), by_scope[scope].values(), reader) for scope in scopes]


def section(place: Place | None, bundles: Iterable[list[Notice]], reader: Any) -> Section:
    bundles = list(bundles)
    rows = [row(bundle, reader) for bundle in bundles[:MOST_LINES]]
    left = len(bundles) - len(rows)
    url = settings.BASE_URL + (place.url if place else reverse("list_notices"))
    more = (ngettext("and one more", "and %(count)d more", left) % {"count": left}, url) if left else None
    return Section(place.name if place else _("For you"), rows, more)


def row(bundle: list[Notice], reader: Any) -> tuple[str, str, str]:
    """One line for all that is told as one; it leads to the first of it, where reading begins, and to an answer by mail."""
    latest, first = bundle[0].event, bundle[-1].event
    kind = KINDS[latest.kind]
    sentence, url = kind.say(latest, reader, len(bundle)), settings.BASE_URL + kind.url(first)
    return sentence, url, kind.answer_at(latest, reader)


def explain_digest(reader: Any, pk: int, mail: Any) -> Taken:
    """An answer to a digest: which of its discussions it belongs to cannot be told."""
    raise Returned(
        _(
            "A summary holds many discussions, so we cannot tell which of them your answer belongs to. Use the link to answer by "
            "mail beside the one you mean."
        )
    )


def declare_door() -> None:
    register_door("digest", Door(explain_digest))
