"""What time does to invitations: one reminder, days of rest, the end, addresses that are forgotten."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.utils import timezone

from communities.actions.invitation_terms import keep_invitations
from communities.enums import InvitationState, MembershipState
from communities.models import CommunityInvitation
from communities.tasks import CLOCKWORK
from munistem.commons.mail.models import Bounce
from munistem.commons.notices.models import Notice
from tests.communities.factories import (
    make_community_invitation,
    make_member,
    make_membership,
)
from tests.communities.test_invitations import invite
from tests.moments import ZONE, at

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_pages")]


def invited_at(text, **fields):
    return make_community_invitation(invited_at=at(text), **fields)


def done_between(first, last, step=10):
    """The moments, every ten minutes, at which something was done."""
    now, done = at(first), []
    while now <= at(last):
        if keep_invitations(now):
            done.append(f"{now:%a %d %H:%M}")
        now = (now.astimezone(ZoneInfo("UTC")) + timedelta(minutes=step)).astimezone(ZONE)
    return done


def test_clockwork_knows_of_invitations():
    assert keep_invitations in CLOCKWORK


def test_one_reminder_after_a_week_and_the_end_after_thirty_days(run_jobs):
    invitation = invited_at("2027-01-10 10:00")  # a Sunday
    assert done_between("2027-01-16 20:00", "2027-01-18 10:00") == ["Sun 17 10:00"]
    assert done_between("2027-01-18 10:00", "2027-01-18 12:00") == []
    assert [letter.subject[:9] for letter in sent(run_jobs)] == ["Reminder:"]
    assert done_between("2027-02-09 09:00", "2027-02-09 11:00") == ["Tue 09 10:00"]
    invitation.refresh_from_db()
    assert invitation.state == InvitationState.EXPIRED


def sent(run_jobs):
    run_jobs()
    return mail.outbox


@pytest.mark.parametrize(
    ("mailed", "first", "last", "when"),
    [
        (
            "2027-01-15 14:00",
            "2027-01-22 12:00",
            "2027-01-22 15:00",
            ["Fri 22 14:00"],
        ),  # Friday before the rest
        ("2027-01-08 16:00", "2027-01-15 15:00", "2027-01-16 22:00", ["Sat 16 20:50"]),  # in the rest
        ("2027-10-04 10:00", "2027-10-11 09:00", "2027-10-11 22:00", ["Mon 11 20:50"]),  # Yom Kippur
        ("2027-03-21 10:00", "2027-03-28 08:00", "2027-03-28 12:00", ["Sun 28 10:00"]),  # the clocks go on
        ("2027-10-27 10:00", "2027-11-03 08:00", "2027-11-03 12:00", ["Wed 03 10:00"]),  # the clocks go back
    ],
)
def test_reminder_keeps_to_the_clock_and_to_days_of_rest(settings, mailed, first, last, when):
    settings.MAIL_RESTS = True
    invited_at(mailed)
    assert done_between(first, last) == when


@pytest.mark.parametrize(("slept_until", "reminders"), [("2027-01-19 10:00", 1), ("2027-01-20 10:10", 0)])
def test_worker_that_slept_reminds_within_three_days_or_not_at_all(run_jobs, slept_until, reminders):
    invited_at("2027-01-10 10:00")
    keep_invitations(at(slept_until))
    keep_invitations(at(slept_until) + timedelta(minutes=10))
    assert len(sent(run_jobs)) == reminders


def test_who_answered_is_not_reminded(run_jobs, community, leader):
    invited_at("2027-01-10 10:00", wanted_at=at("2027-01-11 10:00"))
    invited_at("2027-01-10 10:00", state="declined", ended_at=at("2027-01-11 10:00"))
    keep_invitations(at("2027-01-17 10:00"))
    keep_invitations(at("2027-02-20 10:00"))
    assert sent(run_jobs) == []
    assert CommunityInvitation.objects.open().count() == 1, "who said yes has no term"


def test_address_from_which_mail_came_back_is_not_reminded(run_jobs):
    invitation = invited_at("2027-01-10 10:00")
    Bounce.objects.create(address=invitation.email)
    keep_invitations(at("2027-01-17 10:00"))
    assert sent(run_jobs) == []


def test_person_of_the_network_is_reminded_by_a_notice_and_falls_out_of_the_invited_at_the_end(
    community, leader
):
    known = make_member()
    row = make_membership(community, known, state=MembershipState.INVITED)
    invited_at("2027-01-10 10:00", community=community, email=known.email, person=known, invited_by=leader)
    keep_invitations(at("2027-01-17 10:00"))
    keep_invitations(at("2027-01-17 10:10"))
    assert [notice.event.data["is_reminder"] for notice in Notice.objects.filter(reader=known)] == [True]
    keep_invitations(at("2027-02-10 10:00"))
    row.refresh_from_db()
    assert row.state == MembershipState.LEFT


def test_letters_wait_for_the_end_of_shabbat(settings, run_jobs, community, leader, monkeypatch):
    settings.MAIL_RESTS = True
    monkeypatch.setattr(timezone, "now", lambda: at("2027-01-16 12:00"))
    invite(community, leader, "dana@city.example")
    run_jobs()
    assert mail.outbox == []
    assert done_between("2027-01-16 20:00", "2027-01-16 22:00") == ["Sat 16 20:50"]
    assert len(sent(run_jobs)) == 1


def test_addresses_of_those_who_did_not_come_are_forgotten_after_a_year():
    invited_at("2027-01-10 10:00", state="expired", ended_at=at("2027-02-09 10:00"))
    keep_invitations(at("2028-02-09 09:00"))
    assert CommunityInvitation.objects.exists()
    keep_invitations(at("2028-02-10 11:00"))
    assert not CommunityInvitation.objects.exists()
