"""Where an item is spoken of: discussions, collections, recommendations, as far as the reader may see them."""

import pytest
from django.conf import settings

from communities.enums import Access
from communities.models import Post
from knowledge.actions import citing
from knowledge.models import Citation
from knowledge.models.citation import cited
from munistem.commons.enums import Visibility
from tests.communities.factories import make_community, make_membership, make_post, make_topic
from tests.knowledge.factories import make_collection, make_item
from tests.members.factories import fresh, make_member
from tests.policy.factories import make_link
from tests.visits import signed_in, visitor

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_words")]


def link(item, body='<p>See <a href="{}">this</a></p>'):
    return body.format(item.get_absolute_url())


def test_links_are_found_and_lost():
    item, other = make_item(slug="רובוטיקה-לכולן"), make_item()
    post = make_post(make_topic(), body=link(item))
    bare = make_post(make_topic(), body=f"<p>{settings.BASE_URL}{other.get_absolute_url()}</p>")
    make_post(make_topic(), body='<p><a href="https://elsewhere.example/knowledge/item-1/">x</a></p>')
    for _time in range(2):
        assert citing.find_lately() == 2
    assert set(Citation.objects.values_list("item", "post")) == {(item.pk, post.pk), (other.pk, bare.pk)}
    Post.objects.filter(pk=post.pk).update(body="<p>Nothing</p>")
    citing.find_all()
    assert set(Citation.objects.values_list("item", "post")) == {(other.pk, bare.pk)}


def test_addresses_are_read_as_browsers_do():
    slug = "%D7%A8%D7%95%D7%91%D7%95"
    assert citing.slugs_in(f'<a href="/knowledge/{slug}/">x</a>') == {"רובו"}
    assert citing.slugs_in('<a href="/knowledge/one/edit/?a=1">x</a>') == {"one"}
    assert citing.slugs_in('<a href="https://x.example/knowledge/one/">x</a>') == set()


def test_each_reader_sees_what_they_may():
    item = make_item()
    private = make_community(access=Access.REQUEST)
    member = make_membership(private).person
    hidden = make_topic(private, title="Behind the door")
    make_post(hidden, body=link(item))
    open_topic = make_topic(make_community(access=Access.OPEN), title="In the open")
    make_post(open_topic, body=link(item))
    make_collection(item, title="For the network", visibility=Visibility.NETWORK)
    recommendation = make_link(item=item).recommendation
    citing.find_lately()

    def titles(person):
        return {row.title for row in cited(person, item)}

    everybody = {"In the open", recommendation.title_he}
    page = visitor().get(item.get_absolute_url()).content.decode()
    assert "In the open" in page
    assert "Behind the door" not in page
    assert "For the network" not in page
    assert titles(fresh(make_member())) == {*everybody, "For the network"} - {recommendation.title_he} | {
        recommendation.title
    }
    assert "Behind the door" in signed_in(member).get(item.get_absolute_url()).content.decode()
    assert set(Citation.objects.visible_to(fresh(make_member()))) < set(
        Citation.objects.visible_to(fresh(member))
    )
