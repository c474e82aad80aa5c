import pytest

from tests.communities.factories import make_community, make_facilitator, make_member, make_membership


@pytest.fixture
def community():
    return make_community(name="Municipal labs")


@pytest.fixture
def facilitator(community):
    return make_facilitator(community)


@pytest.fixture
def leader(community, client):
    """A facilitator who is signed in."""
    person = make_facilitator(community, make_member(name="Rina Levi"))
    client.force_login(person)
    return person


@pytest.fixture
def author(community):
    return make_membership(community, make_member(name="Author")).person


@pytest.fixture
def other(community):
    return make_membership(community, make_member(name="Other")).person


@pytest.fixture
def peer(community):
    return make_membership(community, make_member(name="Peer")).person
