"""Accounts that nobody uses: three letters, then closed; who comes back, or acts by mail, keeps theirs."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from members.models import ClosingWarning, User
from munistem.commons import audit
from munistem.front.actions.unused import close_unused
from tests.members.factories import fresh, make_admin, make_member
from tests.moments import moment, stop_clock

pytestmark = pytest.mark.django_db
KEPT = timedelta(days=730)
CAME = moment(2026, 1, 10, 9)


@pytest.fixture
def go_to(monkeypatch):
    """``go_to(700)``: it is so many days after the last visit, and the clock has struck."""

    def go(days: int) -> int:
        stop_clock(monkeypatch, CAME + timedelta(days=days, hours=2))
        return close_unused(KEPT)

    return go


@pytest.fixture
def person(go_to):
    person = make_member(name="Dana Levi", language="en")
    User.objects.filter(pk=person.pk).update(
        joined_at=CAME - timedelta(days=400), seen_at=CAME, last_login=CAME
    )
    return person


def subjects(person):
    return [letter.subject for letter in mail.outbox if letter.to == [person.email]]


def test_three_letters_and_then_closed(person, go_to):
    sent = []
    for days in range(660, 731):
        before = len(mail.outbox)
        assert go_to(days) == (days == 730)
        assert go_to(days) == 0  # the clock may strike twice
        sent += [days] * (len(mail.outbox) - before)
    assert sent == [670, 700, 723]
    assert subjects(person) == ["Your account in muni:STEM closes on 10 January 2028"] * 3
    assert fresh(person).name == ""
    assert not fresh(person).is_active
    assert not ClosingWarning.objects.exists()


def test_who_comes_back_keeps_the_account_and_is_warned_anew_much_later(person, go_to):
    go_to(670)
    go_to(700)
    User.objects.filter(pk=person.pk).update(seen_at=CAME + timedelta(days=710))
    for days in (723, 730, 731, 1000):
        assert go_to(days) == 0
    assert len(subjects(person)) == 2
    go_to(710 + 670)
    assert len(subjects(person)) == 3
    assert fresh(person).name == "Dana Levi"


def test_deed_by_mail_counts_as_use(person, go_to):
    audit.record("create_post", person, by=person)  # now, which is long after the last visit
    go_to(670)
    assert subjects(person) == []


def test_clock_that_stood_still_moves_the_day_on_and_skips_no_letter(person, go_to):
    assert go_to(900) == 0
    assert go_to(901) == 0
    assert len(subjects(person)) == 1
    assert go_to(930) == 0
    assert go_to(1000) == 0  # again a pause: the last letter is a week before the end, whenever it goes out
    assert [row.days for row in ClosingWarning.objects.order_by("pk")] == [60, 30, 7]
    assert go_to(1006) == 0
    assert go_to(1007) == 1
    assert len(subjects(person)) == 3


def test_closed_accounts_are_not_written_to(person, go_to):
    User.objects.filter(pk=person.pk).update(is_active=False)
    go_to(670)
    assert mail.outbox == []


def test_only_admin_is_warned_and_never_closed(go_to):
    admin = make_admin(language="en")
    User.objects.filter(pk=admin.pk).update(joined_at=CAME)
    assert [go_to(days) for days in (670, 700, 723, 730, 800)] == [0] * 5
    assert fresh(admin).is_active


def test_number_of_people_costs_no_account_its_letter(go_to):
    people = [make_member() for _ in range(4)]
    User.objects.filter(pk__in=[one.pk for one in people]).update(joined_at=CAME, seen_at=CAME)
    go_to(670)
    assert sorted(letter.to[0] for letter in mail.outbox) == sorted(one.email for one in people)


def test_sign_in_on_the_last_day_is_in_time(person, go_to):
    for days in (670, 700, 723):
        go_to(days)
    User.objects.filter(pk=person.pk).update(last_login=timezone.now() + timedelta(days=6))
    assert go_to(730) == 0
    assert fresh(person).is_active
