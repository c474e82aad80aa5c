"""Useful, and kept at hand: once a person, counted in columns, taken back with the same tap."""

import pytest
from django.urls import reverse

from knowledge.actions import use as deeds
from knowledge.actions.write import TooLate
from knowledge.models import Item, Saved, Useful
from munistem.commons.enums import Visibility
from tests.communities.factories import make_community
from tests.knowledge.factories import make_item
from tests.members.factories import make_member, make_user

pytestmark = pytest.mark.django_db


def counts(item):
    row = Item.objects.get(pk=item.pk)
    return row.useful_count, row.saved_count, row.use_count


def test_marks_count_once_a_person():
    item, one, other = make_item(), make_member(), make_member()
    for person in (one, one, other):
        deeds.call_useful(by=person, item=item)
    deeds.save_for_later(by=one, item=item)
    deeds.save_for_later(by=one, item=item)
    assert counts(item) == (2, 1, 3)
    deeds.uncall_useful(by=one, item=item)
    deeds.uncall_useful(by=one, item=item)
    deeds.unsave(by=one, item=item)
    assert counts(item) == (1, 0, 1)


def test_one_does_not_praise_what_one_wrote():
    item = make_item()
    with pytest.raises(TooLate):
        deeds.call_useful(by=item.created_by, item=item)
    deeds.save_for_later(by=item.created_by, item=item)
    assert counts(item) == (0, 1, 1)


def test_what_one_may_not_see_cannot_be_marked(client):
    item = make_item(visibility=Visibility.NETWORK)
    client.force_login(make_user())
    for name in ("call_useful", "save_for_later"):
        assert client.post(reverse(name, args=[item.slug])).status_code == 404
    assert counts(item) == (0, 0, 0)


def test_a_tap_says_it_and_a_reason_may_follow(client):
    item, person = make_item(), make_member()
    client.force_login(person)
    address = reverse("call_useful", args=[item.slug])
    client.post(address)
    page = client.get(item.get_absolute_url()).content.decode()
    assert 'name="benefit"' in page
    client.post(address, {"benefit": "tried", "note": "In two schools."})
    mark = Useful.objects.get(item=item, person=person)
    assert (mark.benefit, mark.note) == ("tried", "In two schools.")
    client.post(address)  # the same tap again keeps what was said
    mark.refresh_from_db()
    assert mark.benefit == "tried"
    client.post(address, {"off": "1"})
    assert counts(item) == (0, 0, 0)


def test_a_line_that_is_too_long_stays_typed(client):
    item = make_item()
    client.force_login(make_member())
    answer = client.post(reverse("call_useful", args=[item.slug]), {"note": "long " * 200, "benefit": "x"})
    assert answer.status_code == 200
    assert "long long" in answer.content.decode()
    assert counts(item) == (0, 0, 0)


def test_the_shelf_shows_what_may_still_be_seen(client, django_assert_num_queries):
    person = make_member()
    client.force_login(person)
    for _number in range(3):
        deeds.save_for_later(by=person, item=make_item())
    gone = make_item()
    deeds.save_for_later(by=person, item=gone)
    Item.objects.filter(pk=gone.pk).update(visibility=Visibility.COMMUNITY, community=make_community())
    page = client.get(reverse("list_saved")).context["page"]
    assert page.paginator.count == 3
    assert gone not in page.object_list


def test_who_leaves_has_no_shelf():
    item, person = make_item(), make_member()
    deeds.save_for_later(by=person, item=item)
    deeds.call_useful(by=person, item=item, note="Thanks from Dana")
    deeds.forget_marks(by=person, person=person)
    assert not Saved.objects.exists()
    assert Useful.objects.get().note == ""
    assert counts(item) == (1, 0, 1)
