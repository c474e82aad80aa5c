"""Pages as their readers see them."""

import pytest

from communities.enums import Access, MembershipState
from tests.communities.factories import (
    make_attachment,
    make_community,
    make_facilitator,
    make_member,
    make_membership,
    make_post,
    make_topic,
    make_user,
)
from tests.members.factories import make_admin

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english(client):
    client.cookies["django_language"] = "en"


@pytest.fixture
def community():
    return make_community(access=Access.OPEN)


def read(client, url, status=200, **options):
    response = client.get(url, **options)
    assert response.status_code == status, (url, response.status_code)
    return response.content.decode()


@pytest.mark.parametrize("who", ["visitor", "registered", "outsider", "member", "facilitator", "admin"])
@pytest.mark.parametrize("access", Access.values)
def test_every_page_answers_everyone(client, who, access, settings):
    settings.IS_SECOND_FACTOR_REQUIRED = False
    community = make_community(access=access)
    author = make_membership(community).person
    topic = make_topic(community, author, accepted=None)
    post = make_post(topic, author, body="<p>First</p>")
    make_post(topic, author, hidden_at=post.created_at, hidden_by=author, hidden_reason="Slip")
    topic.accepted = make_post(topic)
    topic.save()
    make_attachment(post)
    asked = make_membership(community, state=MembershipState.ASKED, note="Hello")
    person = {
        "registered": make_user,
        "outsider": make_member,
        "member": lambda: make_membership(community).person,
        "facilitator": lambda: make_facilitator(community),
        "admin": make_admin,
    }.get(who, lambda: None)()
    if person:
        client.force_login(person)
    base = f"/communities/{community.slug}/"
    pages = ["/communities/", base, f"{base}?kind=question", f"{base}?kind=unanswered", f"{base}?kind=hidden"]
    pages += [
        f"{base}people/",
        f"{base}people/?q=x",
        f"{base}people/find/?q=p",
        f"{base}topics/new/",
        f"{base}edit/",
    ]
    pages += [f"{base}topics/similar/?q=topic", f"{base}ask/", f"{base}people/{asked.pk}/decline/"]
    pages += [
        f"/topics/{topic.pk}/",
        f"/posts/{post.pk}/",
        f"/posts/{post.pk}/edit/",
        f"/posts/{post.pk}/history/",
    ]
    pages += [f"/posts/{post.pk}/hide/", f"/posts/{post.pk}/report/", f"{base}people/{asked.pk}/remove/"]
    for url in pages:
        assert client.get(url).status_code in {200, 302, 403, 404}, url
