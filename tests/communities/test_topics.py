"""Topics and posts: what each deed changes, whom it tells; numbers and counts under haste; search as one writes."""

from uuid import uuid4

import pytest
from django.utils import timezone

from communities import emails
from communities.actions import membership
from communities.actions import post as posts
from communities.actions import topic as topics
from communities.actions.membership import TooLate
from communities.actions.mention import with_mentions
from communities.actions.post import StaleEdit
from communities.enums import Access, MembershipState, TopicKind
from communities.models import Community, Edit, Helpful, Mention, Post, Topic, TopicRead
from members.models import Representative, User
from munistem.commons.files.models import StoredFile
from munistem.commons.files.tasks import READY
from munistem.commons.notices.kinds import visible_events
from munistem.commons.notices.models import Event, Notice
from munistem.commons.reports.models import Report
from tests.commons.factories import pdf, uploaded
from tests.communities.factories import (
    make_community,
    make_facilitator,
    make_member,
    make_membership,
    make_post,
    make_topic,
)
from tests.notices import told_pairs

pytestmark = pytest.mark.django_db


@pytest.fixture
def community():
    return make_community(access=Access.OPEN)


def opened(community, author, **fields):
    fields = {
        "kind": TopicKind.QUESTION,
        "title": "How to open a lab?",
        "body": "<p>Who did it?</p>",
        **fields,
    }
    return topics.open_topic(by=author, community=community, **fields)


def test_topic_is_opened_with_post_files_index_and_news(community, author, other, run_jobs):
    topic = opened(community, author, files=[uploaded("plan.pdf", pdf("wetlab"))])
    assert Community.objects.get(pk=community.pk).topic_count == 1
    assert topic.posts.get().number == 1
    assert topic.file_count == 1
    assert list(Topic.objects.matching("open lab")) == [topic]
    assert list(Topic.objects.new_for(other)) == [topic]
    assert list(Topic.objects.new_for(author)) == []
    assert list(Topic.objects.unanswered()) == [topic]
    run_jobs()
    assert told_pairs("topic_opened") == [("topic_opened", "Other")]
    assert list(Topic.objects.matching("wetlab")) == [topic]


def test_file_read_later_is_found_in_its_topic(community, author):
    topic = opened(community, author, files=[uploaded("plan.pdf", pdf())])
    stored = StoredFile.objects.get()
    stored.text = "aquarium"
    stored.save()
    for callback in READY:
        callback(stored)
    assert list(Topic.objects.matching("aquarium")) == [topic]


def test_who_is_no_member_opens_nothing(community):
    with pytest.raises(TooLate):
        opened(community, make_member())
    with pytest.raises(TooLate):
        opened(community, make_membership(community, state=MembershipState.REMOVED).person)


def test_form_sent_twice_makes_one_topic_and_one_post(community, author):
    nonce = uuid4()
    topic = opened(community, author, nonce=nonce)
    assert opened(community, author, nonce=nonce) == topic
    nonce = uuid4()
    answer = topics.reply(by=author, topic=topic, body="<p>One</p>", nonce=nonce)
    assert topics.reply(by=author, topic=topic, body="<p>One</p>", nonce=nonce) == answer
    assert Post.objects.count() == 2


def test_nonce_of_another_person_is_no_obstacle(community, author, other):
    nonce = uuid4()
    topic = opened(community, author, nonce=nonce)
    answer = topics.reply(by=other, topic=topic, body="<p>Mine</p>", nonce=nonce)
    assert answer.author == other
    assert opened(community, other, nonce=nonce) != topic


def test_reply_counts_marks_read_indexes_and_tells(community, author, other, tell_now):
    topic = opened(community, author)
    third = make_membership(community, make_member(name="Third")).person
    tell_now()
    Notice.objects.all().delete()
    first = topics.reply(by=other, topic=topic, body="<p>Ask the university about microscopes.</p>")
    tell_now()
    assert (first.number, told_pairs()) == (2, [("replied", "Author")])
    Notice.objects.all().delete()
    topics.reply(by=third, topic=topic, body="<p>Thanks</p>")
    tell_now()
    assert told_pairs() == [("replied", "Author"), ("replied", "Other")]
    assert set(Notice.objects.values_list("reason", flat=True)) == {"author", "follower"}
    topic.refresh_from_db()
    assert (topic.post_count, topic.last_post_by, topic.reply_count) == (3, third, 2)
    assert TopicRead.objects.get(person=third).number == 3
    assert list(Topic.objects.matching("microscopes")) == [topic]
    assert list(Topic.objects.matching("how to open")) == [topic]
    assert not Topic.objects.unanswered()


def test_who_left_hears_nothing_more(community, author, other, tell_now):
    topic = opened(community, author)
    topics.reply(by=other, topic=topic, body="<p>Hello</p>")
    tell_now()
    membership.leave(by=author, community=community)
    topics.reply(by=make_membership(community).person, topic=topic, body="<p>Again</p>")
    tell_now()
    assert told_pairs("replied") == [("replied", "Author"), ("replied", "Other")]


def test_deactivated_person_hears_nothing(community, author, other, tell_now):
    topic = opened(community, author)
    User.objects.filter(pk=author.pk).update(is_active=False)
    topics.reply(by=other, topic=topic, body="<p>Hello</p>")
    tell_now()
    assert told_pairs("replied") == []


def test_an_answer_is_told_once_however_often_the_job_is_done(community, author, other, tell_now):
    topic = opened(community, author)
    post = topics.reply(by=other, topic=topic, body="<p>Hello</p>")
    tell_now()
    before = told_pairs()
    emails.tell_of_reply(post.pk, "replied")
    emails.tell_of_topic(topic.pk)
    assert told_pairs() == before == [("replied", "Author"), ("topic_opened", "Other")]


def test_of_an_answer_hidden_meanwhile_nobody_is_told(community, author, other, tell_now):
    topic, facilitator = opened(community, author), make_facilitator(community)
    post = topics.reply(by=other, topic=topic, body="<p>Hello</p>")
    posts.hide(by=facilitator, post=post, reason="Names of pupils")
    tell_now()
    assert told_pairs("replied") == []


def test_who_has_read_an_answer_before_it_is_told_finds_no_news_at_the_bell(
    community, author, other, tell_now
):
    topic = opened(community, author)
    topics.reply(by=other, topic=topic, body="<p>Hello</p>")
    topics.mark_read(by=author, topic=topic, number=2)
    topics.reply(by=other, topic=topic, body="<p>And more</p>")
    tell_now()
    unread = Notice.objects.unread().filter(event__kind="replied")
    assert unread.get().event.data["post"] == topic.posts.get(number=3).pk
    assert not Notice.objects.unread().filter(event__kind="topic_opened").exists()


def test_who_acts_for_nobody_any_more_hears_nothing(community, author, other, tell_now):
    Representative.objects.filter(person=author).update(until_on=timezone.localdate())
    topic = opened(community, other, body="<p>@Author?</p>")
    topics.reply(by=other, topic=topic, body="<p>Hello</p>")
    tell_now()
    assert told_pairs() == []
    assert not Mention.objects.exists()


def test_locked_and_hidden_topics_take_no_answers(community, author, other):
    topic, facilitator = opened(community, author), make_facilitator(community)
    topics.lock_topic(by=facilitator, topic=topic)
    with pytest.raises(TooLate):
        topics.reply(by=other, topic=topic, body="<p>Late</p>")
    topics.unlock_topic(by=facilitator, topic=topic)
    topics.reply(by=other, topic=topic, body="<p>In time</p>")
    posts.hide(by=facilitator, post=topic.posts.get(number=1), reason="Double")
    with pytest.raises(TooLate):
        topics.reply(by=other, topic=topic, body="<p>Late</p>")


def test_mentions_find_the_longest_name_of_a_member(community, author):
    short = make_membership(community, make_member(name="Dana")).person
    long = make_membership(community, make_member(name="Dana Cohen")).person
    outsider = make_member(name="Noor Outside")
    body = "<p>@Dana Cohen and @[dana], not @Danae, x@dana.example, @Noor Outside <code>@Dana</code></p>"
    html, people = with_mentions(community, body)
    assert {person.pk for person in people} == {short.pk, long.pk}
    rel = 'rel="noopener nofollow ugc"'
    assert f'<a href="/people/{long.uuid}/" {rel}>@Dana Cohen</a> and' in html
    assert f'<a href="/people/{short.uuid}/" {rel}>@Dana</a>,' in html.replace("dana]", "Dana")
    assert "@Danae, x@dana.example, @Noor Outside <code>@Dana</code>" in html
    assert str(outsider.uuid) not in html
    assert with_mentions(community, html)[0] == html


def test_mention_in_hebrew_with_a_mark(community, author):
    person = make_membership(community, make_member(name='ד"ר רות לוי')).person
    html, people = with_mentions(community, '<p>תודה @ד"ר רות לוי, עזרת</p>')
    assert people == [person]
    assert f'<a href="/people/{person.uuid}/"' in html


def test_mentioned_member_is_told_once_and_not_twice(community, author, other, tell_now):
    topic = opened(community, author)
    tell_now()
    Notice.objects.all().delete()
    answer = topics.reply(by=author, topic=topic, body="<p>@Other what do you think?</p>")
    assert told_pairs() == [("mentioned", "Other")]  # at once
    tell_now()
    assert told_pairs() == [("mentioned", "Other")]
    assert Mention.objects.get().person == other
    posts.edit_post(by=author, post=answer, body=f"{answer.body}<p>More, @Author</p>")
    assert told_pairs() == [("mentioned", "Other")]
    topics.reply(by=other, topic=topic, body="<p>@Author this</p>")
    tell_now()
    assert told_pairs() == [("mentioned", "Author"), ("mentioned", "Other")]


def test_those_mentioned_in_an_opening_are_not_told_of_the_topic_too(community, author, other, run_jobs):
    opened(community, author, body="<p>@Other?</p>")
    run_jobs()
    assert told_pairs() == [("mentioned", "Other")]


def test_edit_keeps_what_was_said(community, author):
    topic = opened(community, author)
    opening = posts.edit_post(
        by=author, post=topic.posts.get(), title="How to run a lab?", body="<p>Ours is greenish.</p>"
    )
    topic.refresh_from_db()
    assert (topic.title, opening.edited_by) == ("How to run a lab?", author)
    edit = Edit.objects.get()
    assert (edit.title, edit.body) == ("How to open a lab?", "<p>Who did it?</p>")
    assert list(Topic.objects.matching("greenish run")) == [topic]
    assert not Topic.objects.matching("how to open")


def test_stale_edit_is_refused(community, author):
    post = opened(community, author).posts.get()
    posts.edit_post(by=author, post=post, body="<p>First</p>")
    with pytest.raises(StaleEdit):
        posts.edit_post(by=author, post=post, body="<p>Second</p>", seen=None)
    assert Post.objects.get().body == "<p>First</p>"


def test_files_are_added_and_taken_away_by_an_edit(community, author):
    topic = opened(community, author, files=[uploaded("one.pdf", pdf())])
    post = topic.posts.get()
    posts.edit_post(
        by=author,
        post=post,
        body=post.body,
        files=[uploaded("two.pdf", pdf())],
        dropped=post.attachments.all(),
    )
    assert [attachment.file.name for attachment in post.attachments.all()] == ["two.pdf"]
    assert not StoredFile.objects.filter(name="one.pdf")
    assert Topic.objects.get().file_count == 1
    assert not Edit.objects.exists()


def test_answer_is_accepted_once_and_given_way(community, author, other):
    topic = opened(community, author)
    one = topics.reply(by=other, topic=topic, body="<p>One</p>")
    two = topics.reply(by=other, topic=topic, body="<p>Two</p>")
    topics.accept_answer(by=author, post=one)
    topics.accept_answer(by=author, post=one)
    assert told_pairs("answer_accepted") == [("answer_accepted", "Other")]
    assert topics.accept_answer(by=author, post=two).accepted == two
    assert topics.unaccept_answer(by=author, topic=topic).accepted is None


def test_helpful_marks_count_people(community, author, other):
    post = opened(community, author).posts.get()
    assert posts.mark_helpful(by=other, post=post) == 1
    assert posts.mark_helpful(by=other, post=post) == 1
    assert posts.mark_helpful(by=other, post=post, is_helpful=False) == 0
    assert posts.mark_helpful(by=other, post=post, is_helpful=False) == 0
    assert not Helpful.objects.exists()


def test_hidden_answer_is_no_answer_and_not_found(community, author, other):
    topic, facilitator = opened(community, author), make_facilitator(community)
    answer = topics.reply(by=other, topic=topic, body="<p>Private microscopes</p>")
    topics.accept_answer(by=author, post=answer)
    posts.report(by=author, post=answer, why="personal")
    posts.hide(by=facilitator, post=answer, reason="Names of pupils")
    topic.refresh_from_db()
    assert topic.accepted is None
    assert not Topic.objects.matching("microscopes")
    assert told_pairs("post_hidden") == [("post_hidden", "Other")]
    assert Report.objects.get().decision == "hidden"
    with pytest.raises(TooLate):
        posts.hide(by=facilitator, post=answer, reason="Again")
    posts.unhide(by=facilitator, post=answer)
    assert Topic.objects.matching("microscopes")
    with pytest.raises(TooLate):
        posts.unhide(by=facilitator, post=answer)


def test_hidden_topic_is_out_of_count_and_sight(community, author, other):
    topic, facilitator = opened(community, author), make_facilitator(community)
    posts.hide(by=facilitator, post=topic.posts.get(), reason="Advertising")
    assert Community.objects.get(pk=community.pk).topic_count == 0
    assert not Topic.objects.visible_to(other).exists()
    assert Topic.objects.visible_to(author).exists()
    event = Event.objects.get(kind="post_hidden")
    assert visible_events(author, [event]) == {event.pk}
    posts.unhide(by=facilitator, post=topic.posts.get())
    assert Community.objects.get(pk=community.pk).topic_count == 1


def test_report_reaches_facilitators_once(community, author, other):
    post = opened(community, author).posts.get()
    facilitator = make_facilitator(community, make_member(name="Leader"))
    posts.report(by=other, post=post, why="hurtful", note="See the end")
    posts.report(by=other, post=post, why="other")
    assert told_pairs() == [("post_reported", "Leader")]
    event = Event.objects.get()
    assert visible_events(facilitator, [event]) == {event.pk}
    assert not visible_events(author, [event])
    assert posts.close_reports(by=facilitator, post=post, decision="left") == 1


def test_reading_puts_notices_away(community, author, other, tell_now):
    topic = opened(community, author)
    topics.reply(by=other, topic=topic, body="<p>Hello</p>")
    tell_now()
    assert Notice.objects.unread().filter(reader=author).exists()
    assert list(Topic.objects.new_for(author)) == [topic]
    topics.mark_read(by=author, topic=topic, number=2)
    assert not Topic.objects.new_for(author)
    assert not Notice.objects.unread().filter(reader=author)


def test_new_member_does_not_find_all_the_past_new(community, author):
    topic = make_topic(community, author)
    newcomer = make_membership(community).person
    assert list(Topic.objects.new_for(newcomer)) == []
    make_post(topic, author)
    assert list(Topic.objects.new_for(newcomer)) == [topic]


def test_similar_titles_are_found_by_any_of_their_words(community, author):
    topic = opened(community, author, title="Bringing girls into the robotics league")
    opened(community, author, title="Budget of the year")
    assert list(Topic.objects.resembling("our girls and robots in a league")) == [topic]
    assert list(Topic.objects.resembling("a b")) == []
    opened(community, author, title="איך מציגים לראש הרשות תמונת מצב?")
    assert list(Topic.objects.resembling("איך מממנים רובוטיקה?")) == []
    assert Topic.objects.resembling("what do you have for the budget").get().title == "Budget of the year"
    assert list(Topic.objects.resembling("' | ! & :* \\")) == []


@pytest.mark.parametrize(
    ("text", "language"), [("שלום world", "he"), ("مرحبا بكم", "ar"), ("Hello", "en"), ("12 :)", "he")]
)
def test_language_is_told_by_letters(text, language):
    assert topics.language_of(text, "he") == language


def test_very_long_topic_is_indexed_and_answered(community, author):
    """An index entry has its limits; the deed must not fail on them."""
    body = "".join(f"<p>{uuid4().hex} {uuid4().hex}</p>" for _ in range(700))
    topic = opened(community, author, body=body)
    for _ in range(3):
        topics.reply(by=author, topic=topic, body=body)
    Post.objects.filter(topic=topic).update(body=body * 12)
    posts.edit_post(by=author, post=topic.posts.get(number=1), title="Still found", body=body)
    assert list(Topic.objects.matching("still found")) == [topic]
