"""News of what people follow: once, gathered, and only of what they may see when it is sent."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from knowledge.actions import news
from knowledge.actions.follow import follow
from knowledge.actions.review import publish
from knowledge.enums import RevisionState
from knowledge.models import Follow, Item
from members.models import Representative
from munistem.commons.enums import Visibility
from munistem.commons.notices.digests import mail_digests
from munistem.commons.notices.models import Notice
from munistem.commons.search.actions import index
from tests.communities.factories import make_community, make_membership
from tests.knowledge.factories import make_collection, make_item, make_revision, make_term
from tests.members.factories import make_member, make_organisation, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_words")]


def following(kind, value, **fields):
    """A person who follows something since yesterday."""
    person = make_member(language="en", **fields)
    follow(by=person, kind=kind, value=value)
    Follow.objects.filter(person=person).update(followed_at=timezone.now() - timedelta(days=1))
    return person


def published(reviewer, item=None, **fields):
    """An item, or its next revision, published by the deed; the worker's job is done."""
    if item is None:
        item = make_item(RevisionState.SUBMITTED, **fields)
        revision = item.revisions.get()
    else:
        revision = make_revision(item, RevisionState.SUBMITTED, **fields)
    publish(by=reviewer, revision=revision)
    news.tell_followers(item.pk)
    return Item.objects.get(pk=item.pk)


def told():
    return set(Notice.objects.filter(event__kind="followed_news").values_list("reader_id", flat=True))


def next_sunday(now):
    day = timezone.localtime(now) + timedelta(days=1)
    while day.weekday() != 6:
        day += timedelta(days=1)
    return day.replace(hour=9)


def test_each_way_of_following_is_told(reviewer):
    term, organisation = make_term(), make_organisation(slug="labs")
    people = {
        following("stage", "primary"),
        following("subject", term.slug),
        following("tag", term.slug),
        following("organisation", "labs"),
        following("search", "q=robots&stage=primary"),
        following("search", "kind=guide"),
    }
    others = {
        following("stage", "service"),
        following("search", "q=chemistry"),
        following("search", "q=robots&kind=video"),
        following("organisation", make_organisation().slug),
    }
    published(reviewer, title="Robots", life_stages=["primary"], terms=[term], organisation=organisation)
    assert told() == {person.pk for person in people}
    assert not told() & {person.pk for person in others}


def test_each_person_is_told_once(reviewer):
    person = following("stage", "primary")
    follow(by=person, kind="search", value="kind=guide")
    Follow.objects.update(followed_at=timezone.now() - timedelta(days=1))
    item = published(reviewer, life_stages=["primary"])
    news.tell_followers(item.pk)
    news.tell_fresh_news()
    published(reviewer, item, life_stages=["primary", "service"])
    assert Notice.objects.filter(event__kind="followed_news").count() == 1


def test_a_small_change_is_no_news_but_a_new_tag_is(reviewer):
    item = published(reviewer, title="Robots")
    late, tagged = following("search", "q=robots"), following("stage", "service")
    Follow.objects.filter(person=late).update(followed_at=timezone.now())
    published(reviewer, item, title="Robots!")
    news.tell_fresh_news()
    assert told() == set()
    published(reviewer, Item.objects.get(pk=item.pk), title="Robots!", life_stages=["service"])
    assert tagged.pk in told()


def test_authors_hear_nothing_of_their_own(reviewer):
    person = following("search", "kind=guide", is_manager=True)
    published(reviewer, created_by=person)
    assert told() == set()


def test_only_those_who_may_see_it_are_told(reviewer):
    community = make_community()
    inside = make_membership(community).person
    outside = following("search", "kind=guide")
    follow(by=inside, kind="search", value="kind=guide")
    Follow.objects.update(followed_at=timezone.now() - timedelta(days=1))
    item = published(reviewer, visibility=Visibility.COMMUNITY, community=community)
    assert told() == {inside.pk}
    published(reviewer, item, visibility=Visibility.NETWORK)
    assert told() == {inside.pk, outside.pk}


def test_a_search_within_a_closed_community_tells_nothing_to_others(reviewer):
    community = make_community(access="closed")
    inside, value = make_membership(community).person, f"community={community.slug}"
    outside = following("search", value)
    follow(by=inside, kind="search", value=value)
    Follow.objects.update(followed_at=timezone.now() - timedelta(days=1))
    published(reviewer, visibility=Visibility.PUBLIC, community=community)
    assert told() == {inside.pk}
    assert outside.pk not in told()


def test_what_was_found_later_is_told_at_night(reviewer):
    person = following("search", "q=gears")
    revision = make_item(RevisionState.SUBMITTED, body="<p>gears</p>").revisions.get()
    publish(by=reviewer, revision=revision)
    Item.objects.update(search_vector="")
    assert news.tell_followers(revision.item_id) == 0
    index(Item.objects.get(pk=revision.item_id))
    assert news.tell_fresh_news() == 1
    assert told() == {person.pk}
    assert news.tell_fresh_news(timezone.now() + news.FRESH * 2) == 0


def test_it_comes_in_the_weekly_mail_and_never_twice(reviewer):
    person = following("search", "q=robots", email="follower@x.example")
    item = published(reviewer, title="Robots for girls")
    sunday = next_sunday(timezone.now())
    mail.outbox.clear()
    assert mail_digests("weekly", now=sunday) == 1
    letter = mail.outbox[0]
    assert letter.to == [person.email]
    assert "Robots for girls" in letter.body
    assert "“robots”" in letter.body
    assert item.get_absolute_url() in letter.body
    news.tell_fresh_news(sunday)
    assert mail_digests("weekly", now=sunday + timedelta(days=7)) == 0


def test_the_mail_tells_what_may_be_seen_when_it_is_sent(reviewer):
    person = following("search", "q=robots")
    published(reviewer, title="Robots", visibility=Visibility.NETWORK)
    assert told() == {person.pk}
    Representative.objects.filter(person=person).update(until_on=timezone.localdate())
    assert mail_digests("weekly", now=next_sunday(timezone.now())) == 0


def test_an_edition_is_news_to_who_reads_its_language(reviewer):
    first = published(reviewer, title="Robots", language="en")
    english, arabic = following("search", "q=robots"), following("search", "q=robots")
    type(arabic).objects.filter(pk=arabic.pk).update(language="ar")
    published(reviewer, title="Robots روبوتات", language="ar", edition_of=first)
    assert told() == {arabic.pk}
    assert english.pk not in told()


def test_who_may_not_sign_in_is_not_told(reviewer):
    person = following("search", "kind=guide")
    type(person).objects.filter(pk=person.pk).update(is_active=False)
    stranger = make_user()
    follow(by=stranger, kind="search", value="kind=guide")
    Follow.objects.update(followed_at=timezone.now() - timedelta(days=1))
    published(reviewer, visibility=Visibility.NETWORK)
    assert told() == set()


def test_followers_of_a_collection_hear_of_what_comes_in(reviewer):
    from knowledge.actions.collection import add_to_collection, remove_entry

    collection = make_collection(created_by=reviewer)
    person = following("collection", collection.slug)
    items = [make_item(), make_item(), make_item(visibility=Visibility.COMMUNITY)]
    for item in items:
        entry = add_to_collection(by=reviewer, collection=collection, item=item)
    remove_entry(by=reviewer, entry=entry)
    add_to_collection(by=reviewer, collection=collection, item=items[2])
    notices = Notice.objects.filter(event__kind="collection_grew", reader=person)
    assert notices.count() == 3
    mail.outbox.clear()
    assert mail_digests("weekly", now=next_sunday(timezone.now())) == 1
    assert "2 items came into the collection" in mail.outbox[0].body
