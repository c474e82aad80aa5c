"""Calls for proposals: whom they fit, what pages tell of it, following, putting aside, reminders."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from knowledge.enums import ItemKind
from members.enums import District, OrganisationType, PopulationGroup
from members.models import LocalAuthority
from munistem.commons.enums import LifeStage, Setting, Visibility
from munistem.commons.notices.models import Notice
from policy.actions.calls import NotOpen, remind_of_calls, say_of_call
from policy.emails.calls import token_for
from policy.enums.call import CallWish, Fit
from policy.models import CallChoice, CallReminder
from policy.models.calls import calls_open, is_open_call
from policy.models.fitting import Town, checks_of, fit_of
from policy.rules.call import can_answer_call, can_see_call_choice, can_see_call_reminder
from tests.knowledge.factories import make_item
from tests.members.factories import (
    fresh,
    make_admin,
    make_cluster,
    make_municipality,
    make_organisation,
    make_representative,
    make_user,
)
from tests.moments import moment, stop_clock
from tests.policy.programmes import make_programme

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_pages")]
#: A Tuesday without a holy day near it.
NOW = moment(2026, 11, 24, 10)


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """It is the Tuesday, until a test moves the clock by days."""

    def move(days=0, hours=0):
        stop_clock(monkeypatch, NOW + timedelta(days=days, hours=hours))

    move()
    return move


def make_call(days=30, **fields):
    """A public call that closes in so many days from the Tuesday, for socio-economic clusters 1 to 5 unless told otherwise."""
    asked = fields.pop("asked", {"socioeconomic": "1-5"})
    deadline = (NOW.date() + timedelta(days=days)).isoformat()
    return make_item(
        **{
            "kind": ItemKind.CALL,
            "visibility": Visibility.PUBLIC,
            "life_stages": [LifeStage.PRIMARY],
            "settings": [Setting.FORMAL],
            "details": {"deadline": deadline, **asked},
            **fields,
        }
    )


def town_with(**facts):
    town = make_municipality()
    LocalAuthority.objects.filter(pk=town.authority_id).update(**facts)
    return town


@pytest.fixture
def poor():
    return town_with(socioeconomic_cluster=3)


@pytest.fixture
def manager(poor):
    return fresh(make_representative(organisation=poor, is_manager=True).person)


# Whom it fits --------------------------------------------------------------------------------------------

ENDS = st.none() | st.integers(1, 10)


@given(ENDS, ENDS, st.none() | st.integers(1, 10))
def test_a_range_holds_its_ends_and_nothing_beside_them(first, last, fact):
    details = {"socioeconomic": f"{first or ''}-{last or ''}"} if first or last else {}
    fit = fit_of(checks_of(details, Town(socioeconomic_cluster=fact)))
    if first is None and last is None:
        assert fit == Fit.OPEN
    elif fact is None:
        assert fit == Fit.UNSURE
    else:
        assert (fit == Fit.FITS) == ((first or 1) <= fact <= (last or 10))


@given(st.integers(0, 300_000), st.integers(-1, 1))
def test_size_is_compared_exactly_at_its_ends(size, beside):
    town = Town(population=size)
    assert fit_of(checks_of({"size": f"{max(0, size + beside)}-"}, town)) == (
        Fit.NOT if beside > 0 else Fit.FITS
    )
    assert fit_of(checks_of({"size": f"-{max(0, size + beside)}"}, town)) == (
        Fit.NOT if beside < 0 and size else Fit.FITS
    )


GROUPS = st.lists(st.sampled_from(PopulationGroup.values), unique=True)


@given(GROUPS, st.sampled_from(["", *PopulationGroup.values]))
def test_one_of_several_is_enough(groups, own):
    fit = fit_of(checks_of({"groups": ",".join(groups)}, Town(population_group=own)))
    if not groups:
        assert fit == Fit.OPEN
    elif not own:
        assert fit == Fit.UNSURE
    else:
        assert fit == (Fit.FITS if own in groups else Fit.NOT)


TOWNS = st.builds(
    Town,
    st.none() | st.integers(0, 10**6),
    ENDS,
    ENDS,
    st.sampled_from(["", *PopulationGroup.values]),
    st.sampled_from(["", *District.values]),
    st.sampled_from(["", "galilee", "negev"]),
)
ASKED = st.fixed_dictionaries(
    {},
    optional={
        "size": st.sampled_from(["1000-", "-50000", "1000-50000"]),
        "socioeconomic": st.sampled_from(["1-5", "6-", "-3"]),
        "periphery": st.sampled_from(["1-4", "5-10"]),
        "groups": st.sampled_from(["arab", "arab,druze"]),
        "districts": st.sampled_from(["north", "north,south"]),
        "clusters": st.sampled_from(["galilee", "galilee,negev"]),
    },
)


@given(ASKED, TOWNS)
def test_asking_for_more_never_fits_more(asked, town):
    order = [Fit.NOT, Fit.UNSURE, Fit.FITS, Fit.OPEN]
    whole = fit_of(checks_of(asked, town))
    for name in asked:
        less = {key: value for key, value in asked.items() if key != name}
        assert order.index(fit_of(checks_of(less, town))) >= order.index(whole)


@given(ASKED, TOWNS)
def test_every_check_tells_its_fact(asked, town):
    checks = checks_of(asked, town)
    assert len(checks) == len(asked)
    assert (fit_of(checks) == Fit.OPEN) == (not asked)


@pytest.mark.parametrize("odd", [{"size": "x"}, {"socioeconomic": None}, {"groups": 7}, {"groups": ","}])
def test_odd_words_kept_with_a_call_break_nothing(odd):
    assert fit_of(checks_of(odd, Town())) in Fit


# Open calls ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("days", "is_open"), [(-1, False), (0, True), (40, True)])
def test_a_call_is_open_until_its_day_is_over(days, is_open):
    call = make_call(days)
    assert list(calls_open(make_admin())) == [call] * is_open
    assert is_open_call(call) is is_open


def test_what_is_no_call_or_not_published_is_not_open():
    items = [make_item(visibility=Visibility.PUBLIC), make_call(state="draft")]
    assert not calls_open(make_admin()).exists()
    assert not any(map(is_open_call, items))


def test_a_call_without_a_day_of_its_own_is_open_while_it_is_valid():
    call = make_call(details={})
    assert calls_open(make_admin()).get() == call
    type(call).objects.filter(pk=call.pk).update(valid_until=NOW.date() - timedelta(days=1))
    call.refresh_from_db()
    assert not calls_open(make_admin()).exists()
    assert not is_open_call(call)


def test_visitors_see_public_calls_without_matching(read):
    make_call(20, title="Later money")
    make_call(5, title="Sooner money")
    make_call(title="For us only", visibility=Visibility.NETWORK)
    make_call(-1, title="Over money")
    page = read("/policy/calls/")
    assert page.index("Sooner money") < page.index("Later money")
    assert "For us only" not in page
    assert "Over money" not in page
    assert "Fits you" not in page
    assert "Remind me" not in page


def test_a_manager_sees_what_fits_and_why_the_others_do_not(read, client, manager):
    make_call(title="For clusters one to five")
    make_call(title="For the rich", asked={"socioeconomic": "8-10"})
    make_call(title="For large ones", asked={"size": "100000-"})
    make_call(title="For everyone", asked={})
    client.force_login(manager)
    page = read("/policy/calls/")
    first, second = page.split("Does not fit, and why")
    for title in ("For clusters one to five", "For everyone"):
        assert title in first
    assert "For the rich" in second
    assert "socio-economic cluster 3; asked for: 1 to 5" in first
    assert "socio-economic cluster 3; asked for: 8 and more" in page or "asked for: 8 to 10" in second


def test_what_the_register_does_not_tell_is_no_refusal(read, client):
    town = town_with(socioeconomic_cluster=None)
    client.force_login(make_representative(organisation=town).person)
    make_call(title="Perhaps")
    page = read("/policy/calls/")
    assert "May fit you" in page
    assert "socio-economic cluster not known" in page


def test_a_gap_of_the_picture_is_a_reason(read, client, manager, poor):
    make_programme(poor, life_stages=[LifeStage.EMPLOYMENT])
    make_call(title="Primary money")
    client.force_login(manager)
    page = read("/policy/calls/")
    assert "a gap in your picture" in page
    assert f"/policy/picture/{poor.authority_id}/gaps/primary/formal/" in page


def test_the_page_of_a_gap_shows_calls_that_are_not_closed_to_the_town(read, poor):
    make_call(title="Primary money")
    make_call(title="For the rich", asked={"socioeconomic": "8-10"})
    make_call(title="Other stage", life_stages=[LifeStage.SERVICE])
    make_call(title="Other setting", settings=[Setting.INDUSTRY])
    make_call(title="Any setting", settings=[])
    page = read(f"/policy/picture/{poor.authority_id}/gaps/primary/formal/")
    for title, is_shown in {
        "Primary money": True,
        "Any setting": True,
        "For the rich": False,
        "Other stage": False,
        "Other setting": False,
    }.items():
        assert (title in page) is is_shown, title


def test_the_page_of_a_call_tells_how_it_fits(read, client, manager):
    call = make_call()
    assert "It fits" not in read(call.get_absolute_url())
    client.force_login(manager)
    page = read(call.get_absolute_url())
    assert "It fits" in page
    assert "socio-economic cluster 3" in page
    over = make_call(-2)
    assert "It fits" not in read(over.get_absolute_url())


def test_the_list_is_narrowed_by_what_calls_are_for(read):
    make_call(title="Primary money")
    make_call(title="Work money", life_stages=[LifeStage.EMPLOYMENT], settings=[Setting.INDUSTRY])
    assert "Work money" not in read("/policy/calls/?stage=primary")
    assert "Primary money" not in read("/policy/calls/?setting=industry")
    page = read("/policy/calls/?stage=moon&subject=x&setting=%27")
    assert "Primary money" in page


def test_editions_of_a_call_stand_once(read, client, manager):
    call = make_call(title="Money")
    make_call(title="نقود", language="ar", edition_of=call)
    page = read("/policy/calls/")
    assert "Money" in page
    assert "نقود" not in page


def test_many_calls_take_as_many_queries_as_one(client, manager, poor, django_assert_max_num_queries):
    LocalAuthority.objects.filter(pk=poor.authority_id).update(cluster=make_cluster())
    client.force_login(manager)
    counts = []
    for more in (1, 29):
        for _each in range(more):
            call = make_call(organisation=make_organisation(type=OrganisationType.FOUNDATION))
            CallChoice.objects.create(person=manager, item=call, wish=CallWish.FOLLOW)
        with django_assert_max_num_queries(15) as asked:
            assert client.get("/policy/calls/").status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1]
    with django_assert_max_num_queries(15):
        client.get(call.get_absolute_url())


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
    answer(client, call, "follow")
    assert not CallChoice.objects.exists()


def test_what_was_said_of_calls_is_ones_own(manager):
    other = fresh(make_representative().person)
    call = make_call()
    choice = CallChoice.objects.create(person=manager, item=call, wish=CallWish.FOLLOW)
    reminder = CallReminder.objects.create(person=manager, item=call, step=3, deadline=NOW.date())
    from django.contrib.auth.models import AnonymousUser

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
    from knowledge.actions.keep import history_told

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
    from munistem.commons.notices.letters import letter_of
    from munistem.commons.notices.models import Notice as Row

    manager.language = "en"
    manager.save()
    call = make_call(10, title="Money")
    remind_of_calls()
    letter = letter_of(Row.objects.get(reader=manager), {})
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
    from communities.tasks import CLOCKWORK

    assert remind_of_calls in CLOCKWORK
    assert mail.outbox == []
    assert timezone.localdate() == NOW.date()
