"""That nothing of a text that waits leaks: no page, search, file, mail or notice shows it to others."""

import re

import pytest
from django.core import mail
from django.db import transaction
from django.test import Client

from communities.actions import post as posts
from communities.actions import topic as topics
from communities.enums import Access, HeldState, Moderation, TopicKind
from communities.models import Community, HeldFile, HeldPost, Mention, Post, Topic
from munistem.commons.notices.models import Notice
from tests.commons.factories import pdf, uploaded
from tests.communities.factories import (
    make_community,
    make_facilitator,
    make_member,
    make_membership,
    make_topic,
    make_user,
)
from tests.communities.test_held import MARK, opened
from tests.visits import text_of

pytestmark = pytest.mark.django_db


#: What every answer has anew: marks of forms, and the nonce of scripts.
TOKEN = re.compile(r"""value="[A-Za-z0-9-]{32,}"|nonce=(&quot;|")[^"&]*""")


PLACES = [
    *("/", "/communities/", "/knowledge/", "/organisations/", "/policy/", "/me/notices/", "/me/data/"),
    *("/sitemap.xml", "/me/calendar/", "/me/data/", f"/search/?q={MARK}", "/me/choices/"),
]


def pages_of(community, topic, author):
    home = community.get_absolute_url()
    kinds = [f"{home}?kind={kind}" for kind in [*TopicKind.values, "unanswered", "hidden"]]
    parts = ["people/", "meetings/", "calendar/", "decisions/", "library/", "facilitation/"]
    return [
        *PLACES,
        home,
        *kinds,
        *(f"{home}{part}" for part in parts),
        f"{home}topics/similar/?q={MARK}",
        topic.get_absolute_url(),
        f"/people/{author.uuid}/",
        *(f"/posts/{post.pk}/history/" for post in topic.posts.all()),
        *(f"/search/?q={MARK}&in={kind}" for kind in ("topics", "people", "items")),
    ]


def worlds(access):
    """A community with a held topic, a held answer with a file and a held change, every word marked; and readers."""
    community = make_community(access=access, moderation=Moderation.EVERYBODY)
    writer = make_membership(community).person
    topic = make_topic(community, writer, title="Labs", body="<p>Which labs?</p>")
    leads = make_facilitator(community)
    readers = {
        "member": make_membership(community).person,
        "outsider": make_member(),
        "registered": make_user(),
        "facilitator elsewhere": make_facilitator(),
        "visitor": None,
    }
    opened(community, writer)
    topics.reply(
        by=writer,
        topic=topic,
        body=f"<p>{MARK} @{readers['member'].name}</p>",
        files=[uploaded(f"{MARK}.pdf", pdf(MARK))],
    )
    posts.edit_post(
        by=writer, post=topic.posts.get(number=1), title=f"Labs {MARK}", body=f"<p>{MARK}</p>", seen=None
    )
    return community, topic, writer, leads, readers


@pytest.mark.slow
@pytest.mark.parametrize("access", Access.values)
def test_no_page_search_file_mail_or_notice_shows_it_to_others(access, run_jobs):
    community, topic, writer, leads, readers = worlds(access)
    before = Community.objects.values("topic_count").get(pk=community.pk)
    run_jobs()
    assert (Topic.objects.count(), Post.objects.count(), before["topic_count"]) == (1, 1, 1)
    held = list(HeldPost.objects.order_by("pk"))
    assert [one.state for one in held] == [HeldState.WAITING] * 3
    closed = [
        f"/posts/held/{one.pk}/{part}"
        for one in held
        for part in ("", "edit/", "return/", "withdraw/", "release/")
    ]
    stored = HeldFile.objects.get().file
    closed.append(f"/posts/held/{HeldFile.objects.get().held_id}/files/{stored.key}/")
    leaks = []
    for name, person in readers.items():
        client = Client()
        client.cookies["django_language"] = "en"
        if person:
            client.force_login(person)
        for url in pages_of(community, topic, writer):
            response = client.get(url, follow=True)
            repeats = MARK.lower() in url.lower() and response.status_code == 200
            text = text_of(response).replace(f"q={MARK}", "")
            found = text.count(MARK)
            if repeats and "/search/" in url:
                assert response.context["is_empty"], (name, url)
            elif found:
                leaks.append((name, url))
        for url in closed:
            response = client.post(url) if url.endswith(("withdraw/", "release/")) else client.get(url)
            allowed = {302, 404} if person is None else {404}
            if response.status_code not in allowed:
                leaks.append((name, url, response.status_code))
            assert "/accounts/login/" in response.get("Location", "/accounts/login/")
    assert leaks == []
    told_people = set(Notice.objects.values_list("reader", flat=True))
    assert told_people == {leads.pk}
    assert {message.to[0] for message in mail.outbox} <= {leads.email}
    assert not Mention.objects.exists()
    assert not Topic.objects.matching(MARK).exists()
    assert not Topic.objects.new_for(readers["member"]).filter(post_count__gt=1).exists()


@pytest.mark.parametrize("access", Access.values)
def test_outsiders_cannot_tell_whether_something_waits(access):
    """Every page of the topic and its community is the same letter for letter with and without held texts."""
    community, topic, _writer, _leads, readers = worlds(access)

    def seen(person):
        client = Client()
        client.cookies["django_language"] = "en"
        if person:
            client.force_login(person)
        urls = [community.get_absolute_url(), topic.get_absolute_url(), "/communities/"]
        parts = []
        for url in urls:
            response = client.get(url)
            parts.append(TOKEN.sub("", text_of(response)) if response.status_code == 200 else "")
        return parts

    for person in (readers["member"], readers["outsider"], None):
        seen(person)  # the first visit marks as read
        with_held = seen(person)
        with transaction.atomic():
            HeldFile.objects.all().delete()
            HeldPost.objects.all().delete()
            without = seen(person)
            transaction.set_rollback(True)
        assert with_held == without
