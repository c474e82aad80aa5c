"""Following a call, putting it aside, and reminders before its day."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, transaction

from communities.tasks import CLOCKWORK
from knowledge.actions.keep import history_told
from members.enums import OrganisationType
from munistem.commons.enums import Visibility
from munistem.commons.notices.letters import letter_of
from munistem.commons.notices.models import Notice
from policy.actions.calls import NotOpen, remind_of_calls, say_of_call
from policy.emails.calls import token_for
from policy.enums.call import CallWish
from policy.models import CallChoice, CallReminder
from policy.rules.call import can_answer_call, can_see_call_choice, can_see_call_reminder
from tests.members.factories import fresh, make_admin, make_organisation, make_representative, make_user
from tests.policy.calls import NOW, make_call, town_with

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_pages", "clock")]


# Following and putting aside -----------------------------------------------------------------------------


def answer(client, call, wish, **more):
    return client.post(f"/policy/calls/{call.slug}/answer/", {"wish": wish, **more})


def test_a_call_is_followed_put_aside_and_taken_back(client, read, manager):
    call = make_call()
    client.force_login(manager)
    for wish in ("follow", "follow", "not_for_us", "not_for_us"):
        assert answer(client, call, wish).status_code == 302
        assert CallChoice.objects.get(person=manager).wish == wish
    assert "One call put aside" in read("/policy/calls/")
    answer(client, call, "")
    answer(client, call, "moon")
    assert not CallChoice.objects.exists()


def test_the_button_leads_back_to_where_it_stood(client, manager):
    call = make_call()
    client.force_login(manager)
    assert answer(client, call, "follow", stage="primary").url == "/policy/calls/?stage=primary"
    assert answer(client, call, "", back="item").url == call.get_absolute_url()


def test_what_is_over_or_unseen_is_not_answered(client, manager):
    over, closed = make_call(-1), make_call(state="draft")
    client.force_login(manager)
    assert answer(client, over, "follow").status_code == 302
    assert answer(client, closed, "follow").status_code == 404
    assert not CallChoice.objects.exists()
    with pytest.raises(NotOpen):
        say_of_call(by=manager, item=over, wish=CallWish.FOLLOW)


def test_only_people_of_the_network_answer_calls(client, manager):
    call = make_call()
    stranger, gone = make_user(), make_user(is_active=False)
    assert can_answer_call(manager, call)
    assert not can_answer_call(stranger, call)
    assert not can_answer_call(gone, call)
    client.force_login(stranger)
    assert answer(client, call, "follow").status_code == 403
    assert not CallChoice.objects.exists()


def test_what_was_said_of_calls_is_ones_own(manager):
    other = fresh(make_representative().person)
    call = make_call()
    choice = CallChoice.objects.create(person=manager, item=call, wish=CallWish.FOLLOW)
    reminder = CallReminder.objects.create(person=manager, item=call, step=3, deadline=NOW.date())
    for person in (manager, other, make_admin(), AnonymousUser()):
        for row, sees in ((choice, can_see_call_choice), (reminder, can_see_call_reminder)):
            is_seen = type(row).objects.visible_to(person).filter(pk=row.pk).exists()
            assert is_seen is sees(person, row) is (person == manager)


@pytest.mark.parametrize("fields", [{"wish": "maybe"}, {"wish": ""}])
def test_the_database_keeps_words_it_knows_only(manager, fields):
    with pytest.raises(IntegrityError), transaction.atomic():
        CallChoice.objects.create(person=manager, item=make_call(), **fields)


# Reminders -----------------------------------------------------------------------------------------------


def reminded():
    rows = CallReminder.objects.order_by("step", "person").values_list("person_id", "step")
    return list(rows)


def test_a_manager_is_reminded_two_weeks_and_three_days_before(clock, manager):
    make_call(30)
    assert remind_of_calls() == 0
    for days, expected in (
        (15, []),
        (16, [14]),
        (17, [14]),
        (26, [14]),
        (27, [3, 14]),
        (30, [3, 14]),
        (31, [3, 14]),
    ):
        clock(days)
        remind_of_calls()
        remind_of_calls()
        assert [step for _person, step in reminded()] == expected, days
    assert Notice.objects.filter(reader=manager, event__kind="call_closing").count() == 2


def test_only_managers_whose_municipality_fits_and_who_follow_are_reminded(clock, manager, poor):
    call = make_call(10)
    make_representative(organisation=poor)  # no manager
    make_representative(organisation=town_with(socioeconomic_cluster=9), is_manager=True)
    make_representative(organisation=town_with(socioeconomic_cluster=None), is_manager=True)
    make_representative(organisation=make_organisation(type=OrganisationType.NGO), is_manager=True)
    follower = fresh(make_representative(organisation=make_organisation(type=OrganisationType.NGO)).person)
    say_of_call(by=follower, item=call, wish=CallWish.FOLLOW)
    assert remind_of_calls() == 2
    assert {person for person, _step in reminded()} == {manager.pk, follower.pk}


def test_a_call_that_asks_for_nothing_reminds_its_followers_only(manager):
    call = make_call(10, asked={})
    assert remind_of_calls() == 0
    say_of_call(by=manager, item=call, wish=CallWish.FOLLOW)
    assert remind_of_calls() == 1


def test_who_puts_a_call_aside_hears_no_more_of_it(clock, client, manager):
    call = make_call(10)
    remind_of_calls()
    client.force_login(manager)
    answer(client, call, "not_for_us")
    assert not Notice.objects.visible_to(manager).unread().exists()
    clock(8)
    assert remind_of_calls() == 0


def test_who_calls_is_not_reminded_of_their_own_call(poor, manager):
    make_call(10, organisation=poor)
    assert remind_of_calls() == 0


def test_a_call_of_the_network_reminds_only_those_who_may_read_it(manager):
    make_call(10, visibility=Visibility.NETWORK)
    assert remind_of_calls() == 1
    manager.is_active = False
    manager.save()
    make_call(10)
    assert remind_of_calls() == 0


def test_editions_remind_once_in_the_readers_language(manager):
    call = make_call(10, title="Money")
    arabic = make_call(10, title="نقود", language="ar", edition_of=call)
    manager.language = "ar"
    manager.save()
    assert remind_of_calls() == 1
    notice = Notice.objects.get(reader=manager)
    assert notice.event.subject.endswith(f":{arabic.pk}")


def test_a_day_that_is_moved_reminds_again(clock, manager):
    call = make_call(10)
    assert remind_of_calls() == 1
    later = {"deadline": (NOW.date() + timedelta(days=40)).isoformat(), "socioeconomic": "1-5"}
    with history_told():
        type(call.published).objects.filter(pk=call.published_id).update(details=later)
    clock(20)
    assert remind_of_calls() == 0
    clock(27)
    assert remind_of_calls() == 1


@pytest.mark.parametrize(
    ("days", "hours"), [(0, -5), (0, 12), (4, 0)], ids=["early", "at night", "on the day of rest"]
)
def test_nobody_is_reminded_at_quiet_hours(clock, manager, days, hours):
    make_call(10)
    clock(days, hours)
    assert remind_of_calls() == 0


def test_a_letter_tells_why_and_one_tap_ends_it(client, manager):
    manager.language = "en"
    manager.save()
    call = make_call(10, title="Money")
    remind_of_calls()
    letter = letter_of(Notice.objects.get(reader=manager), {})
    text = str(letter)
    assert "Money" in text
    assert "socio-economic cluster 3; asked for: 1 to 5" in text
    url = f"/policy/not-for-us/{token_for(call.pk, manager.pk)}/"
    assert url in text
    assert client.get(url).status_code == 200
    assert not CallChoice.objects.exists()
    for _twice in range(2):
        assert "will not be reminded" in client.post(url).content.decode()
    assert CallChoice.objects.get().wish == CallWish.NOT_FOR_US


def test_a_link_of_a_letter_is_forged_or_late(client, clock, manager):
    call = make_call(10)
    assert client.get("/policy/not-for-us/forged/").status_code == 404
    clock(11)
    assert client.get(f"/policy/not-for-us/{token_for(call.pk, manager.pk)}/").status_code == 410


def test_the_clock_of_the_house_reminds():
    assert remind_of_calls in CLOCKWORK
