"""Links with what their pages say: looked at by the worker, once, for their own item; seen with the link alone."""

import pytest
from django.contrib.auth.models import AnonymousUser

from knowledge.actions import cards as deeds
from knowledge.actions import write
from knowledge.enums import ItemKind, RevisionState
from knowledge.models import CardState, Intake, Item, LinkCard, RevisionLink
from knowledge.rules.arrival import can_see_intake, can_see_link_card
from munistem.commons.enums import Visibility
from munistem.commons.files.models import StoredFile
from munistem.commons.search.actions import index
from tests.commons.factories import picture
from tests.commons.servers import web
from tests.knowledge.factories import make_item, make_revision
from tests.members.factories import make_admin, make_member
from tests.visits import count_queries, read, visitor

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_pages")]
PAGE = """<title>Robots in class</title><meta property="og:site_name" content="Our town">
<meta property="og:description" content="What we did"><meta property="og:image" content="/cover.png">
<meta itemprop="duration" content="PT4M13S">"""


@pytest.fixture
def server():
    with web() as running:
        running.put("/cover.png", picture("PNG", (800, 400)), "image/png")
        running.put("/page", PAGE)
        yield running


def content(**fields):
    return {
        "title": "With a link",
        "summary": "x",
        "kind": ItemKind.VIDEO,
        "body": "",
        "language": "en",
        "visibility": Visibility.NETWORK,
        **fields,
    }


def carded(item, url="https://example.org/film", **fields):
    fields = {"state": CardState.READY, "title": "Film of it", "fetched_at": item.created_at, **fields}
    return LinkCard.objects.create(item=item, url=url, **fields)


def test_the_worker_looks_at_a_link_once_and_keeps_what_it_says(server, author):
    item = write.start_item(by=author, content=content(links=[(server.url("/page"), "")]))
    card = LinkCard.objects.get(item=item)
    assert card.state == CardState.WAITING
    assert server.asked == [], "the web process asks nobody"
    for _ in range(2):
        deeds.look_at_link(card.pk, guard=server.guard())
    card.refresh_from_db()
    assert (card.state, card.title, card.site, card.seconds) == ("ready", "Robots in class", "Our town", 253)
    assert card.picture.content_type == "image/webp"
    assert server.asked == ["/page", "/cover.png"]
    assert StoredFile.objects.count() == 1


def test_what_a_page_says_is_found_with_the_item_once_it_is_known(server, author):
    item = make_item(title="Without those words", links=[server.url("/page")])
    other = make_item(title="Draft", state=RevisionState.DRAFT, links=[server.url("/page")])
    cards = [LinkCard.objects.create(item=one, url=server.url("/page")) for one in (item, other)]
    everyones = Item.objects.visible_to(AnonymousUser())
    assert not everyones.matching("robots").exists()
    for card in cards:
        deeds.look_at_link(card.pk, guard=server.guard())
    assert list(everyones.matching("robots")) == [item]
    assert list(everyones.matching("our town")) == [item]
    assert list(Item.objects.all().matching("robots")) == [item], "a draft is found by nobody"


def test_only_pages_that_what_is_published_links_to_count(author):
    item = make_item(title="Without those words", links=["https://example.org/film"])
    carded(item, "https://example.org/film", description="What we did in Karmiel")
    carded(item, "https://example.org/older", title="Kangaroo")
    index(item)
    everyones = Item.objects.visible_to(AnonymousUser())
    assert list(everyones.matching("film karmiel")) == [item]
    assert not everyones.matching("kangaroo").exists()


def test_saving_again_asks_for_new_links_only(author):
    links = [("https://example.org/1", "")]
    item = write.start_item(by=author, content=content(links=links))
    links.append(("https://example.org/2", ""))
    write.save_item(by=author, item=item, content=content(links=links), seen="1.1")
    assert LinkCard.objects.filter(item=item).count() == 2


def test_a_page_inside_our_network_is_never_asked(author, run_jobs):
    item = write.start_item(by=author, content=content(links=[("http://127.0.0.1:80/admin/", "")]))
    run_jobs()
    assert LinkCard.objects.get(item=item).state == CardState.FAILED


def test_a_page_that_does_not_answer_is_asked_again_and_then_left(server, author):
    item = write.start_item(by=author, content=content(links=[(server.url("/gone"), "")]))
    card = LinkCard.objects.get(item=item)
    for expected in (CardState.WAITING, CardState.WAITING, CardState.FAILED):
        deeds.look_at_link(card.pk, guard=server.guard())
        card.refresh_from_db()
        assert card.state == expected
    deeds.look_at_link(card.pk, guard=server.guard())
    assert server.asked.count("/gone") == 3


def test_one_person_lets_only_so_many_pages_be_looked_at(author, monkeypatch):
    monkeypatch.setattr(deeds, "MOST_LOOKS", 2)
    links = [(f"https://example.org/{number}", "") for number in range(4)]
    item = write.start_item(by=author, content=content(links=links))
    assert LinkCard.objects.filter(item=item).count() == 2


def test_item_shows_the_card_and_what_the_author_wrote_goes_first(client):
    item = make_item(links=["https://example.org/film"])
    card = carded(item, description="What we <b>did</b>", seconds=253, site="Our town")
    page = read(client, item.get_absolute_url())
    for words in ("Film of it", "What we &lt;b&gt;did&lt;/b&gt;", "4:13"):
        assert words in page
    RevisionLink.objects.update(title="As I call it")
    page = read(client, item.get_absolute_url())
    assert "As I call it" in page and "Film of it" not in page
    card.delete()
    assert "What we" not in read(client, item.get_absolute_url())


def test_cards_cost_one_query_however_many(client):
    few, many = (make_item(links=[f"https://example.org/{n}" for n in range(count)]) for count in (1, 15))
    for item in (few, many):
        for link in item.published.links.all():
            carded(item, link.url)
    assert count_queries(client, few.get_absolute_url()) == count_queries(client, many.get_absolute_url())


def test_who_sees_a_card_is_the_same_in_the_rule_and_in_the_query():
    author = make_member(is_manager=True)
    url = "https://example.org/film"
    public = make_item(links=[url], created_by=author)
    network = make_item(links=[url], created_by=author, visibility=Visibility.NETWORK)
    draft = make_item(RevisionState.DRAFT, links=[url], created_by=author)
    changed = make_item(created_by=author)
    make_revision(changed, RevisionState.DRAFT, links=[url])
    cards = [carded(item) for item in (public, network, draft, changed)]
    intake = Intake.objects.create(person=author)
    cards.append(LinkCard.objects.create(intake=intake, url=url))
    seen = {}
    for name, user in {
        "visitor": AnonymousUser(),
        "member": make_member(),
        "author": author,
        "admin": make_admin(),
    }.items():
        allowed = set(LinkCard.objects.visible_to(user))
        assert {card for card in cards if can_see_link_card(user, card)} == allowed, name
        assert can_see_intake(user, intake) == Intake.objects.visible_to(user).exists()
        seen[name] = len(allowed)
    assert seen == {"visitor": 1, "member": 2, "author": 5, "admin": 4}


def test_picture_is_handed_out_with_the_link_alone(client, server):
    item = make_item(visibility=Visibility.NETWORK, links=[server.url("/page")])
    card = LinkCard.objects.create(item=item, url=server.url("/page"))
    deeds.look_at_link(card.pk, guard=server.guard())
    url = f"/knowledge/{item.slug}/links/{card.pk}/picture/"
    assert visitor().get(url).status_code == 404
    client.force_login(make_member(language="en"))
    assert url in read(client, item.get_absolute_url())
    answer = client.get(url)
    assert b"".join(answer.streaming_content)[8:12] == b"WEBP"
    assert answer.headers["Content-Type"] == "image/webp"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    RevisionLink.objects.all().delete()
    assert client.get(url).status_code == 404


def test_cards_of_links_that_are_gone_are_swept_with_their_pictures(server, author):
    item = make_item(links=[server.url("/page"), "https://example.org/stays"])
    gone = LinkCard.objects.create(item=item, url=server.url("/page"))
    stays = carded(item, "https://example.org/stays")
    deeds.look_at_link(gone.pk, guard=server.guard())
    RevisionLink.objects.filter(url=gone.url).delete()
    assert deeds.sweep_cards() == 1
    assert list(LinkCard.objects.all()) == [stays]
    assert not StoredFile.objects.exists()
