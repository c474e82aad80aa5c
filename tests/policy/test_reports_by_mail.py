"""Reports by mail: one word says where it stands, a number and a word where several are asked about."""

from datetime import date
from email.message import EmailMessage

import pytest
from django.core import mail as outbox
from django.utils import timezone, translation

from munistem.commons.mail import receiving
from munistem.commons.mail.addresses import Returned, address_of
from munistem.commons.mail.incoming import parse
from munistem.commons.notices.letters import mail_notices
from munistem.commons.notices.models import Notice
from policy.actions import bymail, periods
from policy.enums import Progress
from policy.models import (
    Endorsement,
    ProgressReport,
)
from tests.commons.factories import written
from tests.members.factories import make_member
from tests.moments import moment
from tests.policy.factories import make_endorsement

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_pages", "english_words")]


def mail(text: str):
    message = EmailMessage()
    message["From"] = "who@example.org"
    message.set_content(text)
    return parse(bytes(message))


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


def test_several_endorsements_are_asked_about_in_one_letter(on, person, town, settings, run_jobs):
    settings.INBOUND_DOMAIN = "in.example"
    rows = [make_endorsement(town, submitted_by=person) for _number in range(3)]
    Endorsement.objects.update(answered_at=moment(2026, 12, 1, 9))
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
    Endorsement.objects.update(answered_at=moment(2026, 12, 1, 9))
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
    Endorsement.objects.update(answered_at=moment(2026, 12, 1, 9))
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
