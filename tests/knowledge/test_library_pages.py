"""The library as its readers see it: facets and counts, search, own items, and the tags."""

import re

import pytest
from django.utils import timezone

from communities.enums import Access
from knowledge.enums import RevisionState
from knowledge.models import Item
from munistem.commons.enums import Visibility
from munistem.commons.terms.models import Term, TermKind
from tests.communities.factories import make_community, make_membership
from tests.knowledge.factories import make_item, make_term
from tests.members.factories import (
    make_admin,
    make_authority,
    make_member,
    make_representative,
)
from tests.visits import read

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_pages")]


# The library -------------------------------------------------------------------------------------------


def counts(page):
    """Label → number, as the facets of a page say."""
    found = re.findall(
        r'class="facets__item"[^>]*>.*?<bdi>([^<]+)</bdi></span><span class="facets__count"><bdi>(\d+)</bdi>',
        page,
        re.S,
    )
    return {label: int(number) for label, number in found}


def test_facets_count_only_what_the_reader_may_see(client):
    community = make_community()
    robotics = make_term(name_en="Robotics")
    make_item(kind="guide", terms=[robotics])
    make_item(kind="guide", visibility=Visibility.NETWORK, terms=[robotics])
    make_item(kind="tool", visibility=Visibility.COMMUNITY, community=community)
    make_item(RevisionState.SUBMITTED, kind="video")
    make_item(kind="video", withdrawn=True)
    seen = {}
    for name, person in {
        "visitor": None,
        "member": make_member(),
        "community member": make_membership(community).person,
        "author": Item.objects.get(withdrawn_at__isnull=False).created_by,
        "admin": make_admin(),
    }.items():
        if person:
            client.force_login(person)
        told = counts(read(client, "/knowledge/"))
        seen[name] = tuple(told.get(word, 0) for word in ("Guide", "Tool", "Video", "Robotics"))
    assert seen == {
        "visitor": (1, 0, 0, 1),
        "member": (2, 0, 0, 2),
        "community member": (2, 1, 0, 2),
        "author": (2, 0, 0, 2),
        "admin": (2, 1, 0, 2),
    }


def test_facets_narrow_the_list_and_are_taken_away_again(client):
    girls = make_term(kind=TermKind.POPULATION, name_en="Girls", slug="girls")
    place = make_authority(name_en="Karmiel", district="north")
    make_item(
        title="Girls build robots", kind="guide", language="he", life_stages=["primary"], settings=["informal"],
        terms=[girls], authority=place,
    )  # fmt: skip
    make_item(title="A tool for all", kind="tool", life_stages=["employment"])
    for query in (
        *(
            "kind=guide",
            "stage=primary",
            "setting=informal",
            "language=he",
            "population=girls",
            "district=north",
        ),
        *(
            f"authority={place.pk}",
            "kind=guide&stage=primary&population=girls",
            "q=robots",
            "q=robots&kind=guide",
        ),
    ):
        page = read(client, f"/knowledge/?{query}")
        assert "Girls build robots" in page, query
        assert "A tool for all" not in page, query
    page = read(client, "/knowledge/?kind=guide&stage=primary")
    assert 'href="/knowledge/?kind=guide"' in page
    assert 'href="/knowledge/?stage=primary"' in page
    assert counts(page)["Tool"] == 0 if "Tool" in counts(page) else True
    assert "Nothing found" in read(client, "/knowledge/?kind=tool&stage=primary")


@pytest.mark.parametrize(
    "query",
    ["kind=nonsense", "stage=%E2%80%AE", "year=٢٠٢٦", "year=9999", "authority=99999999999", "tag=none", "page=9" * 3,
     "organisation=none", "q=%27%29%20%7C%20x", "q=" + "x" * 3000, "sort=worst", "kind=guide&kind=tool"],
)  # fmt: skip
def test_odd_questions_get_a_page(client, query):
    make_item()
    read(client, f"/knowledge/?{query}")


def test_search_in_the_library_finds_the_exact_title_first_or_the_newest(client):
    make_item(title="Robots", published_at=timezone.now() - timezone.timedelta(days=3))
    make_item(title="More about robots")
    page = read(client, "/knowledge/?q=robots")
    assert page.index(">Robots<") < page.index(">More about robots<")
    page = read(client, "/knowledge/?q=robots&sort=newest")
    assert page.index(">More about robots<") < page.index(">Robots<")


def test_the_ribbon_stays_when_the_library_is_narrowed_and_marks_the_stage(client):
    make_item(life_stages=["primary", "upper_secondary"], kind="guide")
    make_item(life_stages=["primary"], kind="tool")
    context = client.get("/knowledge/?stage=primary&kind=guide&sort=used").context
    assert {stage.value: number for stage, number in context["stage_counts"].items() if number} == {
        "primary": 1,
        "upper_secondary": 1,
    }
    assert "stage" not in [facet["code"] for facet in context["facets"]]
    text = read(client, "/knowledge/?stage=primary&kind=guide&sort=used")
    assert 'href="/knowledge/?kind=guide&amp;sort=used&amp;stage=primary" aria-current="true"' in text
    assert 'href="/knowledge/?kind=guide&amp;sort=used&amp;stage=upper_secondary">' in text
    assert text.count("ribbon__stage") == 7
    assert '/knowledge/?stage=primary" aria-current' not in read(client, "/knowledge/")


def test_licence_and_audience_are_facets_too(client):
    make_item(licence="cc_by", audience=["managers", "leaders"])
    make_item(licence="reserved", audience=["managers"])
    text = read(client, "/knowledge/?audience=managers&licence=cc_by")
    found = client.get("/knowledge/?audience=managers&licence=cc_by").context
    assert found["total"] == 1
    counts = {
        facet["code"]: {row["label"]: row["count"] for row in facet["values"]} for facet in found["facets"]
    }
    assert counts["licence"] == {"CC BY 4.0 – use with credit": 1, "All rights reserved": 1}
    assert counts["audience"] == {
        "STEM and education managers of municipalities": 1,
        "Mayors and decision makers": 1,
    }
    assert "audience=managers" in text
    assert client.get("/knowledge/?licence=nonsense").context["total"] == 2


def test_a_municipality_of_which_nothing_is_told_shows_nothing(client):
    place = make_authority()
    make_item()
    context = client.get(f"/knowledge/?authority={place.pk}").context
    assert context["total"] == 0
    assert [chip["label"] for chip in context["chips"]] == [place.name]


def test_tag_of_an_item_leads_to_what_bears_it(client):
    free = make_term(name="Fab lab", is_curated=False, kind=TermKind.FREE, slug="fab-lab")
    known = make_term(name_en="Robotics", slug="robotics")
    item = make_item(title="With tags", terms=[free, known])
    make_item(title="Without tags")
    page = read(client, item.get_absolute_url())
    for address in ("/knowledge/?tag=fab-lab", "/knowledge/?subject=robotics"):
        assert f'href="{address}"' in page
        found = read(client, address)
        assert "With tags" in found
        assert "Without tags" not in found


def test_free_tag_of_what_one_may_not_see_is_no_tag(client):
    make_item(title="For everyone")
    for fields in ({"visibility": Visibility.NETWORK}, {"withdrawn": True}, {"state": RevisionState.DRAFT}):
        tag = make_term(name="canary", slug="canary", is_curated=False, kind=TermKind.FREE)
        item = make_item(terms=[tag], **fields)
        page = read(client, "/knowledge/?tag=canary")
        assert page.replace("tag=canary", "") == read(client, "/knowledge/?tag=nowhere").replace(
            "tag=nowhere", ""
        )
        item.revisions.get().revision_terms.all().delete()
        tag.delete()


def test_empty_library_invites_those_who_may_write(client):
    assert "The shelves are still empty" in read(client, "/knowledge/")
    assert "Add the first item" not in read(client, "/knowledge/")
    client.force_login(make_member(is_manager=True))
    assert "Add the first item" in read(client, "/knowledge/")


def test_community_library_holds_what_stands_there(client):
    community = make_community(access=Access.OPEN)
    make_item(title="For everyone", community=community)
    make_item(title="For us", visibility=Visibility.COMMUNITY, community=community)
    make_item(title="Elsewhere")
    page = read(client, f"/communities/{community.slug}/library/")
    assert ("For everyone" in page, "For us" in page, "Elsewhere" in page) == (True, False, False)
    client.force_login(make_membership(community).person)
    page = read(client, f"/communities/{community.slug}/library/?kind=guide")
    assert ("For everyone" in page, "For us" in page, "Elsewhere" in page) == (True, True, False)
    empty = make_community(access=Access.OPEN)
    assert "Nothing in this library yet" in read(client, f"/communities/{empty.slug}/library/")


def test_own_items_tell_how_each_stands(client, author):
    for state in (
        RevisionState.DRAFT,
        RevisionState.SUBMITTED,
        RevisionState.RETURNED,
        RevisionState.PUBLISHED,
    ):
        make_item(state, title=f"Mine {state}", created_by=author)
    make_item(withdrawn=True, title="Mine gone", created_by=author)
    colleague = make_representative(organisation=author.mandates[0].organisation).person
    make_item(
        RevisionState.DRAFT,
        title="Of my people",
        created_by=colleague,
        organisation=author.mandates[0].organisation,
    )
    make_item(title="Of others")
    page = read(client, "/knowledge/mine/")
    for words in (
        "Mine draft",
        "Waiting for review",
        "Returned with remarks",
        "Published",
        "Taken out",
        "Of my people",
    ):
        assert words in page
    assert "Of others" not in page


def test_person_page_shows_published_items_the_reader_may_see(client, author):
    make_item(title="Shown", created_by=author)
    make_item(RevisionState.DRAFT, title="Canary draft", created_by=author)
    make_item(visibility=Visibility.COMMUNITY, title="Canary inner", created_by=author)
    client.force_login(make_member())
    page = read(client, f"/people/{author.uuid}/")
    assert "Shown" in page
    assert "Canary" not in page


# Tags --------------------------------------------------------------------------------------------------


def test_tags_are_put_in_order_on_their_pages(client, reviewer):
    word = make_term(name_en="Robotics", slug="robotics")
    free = make_term(name="Robo", is_curated=False, kind=TermKind.FREE)
    other = make_term(name="Makers", is_curated=False, kind=TermKind.FREE)
    make_term(name="Nowhere", is_curated=False, kind=TermKind.FREE)
    item = make_item(title="Bears it", terms=[free, other])
    client.force_login(reviewer)
    page = read(client, "/knowledge/tags/")
    assert ("Robo" in page, "Makers" in page, "Nowhere" in page) == (True, True, False)
    assert "2 free tags" in read(client, "/desk/")
    assert "Bears it" in read(client, f"/knowledge/tags/{free.pk}/")
    response = client.post(f"/knowledge/tags/{free.pk}/", {"deed": "join", "into": "nonsense"})
    assert (response.status_code, "errors__title" in response.content.decode()) == (200, True)
    client.post(f"/knowledge/tags/{free.pk}/", {"deed": "join", "into": "robotics"})
    assert client.post(f"/knowledge/tags/{free.pk}/", {"deed": "join", "into": "robotics"}).status_code == 404
    names = {"name_he": "מייקרים", "name_ar": "", "name_en": "Makers"}
    response = client.post(f"/knowledge/tags/{other.pk}/", {"deed": "adopt", "kind": "subject", **names})
    assert "מייקרים" in response.content.decode()
    names["name_ar"] = "صانعون"
    for _twice in range(2):
        client.post(f"/knowledge/tags/{other.pk}/", {"deed": "adopt", "kind": "subject", **names})
    assert "Every tag has its place" in read(client, "/knowledge/tags/")
    assert {term.label for term in item.published.tags.all()} == {"Robotics", "Makers"}
    assert word.revision_terms.count() == 1


def test_staff_keeps_the_vocabulary_in_the_admin(client):
    client.force_login(make_admin())
    word = make_term(name_en="Robotics")
    free = make_term(name="Robo", is_curated=False, kind=TermKind.FREE)
    item = make_item(terms=[free])
    make_item(RevisionState.SUBMITTED)
    base = "/admin/commons/term/"
    assert "Robo" in read(client, f"{base}?is_curated__exact=0")
    form = {"action": "join_chosen", "_selected_action": [free.pk]}
    assert "Choose the word" in client.post(base, form, follow=True).content.decode()
    assert "1 tag was joined" in client.post(base, {**form, "into": word.pk}, follow=True).content.decode()
    assert list(item.published.tags.all()) == [word]
    fields = {"name": "Robotics", "slug": "robotics", "kind": "subject", "position": 10, "is_curated": "on",
              "name_he": "רובוטיקה", "name_ar": "", "name_en": "Robotics", "synonyms": "Robo\nmechatronics\n"}  # fmt: skip
    assert "in all three languages" in client.post(f"{base}{word.pk}/change/", fields).content.decode()
    client.post(f"{base}{word.pk}/change/", {**fields, "name_ar": "روبوتات"})
    assert list(Item.objects.matching("mechatronics")) == [item]
    client.post(f"{base}add/", {**fields, "name": "Space", "slug": "", "name_ar": "فضاء", "synonyms": ""})
    assert Term.objects.get(name="Space").slug == "space"
    for page in ("item/", "revision/", f"item/{item.pk}/change/", f"revision/{item.published_id}/change/"):
        read(client, f"/admin/knowledge/{page}")
