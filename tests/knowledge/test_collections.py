"""Collections: begun and kept by buttons, and what a reader may not see is simply not there."""

import pytest
from django.urls import reverse

from knowledge.actions import collection as deeds
from knowledge.actions.write import StaleEdit, TooLate
from knowledge.models import Collection, CollectionItem, Item
from munistem.commons.enums import Visibility
from tests.communities.factories import make_community, make_facilitator, make_membership
from tests.knowledge.factories import make_collection, make_item
from tests.knowledge.test_pages import count_queries
from tests.members.factories import fresh, make_member
from tests.visits import signed_in, visitor

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_words")]


def order(collection):
    return list(collection.entries.in_order().values_list("item", flat=True))


def entry(collection, item):
    return CollectionItem.objects.select_related("collection").get(collection=collection, item=item)


def content(**fields):
    return {
        "title": "First steps",
        "text": "",
        "language": "en",
        "visibility": "public",
        "community": None,
    } | fields


def test_a_facilitator_begins_one_and_arranges_it(client):
    community = make_community()
    browser = signed_in(make_facilitator(community))
    told = {"title": "First steps", "language": "en", "visibility": "community", "community": community.slug}
    answer = browser.post(reverse("start_collection"), told)
    collection = Collection.objects.get()
    assert answer["Location"] == reverse("arrange_collection", args=[collection.slug])
    first, second = make_item(title="Robots for all"), make_item(title="Robots at night")
    page = browser.get(answer["Location"], {"q": "robots"}).content.decode()
    assert "Robots for all" in page
    for item in (first, second):
        browser.post(reverse("add_entry", args=[collection.slug]), {"item": item.slug})
    last = entry(collection, second)
    change = reverse("change_entry", args=[collection.slug, last.pk])
    for _time in range(2):
        browser.post(change, {"before": entry(collection, first).pk})
    assert order(collection) == [second.pk, first.pk]
    browser.post(change, {"before": "end"})
    assert order(collection) == [first.pk, second.pk]
    browser.post(change, {"note": "Read this last"})
    assert (
        "Read this last"
        in signed_in(make_membership(community).person).get(collection.get_absolute_url()).content.decode()
    )
    for _time in range(2):
        assert browser.post(change, {"off": "1"}).status_code == 302
    assert order(collection) == [first.pk]


def test_a_note_that_is_too_long_stays_typed():
    person = make_member(is_manager=True)
    collection = make_collection(make_item(), created_by=person)
    change = reverse("change_entry", args=[collection.slug, collection.entries.get().pk])
    answer = signed_in(person).post(change, {"note": "long " * 200})
    assert answer.status_code == 200
    assert "long long" in answer.content.decode()


def test_what_a_reader_may_not_see_is_not_there():
    items = [make_item(), make_item(visibility=Visibility.NETWORK), make_item(withdrawn=True)]
    collection = make_collection(*items)
    page = visitor().get(collection.get_absolute_url())
    assert [row.item_id for row in page.context["entries"]] == [items[0].pk]
    shelf = visitor().get(reverse("list_collections")).context["page"]
    assert [row.item_count for row in shelf] == [1]
    member = signed_in(make_member()).get(collection.get_absolute_url())
    assert len(member.context["entries"]) == 2


def test_entries_one_does_not_see_keep_their_place():
    person = make_member(is_manager=True)
    hidden = make_item(visibility=Visibility.COMMUNITY)
    first, last = make_item(), make_item()
    collection = make_collection(first, hidden, last, created_by=person)
    page = signed_in(person).get(reverse("arrange_collection", args=[collection.slug]))
    assert [row["item"].pk for row in page.context["entries"]] == [first.pk, last.pk]
    up = page.context["entries"][1]["up"]
    deeds.place_entry(by=person, entry=entry(collection, last), before=up)
    assert order(collection) == [last.pk, first.pk, hidden.pk]


def test_only_who_may_changes_it():
    community = make_community()
    collection = make_collection(make_item(), visibility=Visibility.COMMUNITY, community=community)
    member, stranger = make_membership(community).person, make_member(is_manager=True)
    for name in ("edit_collection", "arrange_collection"):
        address = reverse(name, args=[collection.slug])
        assert signed_in(member).get(address).status_code == 403
        assert signed_in(stranger).get(address).status_code == 404
    with pytest.raises(TooLate):
        deeds.add_to_collection(by=fresh(member), collection=collection, item=make_item())
    leader = make_facilitator(community)
    deeds.add_to_collection(by=fresh(leader), collection=collection, item=make_item())
    assert collection.entries.count() == 2


def test_nothing_is_put_in_that_one_may_not_see():
    person = make_member(is_manager=True)
    collection = make_collection(created_by=person)
    with pytest.raises(TooLate):
        deeds.add_to_collection(
            by=person, collection=collection, item=make_item(visibility=Visibility.COMMUNITY)
        )


def test_a_form_sent_twice_makes_one():
    person = make_member(is_manager=True)
    browser, told = signed_in(person), {"title": "First", "language": "he", "visibility": "network"}
    told["nonce"] = "6f0f3f0e-6e7c-4c59-8a8c-0e5a6a7c1d11"
    for _time in range(2):
        browser.post(reverse("start_collection"), told)
    assert Collection.objects.count() == 1


def test_new_is_a_page_of_its_own():
    person = make_member(is_manager=True)
    collection = deeds.start_collection(by=person, content=content(title="New"))
    assert collection.slug == "new-1"


def test_words_that_changed_meanwhile_are_not_overwritten():
    person = make_member(is_manager=True)
    collection = make_collection(created_by=person)
    seen = collection.marker
    deeds.edit_collection(by=person, collection=collection, content=content(), seen=seen)
    with pytest.raises(StaleEdit):
        deeds.edit_collection(by=person, collection=collection, content=content(title="Other"), seen=seen)
    deeds.edit_collection(by=person, collection=collection, content=content(), seen=seen)
    told = {"title": "Mine", "language": "en", "visibility": "public", "seen": seen}
    answer = signed_in(person).post(reverse("edit_collection", args=[collection.slug]), told)
    assert answer.status_code == 409
    assert "Mine" in answer.content.decode()


def test_closed_and_put_back():
    person = make_member(is_manager=True)
    collection = make_collection(created_by=person)
    close = reverse("close_collection", args=[collection.slug])
    browser = signed_in(person)
    for _time in range(2):
        assert browser.post(close).status_code == 302
    assert visitor().get(collection.get_absolute_url()).status_code == 404
    assert browser.get(collection.get_absolute_url()).status_code == 200
    browser.post(close, {"off": "1"})
    assert visitor().get(collection.get_absolute_url()).status_code == 200


def test_an_item_goes_into_a_collection_from_its_page():
    person = make_member(is_manager=True)
    item, collection = make_item(), make_collection(created_by=person)
    browser, address = signed_in(person), reverse("collect_item", args=[item.slug])
    assert address in browser.get(item.get_absolute_url()).content.decode()
    other = make_collection()
    assert browser.post(address, {"collection": other.slug}).status_code == 200
    browser.post(address, {"collection": collection.slug, "note": "Begin here"})
    assert collection.entries.get().note == "Begin here"
    assert signed_in(make_member()).get(address).status_code == 403


def test_full_is_full(monkeypatch):
    monkeypatch.setattr(deeds, "MOST_ENTRIES", 1)
    person = make_member(is_manager=True)
    collection = make_collection(make_item(), created_by=person)
    with pytest.raises(deeds.Full):
        deeds.add_to_collection(by=person, collection=collection, item=make_item())
    answer = signed_in(person).post(
        reverse("add_entry", args=[collection.slug]), {"item": make_item().slug}, follow=True
    )
    assert "is full" in answer.content.decode()


@pytest.mark.parametrize("who", ["visitor", "keeper"])
def test_the_same_queries_for_1_and_for_30(who):
    person = make_member(is_manager=True)
    browser = signed_in(person) if who == "keeper" else visitor()
    collection = make_collection(make_item(), created_by=person)
    addresses = [reverse("list_collections"), collection.get_absolute_url()]
    if who == "keeper":
        addresses += [reverse("arrange_collection", args=[collection.slug])]
    before = {address: count_queries(browser, address) for address in addresses}
    for _number in range(30):
        make_collection(Item.objects.first())
        deeds.add_to_collection(by=person, collection=collection, item=make_item())
    assert {address: count_queries(browser, address) for address in addresses} == before
    assert max(before.values()) <= 10


def test_visitors_do_not_learn_who_collected_it():
    maker = make_member(name="Dana Levi")
    collection = make_collection(visibility=Visibility.PUBLIC, created_by=maker)
    address = collection.get_absolute_url()
    assert "Dana Levi" not in visitor().get(address).content.decode()
    assert "Dana Levi" in signed_in(make_member()).get(address).content.decode()
