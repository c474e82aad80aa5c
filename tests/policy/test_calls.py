"""Calls for proposals: whom they fit, and what pages tell of it."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from members.enums import District, OrganisationType, PopulationGroup
from members.models import LocalAuthority
from munistem.commons.enums import LifeStage, Setting, Visibility
from policy.enums.call import CallWish, Fit
from policy.models import CallChoice
from policy.models.calls import calls_open, is_open_call
from policy.models.fitting import Town, checks_of, fit_of
from tests.knowledge.factories import make_item
from tests.members.factories import (
    make_admin,
    make_cluster,
    make_organisation,
    make_representative,
)
from tests.policy.calls import NOW, make_call, town_with
from tests.policy.programmes import make_programme

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_pages", "clock")]

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
