"""What is kept of pages for all readers shows each of them what is theirs, and nothing that is gone."""

import pytest

from communities.actions import post as deeds
from communities.enums import Access
from communities.models import Helpful
from munistem.commons.files.actions import store
from tests.commons.factories import picture, uploaded
from tests.communities.factories import (
    make_community,
    make_facilitator,
    make_member,
    make_membership,
    make_post,
    make_topic,
)
from tests.visits import read

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_pages")]


@pytest.fixture
def community():
    return make_community(access=Access.OPEN, name="Municipal labs")


@pytest.fixture
def topic(community):
    topic = make_topic(community, title="Robots")
    make_post(topic, body="<p>What we tried</p>")
    return topic


def member_of(community, **fields):
    member = make_member(**fields)
    make_membership(community, member)
    return member


def page_of(client, reader, address):
    client.logout()
    if reader:
        client.force_login(reader)
    return read(client, address)


def test_readers_one_after_the_other_find_their_own_names(client, community, topic):
    readers = [member_of(community, name=f"Reader of number {number}") for number in range(2)]
    for address in (topic.get_absolute_url(), community.get_absolute_url()):
        pages = [page_of(client, reader, address) for reader in [*readers, None, *readers]]
        told = [[reader.name in page for reader in readers] for page in pages]
        assert told == [[True, False], [False, True], [False, False], [True, False], [False, True]]


def test_hidden_post_is_gone_for_who_had_it_printed_before(client, community, topic):
    facilitator, member = make_facilitator(community), member_of(community)
    address = topic.get_absolute_url()
    assert all("What we tried" in page_of(client, reader, address) for reader in (facilitator, member, None))
    deeds.hide(by=facilitator, post=topic.posts.get(number=2), reason="Names a child")
    told = ["What we tried" in page_of(client, reader, address) for reader in (facilitator, member, None)]
    assert told == [True, False, False]
    assert "Names a child" not in page_of(client, member, address)


def test_deeds_of_a_facilitator_are_not_offered_to_the_next(client, community, topic):
    facilitator, member = make_facilitator(community), member_of(community)
    address, hide = topic.get_absolute_url(), f"/posts/{topic.posts.get(number=2).pk}/hide/"
    told = [hide in page_of(client, reader, address) for reader in (facilitator, member, None, facilitator)]
    assert told == [True, False, False, True]


def test_my_mark_is_mine_alone(client, community, topic):
    readers = [member_of(community) for _ in range(2)]
    Helpful.objects.create(post=topic.posts.get(number=2), person=readers[0])
    marked = [
        'aria-pressed="true"' in page_of(client, reader, topic.get_absolute_url()) for reader in readers
    ]
    assert marked == [True, False]


def test_faces_are_for_the_network(client, community, topic):
    author = topic.posts.get(number=2).author
    author.photo = store(uploaded("face.jpg", picture()), by=author)
    author.save()
    address, face = topic.get_absolute_url(), f"/people/{author.uuid}/photo"
    told = [face in page_of(client, reader, address) for reader in (member_of(community), None)]
    assert told == [True, False]


def test_each_answer_has_a_token_of_its_own(client, community, topic):
    client.force_login(member_of(community))
    pages = [client.get(topic.get_absolute_url()).content.decode() for _ in range(2)]
    tokens = [page.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0] for page in pages]
    nonces = [page.split('name="nonce" value="')[1].split('"')[0] for page in pages]
    assert len({*tokens}) == len({*nonces}) == 2
    assert all("token-" not in page for page in pages)


def test_place_where_the_reader_left_off_is_their_own(client, community, topic):
    first, second = member_of(community), member_of(community)
    page_of(client, first, topic.get_absolute_url())
    make_post(topic, body="<p>Later</p>")
    told = ['id="new"' in page_of(client, reader, topic.get_absolute_url()) for reader in (first, second)]
    assert told == [True, False]
