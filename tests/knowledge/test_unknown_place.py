"""Who changes what stands in a closed community, and is not in it, is not told which one it is; it stays there."""

import pytest

from communities.enums import Access
from munistem.commons.enums import Visibility
from tests.communities.factories import make_community, make_membership
from tests.knowledge.factories import content, make_collection, make_item
from tests.members.factories import make_user
from tests.visits import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_words")]


@pytest.fixture
def closed():
    community = make_community(access=Access.CLOSED, name="SECRET circle", slug="secret-circle")
    make_membership(community)
    return community


@pytest.fixture
def reviewer():
    return signed_in(make_user(is_knowledge_manager=True))


def test_reviewer_is_offered_no_community_that_is_closed_to_them(closed, reviewer):
    open_one = make_community()
    page = reviewer.get("/knowledge/collections/new/").content.decode()
    assert open_one.slug in page
    assert "secret-circle" not in page and "SECRET circle" not in page


def test_collection_is_changed_and_stays_where_it_stands(closed, reviewer):
    shelf = make_collection(visibility=Visibility.COMMUNITY, community=closed, title="Shelf")
    url = f"{shelf.get_absolute_url()}edit/"
    page = reviewer.get(url)
    assert b"SECRET" not in page.content and b"secret-circle" not in page.content
    form = page.context["form"]
    told = {name: form[name].value() or "" for name in form.fields} | {"title": "Shelf of labs"}
    assert reviewer.post(url, told).status_code == 302
    shelf.refresh_from_db()
    assert (shelf.title, shelf.community) == ("Shelf of labs", closed)


def test_item_is_changed_and_stays_where_it_stands(closed, reviewer):
    item = make_item(visibility=Visibility.COMMUNITY, community=closed, title="Plan")
    url = f"{item.get_absolute_url()}edit/"
    page = reviewer.get(url)
    assert b"SECRET" not in page.content and b"secret-circle" not in page.content
    seen = page.context["form"]["seen"].value() if "seen" in page.context["form"].fields else ""
    told = content(title="Plan of a lab", visibility=Visibility.COMMUNITY, seen=seen)
    answer = reviewer.post(url, told)
    assert answer.status_code == 302, answer.context["form"].errors
    revision = item.revisions.order_by("-number")[0]
    assert (revision.title, revision.community) == ("Plan of a lab", closed)
