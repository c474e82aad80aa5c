"""What each deed on an application changes, whom it tells, what it refuses; and that haste changes nothing."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core import mail, signing
from django.utils import timezone

from members import rules
from members.actions import application as deeds
from members.actions.application import BadLink, Incomplete, TooLate
from members.emails.application import KINDS
from members.enums import ApplicationState, OrganisationType
from members.forms.application import find_rows
from members.models import Application, ApplicationMessage
from members.tasks import do_due
from munistem.commons.audit.models import AuditEvent
from munistem.commons.notices.kinds import visible_events
from munistem.commons.notices.models import Event, Notice
from tests.members.factories import (
    make_admin,
    make_application,
    make_authority,
    make_cluster,
    make_draft,
    make_user,
)
from tests.moments import at_once
from tests.notices import told

pytestmark = pytest.mark.django_db


def sent_draft(**fields):
    return deeds.send_off(application=make_draft(**fields), language=fields.get("language", "en"))


def token_of(application, salt=deeds.CONFIRMATION):
    return signing.dumps([application.pk, application.email], salt=salt, compress=True)


# The register --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed", ["כרמיאל", "כרמי", "karm", "KARMIEL", "كرميئيل", "1139", "\u202eכרמיאל", " כרמיאל "]
)
def test_municipality_is_found_by_any_name_or_code(typed):
    town = make_authority(cbs_code=1139, name_he="כרמיאל", name_en="Karmiel", name_ar="كرميئيل")
    make_authority(name_he="עכו", name_en="Akko", name_ar="عكا")
    assert find_rows("municipality", typed) == [town]


def test_exact_name_stands_before_beginnings():
    make_authority(name_he="נצרת עילית")
    town = make_authority(name_he="נצרת")
    make_authority(name_he="מועצת נצרת")
    assert find_rows("municipality", "נצרת")[0] == town
    assert len(find_rows("municipality", "נצרת")) == 3


def test_cluster_is_found_and_other_types_have_no_register():
    cluster = make_cluster(name_he="אשכול הגליל המערבי")
    assert find_rows("cluster", "גליל") == [cluster]
    assert find_rows("ngo", "גליל") == find_rows("cluster", "%_'") == find_rows("", "") == []


# The draft -----------------------------------------------------------------------------------------------


def test_draft_of_a_town_needs_the_town_then_the_contact():
    town = make_authority()
    draft = deeds.begin(type=OrganisationType.MUNICIPALITY, language="ar")
    assert deeds.missing_step(draft) == "organisation"
    draft = deeds.fill(application=draft, language="ar", **deeds.bound(draft.type, town))
    assert deeds.missing_step(draft) == "contact"
    with pytest.raises(Incomplete):
        deeds.send_off(application=draft, language="ar")


def test_other_type_forgets_the_row_of_the_register():
    draft = deeds.begin(type=OrganisationType.MUNICIPALITY, language="he", row=make_authority())
    draft = deeds.fill(application=draft, language="he", type=OrganisationType.NGO)
    assert draft.authority is None


def test_sent_draft_is_mailed_a_link_and_counts_only_once_it_is_opened(mailoutbox):
    admin = make_admin(name="Admin")
    make_admin(name="Gone", is_active=False)
    draft = sent_draft(organisation_name="Robots", language="en")
    assert draft.state == ApplicationState.DRAFT
    assert not Application.objects.for_admins().exists()
    assert [letter.to for letter in mailoutbox] == [[draft.email]]
    received = deeds.confirm_address(token=token_of(draft))
    assert (received.state, received.key != draft.key) == (ApplicationState.RECEIVED, True)
    assert received.verified_at
    assert told("application_received") == ["Admin"]
    event = Event.objects.get(kind="application_received")
    assert visible_events(admin, [event]) == {event.pk}
    assert visible_events(make_user(email=draft.email), [event]) == {event.pk}
    assert visible_events(make_user(), [event]) == set()
    assert received.get_absolute_url() in mailoutbox[-1].body


def test_confirming_twice_receives_once(mailoutbox):
    token = token_of(sent_draft())
    first, second = deeds.confirm_address(token=token), deeds.confirm_address(token=token)
    assert first.key == second.key
    assert AuditEvent.objects.filter(deed="receive_application").count() == 1
    assert len(mailoutbox) == 2


def test_second_click_on_send_mails_one_link(mailoutbox):
    draft = sent_draft()
    deeds.send_off(application=draft, language="en")
    assert len(mailoutbox) == 1


def test_nobodys_box_is_filled(mailoutbox, run_jobs):
    draft = make_draft()
    for _ in range(8):
        Application.objects.update(submitted_at=None)
        deeds.send_off(application=draft, language="en")
        deeds.ask_way_back(email=draft.email.upper())
    run_jobs()
    assert len(mailoutbox) == 2 * deeds.MOST_MAILS


def test_changed_draft_has_to_be_sent_again():
    draft = sent_draft()
    token = token_of(draft)
    deeds.fill(application=draft, language="en", motive="Something else")
    with pytest.raises(TooLate):
        deeds.confirm_address(token=token)
    deeds.fill(application=draft, language="en", email="other@example.org")
    with pytest.raises(BadLink):
        deeds.confirm_address(token=token)


@pytest.mark.parametrize("forged", ["", "x", "a:b:c", "\x00", "é" * 3000])
def test_forged_links_open_nothing(forged):
    make_draft()
    for salt in (deeds.CONFIRMATION, deeds.WAY_BACK):
        with pytest.raises(BadLink):
            deeds.application_of(forged, salt)


def test_link_of_one_sort_does_not_serve_as_the_other():
    draft = sent_draft()
    with pytest.raises(BadLink):
        deeds.confirm_address(token=token_of(draft, deeds.WAY_BACK))


def test_links_hold_for_a_week(monkeypatch):
    draft = sent_draft()
    token = token_of(draft)
    monkeypatch.setattr(deeds, "LINK_HOLDS", timedelta(seconds=-1))
    with pytest.raises(BadLink):
        deeds.confirm_address(token=token)


def test_way_back_is_mailed_only_to_the_address_of_an_application(mailoutbox, run_jobs):
    draft = make_draft(language="ar")
    deeds.ask_way_back(email="nobody@example.org")
    assert run_jobs() == 1
    assert mailoutbox == []
    deeds.ask_way_back(email=draft.email)
    run_jobs()
    assert mailoutbox[0].to == [draft.email]
    assert mailoutbox[0].extra_headers["Content-Language"] == "ar"


def test_received_application_is_no_draft_any_more():
    application = make_application()
    with pytest.raises(TooLate):
        deeds.fill(application=application, language="en", motive="x")
    with pytest.raises(TooLate):
        deeds.send_off(application=application, language="en")
    with pytest.raises(TooLate):
        deeds.discard(application=application)


def test_discarded_draft_is_gone():
    draft = make_draft()
    deeds.discard(application=draft)
    deeds.discard(application=draft)
    assert not Application.objects.exists()


def test_old_drafts_are_forgotten_and_nothing_else():
    for application in (make_draft(), make_application()):
        Application.objects.filter(pk=application.pk).update(created_at=timezone.now() - timedelta(days=31))
    fresh = make_draft()
    assert deeds.forget_old_drafts() == 1
    assert fresh in Application.objects.all()
    assert Application.objects.count() == 2


# Questions, answers, taking back -------------------------------------------------------------------------


def test_question_and_answer_go_back_and_forth(mailoutbox):
    admin = make_admin(name="Admin")
    application = make_application(language="ar")
    deeds.take_in_review(by=admin, application=application)
    deeds.ask(by=admin, application=application, body="Which towns?")
    deeds.ask(by=admin, application=application, body="Which towns?")
    application.refresh_from_db()
    assert application.state == ApplicationState.QUESTION
    assert len(mailoutbox) == 1
    assert mailoutbox[0].extra_headers["Content-Language"] == "ar"
    assert "Which towns?" in mailoutbox[0].body
    deeds.answer(application=application, body="Haifa")
    with pytest.raises(TooLate):
        deeds.answer(application=application, body="Haifa")
    application.refresh_from_db()
    assert application.state == ApplicationState.IN_REVIEW
    assert list(ApplicationMessage.objects.order_by("pk").values_list("body", flat=True)) == [
        "Which towns?",
        "Haifa",
    ]
    assert told("application_answered") == ["Admin"]


def test_application_taken_back_waits_for_nobody():
    make_admin(name="Admin")
    application = deeds.confirm_address(token=token_of(sent_draft()))
    deeds.withdraw(application=application)
    deeds.withdraw(application=application)
    assert Application.objects.get().state == ApplicationState.WITHDRAWN
    assert not Notice.objects.filter(read_at__isnull=True).exists()
    assert AuditEvent.objects.filter(deed="withdraw_application").count() == 1


def test_decided_application_is_not_taken_back():
    application = make_application()
    deeds.decline(by=make_admin(), application=application, reason="No")
    with pytest.raises(TooLate):
        deeds.withdraw(application=application)


# Decisions -----------------------------------------------------------------------------------------------


def test_refusal_goes_out_once_with_its_reason(mailoutbox):
    admin, application = make_admin(), make_application(language="ar")
    deeds.decline(by=admin, application=application, reason="نكرر المحاولة لاحقا")
    with pytest.raises(TooLate):
        deeds.decline(by=admin, application=application, reason="Again")
    (letter,) = mailoutbox
    assert letter.extra_headers["Content-Language"] == "ar"
    assert "نكرر المحاولة لاحقا" in letter.body
    application.refresh_from_db()
    assert (application.state, application.decided_by) == (ApplicationState.DECLINED, admin)


def test_merged_application_is_part_of_the_other(mailoutbox):
    admin = make_admin()
    application, target = make_application(), make_application(organisation_name="Target")
    deeds.merge(by=admin, application=application, into=target)
    application.refresh_from_db()
    assert (application.state, application.merged_into) == (ApplicationState.MERGED, target)
    assert "Target" in mailoutbox[0].body
    with pytest.raises(TooLate):
        deeds.merge(by=admin, application=target, into=application)
    with pytest.raises(TooLate):
        deeds.merge(by=admin, application=target, into=target)


def test_others_decide_nothing():
    application, stranger = make_application(), make_user(is_knowledge_manager=True)
    for deed in (
        lambda: deeds.ask(by=stranger, application=application, body="?"),
        lambda: deeds.decline(by=stranger, application=application, reason="No"),
        lambda: deeds.merge(by=stranger, application=application, into=make_application()),
    ):
        with pytest.raises(TooLate):
            deed()
    deeds.take_in_review(by=stranger, application=application)
    assert Application.objects.get(pk=application.pk).state == ApplicationState.RECEIVED
    assert mail.outbox == []


# Promised days -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("received", "promised"),
    [
        (date(2026, 11, 22), date(2026, 11, 25)),  # Sunday → Wednesday
        (date(2026, 11, 24), date(2026, 11, 29)),  # Tuesday → over Friday and Saturday to Sunday
        (date(2026, 11, 26), date(2026, 12, 1)),  # Thursday → Tuesday
        (date(2026, 11, 28), date(2026, 12, 1)),  # Saturday → Tuesday
    ],
)
def test_answer_is_promised_within_three_days_of_the_israeli_week(received, promised):
    assert rules.working_days_after(received, 3) == promised


def test_admins_are_reminded_once_of_each_late_application():
    admin = make_admin(name="Admin")
    long_ago = timezone.now() - timedelta(days=9)
    late, asked, fresh = (
        make_application(submitted_at=long_ago),
        make_application(submitted_at=long_ago, state=ApplicationState.QUESTION),
        make_application(),
    )
    for _ in range(2):
        do_due(timestamp=0)
    assert told("application_overdue") == ["Admin"]
    event = Event.objects.get(kind="application_overdue")
    assert event.subject.endswith(f":{late.pk}")
    assert visible_events(admin, [event]) == {event.pk}
    assert not rules.is_overdue(asked, timezone.now())
    assert not rules.is_overdue(fresh, timezone.now())
    deeds.decline(by=admin, application=late, reason="No")
    assert visible_events(admin, [event]) == set()


def test_day_of_receipt_is_the_israeli_one():
    application = make_application(
        submitted_at=datetime(2026, 11, 21, 22, 30, tzinfo=UTC)
    )  # Sunday 00:30 in Israel
    assert rules.answer_expected_on(application) == date(2026, 11, 25)


# Words and twins -----------------------------------------------------------------------------------------


def test_every_notice_can_be_worded():
    event = Event(kind="x", subject="members.application:1", data={"name": "N", "slug": "s", "said": "Hello"})
    for kind in KINDS:
        assert "N" in kind.sentence(event, None)
        assert kind.url(event).startswith("/")


def test_rule_and_queryset_agree_on_who_sees_an_application():
    people = [
        make_user(),
        make_admin(),
        make_user(email="Own@example.org"),
        make_user(is_knowledge_manager=True),
    ]
    rows = [
        make_application(email="own@example.org"),
        make_draft(email="own@example.org"),
        make_application(),
    ]
    for person in people:
        seen = set(Application.objects.visible_to(person))
        assert seen == {row for row in rows if rules.can_see_application(person, row)}


@pytest.mark.parametrize(
    ("email", "domain"),
    [("a@Karmiel.muni.il", "karmiel.muni.il"), ("a@gmail.com", ""), ("a@WALLA.co.il", "")],
)
def test_public_post_offices_say_nothing_of_the_workplace(email, domain):
    assert rules.work_domain(email) == domain


@pytest.mark.django_db(transaction=True)
def test_confirming_at_once_receives_once():
    token = token_of(sent_draft())
    keys = at_once(*[lambda: deeds.confirm_address(token=token).key] * 6)
    assert len(keys) == 6
    assert len(set(keys)) == 1
    assert AuditEvent.objects.filter(deed="receive_application").count() == 1
