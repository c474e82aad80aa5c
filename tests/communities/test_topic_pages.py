"""Topics as their readers see them: opened and answered by forms, read, hidden, locked, edited and reported."""

from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from communities.actions import post as post_deeds
from communities.actions import topic as deeds
from communities.enums import Access, TopicKind
from communities.models import Helpful, Post, Topic
from munistem.commons.notices.models import Notice
from munistem.commons.reports.models import Report
from tests.commons.factories import hostile, pdf, uploaded
from tests.communities.factories import (
    make_attachment,
    make_community,
    make_facilitator,
    make_member,
    make_membership,
    make_post,
    make_topic,
    make_user,
)
from tests.visits import read

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_pages")]


@pytest.fixture
def community():
    return make_community(access=Access.OPEN, name="Municipal labs")


def test_topic_is_opened_by_a_form_sent_twice(client, community, member):
    form = {"kind": "question", "title": "A lab", "body": "<p>Who?</p><script>x</script>", "nonce": uuid4()}
    address = f"/communities/{community.slug}/topics/new/"
    assert "Visible to everyone" in read(client, address)
    first = client.post(address, {**form, "files": [uploaded("plan.pdf", pdf())]})
    second = client.post(address, form)
    topic = Topic.objects.get()
    assert first.url == second.url == f"/topics/{topic.pk}/"
    assert topic.posts.get().body == "<p>Who?</p>"
    page = read(client, f"/topics/{topic.pk}/")
    assert "plan.pdf" in page


def test_plain_text_and_missing_nonce_are_taken(client, community, member):
    client.post(
        f"/communities/{community.slug}/topics/new/",
        {"kind": "help", "title": "A lab", "body": "One\n\nTwo", "nonce": "x"},
    )
    assert Post.objects.get().body == "<p>One</p><p>Two</p>"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ""),
        ("title", "x"),
        ("title", "x" * 151),
        ("title", "\u202e\u200b"),
        ("kind", "nonsense"),
        ("kind", "announcement"),
        ("body", ""),
        ("body", "<p> </p><p>&nbsp;</p>"),
        ("body", "<p>" + "x" * 50_001),
    ],
)
def test_bad_topic_gets_a_message_and_keeps_the_rest(client, community, member, field, value):
    form = {"kind": "question", "title": "My kept title", "body": "<p>My kept body</p>", field: value}
    response = client.post(f"/communities/{community.slug}/topics/new/", form)
    assert response.status_code == 200
    assert not Topic.objects.exists()
    page = response.content.decode()
    assert 'role="alert"' in page
    assert ("My kept title" if field != "title" else "My kept body") in page


@pytest.mark.parametrize("name", ["page.html", "program.pdf", "macros.docx"])
def test_hostile_file_is_refused_and_text_kept(client, topic, member, name):
    form = {"body": "<p>My kept body</p>", "files": [uploaded(name, hostile()[name])]}
    response = client.post(f"/topics/{topic.pk}/", form)
    assert response.status_code == 200
    assert "My kept body" in response.content.decode()
    assert topic.posts.count() == 1


def test_facilitator_announces(client, community):
    client.force_login(make_facilitator(community))
    form = {"kind": "announcement", "title": "We meet", "body": "<p>On Tuesday</p>"}
    client.post(f"/communities/{community.slug}/topics/new/", form)
    assert Topic.objects.get().kind == TopicKind.ANNOUNCEMENT


def test_similar_topics_are_a_fragment(client, community, member):
    make_topic(community, title="Girls in the robotics league")
    page = read(client, f"/communities/{community.slug}/topics/similar/?q=robotics+for+girls")
    assert "Girls in the robotics league" in page
    assert "<html" not in page
    assert read(client, f"/communities/{community.slug}/topics/similar/?q=zebra").strip() == ""
    read(client, f"/communities/{community.slug}/topics/similar/?q=%27%29%20%7C%20x")


def test_reply_leads_to_its_place_on_the_last_page(client, topic, member):
    for _ in range(19):
        make_post(topic)
    response = client.post(f"/topics/{topic.pk}/", {"body": "<p>The 21st</p>", "nonce": uuid4()})
    assert response.url == f"/topics/{topic.pk}/?page=2#post-21"
    assert "The 21st" in read(client, f"/topics/{topic.pk}/?page=2")
    post = topic.posts.get(number=21)
    assert client.get(f"/posts/{post.pk}/").url == response.url


def test_visitor_reads_an_open_topic_without_doors_that_are_shut(client, topic):
    make_post(topic, body=f'<p>Thanks <a href="/people/{uuid4()}/">@Dana</a></p>')
    page = read(client, f"/topics/{topic.pk}/")
    assert "/people/" not in page
    assert "@Dana" in page
    assert "Sign in to answer" in page
    assert "<textarea" not in page
    assert client.post(f"/topics/{topic.pk}/", {"body": "<p>x</p>"}).status_code == 403


def test_public_topic_shares_its_words_and_others_do_not(client, topic):
    assert 'property="og:description"' in read(client, f"/topics/{topic.pk}/")
    inner = make_topic()
    client.force_login(inner.author)
    assert 'property="og:description"' not in read(client, f"/topics/{inner.pk}/")


def test_what_is_new_is_divided_from_what_was_read(client, topic, member):
    assert 'id="new"' not in read(client, f"/topics/{topic.pk}/")
    make_post(topic)
    make_post(topic)
    page = read(client, f"/topics/{topic.pk}/")
    assert page.index('id="post-1"') < page.index('id="new"') < page.index('id="post-2"')
    assert 'id="new"' not in read(client, f"/topics/{topic.pk}/")


def test_bell_is_put_away_by_reading(client, topic, member):
    deeds.reply(by=make_membership(topic.community).person, topic=topic, body=f"<p>@{member.name}</p>")
    assert Notice.objects.unread().filter(reader=member).count() == 1
    read(client, f"/topics/{topic.pk}/")
    assert not Notice.objects.unread().filter(reader=member)


def test_accepted_answer_stands_on_top_with_a_link(client, topic):
    for number in range(24):
        make_post(topic, body=f"<p>Answer {number + 2}.</p>")
    client.force_login(topic.author)
    best = topic.posts.get(number=23)
    client.post(f"/posts/{best.pk}/accept/")
    page = read(client, f"/topics/{topic.pk}/")
    assert page.index("Answer 23.") < page.index("Answer 2.")
    assert f'href="/posts/{best.pk}/"' in page
    assert read(client, f"/topics/{topic.pk}/?page=2").count("Answer 23.") == 1
    client.post(f"/topics/{topic.pk}/unaccept/")
    assert "Answer 23." not in read(client, f"/topics/{topic.pk}/")


def test_hidden_post_leaves_a_gap(client, topic):
    hidden = {"hidden_at": timezone.now(), "hidden_by": topic.author, "hidden_reason": "Names"}
    post = make_post(topic, body="<p>Canary</p>", **hidden)
    make_post(topic)
    page = read(client, f"/topics/{topic.pk}/")
    assert "This post was hidden by a facilitator." in page
    assert "Canary" not in page
    assert "Names" not in page
    client.force_login(post.author)
    page = read(client, f"/topics/{topic.pk}/")
    assert "Canary" in page
    assert "Names" in page


def test_hidden_topic_explains_itself_to_its_author(client, topic):
    client.force_login(make_facilitator(topic.community))
    opening = topic.posts.get()
    client.post(f"/posts/{opening.pk}/hide/", {"reason": "Advertising"})
    client.force_login(topic.author)
    page = read(client, f"/topics/{topic.pk}/")
    assert "only its author and the facilitators see it" in page
    assert "Advertising" in page
    assert "<textarea" not in page


def test_locked_topic_explains_itself(client, topic, member):
    facilitator = make_facilitator(topic.community)
    client.force_login(facilitator)
    client.post(f"/topics/{topic.pk}/lock/")
    client.post(f"/topics/{topic.pk}/pin/")
    topic.refresh_from_db()
    assert topic.locked_by == facilitator
    assert topic.is_pinned
    client.force_login(member)
    page = read(client, f"/topics/{topic.pk}/")
    assert "closed for answers" in page
    assert "<textarea" not in page
    assert client.post(f"/topics/{topic.pk}/lock/", {"off": 1}).status_code == 403
    client.force_login(facilitator)
    client.post(f"/topics/{topic.pk}/lock/", {"off": 1})
    client.post(f"/topics/{topic.pk}/pin/", {"off": 1})
    topic.refresh_from_db()
    assert (topic.locked_at, topic.is_pinned) == (None, False)


def test_edit_shows_its_history(client, topic):
    post = topic.posts.get()
    client.force_login(topic.author)
    page = read(client, f"/posts/{post.pk}/edit/")
    assert "What worked with you?" in page
    form = {"title": "How to run a lab?", "body": "<p>What failed with you?</p>", "seen": ""}
    assert client.post(f"/posts/{post.pk}/edit/", form).status_code == 302
    page = read(client, f"/posts/{post.pk}/history/")
    assert "<del>worked</del>" in page
    assert "<ins>failed</ins>" in page
    assert "<del>open</del>" in page


def test_stale_edit_is_a_409_that_keeps_the_text(client, topic):
    post = topic.posts.get()
    client.force_login(topic.author)
    post_deeds.edit_post(by=topic.author, post=post, body="<p>Meanwhile</p>")
    form = {"title": "Mine", "body": "<p>My text</p>", "seen": ""}
    response = client.post(f"/posts/{post.pk}/edit/", form)
    page = response.content.decode()
    assert response.status_code == 409
    assert "My text" in page
    assert "Meanwhile" in page
    seen = Post.objects.get().edited_at.isoformat()
    assert seen in page
    assert client.post(f"/posts/{post.pk}/edit/", {**form, "seen": seen}).status_code == 302
    assert client.post(f"/posts/{post.pk}/edit/", {**form, "seen": "2026-99-99T99:99"}).status_code == 409


def test_helpful_report_and_moderation_by_forms(client, topic, member):
    post = topic.posts.get()
    client.post(f"/posts/{post.pk}/helpful/")
    assert Helpful.objects.get().person == member
    client.post(f"/posts/{post.pk}/helpful/", {"off": 1})
    assert not Helpful.objects.exists()
    client.post(f"/posts/{post.pk}/report/", {"why": "hurtful", "note": "Look"})
    assert Report.objects.get().reporter == member
    assert "Reported" not in read(client, f"/topics/{topic.pk}/")
    client.force_login(make_facilitator(topic.community))
    page = read(client, f"/topics/{topic.pk}/")
    assert "Reported" in page
    assert "Look" in page
    client.post(f"/posts/{post.pk}/reports/close/")
    assert "Reported" not in read(client, f"/topics/{topic.pk}/")


@pytest.mark.parametrize("deed", ["helpful", "accept", "hide", "show", "report", "reports/close", "edit"])
def test_outsiders_do_nothing_to_posts_of_others(client, deed):
    post = make_topic().posts.get()
    client.force_login(make_member())
    assert client.post(f"/posts/{post.pk}/{deed}/", {"reason": "x", "why": "other"}).status_code == 404
    open_post = make_topic(make_community(access=Access.OPEN)).posts.get()
    client.force_login(make_user())
    if deed != "report":
        assert client.post(f"/posts/{open_post.pk}/{deed}/", {"reason": "x"}).status_code == 403
    open_post.refresh_from_db()
    assert (open_post.helpful_count, open_post.hidden_at, open_post.edited_at) == (0, None, None)


def test_file_is_served_to_readers_as_a_download(client, topic):
    file = make_attachment(topic.posts.get()).file
    file.blob.save("plan.txt", ContentFile(b"hello"))
    response = client.get(f"/topics/{topic.pk}/files/{file.key}/")
    assert b"".join(response.streaming_content) == b"hello"
    assert response["X-Content-Type-Options"] == "nosniff"
    other = make_topic(topic.community)
    read(client, f"/topics/{other.pk}/files/{file.key}/", 404)


def test_posting_is_limited(client, topic, member):
    from munistem.commons.guards import limits

    for _ in range(60):
        limits.count_hit(f"post:user{member.pk}", 3600, 60)
    response = client.post(f"/topics/{topic.pk}/", {"body": "<p>One too many</p>"})
    assert response.status_code == 429
    assert topic.posts.count() == 1
