"""Adoption and pictures are drawn once for all who are told the same: nobody sees another's, everyone sees the latest."""

import pytest
from django.utils import timezone

from munistem.commons.days.school import current_school_year
from policy.enums import EndorsementState, Progress
from policy.models import Endorsement, ProgrammeFigure
from policy.views import adoption
from tests.members.factories import make_admin, make_member, make_municipality, make_representative
from tests.policy.factories import make_endorsement, make_recommendation, make_report
from tests.policy.programmes import make_figure, make_programme

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_pages")]

YEAR = current_school_year()
TABLE = "/policy/adoption/"
WAITING = "Waiting for confirmation"


def pages(client, address, people):
    """What each of them reads, twice over, so that the second may have been drawn for another."""
    read = []
    for _twice in range(2):
        for person in people:
            client.force_login(person) if person else client.logout()
            read.append(client.get(address).content.decode())
    return read


def test_an_answer_that_waits_is_seen_by_its_own_people_and_admins_only(client, town, recommendation):
    make_endorsement(town, recommendation, state=EndorsementState.WAITING)
    own, admin = make_representative(organisation=town).person, make_admin()
    read = pages(
        client, TABLE, [own, make_member(), None, admin, make_representative(organisation=town).person]
    )
    assert [WAITING in page for page in read] == [True, False, False, True, True] * 2


def test_two_municipalities_whose_answers_came_in_together_see_each_their_own(client, recommendation):
    one, other = (make_representative(organisation=make_municipality()).person for _ in range(2))
    rows = [
        make_endorsement(person.mandates[0].organisation, recommendation, state=EndorsementState.WAITING)
        for person in (one, other)
    ]
    read = pages(client, TABLE, [one, other])
    for place, row in enumerate(rows):
        assert [f"/{row.pk}/" in page for page in read] == [place == 0, place == 1] * 2


def test_what_is_written_is_in_the_table_at_once(client, read, town, recommendation):
    row = make_endorsement(town, recommendation, state=EndorsementState.WAITING)
    assert "No answer yet" in read(TABLE)
    decided = {"answered_at": timezone.now(), "answered_by": make_admin()}
    Endorsement.objects.filter(pk=row.pk).update(state=EndorsementState.CONFIRMED, **decided)
    assert "one endorses" in read(TABLE)
    make_report(row, status=Progress.STUCK)
    assert "stance__state" in read(TABLE)
    row.reports.update(for_network=["status"])
    assert "stance__state" not in read(TABLE)
    type(town).objects.filter(pk=town.pk).update(name_en="Renamed")
    assert "Renamed" in read(TABLE)
    make_recommendation(title_en="One more of them")
    assert "One more of them" in read(TABLE)


def test_table_comes_in_pages_and_counts_all(client, read, monkeypatch, recommendation):
    monkeypatch.setattr(adoption, "TOWNS_A_PAGE", 2)
    for name in ("Aleph", "Bet", "Gimel"):
        make_endorsement(make_municipality(name_en=name), recommendation)
    first, second = read(f"{TABLE}?recommendation={recommendation.slug}"), read(f"{TABLE}?page=2")
    assert [name in first for name in ("Aleph</bdi>", "Bet</bdi>", "Gimel</bdi>")] == [True, True, False]
    assert [name in second for name in ("Aleph</bdi>", "Bet</bdi>", "Gimel</bdi>")] == [False, False, True]
    assert f"?recommendation={recommendation.slug}&amp;page=2" in first
    for page in (first, second):
        assert "3 municipalities" in page
        assert "3 endorse" in page
    assert "Gimel</bdi>" in read(f"{TABLE}?page=1e9") or "Aleph</bdi>" in read(f"{TABLE}?page=1e9")


def test_table_that_is_drawn_costs_one_query_of_its_own(client, count_queries, recommendation):
    make_endorsement(make_municipality(), recommendation)
    count_queries(TABLE)
    assert count_queries(TABLE) == 1


def test_figures_as_entered_reach_nobody_else(client, town):
    make_figure(make_programme(town), YEAR, participants=7, girls=3)
    own, admin = make_representative(organisation=town).person, make_admin()
    address = f"/policy/picture/{town.authority_id}/"
    read = pages(client, address, [own, make_member(), None, admin])
    assert [">7" in page or "7 participants" in page for page in read] == [True, False, False, True] * 2
    assert ["Enter a programme" in page for page in read] == [True, False, False, True] * 2


def test_a_new_figure_is_in_the_picture_at_once(read, town):
    figure = make_figure(make_programme(town), YEAR, participants=120, girls=60)
    address = f"/policy/picture/{town.authority_id}/"
    assert "120" in read(address)
    ProgrammeFigure.objects.filter(pk=figure.pk).update(participants=345, girls=100)
    assert "345" in read(address)
    other = make_programme(make_municipality())
    make_figure(other, YEAR, participants=999, girls=500)
    assert "999" not in read(address)


def test_a_drawn_picture_costs_two_queries(count_queries, town):
    make_figure(make_programme(town), YEAR, participants=120, girls=60)
    address = f"/policy/picture/{town.authority_id}/"
    count_queries(address)
    assert count_queries(address) == 2
