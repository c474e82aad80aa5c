"""What came of a consultation: when it is asked, once, of whom; answering its letters by mail."""

from datetime import UTC, date, datetime

import pytest
from django.core import mail

from communities.actions import consultation as deeds
from communities.actions.stages import months_later
from communities.actions.topic import reply
from communities.enums import MembershipState, Part, Stage
from communities.models import Consultation, Contribution, Membership
from munistem.commons.mail import receiving
from munistem.commons.notices.letters import mail_notices
from munistem.commons.notices.models import Notice
from tests.commons.factories import written
from tests.communities.factories import (
    make_consultation,
)
from tests.moments import at

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_words")]


def due(community, author, day):
    return make_consultation(community, author, Stage.OUTCOME, outcome_due_on=date.fromisoformat(day))


def asked():
    return Notice.objects.filter(event__kind="outcome_asked").count()


def test_outcome_is_asked_once_on_the_morning(community, author):
    due(community, author, "2026-11-24")
    assert deeds.ask_for_outcomes(at("2026-11-23 12:00")) == 0
    assert deeds.ask_for_outcomes(at("2026-11-24 08:59")) == 0
    assert deeds.ask_for_outcomes(at("2026-11-24 09:00")) == 1
    assert deeds.ask_for_outcomes(at("2026-11-24 09:10")) == 0
    assert deeds.ask_for_outcomes(at("2026-11-25 09:00")) == 0
    notice = Notice.objects.get()
    assert notice.reader == author
    mail_notices([notice.pk])
    assert "What came of it?" in mail.outbox[-1].subject


@pytest.mark.parametrize(
    ("day", "still", "sent"),
    [
        ("2026-11-27", "2026-11-27 10:00", "2026-11-29 09:00"),  # a Friday waits for Sunday
        ("2026-11-28", "2026-11-28 21:30", "2026-11-29 09:00"),  # Shabbat, and the evening after
        ("2026-09-12", "2026-09-13 10:00", "2026-09-14 09:00"),  # the new year's second day too
        ("2027-03-26", "2027-03-26 09:30", "2027-03-28 09:00"),  # clocks are put forward on this Friday
        ("2026-10-25", "2026-10-25 08:30", "2026-10-25 09:00"),  # and back on this Sunday
    ],
)
def test_outcome_is_asked_on_working_mornings(community, author, day, still, sent):
    due(community, author, day)
    assert deeds.ask_for_outcomes(at(still)) == 0
    assert deeds.ask_for_outcomes(at(sent)) == 1


def test_worker_that_slept_two_days_asks_each_once(community, author):
    for day in ("2026-11-23", "2026-11-24"):
        due(community, author, day)
    assert deeds.ask_for_outcomes(at("2026-11-25 09:00")) == 2
    assert deeds.ask_for_outcomes(at("2026-11-25 09:10")) == 0
    assert asked() == 2


def test_what_is_late_by_weeks_is_dropped(community, author):
    found = due(community, author, "2026-10-01")
    assert deeds.ask_for_outcomes(at("2026-11-24 09:00")) == 0
    found.refresh_from_db()
    assert found.outcome_asked_at
    assert asked() == 0


def test_who_left_is_not_asked(community, author):
    due(community, author, "2026-11-24")
    Membership.objects.filter(person=author).update(state=MembershipState.LEFT)
    assert deeds.ask_for_outcomes(at("2026-11-24 09:00")) == 0
    assert asked() == 0


def test_told_before_it_was_asked_is_not_asked(community, author):
    found = due(community, author, "2026-11-24")
    reply(by=author, topic=found.topic, body="<p>It works.</p>", part="outcome")
    assert deeds.ask_for_outcomes(at("2026-11-24 09:00")) == 0


@pytest.mark.parametrize(
    ("day", "later"),
    [("2026-12-31", "2027-02-28"), ("2026-11-26", "2027-01-26"), ("2027-12-30", "2028-02-29")],
)
def test_two_months_are_of_the_calendar(day, later):
    assert months_later(date.fromisoformat(day), 2) == date.fromisoformat(later)


def test_moments_are_kept_in_utc():
    assert at("2026-11-24 09:00").astimezone(UTC) == datetime(2026, 11, 24, 7, tzinfo=UTC)


# By mail -------------------------------------------------------------------------------------------------


def by_mail(person, kind, text, settings, run_jobs):
    """The person's answer to the letter of this kind that came last, sent in through the door of mail."""
    settings.INBOUND_DOMAIN = "in.example"
    notice = Notice.objects.filter(reader=person, event__kind=kind).latest("pk")
    mail_notices([notice.pk])
    letter = mail.outbox[-1]
    message = written(person, letter.reply_to[0], text)
    receiving.receive(message.as_bytes(), str(message["To"]))
    run_jobs()


def test_who_was_asked_answers_by_mail(community, author, peer, settings, run_jobs):
    found = make_consultation(community, author, Stage.ADVICE)
    deeds.ask_peers(by=author, consultation=found, people=[peer.pk])
    by_mail(peer, "peer_asked", "Ask the college.", settings, run_jobs)
    contribution = Contribution.objects.get()
    assert (contribution.part, contribution.post.author) == (Part.ADVICE, peer)
    assert "Ask the college." in contribution.post.body


def test_outcome_is_told_by_mail_once(community, author, settings, run_jobs):
    due(community, author, "2026-11-24")
    deeds.ask_for_outcomes(at("2026-11-24 09:00"))
    by_mail(author, "outcome_asked", "They came back.", settings, run_jobs)
    assert Contribution.objects.get().part == Part.OUTCOME
    assert Consultation.objects.get().stage == Stage.DONE
    Notice.objects.update(mailed_at=None, read_at=None)
    by_mail(author, "outcome_asked", "And once more.", settings, run_jobs)
    assert Contribution.objects.count() == 1
    assert "told already" in mail.outbox[-1].body
