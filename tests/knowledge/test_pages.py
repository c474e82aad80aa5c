"""The library as its readers see it: what is shown and counted, what may be done, what is refused, at what cost."""

import re

import pytest
from django.utils import timezone

from communities.enums import Access
from knowledge.actions import review, write
from knowledge.enums import RevisionState
from knowledge.models import Item
from munistem.commons.enums import Visibility
from munistem.commons.files.models import FileState, StoredFile
from munistem.commons.notices.models import Notice
from munistem.commons.terms.models import Term, TermKind
from tests.communities.factories import make_community, make_facilitator, make_membership, make_minutes
from tests.knowledge.factories import make_file, make_item, make_revision, make_term
from tests.members.factories import (
    make_admin,
    make_authority,
    make_member,
    make_organisation,
    make_representative,
    make_user,
)
from tests.visits import count_queries, read

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_pages")]


@pytest.fixture
def author(client):
    person = make_member(name="Author Person", is_manager=True)
    client.force_login(person)
    return person


# One table -----------------------------------------------------------------------------------------------

PAGES = {
    # address: visitor, registered, member, community member, facilitator, manager of the organisation, reviewer
    "/knowledge/": (200, 200, 200, 200, 200, 200, 200),
    "/knowledge/new/": (302, 403, 403, 403, 200, 200, 200),
    "/knowledge/mine/": (302, 200, 200, 200, 200, 200, 200),
    "/knowledge/tags/": (302, 403, 403, 403, 403, 403, 200),
    "/knowledge/tags/{tag}/": (302, 403, 403, 403, 403, 403, 200),
    "/communities/{c}/library/": (403, 403, 403, 200, 200, 403, 403),
    # of the network, published, a change waits
    "{i}": (404, 404, 200, 200, 200, 200, 200),
    "{i}revisions/1/": (404, 404, 200, 200, 200, 200, 200),
    "{i}revisions/2/": (404, 404, 404, 404, 404, 200, 200),
    "{i}revisions/3/": (404, 404, 404, 404, 404, 404, 404),
    "{i}revisions/2/review/": (302, 404, 404, 404, 404, 403, 200),
    "{i}edit/": (302, 404, 403, 403, 403, 200, 200),
    "{i}withdraw/": (302, 404, 403, 403, 403, 200, 200),
    "{i}files/{f}/": (404, 404, 200, 200, 200, 200, 200),
    "{i}files/{f}/preview/": (404, 404, 200, 200, 200, 200, 200),
    "{i}files/{open_file}/": (404, 404, 404, 404, 404, 200, 200),
    "{i}files/{f2}/": (404, 404, 404, 404, 404, 404, 404),
    # of a community
    "{ci}": (404, 404, 404, 200, 200, 404, 200),
    "{ci}files/{f2}/": (404, 404, 404, 200, 200, 404, 200),
    # not published
    "{draft}": (404, 404, 404, 404, 404, 200, 200),
    "{draft}edit/": (302, 404, 404, 404, 404, 200, 200),
    # withdrawn
    "{gone}": (404, 404, 404, 404, 404, 200, 200),
    "{gone}edit/": (302, 404, 404, 404, 404, 403, 403),
    "{gone}withdraw/": (302, 404, 404, 404, 404, 302, 302),
}
ROLES = ["visitor", "registered", "member", "community member", "facilitator", "manager", "reviewer"]


@pytest.mark.parametrize("place", range(7), ids=ROLES)
def test_every_page_answers_by_one_table(client, place):
    community, organisation = make_community(), make_organisation()
    item = make_item(visibility=Visibility.NETWORK, organisation=organisation)
    open_ = make_revision(item, RevisionState.SUBMITTED)
    inner = make_item(visibility=Visibility.COMMUNITY, community=community)
    names = {
        "c": community.slug,
        "i": item.get_absolute_url(),
        "ci": inner.get_absolute_url(),
        "draft": make_item(RevisionState.DRAFT, organisation=organisation).get_absolute_url(),
        "gone": make_item(organisation=organisation, withdrawn=True).get_absolute_url(),
        "f": make_file(item.published).file.key,
        "f2": make_file(inner.published).file.key,
        "open_file": make_file(open_).file.key,
        "tag": make_term(is_curated=False, kind=TermKind.FREE).pk,
    }
    make = [
        lambda: None,
        make_user,
        make_member,
        lambda: make_membership(community).person,
        lambda: make_facilitator(community),
        lambda: make_representative(organisation=organisation, is_manager=True).person,
        lambda: make_user(is_knowledge_manager=True),
    ]
    if person := make[place]():
        client.force_login(person)
    answers = {}
    for page in PAGES:
        response = client.get(page.format(**names))
        answers[page] = response.status_code
        if response.streaming:
            list(response.streaming_content)
    assert answers == {page: statuses[place] for page, statuses in PAGES.items()}


@pytest.mark.parametrize("deed", ["edit", "withdraw", "restore", "revisions/1/drop", "revisions/1/review"])
def test_who_may_not_changes_nothing_by_posting(client, deed):
    item = make_item(visibility=Visibility.NETWORK)
    form = {"title": "Mine now", "reason": "x", "deed": "publish"}
    client.force_login(make_member(is_manager=True))
    assert client.post(f"{item.get_absolute_url()}{deed}/", form).status_code == 403
    client.force_login(make_user())
    assert client.post(f"{item.get_absolute_url()}{deed}/", form).status_code == 404
    item.refresh_from_db()
    assert (item.withdrawn_at, item.revisions.count(), item.published.title != "Mine now") == (None, 1, True)


# The library ---------------------------------------------------------------------------------------------


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


# An item -------------------------------------------------------------------------------------------------


def test_item_shows_everything_that_was_said_of_it(client):
    place = make_authority(name_en="Karmiel")
    item = make_item(
        title="Labs", summary="In short", body="<p>Long</p>", life_stages=["primary"], settings=["formal"], authority=place,
        licence="cc_by_sa", contact="Dana", valid_until=timezone.localdate() - timezone.timedelta(days=1),
        links=["https://www.youtube.com/watch?v=x"], organisation=make_organisation(name_en="Makers"), language="ar",
    )  # fmt: skip
    make_file(item.published, name="plan.txt")
    page = read(client, item.get_absolute_url())
    for words in (
        *(
            "In short",
            "<p>Long</p>",
            "Formal",
            "Karmiel",
            "CC BY-SA",
            "Dana",
            "May be outdated",
            "youtube.com",
        ),
        *("Makers", "plan.txt", 'lang="ar"', "Visible to everyone", 'property="og:description"'),
    ):
        assert words in page, words


def test_what_is_not_public_tells_nothing_to_link_previews(client):
    client.force_login(make_member())
    item = make_item(visibility=Visibility.NETWORK, summary="Canary")
    assert not re.search(r"<meta[^>]*Canary", read(client, item.get_absolute_url()))


def test_closed_community_of_a_public_item_is_not_named(client):
    community = make_community(access=Access.CLOSED, name="Secret circle")
    item = make_item(community=community)
    assert "Secret circle" not in read(client, item.get_absolute_url())
    client.force_login(make_membership(community).person)
    assert "Secret circle" in read(client, item.get_absolute_url())


def test_open_change_and_older_revisions_are_for_keepers(client, author):
    item = make_item(created_by=author, title="Old canary")
    make_revision(item, RevisionState.PUBLISHED, title="Present words")
    make_revision(item, RevisionState.DRAFT, title="New canary")
    page = read(client, item.get_absolute_url())
    for words in ("Present words", "Old canary", "New canary", "Changes were begun"):
        assert words in page
    client.force_login(make_member())
    page = read(client, item.get_absolute_url())
    assert "Present words" in page
    assert "canary" not in page


def test_files_come_in_ranges_and_run_nowhere(client):
    item = make_item()
    address = f"{item.get_absolute_url()}files/{make_file(item.published).file.key}/"
    response = client.get(address)
    assert b"".join(response.streaming_content) == b"words"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in response["Content-Security-Policy"]
    assert response["Content-Disposition"].startswith("attachment")
    part = client.get(address, headers={"Range": "bytes=1-2"})
    assert (part.status_code, b"".join(part.streaming_content)) == (206, b"or")
    assert client.get(address, headers={"Range": "bytes=50-"}).status_code == 416
    preview = client.get(f"{address}preview/")
    assert (preview["Content-Type"], "sandbox" in preview["Content-Security-Policy"]) == ("image/webp", True)
    list(preview.streaming_content)


def test_file_whose_preview_is_on_its_way_says_so(client):
    item = make_item()
    held = make_file(item.published, state=FileState.WAITING)
    assert "preview in preparation" in read(client, item.get_absolute_url())
    StoredFile.objects.filter(pk=held.file_id).update(state=FileState.READY)
    assert "preview in preparation" not in read(client, item.get_absolute_url())


def test_file_of_an_older_revision_is_for_keepers(client, author):
    item = make_item(created_by=author)
    old = make_file(item.published).file
    make_revision(item, RevisionState.PUBLISHED)
    address = f"{item.get_absolute_url()}files/{old.key}/"
    response = client.get(address)
    assert (response.status_code, b"".join(response.streaming_content)) == (200, b"words")
    client.force_login(make_member())
    read(client, address, 404)


# Deeds by forms ------------------------------------------------------------------------------------------


def test_withdrawing_and_putting_back_by_forms(client, author):
    item = make_item(created_by=author)
    address = item.get_absolute_url()
    assert "errors__title" in client.post(f"{address}withdraw/", {"reason": " "}).content.decode()
    client.post(f"{address}withdraw/", {"reason": "Outdated figures"})
    client.post(f"{address}withdraw/", {"reason": "Twice"})
    page = read(client, address)
    assert "Outdated figures" in page
    assert "Put it back" in page
    client.logout()
    read(client, address, 404)
    client.force_login(author)
    client.post(f"{address}restore/")
    client.post(f"{address}restore/")
    item.refresh_from_db()
    assert item.withdrawn_at is None
    assert Notice.objects.count() == 0


def test_changes_are_dropped_by_a_form(client, author):
    item = make_item(created_by=author)
    make_revision(item, RevisionState.DRAFT)
    for _twice in range(2):
        assert client.post(f"{item.get_absolute_url()}revisions/2/drop/").status_code in {302, 404}
    assert item.revisions.get() == item.published


def test_review_shows_what_changes_and_asks_for_a_reason(client, reviewer):
    item = make_item(title="How to open a lab")
    revision = make_revision(item, RevisionState.SUBMITTED, title="How to run a lab", kind="tool")
    client.force_login(reviewer)
    page = read(client, revision.review_url)
    assert "<del>open</del>" in page
    assert "<ins>run</ins>" in page
    assert "<ins>Tool</ins>" in page
    response = client.post(revision.review_url, {"deed": "return", "reason": "", "seen": revision.marker})
    assert (response.status_code, "nothing is returned without a reason" in response.content.decode()) == (
        200,
        True,
    )
    client.post(revision.review_url, {"deed": "return", "reason": "Costs?", "seen": revision.marker})
    revision.refresh_from_db()
    assert (revision.state, revision.reason) == (RevisionState.RETURNED, "Costs?")
    assert client.post(revision.review_url, {"deed": "publish", "seen": revision.marker}).status_code == 302
    revision.refresh_from_db()
    assert revision.state == RevisionState.RETURNED


def test_review_of_what_changed_meanwhile_is_a_409_that_keeps_the_remarks(client, reviewer):
    item = make_item(RevisionState.SUBMITTED)
    revision = item.revisions.get()
    seen = revision.marker
    write.save_item(by=item.created_by, item=item, content={"title": "Other words"}, seen=seen, submits=True)
    client.force_login(reviewer)
    response = client.post(revision.review_url, {"deed": "return", "reason": "My remarks", "seen": seen})
    page = response.content.decode()
    assert response.status_code == 409
    assert "My remarks" in page
    assert "Other words" in page
    revision.refresh_from_db()
    assert f'value="{revision.marker}"' in page


def test_own_item_is_left_to_another_reviewer(client):
    person = make_member(is_manager=True, is_knowledge_manager=True)
    revision = make_item(RevisionState.SUBMITTED, created_by=person).revisions.get()
    client.force_login(person)
    assert "another knowledge manager decides" in read(client, revision.review_url)
    assert client.post(revision.review_url, {"deed": "publish"}).status_code == 403


def test_from_the_desk_to_the_authors_day(client, author, reviewer, run_jobs, mailoutbox):
    """The way of an item: sent, found on the desk, returned, mended, published; the author hears of each."""
    form = {"title": "A lab in town", "summary": "Twelve labs.", "body": "<p>How</p>", "kind": "guide",
            "language": "en", "visibility": "public", "deed": "submit"}  # fmt: skip
    client.post("/knowledge/new/", form)
    item = Item.objects.get()
    revision = item.revisions.get()
    client.force_login(reviewer)
    assert f'href="{revision.review_url}"' in read(client, "/desk/")
    client.post(revision.review_url, {"deed": "return", "reason": "Name the costs.", "seen": revision.marker})
    assert revision.review_url not in read(client, "/desk/")
    client.force_login(author)
    run_jobs()
    assert "was returned to you with remarks" in mailoutbox[-1].body
    assert "A lab in town" in read(client, "/me/notices/")
    assert "A lab in town" in read(client, "/")
    assert "Name the costs." in read(client, item.get_absolute_url())
    assert not Notice.objects.unread().filter(reader=author).exists()
    again = {**form, "body": "<p>How, and what it costs</p>", "seen": revision.marker}
    client.post(f"{item.get_absolute_url()}edit/", again)
    client.force_login(reviewer)
    revision.refresh_from_db()
    assert "Name the costs." in read(client, revision.review_url)
    client.post(revision.review_url, {"deed": "publish", "reason": "", "seen": revision.marker})
    run_jobs()
    assert "was published in the library" in mailoutbox[-1].body
    client.logout()
    assert "A lab in town" in read(client, "/search/?q=costs&in=items")
    assert "A lab in town" in read(client, "/knowledge/")


# Tags ----------------------------------------------------------------------------------------------------


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


# What it costs -------------------------------------------------------------------------------------------


MOST = {"visitor": 6, "member": 8, "author": 9, "reviewer": 9}


@pytest.mark.parametrize("who", MOST)
def test_lists_and_items_take_the_same_few_queries_for_1_and_for_30(client, who):
    community, organisation = make_community(access=Access.OPEN), make_organisation()
    author = make_representative(organisation=organisation, is_manager=True).person
    term = make_term()
    item = make_item(created_by=author, organisation=organisation, community=community, terms=[term])
    make_file(item.published)
    free = make_term(is_curated=False, kind=TermKind.FREE)
    persons = {
        "member": lambda: make_membership(community).person,
        "author": lambda: author,
        "reviewer": lambda: make_user(is_knowledge_manager=True),
    }
    make_revision(item, RevisionState.SUBMITTED, terms=[free])
    addresses = [
        "/knowledge/",
        "/knowledge/?kind=guide",
        item.get_absolute_url(),
        f"/communities/{community.slug}/library/",
    ]
    if who in persons:
        client.force_login(persons[who]())
        addresses += ["/knowledge/mine/"]
    if who == "reviewer":
        addresses += ["/knowledge/tags/", "/desk/", f"{item.get_absolute_url()}revisions/2/review/"]
    if who == "author":
        addresses += [f"{item.get_absolute_url()}edit/", f"{item.get_absolute_url()}revisions/2/"]
    before = {address: count_queries(client, address) for address in addresses}
    for _ in range(30):
        one = make_item(
            created_by=author,
            organisation=organisation,
            community=community,
            terms=[make_term(), term],
            links=["https://x.example/"],
        )
        make_item(
            RevisionState.SUBMITTED,
            created_by=author,
            terms=[make_term(is_curated=False, kind=TermKind.FREE)],
        )
    for _ in range(12):
        make_file(item.published)
        make_revision(item, RevisionState.REPLACED)
    after = {address: count_queries(client, address) for address in addresses}
    assert one.pk
    assert after == before
    plain = {address: count for address, count in after.items() if address in addresses[:3]}
    assert {address: count for address, count in plain.items() if count > MOST[who]} == {}
    assert max(after.values()) <= 15


def test_published_by_two_reviewers_at_once_answers_both_kindly(client, reviewer):
    revision = make_item(RevisionState.SUBMITTED).revisions.get()
    review.publish(by=make_user(is_knowledge_manager=True), revision=revision)
    client.force_login(reviewer)
    response = client.post(revision.review_url, {"deed": "publish", "seen": revision.marker}, follow=True)
    assert "decided already" in response.content.decode()


def test_an_insight_of_a_meeting_begins_with_its_minutes(client):
    minutes = make_minutes(state="approved")
    draft = make_minutes()
    client.force_login(minutes.meeting.created_by)
    page = client.get(f"/knowledge/new/?minutes={minutes.pk}").content.decode()
    assert minutes.meeting.title in page
    assert "We talked." in page
    for key in (draft.pk, "abc", "9" * 30):
        assert "We talked." not in client.get(f"/knowledge/new/?minutes={key}").content.decode()
    client.force_login(make_member())
    assert "We talked." not in client.get(f"/knowledge/new/?minutes={minutes.pk}").content.decode()
