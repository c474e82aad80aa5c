import pytest

from communities.enums import Access
from tests.communities.factories import make_community
from tests.members.factories import make_member, make_user


@pytest.fixture
def reviewer():
    return make_user(name="Reviewer", is_knowledge_manager=True)


@pytest.fixture
def author(client):
    """An author who is signed in."""
    person = make_member(name="Author Person", is_manager=True)
    client.force_login(person)
    return person


@pytest.fixture
def community():
    return make_community(access=Access.REQUEST)
