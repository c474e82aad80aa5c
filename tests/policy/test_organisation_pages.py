"""Organisations and authorities as their readers see them, and what a manager changes."""

import pytest
from django.utils import timezone

from communities.enums import Access
from munistem.commons.enums import Visibility
from tests.communities.factories import make_community, make_membership
from tests.knowledge.factories import make_item
from tests.members.factories import (
    make_authority,
    make_member,
    make_municipality,
    make_representative,
    make_user,
)
from tests.policy.factories import (
    make_endorsement,
    make_recommendation,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_pages")]


def test_organisation_shows_people_and_communities_to_the_network_only(read, client, town):
    mandate = make_representative(make_user(name="Acting Person"), town, role="STEM manager")
    make_representative(make_user(name="Former Person"), town, until_on=timezone.localdate())
    make_membership(make_community(name="By request", access=Access.REQUEST), mandate.person)
    make_membership(make_community(name="Open circle", access=Access.OPEN), mandate.person)
    make_membership(make_community(name="Closed circle", access=Access.CLOSED), mandate.person)
    make_item(title="Our model", organisation=town)
    make_item(title="Inner paper", organisation=town, visibility=Visibility.NETWORK)
    make_endorsement(town, make_recommendation(title_en="A named manager"))
    page = read(town.get_absolute_url())
    for part in (
        "2 people act for it",
        "Our model",
        "A named manager",
    ):
        assert part in page
    for part in ("Acting Person", "Open circle", "Closed circle", "Inner paper"):
        assert part not in page
    client.force_login(make_member())
    page = read(town.get_absolute_url())
    for part in (
        "Acting Person",
        "STEM manager",
        "Open circle",
        "Inner paper",
        f"/join/?organisation={town.slug}",
    ):
        assert part in page
    for part in ("Former Person", "Closed circle", "By request"):
        assert part not in page


def test_manager_changes_what_the_organisation_tells(client, read, town):
    manager = make_representative(organisation=town, is_manager=True).person
    client.force_login(manager)
    assert "/join/?organisation" not in read(town.get_absolute_url())
    url = f"{town.get_absolute_url()}edit/"
    read(url)
    response = client.post(url, {"about": "We build <b>labs</b>", "website": "sandhill.example"}, follow=True)
    page = response.content.decode()
    assert "We build &lt;b&gt;labs" in page
    assert "https://sandhill.example" in page
    response = client.post(url, {"about": "x" * 4001, "website": "javascript:alert(1)"})
    assert response.status_code == 200
    assert "Shorten it." in response.content.decode()


def test_authority_tells_what_is_known_and_what_is_not(read):
    member = make_authority(
        name_en="Knowntown",
        population=47_900,
        population_year=2024,
        socioeconomic_cluster=5,
        socioeconomic_year=2021,
        periphery_cluster=4,
        lat=32.9,
        lon=35.3,
    )
    organisation = make_municipality(authority=member)
    make_endorsement(organisation, make_recommendation(title_en="A named manager"))
    page = read(f"/authorities/{member.pk}/")
    for part in ("Knowntown", "47.9K", "(end of 2024)", "Central Bureau of Statistics", "A named manager"):
        assert part in page
    assert organisation.get_absolute_url() in page
    bare = make_authority(district="")
    page = read(f"/authorities/{bare.pk}/")
    assert page.count("unknown") >= 4
    assert f"/join/?authority={bare.pk}" in page
