"""Whether an item is still right: asked once a month before and once when its day is over; silence is shown."""

import re
from datetime import date, datetime, timedelta

import pytest
from django.utils import timezone

from knowledge.actions import review, validity
from knowledge.actions.write import StaleEdit, TooLate
from knowledge.emails.validity import confirm_address
from knowledge.enums import ItemKind, When
from knowledge.models import Item, ValidityQuestion
from knowledge.rules import can_see_validity_question
from members.models import User
from munistem.commons.notices.models import Notice
from tests.knowledge.factories import make_item, submitted
from tests.members.factories import make_admin, make_member, make_representative, make_user
from tests.moments import stop_clock
from tests.visits import read

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_pages")]
#: A Tuesday without a holy day near it.
TUESDAY = timezone.make_aware(datetime(2026, 11, 24, 10))


@pytest.fixture(autouse=True)
def today(monkeypatch):
    """It is Tuesday, until a test moves the clock."""

    def move(days=0):
        stop_clock(monkeypatch, TUESDAY + timedelta(days=days))

    move()
    return move


def item_until(days, **fields):
    """An item published long before, whose day is so many days after the Tuesday."""
    fields.setdefault("created_by", make_member(is_manager=True))
    item = make_item(**{"decided_at": TUESDAY - timedelta(days=400), **fields})
    day = TUESDAY.date() + timedelta(days=days)
    Item.objects.filter(pk=item.pk).update(valid_until=day)
    item.refresh_from_db()
    return item


@pytest.mark.parametrize(
    ("kind", "details", "until"),
    [
        ("guide", {}, date(2029, 11, 24)),
        ("tool", {}, date(2028, 11, 24)),
        ("call", {"deadline": "2027-01-31"}, date(2027, 1, 31)),
        ("call", {}, None),
    ],
)
def test_publishing_says_until_when_it_holds(author, reviewer, kind, details, until):
    revision = submitted(author, fields={"kind": kind, "details": details})
    review.publish(by=reviewer, revision=revision)
    assert Item.objects.get().valid_until == until


def test_what_its_author_said_goes_first(author, reviewer):
    day = timezone.localdate() + timedelta(days=100)
    review.publish(by=reviewer, revision=submitted(author, fields={"valid_until": day}))
    assert Item.objects.get().valid_until == day


@pytest.mark.parametrize(
    ("days", "asked"), [(31, []), (30, ["soon"]), (0, ["soon"]), (-1, ["over"]), (-60, ["over"]), (-61, [])]
)
def test_asked_a_month_before_and_when_it_is_over(days, asked):
    item_until(days)
    for _ in range(2):
        validity.ask_authors(TUESDAY)
    assert list(ValidityQuestion.objects.values_list("when", flat=True)) == asked
    assert Notice.objects.count() == len(asked)


def test_asked_once_more_when_nobody_answers(today):
    item = item_until(20)
    for day in range(40):
        validity.ask_authors(TUESDAY + timedelta(days=day))
    assert list(ValidityQuestion.objects.order_by("pk").values_list("when", flat=True)) == ["soon", "over"]
    today(21)
    assert item.is_outdated


def test_not_at_night_nor_on_shabbat():
    item_until(10)
    assert validity.ask_authors(TUESDAY.replace(hour=3)) == 0
    assert validity.ask_authors(TUESDAY + timedelta(days=4)) == 0
    assert validity.ask_authors(TUESDAY + timedelta(days=5)) == 1


def test_not_of_what_was_just_published_withdrawn_or_a_call_that_is_open():
    item_until(10, decided_at=TUESDAY - timedelta(days=3))
    item_until(10, withdrawn=True)
    item_until(10, kind=ItemKind.CALL)
    assert validity.ask_authors(TUESDAY) == 0


def test_author_who_left_is_not_asked_but_managers_or_else_knowledge_managers_are(reviewer):
    mandate = make_representative(is_manager=True)
    gone = make_member(is_active=False)
    item_until(10, created_by=gone, organisation=mandate.organisation)
    item_until(10, created_by=gone)
    validity.ask_authors(TUESDAY)
    told = set(Notice.objects.values_list("reader", flat=True))
    managers = set(User.objects.filter(is_knowledge_manager=True).values_list("pk", flat=True))
    assert told == {mandate.person_id, *managers} >= {reviewer.pk}
    assert gone.pk not in told


def test_one_tap_in_the_letter_and_one_button(client, run_jobs, mailoutbox):
    item = item_until(10, title="Labs")
    validity.ask_authors(TUESDAY)
    run_jobs()
    (letter,) = mailoutbox
    assert "Is “\u2068Labs\u2069” still right?" in letter.subject
    address = re.search(r"/still-right/\S+", letter.body)[0]
    page = read(client, address)
    item.refresh_from_db()
    assert item.valid_until == date(2026, 12, 4)  # opening changes nothing
    assert "It is still right" in page
    for _ in range(2):
        page = client.post(address, {"day": "2026-12-04"}).content.decode()
        assert "Thank you." in page
    item.refresh_from_db()
    assert item.valid_until == date(2029, 11, 24)
    assert ValidityQuestion.objects.get().answered_by == item.created_by
    assert not Notice.objects.unread().exists()
    assert "answered already" in read(client, address)
    assert client.get("/still-right/nonsense/").status_code == 404


def test_link_of_who_keeps_it_no_more_opens_nothing(client):
    item = item_until(10)
    stranger = make_member()
    address = confirm_address(item, stranger, str(item.valid_until)).partition("://")[2]
    assert client.get(address[address.index("/") :]).status_code == 404


def test_call_is_not_confirmed_but_changed_or_taken_out(client):
    item = item_until(-1, kind=ItemKind.CALL, details={"deadline": "2026-11-23"})
    validity.ask_authors(TUESDAY)
    with pytest.raises(TooLate):
        validity.confirm(by=item.created_by, item=item, seen=item.valid_until)
    client.force_login(item.created_by)
    page = read(client, f"{item.get_absolute_url()}still-right/")
    assert "set a new one when it opens again" in page
    assert "It is still right" not in page


def test_answer_about_another_day_is_asked_again(client):
    item = item_until(10)
    with pytest.raises(StaleEdit):
        validity.confirm(by=item.created_by, item=item, seen=date(2020, 1, 1))
    client.force_login(item.created_by)
    address = f"{item.get_absolute_url()}still-right/"
    assert client.post(address, {"day": "2020-01-01"}).status_code == 409
    client.force_login(make_member())
    assert client.get(address).status_code == 403


def test_page_and_card_say_that_it_may_be_outdated(client):
    item = item_until(-1)
    assert "May be outdated" in read(client, item.get_absolute_url())
    assert "May be outdated" in read(client, "/knowledge/")
    client.force_login(item.created_by)
    assert f"{item.get_absolute_url()}still-right/" in read(client, item.get_absolute_url())


def test_who_sees_a_question_is_said_twice_alike():
    mandate = make_representative(is_manager=True)
    item = item_until(10, organisation=mandate.organisation)
    question = ValidityQuestion.objects.create(item=item, day=item.valid_until, when=When.SOON)
    people = [
        item.created_by,
        mandate.person,
        make_member(),
        make_admin(),
        make_user(is_knowledge_manager=True),
    ]
    seen = [ValidityQuestion.objects.visible_to(person).exists() for person in people]
    assert (
        seen
        == [can_see_validity_question(person, question) for person in people]
        == [True, True, False, True, True]
    )
