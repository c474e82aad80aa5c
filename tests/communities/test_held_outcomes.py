"""What becomes of a text that waited: it appears, comes back, is taken back; consultations and mail likewise."""

from uuid import uuid4

import pytest
from django.core import mail

from communities.actions import consultation as consultations
from communities.actions import held as deeds
from communities.actions import life, membership
from communities.actions import post as posts
from communities.actions import release as decisions
from communities.actions import topic as topics
from communities.actions.bymail import open_topic_by_mail, reply_by_mail
from communities.actions.departure import leave_all
from communities.actions.held import StaleHeld
from communities.actions.membership import TooLate
from communities.enums import Access, HeldState, Moderation
from communities.models import Community, Contribution, Edit, HeldFile, HeldPost, Post, Topic
from members.models import User
from munistem.commons.audit.models import AuditEvent
from munistem.commons.files.models import StoredFile
from munistem.commons.mail.incoming import Incoming
from munistem.commons.notices.models import Event
from tests.commons.factories import pdf, uploaded
from tests.communities.factories import (
    make_community,
    make_facilitator,
    make_member,
    make_topic,
)
from tests.communities.test_held import MARK, opened
from tests.notices import told

pytestmark = pytest.mark.django_db


@pytest.fixture
def community():
    return make_community(name="Makers", moderation=Moderation.EVERYBODY, access=Access.OPEN)


@pytest.fixture
def leader(community):
    return make_facilitator(community, make_member(name="Leader"))


# Topics, answers and changes ---------------------------------------------------------------------------


def test_topic_appears_on_release_and_is_told_then(community, leader, author, other, run_jobs):
    held = opened(
        community, author, files=[uploaded("plan.pdf", pdf("wetlab"))], body=f"<p>{MARK} @Other</p>"
    )
    assert isinstance(held, HeldPost)
    assert told("post_held") == ["Leader"]
    assert told("topic_opened") == told("mentioned") == []
    post = decisions.release(by=leader, held=held)
    assert decisions.release(by=leader, held=held) == post
    run_jobs()
    topic = Topic.objects.get()
    assert (topic.title, topic.author, topic.file_count, topic.post_count) == (MARK, author, 1, 1)
    assert topic.created_at > held.created_at
    assert list(Topic.objects.matching(MARK)) == list(Topic.objects.matching("wetlab")) == [topic]
    assert Community.objects.get(pk=community.pk).topic_count == 1
    assert told("mentioned") == ["Other"]
    assert told("topic_opened") == ["Leader"]
    assert told("post_released") == ["Author"]
    assert Event.objects.get(kind="topic_opened").actor == author
    held.refresh_from_db()
    assert (held.state, held.body, held.title, held.released_as) == (HeldState.RELEASED, "", "", post)
    assert not HeldFile.objects.exists()
    assert list(AuditEvent.objects.filter(actor=leader).values_list("deed", flat=True)) == ["release_post"]


def test_answer_appears_as_the_next_post(community, leader, author, other, tell_now):
    topic = make_topic(community, other)
    topics.mark_read(by=author, topic=topic, number=1)
    held = topics.reply(by=author, topic=topic, body=f"<p>{MARK}</p>", nonce=uuid4())
    topics.reply(by=leader, topic=topic, body="<p>Mine</p>")
    assert topic.posts.count() == 2
    post = decisions.release(by=leader, held=held, seen=held.changed_at)
    topic.refresh_from_db()
    assert (post.number, topic.post_count, topic.last_post_by, post.nonce) == (3, 3, author, held.nonce)
    assert topics.reply(by=author, topic=topic, body="<p>x</p>", nonce=held.nonce) == post
    tell_now()
    assert told("replied") == ["Leader", "Other", "Other"]
    assert list(Topic.objects.new_for(author)) == [topic]  # of what others wrote meanwhile


def test_own_released_answer_is_no_news_to_who_has_read_all(community, leader, author, other):
    topic = make_topic(community, other)
    held = topics.reply(by=author, topic=topic, body=f"<p>{MARK}</p>")
    topics.mark_read(by=author, topic=topic, number=1)
    decisions.release(by=leader, held=held)
    assert not Topic.objects.new_for(author).exists()


def test_change_waits_and_the_post_stays_as_it_was(community, leader, author):
    topic = make_topic(community, author, title="Labs")
    post = topic.posts.get()
    held = posts.edit_post(by=author, post=post, title=MARK, body=f"<p>{MARK}</p>", seen=None)
    again = posts.edit_post(by=author, post=post, title=f"{MARK}!", body=f"<p>{MARK}!</p>", seen=None)
    assert held == again
    assert HeldPost.objects.get().body == f"<p>{MARK}!</p>"
    assert Topic.objects.get().title == "Labs"
    assert not Edit.objects.exists()
    changed = decisions.release(by=leader, held=again)
    assert (changed.body, Topic.objects.get().title) == (f"<p>{MARK}!</p>", f"{MARK}!")
    assert Edit.objects.get().replaced_by == author
    assert (
        posts.edit_post(by=leader, post=post, body="<p>Cut</p>", seen=changed.edited_at).body == "<p>Cut</p>"
    )


def test_change_of_what_was_changed_meanwhile_does_not_appear(community, leader, author):
    post = make_topic(community, author).posts.get()
    held = posts.edit_post(by=author, post=post, body=f"<p>{MARK}</p>", seen=None)
    posts.edit_post(by=leader, post=post, body="<p>Cut</p>", seen=None)
    with pytest.raises(TooLate):
        decisions.release(by=leader, held=held)
    assert Post.objects.get().body == "<p>Cut</p>"


def test_taking_own_files_away_waits_for_nobody(community, leader, author):
    held = topics.reply(
        by=author, topic=make_topic(community, author), body="<p>x</p>", files=[uploaded("a.pdf", pdf(MARK))]
    )
    post = decisions.release(by=leader, held=held)
    same = posts.edit_post(
        by=author, post=post, body=post.body, dropped=list(post.attachments.all()), seen=post.edited_at
    )
    assert same == post
    assert not post.attachments.exists()
    assert not Topic.objects.matching(MARK).exists()
    assert not HeldPost.objects.open().exists()


def test_what_comes_back_is_kept_mended_and_sent_again(community, leader, author, client, run_jobs):
    held = opened(community, author)
    decisions.send_back(by=leader, held=held, reason="Leave the name out.")
    with pytest.raises(TooLate):
        decisions.send_back(by=leader, held=held, reason="Again")
    with pytest.raises(TooLate):
        decisions.release(by=leader, held=held)
    run_jobs()
    held.refresh_from_db()
    assert (held.state, held.body, held.reason) == (
        HeldState.RETURNED,
        f"<p>{MARK}</p>",
        "Leave the name out.",
    )
    assert told("post_returned") == ["Author"]
    assert "Leave the name out." in next(m.body for m in mail.outbox if m.to == [author.email])
    client.force_login(author)
    client.cookies["django_language"] = "en"
    assert "came back" in client.get("/").content.decode()
    page = client.get(held.get_absolute_url()).content.decode()
    assert "Leave the name out." in page
    assert MARK in client.get(f"{held.get_absolute_url()}edit/").content.decode()
    answer = client.post(
        f"{held.get_absolute_url()}edit/",
        {"title": "Better", "body": "<p>Mended</p>", "seen": held.changed_at.isoformat()},
    )
    assert answer.status_code == 302
    held.refresh_from_db()
    assert (held.state, held.title, held.reason) == (HeldState.WAITING, "Better", "")
    assert told("post_held") == ["Leader", "Leader"]
    assert decisions.release(by=leader, held=held).topic.title == "Better"


def test_nobody_releases_a_text_that_was_not_read(community, leader, author, client):
    held = opened(community, author)
    seen = held.changed_at
    deeds.mend_held(by=author, held=held, body="<p>Worse</p>", title="Worse")
    with pytest.raises(StaleHeld):
        decisions.release(by=leader, held=held, seen=seen)
    client.force_login(leader)
    for typed in (seen.isoformat(), "", "nonsense", "2026-99-99"):
        client.post(f"{held.get_absolute_url()}release/", {"seen": typed})
    assert not Topic.objects.exists()
    held.refresh_from_db()
    client.post(f"{held.get_absolute_url()}release/", {"seen": held.changed_at.isoformat()})
    client.post(f"{held.get_absolute_url()}release/", {"seen": held.changed_at.isoformat()})
    assert Topic.objects.get().title == "Worse"


def test_author_takes_it_back_and_nothing_of_it_stays(community, leader, author):
    held = topics.reply(
        by=author, topic=make_topic(community), body=f"<p>{MARK}</p>", files=[uploaded("a.pdf", pdf(MARK))]
    )
    deeds.withdraw_held(by=author, held=held)
    deeds.withdraw_held(by=author, held=held)
    held.refresh_from_db()
    assert (held.state, held.body) == (HeldState.WITHDRAWN, "")
    assert not StoredFile.objects.exists()
    with pytest.raises(TooLate):
        decisions.release(by=leader, held=held)
    with pytest.raises(TooLate):
        deeds.mend_held(by=author, held=held, body="<p>x</p>")


def test_who_leaves_the_network_takes_unread_texts_along(community, leader, author):
    held = opened(community, author)
    leave_all(by=author, person=author)
    held.refresh_from_db()
    assert (held.state, held.body) == (HeldState.WITHDRAWN, "")


@pytest.mark.parametrize("change", ["lock", "hide", "leave", "archive"])
def test_nothing_appears_where_its_author_may_no_longer_write(community, leader, author, change):
    topic = make_topic(community)
    topics.reply(by=author, topic=topic, body=f"<p>{MARK}</p>")
    if change == "lock":
        topics.lock_topic(by=leader, topic=topic)
    elif change == "hide":
        posts.hide(by=leader, post=topic.posts.get(), reason="Names")
    elif change == "leave":
        membership.leave(by=author, community=community)
    else:
        life.archive_community(by=leader, community=community)
    with pytest.raises(TooLate):
        decisions.release(by=User.objects.get(pk=leader.pk), held=HeldPost.objects.get())
    assert topic.posts.count() == 1


# Consultations and mail --------------------------------------------------------------------------------


def test_consultation_waits_with_its_case_and_is_one_on_release(community, leader, author, other):
    held = consultations.open_consultation(
        by=author, community=community, question=MARK, context="Few come.", tried="Letters"
    )
    assert isinstance(held, HeldPost)
    assert not Topic.objects.exists()
    topic = decisions.release(by=leader, held=held).topic
    assert (topic.consultation.context, topic.consultation.tried) == ("Few come.", "Letters")
    waiting = topics.reply(by=other, topic=topic, body="<p>How many?</p>", part="question")
    assert not Contribution.objects.exists()
    decisions.release(by=leader, held=waiting)
    assert Contribution.objects.get().part == "question"


def test_case_that_came_back_keeps_nothing_in_its_fields(community, leader, author):
    held = consultations.open_consultation(
        by=author, community=community, question=MARK, context="Dana of Haifa", tried="Dana again"
    )
    decisions.send_back(by=leader, held=held, reason="Names")
    deeds.mend_held(by=author, held=held, title=MARK, body="<p>A colleague</p>")
    consultation = decisions.release(by=leader, held=held).topic.consultation
    assert (consultation.context, consultation.tried) == ("A colleague", "")


def test_change_of_a_case_waits(community, leader, author):
    held = consultations.open_consultation(by=author, community=community, question=MARK, context="Few come.")
    consultation = decisions.release(by=leader, held=held).topic.consultation
    fields = {"question": MARK, "context": "Nobody comes.", "tried": "", "would_help": "", "seen": None}
    change = consultations.edit_case(by=author, consultation=consultation, **fields)
    consultation.refresh_from_db()
    assert consultation.context == "Few come."
    decisions.release(by=leader, held=change)
    consultation.refresh_from_db()
    assert consultation.context == "Nobody comes."


def test_mail_waits_like_any_text(community, author):
    topic = make_topic(community)
    mail_ = Incoming("<1@x>", author.email, MARK, MARK, (), (), (), "", None, None)
    for taken in (reply_by_mail(author, topic.pk, mail_), open_topic_by_mail(author, community.pk, mail_)):
        assert "A facilitator reads your text first" in str(taken.remarks)
        assert "/posts/held/" in taken.url
    assert HeldPost.objects.count() == 2
    assert Post.objects.count() == 1
