"""Adaptations: the introduction, the questions after a term, the answers, and what others see of it."""

import time
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.core import mail, signing
from django.urls import reverse
from django.utils import timezone

from knowledge.actions import adaptation as deeds
from knowledge.actions.write import TooLate
from knowledge.emails.adaptation import HOLDS, report_address
from knowledge.enums import Shown
from knowledge.models import Adaptation, Item
from members.models import LocalAuthority, Representative
from munistem.commons.notices.letters import mail_notices
from munistem.commons.notices.models import Notice
from tests.knowledge.factories import make_adaptation, make_item
from tests.members.factories import fresh, make_member, make_municipality, make_representative, make_user
from tests.visits import signed_in, visitor

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_words")]
ANSWERS = {
    "kept": "The clubs",
    "changed": "Teachers instead of students",
    "dropped": "",
    "result": "Forty girls came",
    "advice": "Begin in October",
}


@pytest.fixture
def item():
    writer = make_representative(organisation=make_municipality(name_en="Karmiel"), is_manager=True)
    return make_item(
        title="Clubs for girls",
        organisation=writer.organisation,
        created_by=writer.person,
        contact="Dana, 04",
    )


@pytest.fixture
def adapter():
    place = make_municipality(name_en="Nazareth")
    LocalAuthority.objects.filter(pk=place.authority_id).update(lat=32.7, lon=35.3)
    return make_representative(organisation=place, is_manager=True).person


def adapt(adapter, item, **fields):
    told = {"purpose": "In two schools", "shown": Shown.NETWORK, "due_on": timezone.localdate() + deeds.TERM}
    return deeds.adapt(by=fresh(adapter), item=item, **told | fields)


def letters():
    """All letters that wait now, made."""
    mail.outbox.clear()
    mail_notices(Notice.objects.filter(mailed_at__isnull=True).values_list("pk", flat=True))
    return {letter.to[0]: letter for letter in mail.outbox}


def told(kind):
    return set(Notice.objects.filter(event__kind=kind).values_list("reader_id", flat=True))


def test_both_sides_are_introduced_once(item, adapter):
    for _time in range(2):
        adapt(adapter, item)
    assert Adaptation.objects.count() == 1
    sent = letters()
    to_author, to_adapter = sent[item.created_by.email], sent[adapter.email]
    assert to_author.reply_to == [adapter.email]
    assert "In two schools" in to_author.body
    assert "Nazareth" in to_author.subject
    assert "Dana, 04" in to_adapter.body
    assert letters() == {}


def test_an_address_that_is_not_shown_is_not_given_away(item, adapter):
    type(item.created_by).objects.filter(pk=item.created_by_id).update(is_email_shown=False)
    adapt(adapter, item)
    to_adapter = letters()[adapter.email]
    assert item.created_by.email not in to_adapter.message().as_string()


def test_managers_of_the_organisation_hear_of_it_too(item, adapter):
    colleague = make_representative(organisation=item.organisation, is_manager=True).person
    adapt(adapter, item)
    assert told("adaptation_begun") == {item.created_by_id, colleague.pk}


def test_own_items_and_what_is_not_there_are_not_adapted(item, adapter):
    with pytest.raises(TooLate):
        adapt(item.created_by, item)
    with pytest.raises(TooLate):
        adapt(make_user(), item)
    Item.objects.filter(pk=item.pk).update(published=None, published_at=None)
    with pytest.raises(TooLate):
        adapt(adapter, item)


def test_questions_come_after_the_term_and_once_more(item, adapter):
    adaptation, now = adapt(adapter, item), timezone.now()
    assert deeds.ask_how_it_went(now) == 0
    due = now + deeds.TERM + timedelta(days=1)
    assert [deeds.ask_how_it_went(due) for _time in range(2)] == [1, 0]
    letter = letters()[adapter.email]
    assert "/tell/" in letter.body
    later = due + deeds.AGAIN + timedelta(days=1)
    assert [deeds.ask_how_it_went(later) for _time in range(2)] == [1, 0]
    assert deeds.ask_how_it_went(later + timedelta(days=300)) == 0
    adaptation.refresh_from_db()
    assert (adaptation.asked_at, adaptation.reminded_at) == (due, later)


def test_who_left_is_not_asked_but_the_managers_are(item, adapter):
    adaptation = adapt(adapter, item)
    place = adaptation.organisation
    manager = make_representative(organisation=place, is_manager=True).person
    colleague = make_representative(organisation=place).person
    Representative.objects.filter(person=adapter).update(until_on=timezone.localdate())
    deeds.ask_how_it_went(timezone.now() + deeds.TERM + timedelta(days=1))
    assert told("adaptation_due") == {manager.pk}
    assert colleague.pk not in told("adaptation_due")


def test_nobody_is_asked_of_what_was_taken_out(item, adapter):
    adapt(adapter, item)
    Item.objects.filter(pk=item.pk).update(
        withdrawn_at=timezone.now(), withdrawn_by=item.created_by, withdrawn_reason="Old"
    )
    assert deeds.ask_how_it_went(timezone.now() + deeds.TERM + timedelta(days=1)) == 0


def test_the_letter_opens_the_questions_without_signing_in(item, adapter):
    adaptation = adapt(adapter, item)
    deeds.ask_how_it_went(timezone.now() + deeds.TERM + timedelta(days=1))
    address = report_address(adaptation.pk, adapter).removeprefix("http://testserver")
    address = address[address.index("/adaptations/") :]
    browser = visitor()
    assert browser.get(address).status_code == 200
    kept = browser.post(address, {**ANSWERS, "result": "", "shown": "public"})
    assert "The clubs" in kept.content.decode()
    assert not Adaptation.objects.get().is_reported
    assert browser.post(address, {**ANSWERS, "shown": "public"}).status_code == 200
    assert browser.post(address, {**ANSWERS, "result": "Changed", "shown": "public"}).status_code == 410
    row = Adaptation.objects.get()
    assert (row.result, row.reported_by_id, row.shown) == ("Forty girls came", adapter.pk, "public")
    assert told("adaptation_reported") == {item.created_by_id}
    assert not Notice.objects.filter(event__kind="adaptation_due", read_at__isnull=True).exists()
    assert browser.get(address.replace("/tell/", "x/tell/")).status_code == 404


def test_the_link_opens_nothing_once_one_acts_no_more(item, adapter):
    adaptation = adapt(adapter, item)
    Representative.objects.filter(person=adapter).update(until_on=timezone.localdate())
    address = report_address(adaptation.pk, adapter)
    address = address[address.index("/adaptations/") :]
    assert visitor().post(address, {**ANSWERS, "shown": "public"}).status_code in (404, 410)
    assert not Adaptation.objects.get().is_reported


def test_the_link_of_a_letter_does_not_hold_for_years(item, adapter, monkeypatch):
    adaptation = adapt(adapter, item)
    address = report_address(adaptation.pk, adapter)
    address = address[address.index("/adaptations/") :]
    later = time.time() + HOLDS.total_seconds()
    monkeypatch.setattr(signing, "time", SimpleNamespace(time=lambda: later - 600))
    assert visitor().get(address).status_code == 200
    monkeypatch.setattr(signing, "time", SimpleNamespace(time=lambda: later + 600))
    assert visitor().get(address).status_code == 404


def test_questions_stand_on_my_day_until_they_are_answered(item, adapter):
    adaptation = adapt(adapter, item)
    browser = signed_in(fresh(adapter))
    link = reverse("report_adaptation", args=[adaptation.pk])
    assert link not in browser.get("/").content.decode()
    deeds.ask_how_it_went(timezone.now() + deeds.TERM + timedelta(days=1))
    assert link in browser.get("/").content.decode()
    answer = browser.post(link, {**ANSWERS, "shown": "network"})
    assert answer["Location"] == adaptation.get_absolute_url()
    assert link not in browser.get("/").content.decode()


def test_answers_are_shown_to_whom_they_were_meant_for(item, adapter):
    adaptation = adapt(adapter, item, shown=Shown.NOBODY)
    deeds.report(by=fresh(adapter), adaptation=adaptation, answers=ANSWERS, shown=Shown.NETWORK)
    outsider = signed_in(make_member())
    assert "Forty girls came" in outsider.get(item.get_absolute_url()).content.decode()
    assert "Forty girls came" not in visitor().get(item.get_absolute_url()).content.decode()
    assert visitor().get(adaptation.get_absolute_url()).status_code == 404
    assert Item.objects.get(pk=item.pk).adaptation_count == 0
    deeds.report(by=fresh(adapter), adaptation=adaptation, answers=ANSWERS, shown=Shown.PUBLIC)
    page = visitor().get(item.get_absolute_url()).content.decode()
    assert "Forty girls came" in page
    assert 'class="map"' in page
    assert Item.objects.get(pk=item.pk).adaptation_count == 1
    assert Notice.objects.filter(event__kind="adaptation_reported").count() == 1


def test_two_worlds_look_the_same_to_visitors(item, adapter):
    before = visitor().get(item.get_absolute_url()).content
    adapt(adapter, item)
    strip = lambda page: [line for line in page.splitlines() if b"nonce" not in line and b"csrf" not in line]  # noqa: E731
    assert strip(visitor().get(item.get_absolute_url()).content) == strip(before)


def test_what_was_given_up_is_not_asked_and_may_begin_anew(item, adapter):
    adaptation = adapt(adapter, item, shown=Shown.PUBLIC)
    browser = signed_in(fresh(adapter))
    link = reverse("give_up_adaptation", args=[adaptation.pk])
    for _time in range(2):
        assert browser.post(link).status_code == 302
    assert deeds.ask_how_it_went(timezone.now() + deeds.TERM * 2) == 0
    assert Item.objects.get(pk=item.pk).adaptation_count == 0
    assert adapt(adapter, item).pk == adaptation.pk
    assert Adaptation.objects.get().is_under_way


def test_the_form_keeps_what_was_typed(item, adapter):
    browser, address = signed_in(fresh(adapter)), reverse("adapt_item", args=[item.slug])
    page = browser.post(address, {"purpose": "In two schools", "due_on": "2020-01-01", "shown": "public"})
    assert page.status_code == 200
    assert "In two schools" in page.content.decode()
    assert not Adaptation.objects.exists()
    good = {"purpose": "In two", "shown": "public", "due_on": timezone.localdate() + timedelta(days=9)}
    answer = browser.post(address, good)
    assert answer["Location"] == Adaptation.objects.get().get_absolute_url()
    assert browser.get(address).status_code == 302


def test_others_may_neither_answer_nor_give_up(item, adapter):
    adaptation = adapt(adapter, item)
    outsider = signed_in(make_member())
    assert outsider.post(reverse("report_adaptation", args=[adaptation.pk]), ANSWERS).status_code == 403
    assert outsider.post(reverse("give_up_adaptation", args=[adaptation.pk])).status_code == 403
    hidden = make_adaptation(item, shown=Shown.NOBODY)
    assert outsider.get(hidden.get_absolute_url()).status_code == 404


def test_item_takes_the_same_queries_for_1_and_for_30(item, adapter, django_assert_max_num_queries):
    from tests.knowledge.test_pages import count_queries

    browser = signed_in(make_member())
    make_adaptation(item)
    before = count_queries(browser, item.get_absolute_url())
    for _number in range(30):
        make_adaptation(item)
    assert count_queries(browser, item.get_absolute_url()) == before
