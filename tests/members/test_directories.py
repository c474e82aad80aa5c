"""The directories: who is in them, who may open them, what the filters find, what they cost."""

from collections import OrderedDict

import pytest
from django.utils import timezone

from members.enums import District, OrganisationType, PopulationGroup
from members.models import LocalAuthority, Organisation, Representative, User
from members.views import people
from munistem.commons import ready
from munistem.commons.guards.models import Hit
from munistem.commons.search.actions import index
from munistem.commons.text import pages
from tests.knowledge.factories import make_term
from tests.members.factories import (
    make_admin,
    make_authority,
    make_cluster,
    make_member,
    make_municipality,
    make_organisation,
    make_representative,
    make_user,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader(client):
    person = make_member(name="Reader of lists")
    client.force_login(person)
    return person


# People --------------------------------------------------------------------------------------------------


def test_people_are_for_the_network(client, read):
    assert client.get("/people/").status_code == 302
    client.force_login(make_user())
    read("/people/", 403)
    client.force_login(make_user(is_active=False))
    assert client.get("/people/").status_code == 302
    client.force_login(make_representative(until_on=timezone.localdate()).person)
    read("/people/", 403)


def test_only_people_who_take_part_are_listed(client, reader, read):
    make_user(name="Just registered")
    make_representative(make_user(name="Closed account", is_active=False))
    make_representative(make_user(name="Mandate over"), until_on=timezone.localdate())
    make_representative(make_user(name="Left with the rest"), make_organisation(left_on=timezone.localdate()))
    make_user(name="Keeper of knowledge", is_knowledge_manager=True)
    page = read("/people/")
    assert "2 people" in page
    assert "Keeper of knowledge" in page
    client.force_login(make_admin(name="Admin"))
    assert "3 people" in read("/people/")


@pytest.fixture
def dana(reader):
    town = make_municipality(authority=make_authority(district=District.HAIFA))
    person = make_user(name="Dana Levi", languages=["ar"], ask_me_about="robotics leagues", role_title="Lead")
    make_representative(person, town)
    person.topics.add(make_term(slug="robotics"))
    return person


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ("q=robotics", True),
        ("q=dana+levi", True),
        ("q=lead", True),
        ("q=swimming", False),
        ("type=municipality", True),
        ("type=company", False),
        ("district=haifa", True),
        ("district=south", False),
        ("language=ar", True),
        ("language=en", False),
        ("topic=robotics", True),
        ("topic=unheard-of", True),
        ("asked=yes", True),
        ("type=municipality&district=haifa&language=ar&topic=robotics&asked=yes&q=dana", True),
        ("type=municipality&district=haifa&language=he", False),
    ],
)
def test_people_are_narrowed(dana, read, query, is_found):
    assert ("Dana Levi" in read(f"/people/?{query}")) is is_found


def test_district_and_type_must_belong_to_one_mandate(client, reader, read):
    person = make_user(name="Two hats")
    make_representative(person, make_municipality(authority=make_authority(district=District.HAIFA)))
    make_representative(person, make_organisation(type=OrganisationType.COMPANY))
    assert "Two hats" in read("/people/?type=company")
    assert "Two hats" not in read("/people/?type=company&district=haifa")


def test_nobody_found_says_what_to_do(reader, read):
    page = read("/people/?q=zzzz")
    assert "Nobody found" in page
    assert 'value="zzzz"' in page


@pytest.mark.parametrize(
    "query",
    [
        "page=999999999999",
        "page=-1",
        "page=x",
        "q=%E2%80%AE",
        "q=" + "x" * 5000,
        "q=%27%22%3C%3E%26%7C!",
        "type=%00",
    ],
)
@pytest.mark.parametrize("address", ["/people/", "/organisations/", "/authorities/"])
def test_odd_questions_get_a_page(client, reader, address, query):
    assert client.get(f"{address}?{query}").status_code in {200, 400}


def test_people_cost_the_same_for_one_and_thirty(client, dana, count_queries):
    few = count_queries("/people/")
    for _ in range(30):
        person = make_member(ask_me_about="Anything")
        make_representative(person)
    assert count_queries("/people/") == few
    assert few <= 15


def test_long_directory_has_pages_that_keep_the_filter(reader, read):
    for number in range(30):
        make_representative(make_user(name=f"Person {number:02}", languages=["ar"]))
    page = read("/people/?language=ar&page=2")
    assert "25–30 of 30" in page
    assert "language=ar&amp;page=1" in page


# Organisations -------------------------------------------------------------------------------------------


@pytest.fixture
def town():
    cluster = make_cluster(slug="east", name_en="Eastern Cluster")
    authority = make_authority(
        cbs_code=99_139,
        name_he="כרמל",
        name_ar="كرمل",
        name_en="Carmel Town",
        district=District.HAIFA,
        cluster=cluster,
        population_group=PopulationGroup.MIXED,
        socioeconomic_cluster=4,
        lat=32.7,
        lon=35.1,
    )
    organisation = make_municipality(authority=authority, name_ar="كرمل")
    index(organisation)
    return organisation


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ("", True),
        ("type=municipality", True),
        ("type=ngo", False),
        ("district=haifa", True),
        ("district=north", False),
        ("cluster=east", True),
        ("group=mixed", True),
        ("group=arab", False),
        ("level=4", True),
        ("level=5", False),
        ("level=11", True),
        ("q=carmel", True),
        ("q=%D7%9B%D7%A8%D7%9E%D7%9C", True),
        ("q=%D9%83%D8%B1%D9%85%D9%84", True),
        ("q=nothing+such", False),
        ("type=municipality&district=haifa&cluster=east&group=mixed&level=4&q=carmel", True),
    ],
)
def test_organisations_are_narrowed(town, read, query, is_found):
    make_organisation(name_en="Some association", name_he="עמותה")
    assert (f'href="/organisations/{town.slug}/"' in read(f"/organisations/?{query}")) is is_found


def test_tabs_count_types_under_the_other_filters(town, read):
    make_organisation(name_en="Some association", name_he="עמותה")
    page = read("/organisations/?type=municipality")
    assert 'All <span class="tabs__count">2</span>' in page
    assert 'Third sector <span class="tabs__count">1</span>' in page
    assert 'All <span class="tabs__count">1</span>' in read("/organisations/?district=haifa")


def test_map_shows_the_members_found_and_says_them_in_words(town, read):
    page = read("/organisations/")
    assert page.count("map__dot") == 1
    assert "Map of the country with 1 municipality of the network" in page
    assert "<dt><strong>Haifa District</strong></dt><dd><bdi>Carmel Town</bdi></dd>" in page
    assert "map__dot" not in read("/organisations/?district=north")


def test_organisation_that_left_is_not_listed(client, town, read):
    town.left_on = timezone.localdate()
    town.save()
    assert "Carmel Town" not in read("/organisations/")
    client.force_login(make_admin())
    assert "Carmel Town" not in read("/organisations/")


@pytest.mark.parametrize("address", ["/organisations/", "/authorities/"])
def test_kept_directory_is_new_as_soon_as_something_in_it_changes(client, town, read, address):
    assert "Carmel Town" in read(address)
    LocalAuthority.objects.filter(pk=town.authority_id).update(name_en="Carmel Hills")
    Organisation.objects.filter(pk=town.pk).update(name_en="Carmel Hills")
    pages = [read(address)]
    for person in (make_member(), make_admin()):
        client.force_login(person)
        pages.append(read(address))
    for page in pages:
        assert "Carmel Hills" in page
        assert "Carmel Town" not in page
    make_municipality(authority=make_authority(name_en="Lake Town"))
    assert "Lake Town" in read(address)


def test_only_who_looks_for_words_is_counted(read, town):
    for query in ("", "?district=haifa", "?page=2"):
        read(f"/organisations/{query}")
        read(f"/authorities/{query}")
    assert not Hit.objects.filter(key__startswith="find:").exists()
    read("/organisations/?q=carmel")
    read("/authorities/?q=carmel")
    assert len(Hit.objects.get(key__startswith="find:").times) == 2


def test_empty_network_invites(read):
    page = read("/organisations/")
    assert "No organisation yet" in page
    assert 'href="/join/"' in page


def test_organisations_cost_the_same_for_one_and_thirty(town, count_queries):
    few = count_queries("/organisations/")
    for number in range(30):
        make_municipality(
            authority=make_authority(lat=32 + number / 100, lon=35.0, cluster=town.authority.cluster)
        )
        make_organisation()
    assert count_queries("/organisations/") == few
    assert few <= 10


# The register --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("query", ["q=99139", "q=carmel", "district=haifa", "status=city", "cluster=east"])
def test_register_is_searched_by_any_name_and_number(town, read, query):
    page = read(f"/authorities/?{query}")
    assert 'href="/authorities/99139/"' in page
    assert "In the network" in page


def test_register_costs_the_same_for_one_and_thirty(town, count_queries):
    few = count_queries("/authorities/")
    for _ in range(30):
        make_authority()
    assert count_queries("/authorities/") == few


def test_person_found_by_organisation_after_a_new_mandate(reader):
    person = make_representative(make_user(), make_organisation(name_en="Quantum Lab")).person
    assert User.objects.matching("quantum lab").get() == person
    assert Representative.objects.active().filter(person=person).exists()


@pytest.mark.parametrize("far", [0, 2000])
def test_pages_of_people_are_the_same_from_both_ends(client, monkeypatch, far):
    monkeypatch.setattr(pages, "DEEP", 2)
    monkeypatch.setattr(people, "PEOPLE_A_PAGE", 3)
    monkeypatch.setattr(people, "FAR", far)
    monkeypatch.setattr(ready, "_kept", OrderedDict())  # written for pages of another size
    for name in ("Avi", "Dana", "Dana", "Noa", "Noa", "Noa", "Rami", "Sara", "Tal", "Uri", ""):
        make_member(name=name)
    make_user(name="Of no organisation")
    for person in (make_member(name="Dana"), make_admin(name="Miri")):
        client.force_login(person)
        rows = list(User.objects.visible_to(person).in_directory().by_name())
        numbers = range(1, -(-len(rows) // 3) + 1)
        told = [client.get(f"/people/?page={number}").context["rows"] for number in numbers]
        assert [row["url"] for page in told for row in page] == [row.get_absolute_url() for row in rows]
