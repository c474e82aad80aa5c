"""Reports: who reads what, periods and their snapshots, one word by mail, and help for who is stuck."""

from datetime import date, datetime
from email.message import EmailMessage

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core import mail as outbox
from django.db import InternalError, transaction
from django.db.utils import IntegrityError
from django.utils import timezone, translation

from knowledge.actions.keep import history_told
from munistem.commons.mail import receiving
from munistem.commons.mail.addresses import Returned, address_of
from munistem.commons.mail.incoming import parse
from munistem.commons.notices.letters import mail_notices
from munistem.commons.notices.models import Notice
from policy import rules
from policy.actions import bymail, periods
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
from tests.commons.factories import written
from tests.communities.factories import make_membership
from tests.members.factories import make_admin, make_member, make_municipality, make_representative, make_user
from tests.policy.factories import make_endorsement, make_report
from tests.policy.programmes import make_programme

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_pages", "english_words")]


def at(day: date) -> datetime:
    return timezone.make_aware(datetime(day.year, day.month, day.day, 9))


@pytest.fixture
def on(monkeypatch):
    """Let it be a day."""

    def be(day: date) -> None:
        monkeypatch.setattr(timezone, "now", lambda: at(day))

    return be


def mail(text: str):
    message = EmailMessage()
    message["From"] = "who@example.org"
    message.set_content(text)
    return parse(bytes(message))


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
    Endorsement.objects.update(answered_at=at(date(2026, 12, 1)))
    make_report(over, status=Progress.DONE)
    ProgressReport.objects.update(reported_at=at(date(2026, 12, 10)))
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
    Endorsement.objects.update(answered_at=at(date(2026, 1, 1)))
    on(date(2026, 11, 26))
    periods.ask_for_reports()
    assert not Notice.objects.exists()
    assert ReportPeriod.objects.get().asked_at is None


def test_two_missed_periods_are_not_reported_until_a_report_comes(on, person, town):
    row = make_endorsement(town, submitted_by=person)
    Endorsement.objects.update(answered_at=at(date(2026, 3, 1)))
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
    Endorsement.objects.update(answered_at=at(date(2026, 3, 1)))
    report = make_report(row, status=Progress.STUCK, for_network=[ReportField.STATUS])
    ProgressReport.objects.update(reported_at=at(date(2026, 8, 1)))
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


# By mail -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "status", "rest"),
    [
        ("בוצע", Progress.DONE, ""),
        ("בתהליך.", Progress.UNDER_WAY, ""),
        ("תקוע – אין תקציב", Progress.STUCK, "אין תקציב"),
        ("עוד לא התחלנו", Progress.NOT_STARTED, ""),
        ("הופסק", Progress.STOPPED, ""),
        ("قيد التنفيذ", Progress.UNDER_WAY, ""),
        ("لم نبدأ بعد", Progress.NOT_STARTED, ""),
        ("تم", Progress.DONE, ""),
        ("Done!", Progress.DONE, ""),
        ("In progress\n\nTwo schools have begun.", Progress.UNDER_WAY, "Two schools have begun."),
        ("stuck, no budget", Progress.STUCK, "no budget"),
    ],
)
def test_one_word_says_where_it_stands(text, status, rest):
    assert bymail.status_in(text) == (status, rest)


@pytest.mark.parametrize("language", ["he", "ar", "en"])
@pytest.mark.parametrize("status", Progress)
def test_words_of_the_portal_are_understood(language, status):
    with translation.override(language):
        assert bymail.status_in(str(status.label)) == (status, "")


@pytest.mark.parametrize(
    "text", ["", "בוצע חלקית", "done partly", "Thank you for asking", "done?", "not done"]
)
def test_unclear_words_are_not_guessed_at(text):
    assert bymail.status_in(text) is None


def test_mail_with_one_word_becomes_a_report(person, town):
    row = make_endorsement(town, submitted_by=person)
    taken = bymail.report_by_mail(person, row.pk, mail("בוצע"))
    report = ProgressReport.objects.get()
    assert (report.status, report.body, report.came_by_mail) == (Progress.DONE, "", True)
    assert taken.url.endswith(row.get_absolute_url())
    bymail.report_by_mail(person, row.pk, mail("stuck, call 052-0000000"))
    assert ProgressReport.objects.latest_first()[0].for_network == ["body"]


def test_unclear_mail_comes_back_with_the_words(person, town):
    row = make_endorsement(town, submitted_by=person)
    with pytest.raises(Returned, match="Begin with one of these words"):
        bymail.report_by_mail(person, row.pk, mail("We are very happy"))
    with pytest.raises(Returned, match="no longer in force"):
        bymail.report_by_mail(make_member(), row.pk, mail("done"))
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


def test_several_endorsements_are_asked_about_in_one_letter(on, person, town, settings, run_jobs):
    settings.INBOUND_DOMAIN = "in.example"
    rows = [make_endorsement(town, submitted_by=person) for _number in range(3)]
    Endorsement.objects.update(answered_at=at(date(2026, 12, 1)))
    on(date(2027, 2, 1))
    periods.ask_for_reports()
    [notice] = Notice.objects.filter(reader=person)
    mail_notices([notice.pk])
    [letter] = outbox.outbox
    assert letter.subject == "How do your 3 endorsements go?"
    for row in rows:
        assert f"{row.get_absolute_url()}report/" in letter.body
    answer = written(person, letter.reply_to[0], "2 בוצע\n3. stuck, no budget")
    receiving.receive(answer.as_bytes(), letter.reply_to[0])
    run_jobs()
    told = {report.endorsement_id: report.status for report in ProgressReport.objects.all()}
    assert told == {rows[1].pk: Progress.DONE, rows[2].pk: Progress.STUCK}
    assert Notice.objects.unread().filter(pk=notice.pk).exists()
    bymail.report_several(person, notice.event_id, mail("בתהליך"))
    assert rows[0].reports.get().status == Progress.UNDER_WAY
    assert not Notice.objects.unread().filter(pk=notice.pk).exists()


@pytest.mark.parametrize("text", ["done", "7 done", "2 done\n3 perhaps", "2 done\n2 stuck", "not 2", ""])
def test_mail_that_names_none_of_several_is_asked_which(on, person, town, text):
    rows = [make_endorsement(town, submitted_by=person) for _number in range(3)]
    Endorsement.objects.update(answered_at=at(date(2026, 12, 1)))
    on(date(2027, 2, 1))
    periods.ask_for_reports()
    event = Notice.objects.get(reader=person).event_id
    with pytest.raises(Returned, match="its number and one word") as back:
        bymail.report_several(person, event, mail(text))
    assert all(row.recommendation.title in str(back.value) for row in rows)
    with pytest.raises(Returned):
        bymail.report_several(make_member(), event, mail("1 done"))
    assert not ProgressReport.objects.exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2 בוצע", {2: (Progress.DONE, "")}),
        ("בוצע 2", {2: (Progress.DONE, "")}),
        ("1) done, 3) stuck", {1: (Progress.DONE, ""), 3: (Progress.STUCK, "")}),
        ("٢ تم", {2: (Progress.DONE, "")}),
        ("1: in progress\nCall 052-1234567", {1: (Progress.UNDER_WAY, "Call 052-1234567")}),
        ("2024 was done", {}),
    ],
)
def test_numbers_say_which_one_is_meant(text, said):
    assert bymail.numbered_in(text) == said


def test_whole_way_from_the_letter_to_done_by_one_word(person, town, settings, run_jobs):
    settings.INBOUND_DOMAIN = "in.example"
    row = make_endorsement(town, submitted_by=person)
    Endorsement.objects.update(answered_at=at(date(2026, 12, 1)))
    with pytest.MonkeyPatch.context() as clock:
        clock.setattr(timezone, "localdate", lambda *_args: date(2027, 2, 1))
        periods.ask_for_reports()
    mail_notices(Notice.objects.filter(reader=person).values_list("pk", flat=True))
    letter = outbox.outbox[-1]
    assert letter.reply_to == [address_of("progress", row.pk, person.pk)]
    answer = written(person, letter.reply_to[0], "בוצע")
    receiving.receive(answer.as_bytes(), letter.reply_to[0])
    run_jobs()
    report = ProgressReport.objects.get()
    assert (report.status, report.reported_by, report.came_by_mail) == (Progress.DONE, person, True)
    assert list(Endorsement.objects.due_for_report(date(2027, 7, 1))) == []
