"""Reports: who reads what, periods and their snapshots, one word by mail, and help for who is stuck."""

from datetime import date

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import InternalError, transaction
from django.db.utils import IntegrityError

from knowledge.actions.keep import history_told
from munistem.commons.notices.models import Notice
from policy import rules
from policy.actions import periods
from policy.actions.report import report_progress
from policy.enums import Progress, ReportField, Stance
from policy.models import (
    Endorsement,
    ProgressReport,
    ProgressSnapshot,
    ReportPeriod,
)
from policy.models.peers import peers_of
from policy.models.period import opening_after, opening_of
from tests.communities.factories import make_membership
from tests.members.factories import make_admin, make_member, make_municipality, make_representative, make_user
from tests.moments import moment
from tests.policy.factories import make_endorsement, make_report
from tests.policy.programmes import make_programme

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_pages", "english_words")]


# The calendar --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "opened", "after"),
    [
        (date(2026, 11, 26), date(2026, 7, 1), date(2027, 2, 1)),
        (date(2027, 1, 31), date(2026, 7, 1), date(2027, 2, 1)),
        (date(2027, 2, 1), date(2027, 2, 1), date(2027, 7, 1)),
        (date(2027, 6, 30), date(2027, 2, 1), date(2027, 7, 1)),
        (date(2027, 7, 1), date(2027, 7, 1), date(2028, 2, 1)),
    ],
)
def test_every_day_lies_in_one_period(day, opened, after):
    assert (opening_of(day), opening_after(opening_of(day))) == (opened, after)


def test_reports_are_asked_for_once_and_reminded_once(on, town, recommendation):
    person = make_representative(organisation=town, is_manager=True).person
    make_representative(organisation=town)
    row = make_endorsement(town, recommendation, submitted_by=person)
    over = make_endorsement(town, submitted_by=person)
    make_endorsement(town, stance=Stance.CONSIDERING, submitted_by=person)
    Endorsement.objects.update(answered_at=moment(2026, 12, 1, 9))
    make_report(over, status=Progress.DONE)
    ProgressReport.objects.update(reported_at=moment(2026, 12, 10, 9))
    on(date(2027, 2, 1))
    periods.ask_for_reports()
    periods.ask_for_reports()
    assert asked("progress_requested") == [person.pk]
    on(date(2027, 3, 2))
    periods.ask_for_reports()
    periods.ask_for_reports()
    assert asked("progress_reminded") == [person.pk]
    report_progress(by=person, endorsement=row, status=Progress.UNDER_WAY, body="It goes.")
    assert not Notice.objects.unread().filter(event__kind__startswith="progress_").exists()


def asked(kind: str) -> list[int]:
    return list(Notice.objects.filter(event__kind=kind).values_list("reader", flat=True))


def test_period_that_opened_long_ago_asks_nobody(on, town):
    make_endorsement(town)
    Endorsement.objects.update(answered_at=moment(2026, 1, 1, 9))
    on(date(2026, 11, 26))
    periods.ask_for_reports()
    assert not Notice.objects.exists()
    assert ReportPeriod.objects.get().asked_at is None


def test_two_missed_periods_are_not_reported_until_a_report_comes(on, person, town):
    row = make_endorsement(town, submitted_by=person)
    Endorsement.objects.update(answered_at=moment(2026, 3, 1, 9))
    first, second, _third = (
        ReportPeriod.objects.create(opens_on=day)
        for day in (date(2026, 7, 1), date(2027, 2, 1), date(2027, 7, 1))
    )
    on(date(2027, 7, 2))
    periods.close_periods()
    periods.close_periods()
    assert list(ProgressSnapshot.objects.order_by("period").values_list("period", "missed")) == [
        (first.pk, 1),
        (second.pk, 2),
    ]
    row.refresh_from_db()
    assert row.is_not_reported
    assert "Not reported" in page_of(person, row)
    report_progress(by=person, endorsement=row, status=Progress.UNDER_WAY, body="It goes.")
    row.refresh_from_db()
    assert not row.is_not_reported


def page_of(person, row) -> str:
    from django.test import Client

    client = Client()
    client.force_login(person)
    return client.get(row.get_absolute_url(), headers={"accept-language": "en"}).content.decode()


def test_snapshot_keeps_what_stood_and_cannot_be_changed(on, town):
    row = make_endorsement(town)
    Endorsement.objects.update(answered_at=moment(2026, 3, 1, 9))
    report = make_report(row, status=Progress.STUCK, for_network=[ReportField.STATUS])
    ProgressReport.objects.update(reported_at=moment(2026, 8, 1, 9))
    ReportPeriod.objects.create(opens_on=date(2026, 7, 1))
    on(date(2027, 2, 1))
    periods.close_periods()
    snapshot = ProgressSnapshot.objects.get()
    assert (snapshot.status, snapshot.report, snapshot.missed) == (Progress.STUCK, report, 0)
    assert list(ProgressSnapshot.objects.visible_to(AnonymousUser())) == []
    assert list(ProgressSnapshot.objects.visible_to(make_member())) == [snapshot]
    for deed in (
        lambda: ProgressSnapshot.objects.update(status=Progress.DONE),
        lambda: ProgressSnapshot.objects.all().delete(),
        lambda: ProgressReport.objects.filter(pk=report.pk).update(body="Else"),
    ):
        with pytest.raises((IntegrityError, InternalError)), transaction.atomic():
            deed()
    with history_told():
        ProgressSnapshot.objects.update(status=Progress.DONE)


# Who reads what ------------------------------------------------------------------------------------------


def test_fields_for_the_network_are_hidden_from_visitors_everywhere(client, read, town, recommendation):
    row = make_endorsement(town, recommendation)
    programme = make_programme(authority=town.authority, name="Robots at school")
    report = make_report(
        row,
        body="Secret words",
        evidence_url="https://example.org/showing",
        programme=programme,
        indicator="girls_share",
        indicator_text="31 to 38",
        for_network=["body", "link", "programme", "indicator", "milestones"],
    )
    report.milestones.create(position=0, text="Third school", due_on=date(2027, 3, 1))
    told = ("Secret words", "org/showing", "Robots at school", "31 to 38", "Third school")
    addresses = (row.get_absolute_url(), recommendation.get_absolute_url())
    for address in addresses:
        assert not [words for words in told if words in read(address)]
    client.force_login(make_member())
    assert [words for words in told if words not in read(addresses[0])] == []
    assert "Secret words" in read(addresses[1])


def test_rules_and_querysets_of_reports_agree(town):
    row = make_endorsement(town)
    open_, hidden = make_report(row), make_report(row, for_network=["status", "evidence"])
    people = [AnonymousUser(), make_user(), make_member(), make_admin(), row.submitted_by]
    for person in people:
        for report in (open_, hidden):
            for field in ReportField:
                assert rules.can_see_report_field(person, report, field) == (
                    report in ProgressReport.objects.telling(person, field)
                )
            assert rules.can_see_report(person, report) == (
                report in ProgressReport.objects.visible_to(person)
            )


def test_form_keeps_milestones_programme_and_indicator(client, read, person, town):
    row = make_endorsement(town, submitted_by=person)
    programme = make_programme(authority=town.authority, name="Robots at school")
    given = {
        "status": "under_way",
        "body": "Two schools.",
        "milestone_0": "Third school",
        "milestone_0_on": "2027-03-01",
        "programme": programme.pk,
        "indicator": "girls_share",
        "indicator_text": "31 % to 38 %, 2025/26",
        "for_network": ["indicator"],
    }
    assert client.post(f"{row.get_absolute_url()}report/", given).status_code == 302
    report = ProgressReport.objects.get()
    assert report.milestones.get().due_on == date(2027, 3, 1)
    assert (report.programme, report.for_network) == (programme, ["indicator"])
    page = read(row.get_absolute_url())
    assert "Third school" in page
    assert "Robots at school" in page


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"indicator": "girls_share"}, "Say what the indicator shows"),
        ({"indicator_text": "31 to 38"}, "Choose which indicator it is."),
        ({"milestone_1_on": "2027-03-01"}, "Say what is to be reached by this day."),
        ({"milestone_0": "x", "milestone_0_on": "soon"}, "This date could not be read."),
        ({"programme": "999"}, "Select a valid choice"),
        ({"for_network": ["all"]}, "Select a valid choice"),
    ],
)
def test_odd_particulars_are_given_back_unfolded(client, person, town, fields, words):
    row = make_endorsement(town, submitted_by=person)
    response = client.post(
        f"{row.get_absolute_url()}report/", {"status": "done", "body": "Kept words", **fields}
    )
    page = response.content.decode()
    assert words in page
    assert "Kept words" in page
    assert "<details open>" in page
    assert not ProgressReport.objects.exists()


# Stuck ---------------------------------------------------------------------------------------------------


def test_stuck_is_told_to_the_facilitator_and_shows_whom_to_ask(client, read, person, town, recommendation):
    facilitator = make_member()
    joined = make_membership(person=person)
    make_membership(community=joined.community, person=facilitator, is_facilitator=True)
    alike = make_endorsement(make_municipality(name_en="Alikeville"), recommendation)
    make_report(alike, status=Progress.DONE)
    row = make_endorsement(town, recommendation, submitted_by=person)
    report_progress(by=person, endorsement=row, status=Progress.STUCK, body="No budget.")
    assert asked("progress_stuck") == [facilitator.pk]
    page = read(row.get_absolute_url())
    assert "Whom you could ask" in page
    assert "Alikeville" in page
    client.force_login(facilitator)
    assert "Whom you could ask" not in read(row.get_absolute_url())


def test_admins_hear_of_who_is_stuck_without_a_facilitator(person, town):
    admin = make_admin()
    row = make_endorsement(town, submitted_by=person)
    report_progress(by=person, endorsement=row, status=Progress.STUCK, body="No budget.")
    assert admin.pk in asked("progress_stuck")


def test_those_most_alike_come_first(town, recommendation):
    row = make_endorsement(town, recommendation)
    town.authority.population, town.authority.socioeconomic_cluster = 50_000, 5
    town.authority.save()
    names = []
    for residents, cluster in ((51_000, 5), (49_000, 9), (500_000, 5), (52_000, 4)):
        other = make_municipality()
        other.authority.population, other.authority.socioeconomic_cluster = residents, cluster
        other.authority.population_group = town.authority.population_group
        other.authority.save()
        make_report(make_endorsement(other, recommendation), status=Progress.UNDER_WAY)
        names.append(other.pk)
    found = [peer.endorsement.organisation_id for peer in peers_of(make_admin(), row)]
    assert found == [names[0], names[3], names[1]]
