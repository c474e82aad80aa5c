"""The admin finds rows as the portal does, and by the fields that only admins see."""

import pytest

from communities.enums import Access
from munistem.commons.enums import Visibility
from tests.communities.factories import make_community, make_topic
from tests.knowledge.factories import make_collection, make_item
from tests.members.factories import make_admin, make_member, make_municipality
from tests.policy.factories import make_recommendation

pytestmark = pytest.mark.django_db


def found(client, table: str, query: str, **options) -> list:
    response = client.get(f"/admin/{table}/", {"q": query, **options})
    assert response.status_code == 200
    return list(response.context["cl"].result_list)


@pytest.fixture
def admin(client):
    admin = make_admin()
    client.force_login(admin)
    return admin


def test_items_are_found_in_another_inflection_the_best_first(client, admin):
    far = make_item(title="על הובלה", body="<p>בין השאר מעבדות</p>", language="he")
    best = make_item(title="המעבדה", language="he")
    make_item(title="משהו אחר", language="he")
    assert found(client, "knowledge/item", "מעבדה") == [best, far]
    assert len(found(client, "knowledge/item", "מעבדה", o="1")) == 2


def test_fields_of_the_admin_find_as_before(client, admin):
    person = make_member(name="Dana Levin", email="odd.address@munistem.example")
    assert found(client, "members/user", "odd.address@") == [person]
    assert found(client, "members/user", "levin") == [person]
    draft = make_item("draft", title="Unpublished lighthouse")
    assert found(client, "knowledge/item", "lighthouse") == [draft]


@pytest.mark.parametrize("query", ["'", "!!!", '"', "a & | :*", "-", "\\", "%"])
def test_odd_questions_get_a_page(client, admin, query):
    make_item(title="Lighthouse")
    for table in ("knowledge/item", "members/user", "communities/topic", "members/organisation"):
        found(client, table, query)


def test_every_searched_table_is_found_so(client, admin):
    topic = make_topic(make_community(access=Access.CLOSED, name="Makers"), title="Laboratories")
    organisation = make_municipality(name_en="Green Valley")
    recommendation = make_recommendation(title_en="More laboratories")
    collection = make_collection(title="Laboratories", visibility=Visibility.NETWORK)
    assert found(client, "knowledge/collection", "laboratory") == [collection]
    assert found(client, "communities/topic", "laboratory") == [topic]
    assert found(client, "communities/community", "maker") == [topic.community]
    assert found(client, "members/organisation", "valleys") == [organisation]
    assert found(client, "policy/recommendation", "laboratory") == [recommendation]
