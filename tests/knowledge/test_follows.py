"""Following parts of the library: what can be followed, by whom, and how it is called."""

import pytest
from django.urls import reverse

from knowledge.actions import follow as deeds
from knowledge.models import Follow
from knowledge.models.follow import canonical, followable, labels_of
from munistem.commons.enums import Visibility
from munistem.commons.terms.models import TermKind
from tests.knowledge.factories import make_collection, make_item, make_term
from tests.members.factories import make_member, make_organisation, make_user

pytestmark = pytest.mark.django_db


def test_the_same_search_is_the_same():
    asked = "stage=primary&q=+girls%20 in  STEM&page=3&sort=newest"
    assert canonical(asked) == "q=girls+in+STEM&stage=primary"
    assert canonical("?q=girls+in+STEM&stage=primary") == canonical(asked)
    assert canonical("page=2") == ""
    assert canonical("&".join(f"q{n}=1" for n in range(99))) == ""


def test_only_what_one_may_know_of_can_be_followed():
    person, stranger = make_member(), make_user()
    free = make_term(kind=TermKind.FREE, is_curated=False, name="secret", slug="secret")
    make_item(visibility=Visibility.NETWORK, terms=[free])
    hidden = make_collection(visibility=Visibility.NETWORK)
    assert followable(person, "tag", "secret") == "secret"
    assert followable(stranger, "tag", "secret") == ""
    assert followable(person, "collection", hidden.slug) == hidden.slug
    assert followable(stranger, "collection", hidden.slug) == ""
    assert followable(stranger, "stage", "primary") == "primary"
    assert followable(stranger, "stage", "nursery") == ""
    assert followable(stranger, "subject", make_term().slug)
    assert followable(stranger, "organisation", make_organisation().slug)


def test_a_followed_search_does_not_tell_what_a_secret_tag_is_called():
    person, stranger = make_member(), make_user()
    free = make_term(kind=TermKind.FREE, is_curated=False, name="The secret", slug="secret")
    make_item(visibility=Visibility.NETWORK, terms=[free])
    rows = [
        Follow.objects.create(person=one, kind="search", value="tag=secret") for one in (person, stranger)
    ]
    assert labels_of(rows, person)[rows[0].pk] != "secret"
    assert labels_of(rows, stranger)[rows[1].pk] == "secret"


def test_following_is_a_tap_and_so_is_ending_it(client):
    person = make_member()
    client.force_login(person)
    told = {"kind": "search", "value": "q=robots&page=2", "next": "/knowledge/?q=robots"}
    for _time in range(2):
        answer = client.post(reverse("follow"), told)
        assert answer["Location"] == "/knowledge/?q=robots"
    assert list(Follow.objects.values_list("person", "kind", "value")) == [(person.pk, "search", "q=robots")]
    client.post(reverse("follow"), {"kind": "search", "value": "q=robots", "off": "1"})
    assert not Follow.objects.exists()


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"kind": "weather", "value": "rain"},
        {"kind": "search", "value": "x=1"},
        {"kind": "tag", "value": "?"},
    ],
)
def test_what_does_not_exist_is_not_followed(client, told):
    client.force_login(make_member())
    assert client.post(reverse("follow"), told).status_code == 404


def test_it_leads_nowhere_else(client):
    client.force_login(make_member())
    told = {"kind": "stage", "value": "primary", "next": "https://elsewhere.example/"}
    assert client.post(reverse("follow"), told)["Location"] == reverse("list_follows")


def test_there_is_an_end(monkeypatch):
    monkeypatch.setattr(deeds, "MOST_FOLLOWS", 1)
    person = make_member()
    deeds.follow(by=person, kind="stage", value="primary")
    deeds.follow(by=person, kind="stage", value="primary")
    with pytest.raises(deeds.TooMany):
        deeds.follow(by=person, kind="stage", value="service")


def test_each_is_called_by_its_name(client, django_assert_max_num_queries):
    person = make_member(language="en")
    term, organisation = make_term(), make_organisation(name_en="Karmiel labs")
    collection = make_collection(title="First steps")
    for kind, value in [
        ("stage", "primary"),
        ("subject", term.slug),
        ("organisation", organisation.slug),
        ("collection", collection.slug),
        ("search", f"q=girls&stage=primary&subject={term.slug}"),
    ]:
        deeds.follow(by=person, kind=kind, value=value)
    labels = labels_of(Follow.objects.all(), person)
    assert {"First steps", "Karmiel labs", term.name_en, "Primary school"} <= set(labels.values())
    assert f"“girls”, Primary school, {term.name_en}" in labels.values()
    client.force_login(person)
    with django_assert_max_num_queries(10):
        page = client.get(reverse("list_follows"))
    assert page.status_code == 200
