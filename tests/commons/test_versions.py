"""What is drawn once: a version changes with every write, and a piece knows nothing but what it is told."""

import pytest
from django.contrib.auth.models import AnonymousUser

from communities.models import Community, Topic
from munistem.commons.versions import printed, versioned
from tests.communities.factories import make_community, make_topic

pytestmark = pytest.mark.django_db


@versioned
def version(user, community):
    return [Topic.objects.filter(community=community), Community.objects.all()]


def test_version_changes_with_every_write_and_with_nothing_else():
    community, visitor = make_community(), AnonymousUser()
    seen = [version(visitor, community.pk)]
    topic = make_topic(community)
    for write in (
        lambda: None,
        lambda: Topic.objects.filter(pk=topic.pk).update(title="Another"),
        lambda: Topic.objects.filter(pk=topic.pk).update(
            title="Another"
        ),  # the same once more is a write too
        lambda: Community.objects.filter(pk=community.pk).update(name="Renamed"),
        lambda: make_topic(community),
        lambda: make_community(),
    ):
        write()
        seen.append(version(visitor, community.pk))
        assert version(visitor, community.pk) == seen[-1]
    assert len(set(seen)) == len(seen)
    elsewhere = make_community()
    before = version(visitor, community.pk)
    make_topic(elsewhere)
    assert version(visitor, community.pk)[0] == before[0]


def test_a_piece_knows_no_request_and_no_person():
    page = type("Page", (), {"paginator": type("P", (), {"num_pages": 1})()})()
    assert printed("components/pager.html", {"page": page}).strip() == ""
    with pytest.raises(Exception, match="email"):
        printed("components/bounced.html", {})
