"""Numbers of use: by month, kind of organisation and district; of nobody, and not of machines or keepers."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from knowledge.actions.counting import TALLY, Tally, Use, add_to_table
from knowledge.actions.use import call_useful
from knowledge.models import ItemUse
from knowledge.views.counting import HIDDEN, LEAST, apart, groups, months_before, shown
from members.enums import OrganisationType
from members.models import LocalAuthority
from munistem.commons.enums import Visibility
from tests.knowledge.factories import make_file, make_item
from tests.members.factories import fresh, make_member, make_municipality, make_representative, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_words")]
BROWSER = {"HTTP_USER_AGENT": "Mozilla/5.0 (Android 14; Mobile) Firefox/130"}


@pytest.fixture(autouse=True)
def _nothing_counted_yet():
    TALLY.take()


def reader(person=None):
    browser = Client(**BROWSER)
    if person:
        browser.force_login(person)
    return browser


def counted():
    """Kind, kind of organisation, district, number."""
    TALLY.write()
    rows = ItemUse.objects.order_by("kind", "organisation_type", "district")
    return list(rows.values_list("kind", "organisation_type", "district", "number"))


def municipal(district="north"):
    place = make_municipality()
    LocalAuthority.objects.filter(pk=place.authority_id).update(district=district)
    return fresh(make_representative(organisation=place).person)


def test_views_and_downloads_are_counted_by_group():
    item = make_item()
    file = make_file(item.published)
    address = reverse("serve_item_file", args=[item.slug, file.file.key])
    reader().get(item.get_absolute_url())
    person = reader(municipal())
    person.get(item.get_absolute_url())
    person.get(item.get_absolute_url())
    b"".join(person.get(address).streaming_content)
    assert counted() == [("download", "municipality", "north", 1), ("view", "", "", 1), ("view", "municipality", "north", 2)]  # fmt: skip
    person.get(item.get_absolute_url())
    assert counted()[-1][-1] == 3


def test_machines_keepers_and_reviewers_are_not_counted():
    item = make_item()
    for agent in ("", "Googlebot/2.1", "curl/8", "WhatsApp/2"):
        Client(HTTP_USER_AGENT=agent).get(item.get_absolute_url())
    reader().head(item.get_absolute_url())
    reader().get(item.get_absolute_url(), HTTP_SEC_PURPOSE="prefetch")
    reader(item.created_by).get(item.get_absolute_url())
    reader(make_user(is_knowledge_manager=True)).get(item.get_absolute_url())
    reader().get("/knowledge/no-such-item/")
    assert counted() == []


def test_all_files_in_one_are_one_download():
    item = make_item()
    for _file in range(2):
        make_file(item.published)
    address = reverse("serve_item_files", args=[item.slug, item.published.number])
    person = reader(municipal())
    b"".join(person.get(address).streaming_content)
    person.head(address)
    reader().get(reverse("serve_item_files", args=[item.slug, 99]))
    assert counted() == [("download", "municipality", "north", 1)]


def test_later_parts_of_a_recording_are_no_downloads():
    item = make_item()
    address = reverse("serve_item_file", args=[item.slug, make_file(item.published).file.key])
    for part in ("bytes=0-1", "bytes=2-4"):
        b"".join(reader().get(address, HTTP_RANGE=part).streaming_content)
    assert counted() == [("download", "", "", 1)]


def test_a_look_asks_the_database_nothing_more(django_assert_max_num_queries):
    item, browser = make_item(), reader()
    with django_assert_max_num_queries(8):
        browser.get(item.get_absolute_url())


def test_many_processes_add_to_the_same_number():
    item = make_item()
    use = Use(item.pk, date(2026, 3, 1), "view", "ngo", 0)
    for _process in range(2):
        tally = Tally()
        tally.add(use)
        tally.add(use)
        assert tally.write() == 2
        assert tally.write() == 0
    assert ItemUse.objects.get().number == 4


def test_what_is_gone_is_left_out():
    add_to_table({Use(0, date(2026, 3, 1), "view", "", 0): 5})
    assert not ItemUse.objects.exists()


def test_small_numbers_are_not_shown():
    assert [shown(number) for number in (0, 1, 2, 3)] == [0, None, None, 3]


@pytest.mark.parametrize(
    ("numbers", "told"),
    [
        ({"ngo": 2, "company": 5, "": 4}, {"company": 5, HIDDEN: 6}),
        ({"ngo": 2, "company": 1, "": 4}, {"": 4, HIDDEN: 3}),
        ({"ngo": 1, "company": 9}, {HIDDEN: 10}),
        ({"ngo": 3, "company": 9}, {"ngo": 3, "company": 9}),
        ({"ngo": 0, "company": 9}, {"company": 9, "ngo": 0}),
        ({"ngo": 1, "company": 1}, {}),
        ({"ngo": 2}, {}),
    ],
)
def test_no_small_number_is_left_when_what_is_told_is_taken_away(numbers, told):
    found = apart(numbers)
    assert {code: number for code, number in found.items() if number} == {
        code: number for code, number in told.items() if number
    }
    left = sum(numbers.values()) - sum(number for code, number in found.items() if code != HIDDEN)
    assert left == 0 or left >= LEAST or not found


def test_the_page_of_a_month_ago_tells_no_small_number_either():
    def told(*months):
        rows = [
            ItemUse(kind="view", month=date(2026, month, 1), organisation_type=code, number=number)
            for month, numbers in months
            for code, number in numbers.items()
        ]
        shown = groups(rows, lambda row: row.organisation_type, OrganisationType, "Visitors")
        return {row["label"]: row["views"] for row in shown}

    before = told((1, {"ngo": 7, "": 5}))
    after = told((1, {"ngo": 7, "": 5}), (2, {"ngo": 1, "": 6}))
    assert before == {"Third sector": 7, "Visitors": 5}
    assert after == before | {"Too few in a month to be told apart": 7}
    assert told((1, {"ngo": 7, "": 5}), (2, {"ngo": 1, "": 1})) == before


def test_months_before():
    assert months_before(date(2026, 3, 1), 12) == date(2025, 3, 1)
    assert months_before(date(2026, 1, 1), 1) == date(2025, 12, 1)


def test_authors_see_it_and_others_do_not():
    item = make_item(visibility=Visibility.NETWORK)
    person = make_member(name="Dana")
    call_useful(by=person, item=item, benefit="tried", note="In two schools it worked.")
    last = months_before(timezone.localdate().replace(day=1), 1)
    add_to_table({Use(item.pk, last, "view", "municipality", 0): 7, Use(item.pk, last, "view", "ngo", 0): 1})
    address = reverse("show_use", args=[item.slug])
    page = reader(item.created_by).get(address)
    text = page.content.decode()
    assert "In two schools it worked." in text
    assert "Dana" in text
    assert "We tried it" in text
    assert page.context["months"] == [{"month": last, "views": 8, "downloads": 0}]
    assert [(row["label"], row["views"]) for row in page.context["types"]] == [
        ("Too few in a month to be told apart", 8)
    ]
    assert reader(person).get(address).status_code == 403
    assert reader(make_user()).get(address).status_code == 404
    assert address in reader(item.created_by).get(item.get_absolute_url()).content.decode()
    assert address not in reader(person).get(item.get_absolute_url()).content.decode()
