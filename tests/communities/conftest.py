from email.message import EmailMessage

import pytest

from munistem.commons.mail import receiving
from munistem.commons.mail.models import IncomingMail
from tests.communities.factories import (
    make_community,
    make_facilitator,
    make_held_meeting,
    make_member,
    make_membership,
    make_topic,
)


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


@pytest.fixture
def send(run_jobs):
    """Send a mail in, through the door and the worker; answers what became of it."""

    def deliver(message: EmailMessage | bytes, to: str = "", **options) -> IncomingMail:
        raw = message if isinstance(message, bytes) else message.as_bytes()
        receiving.receive(raw, to or str(message["To"]), **options)
        run_jobs()
        return IncomingMail.objects.latest("pk")

    return deliver


@pytest.fixture
def member(community, client):
    """A member who is signed in."""
    person = make_membership(community).person
    client.force_login(person)
    return person


@pytest.fixture
def topic(community):
    return make_topic(community, title="How to open a lab?")


@pytest.fixture
def meeting(leader):
    """A meeting that was held, of a facilitator."""
    return make_held_meeting(leader.memberships.get().community, leader, purpose="To choose a lab")
