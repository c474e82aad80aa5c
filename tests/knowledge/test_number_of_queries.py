"""The page of an item and the library ask the database little, however rich they are and whoever reads."""

import pytest
from django.utils import timezone

from knowledge.actions.use import call_useful, save_for_later
from knowledge.enums import Shown
from knowledge.models import Citation, Follow, Item, LinkCard
from knowledge.models.linkcard import CardState
from munistem.commons.audit.actions import key
from munistem.commons.enums import LifeStage
from munistem.commons.notices.models import Event, Notice
from tests.communities.factories import (
    make_community,
    make_facilitator,
    make_membership,
    make_post,
    make_topic,
)
from tests.knowledge.factories import (
    make_adaptation,
    make_collection,
    make_file,
    make_item,
    make_revision,
    make_term,
)
from tests.members.factories import fresh, make_municipality, make_representative, make_user
from tests.visits import count_queries, signed_in, visitor

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_words")]
MOST = 8


def rich_item(**fields):
    """An item with all that its page can show: files, links, editions, adaptations, collections, a discussion, tags."""
    community = make_community()
    links = [f"https://example.org/{number}" for number in range(2)]
    item = make_item(community=community, links=links, terms=[make_term(), make_term()], **fields)
    for url in links:
        make_file(item.published)
        now = timezone.now()
        LinkCard.objects.create(item=item, url=url, title="A page", state=CardState.READY, fetched_at=now)
        make_collection(item)
        make_adaptation(item, shown=Shown.PUBLIC)
    make_item(edition_of=item, language="ar")
    Citation.objects.create(post=make_post(make_topic(community)), item=item)
    return item


def readers(item):
    """Who reads it, by what they are to it."""
    member = fresh(make_representative(organisation=make_municipality()).person)
    call_useful(by=member, item=item, benefit="tried")
    save_for_later(by=member, item=item)
    cmember = make_membership(item.community).person
    return {
        "visitor": None,
        "member": member,
        "member of its community": fresh(cmember),
        "facilitator": fresh(make_facilitator(item.community)),
        "author": fresh(item.created_by),
        "knowledge manager": fresh(make_user(is_knowledge_manager=True)),
    }


def test_the_page_of_a_rich_item_takes_eight_queries_at_most():
    item = rich_item()
    make_revision(item, number=2)
    told = {}
    for name, person in readers(item).items():
        browser = signed_in(person) if person else visitor()
        browser.get(item.get_absolute_url())
        assert browser.get(item.get_absolute_url()).status_code == 200
        told[name] = count_queries(browser, item.get_absolute_url())
    assert {name: number for name, number in told.items() if number > MOST} == {}


def test_news_of_an_item_is_read_with_one_query_more():
    item = rich_item()
    reader = fresh(item.created_by)
    browser = signed_in(reader)
    usual = count_queries(browser, item.get_absolute_url())
    event = Event.objects.create(kind="item_published", subject=key(make_item()))
    Notice.objects.create(event=event, reader=reader, reason="author")
    assert count_queries(browser, item.get_absolute_url()) == usual + 1
    assert Notice.objects.visible_to(reader).unread().exists()
    about = Event.objects.create(kind="item_published", subject=key(item))
    notice = Notice.objects.create(event=about, reader=reader, reason="author")
    browser.get(item.get_absolute_url())
    notice.refresh_from_db()
    assert notice.read_at


@pytest.mark.parametrize(
    ("address", "most"),
    [
        # two for the counts that stand beside it: of what everybody sees, and of what one sees besides; once in a while
        ("/knowledge/", MOST + 1),
        ("/knowledge/?stage=primary&kind=guide&sort=used", MOST + 1),
        ("/knowledge/?licence=cc_by&audience=managers", MOST + 1),
        ("/knowledge/?q=robots", MOST + 1),
    ],
)
def test_the_library_takes_as_few(address, most):
    item = rich_item(life_stages=[LifeStage.PRIMARY], kind="guide", audience=["managers"])
    told = {}
    for name, person in readers(item).items():
        if person:
            Follow.objects.create(person=person, kind="search", value="kind=guide")
        browser = signed_in(person) if person else visitor()
        browser.get(address)
        told[name] = count_queries(browser, address)
    assert {name: number for name, number in told.items() if number > most} == {}
    assert Item.objects.published().count() == 2
