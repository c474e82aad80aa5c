"""Texts that wait for a facilitator: who sees them, that nobody else does on any page, what becomes of them."""

import io
import re
import zipfile
from uuid import uuid4

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from communities import rules
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
from communities.enums import Access, HeldState, MembershipState, Moderation, TopicKind
from communities.models import Community, Contribution, Edit, HeldFile, HeldPost, Mention, Post, Topic
from members.models import User
from munistem.commons.audit.models import AuditEvent
from munistem.commons.files.models import StoredFile
from munistem.commons.mail.incoming import Incoming
from munistem.commons.notices.models import Event, Notice
from tests.commons.factories import pdf, uploaded
from tests.communities.factories import (
    make_community,
    make_facilitator,
    make_held,
    make_member,
    make_membership,
    make_post,
    make_topic,
    make_user,
)
from tests.communities.test_rules import PERSONS
from tests.members.factories import fresh, make_admin
from tests.notices import told

pytestmark = pytest.mark.django_db
MARK = "Quokkafable"
#: What every answer has anew: marks of forms, and the nonce of scripts.
TOKEN = re.compile(r"""value="[A-Za-z0-9-]{32,}"|nonce=(&quot;|")[^"&]*""")


@pytest.fixture
def community():
    return make_community(name="Makers", moderation=Moderation.EVERYBODY, access=Access.OPEN)


@pytest.fixture
def leader(community):
    return make_facilitator(community, make_member(name="Leader"))


def opened(community, author, **fields):
    fields = {"kind": TopicKind.QUESTION, "title": MARK, "body": f"<p>{MARK}</p>", **fields}
    return topics.open_topic(by=author, community=community, **fields)


# Who sees what -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("access", Access.values)
@pytest.mark.parametrize("state", [HeldState.WAITING, HeldState.RETURNED])
def test_rule_and_queryset_are_twins(access, state):
    community = make_community(access=access, moderation=Moderation.EVERYBODY)
    writer = make_membership(community).person
    decided = {"decided_at": timezone.now(), "decided_by": writer, "reason": "Names"}
    fields = {"state": state, **(decided if state == HeldState.RETURNED else {})}
    hidden = {"hidden_at": timezone.now(), "hidden_by": writer, "hidden_reason": "Names"}
    made = [
        make_held(community, writer, **fields),
        make_held(topic=make_topic(community), author=writer, **fields),
        make_held(topic=make_topic(community, **hidden), author=writer, **fields),
        make_held(topic=make_topic(community, writer, **hidden), author=writer, **fields),
        make_held(**fields),
    ]
    gone = make_membership(community)
    made.append(make_held(community, gone.person, **fields))
    gone.state = MembershipState.REMOVED
    gone.save()
    persons = {name: make(community) for name, make in PERSONS.items()}
    persons |= {"author": writer, "removed author": gone.person}
    for name, person in persons.items():
        by_query = set(HeldPost.objects.visible_to(fresh(person)))
        by_rule = {one for one in HeldPost.objects.all() if rules.can_see_held(fresh(person), one)}
        assert by_query == by_rule, name
    nobody = {name for name in persons if name not in {"author", "removed author", "facilitator", "admin"}}
    assert all(not HeldPost.objects.visible_to(fresh(persons[name])).exists() for name in nobody)
    assert set(HeldPost.objects.visible_to(fresh(writer))) == {made[0], made[1], made[3]}
    assert set(HeldPost.objects.visible_to(fresh(persons["facilitator"]))) == {*made[:4], made[5]}
    sees_own = access == Access.OPEN
    assert HeldPost.objects.visible_to(fresh(gone.person)).exists() == sees_own


def test_what_is_held_and_whose():
    community = make_community()
    member, leads = make_membership(community).person, make_facilitator(community)
    for moderation, waits in (("after", False), ("newcomers", True), ("everybody", True)):
        community.moderation = moderation
        assert rules.is_held(fresh(member), community) == waits
        assert not rules.is_held(fresh(leads), community)
        assert not rules.is_held(make_admin(), community)
    make_topic(community, member)
    assert rules.is_held(fresh(member), community)
    community.moderation = Moderation.NEWCOMERS
    assert not rules.is_held(fresh(member), community)
    Post.objects.update(hidden_at=timezone.now(), hidden_by=leads, hidden_reason="Names")
    assert rules.is_held(fresh(member), community)


def test_who_decides_mends_and_takes_back(community, leader, author, other):
    held = make_held(community, author)
    for person, decides, mends in (
        (leader, True, False),
        (make_admin(), True, False),
        (author, False, True),
        (other, False, False),
        (make_facilitator(), False, False),
    ):
        community.forget_standings()
        assert rules.can_decide_held(fresh(person), held) == decides
        assert rules.can_mend_held(fresh(person), held) == mends
        assert rules.can_withdraw_held(fresh(person), held) == mends
    community.archived_at = timezone.now()
    assert not rules.can_decide_held(fresh(leader), held)
    assert not rules.can_mend_held(fresh(author), held)


# That nothing leaks --------------------------------------------------------------------------------------


PLACES = [
    *("/", "/communities/", "/knowledge/", "/organisations/", "/policy/", "/me/notices/", "/me/data/"),
    *("/sitemap.xml", "/me/calendar/", "/me/data/export/", f"/search/?q={MARK}", "/me/choices/"),
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


def text_of(response) -> str:
    body = b"".join(response.streaming_content) if response.streaming else response.content
    if body[:2] == b"PK":
        archive = zipfile.ZipFile(io.BytesIO(body))
        body = b"\n".join(archive.read(name) for name in archive.namelist())
    return body.decode(errors="replace")


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


def test_author_and_facilitator_find_it_where_it_will_stand(community, leader, author, client):
    topic = make_topic(community, title="Labs")
    opening, answer = opened(community, author), topics.reply(by=author, topic=topic, body=f"<p>{MARK}</p>")
    client.cookies["django_language"] = "en"
    for person in (author, leader):
        client.force_login(person)
        assert opening.get_absolute_url() in client.get(community.get_absolute_url()).content.decode()
        page = client.get(topic.get_absolute_url()).content.decode()
        assert answer.get_absolute_url() in page
        assert "Waits for a facilitator" in page
        assert client.get(answer.get_absolute_url()).status_code == 200
    assert "Let it appear" in client.get(answer.get_absolute_url()).content.decode()
    assert MARK in client.get("/desk/").content.decode()
    assert MARK in client.get(f"{community.get_absolute_url()}facilitation/").content.decode()
    assert "2 texts wait until you let them appear" in client.get("/").content.decode()
    client.force_login(author)
    own = text_of(client.post("/me/data/export/")) + text_of(client.get("/me/data/export/"))
    assert MARK in own


# What becomes of it --------------------------------------------------------------------------------------


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


def test_answer_appears_as_the_next_post(community, leader, author, other):
    topic = make_topic(community, other)
    topics.mark_read(by=author, topic=topic, number=1)
    held = topics.reply(by=author, topic=topic, body=f"<p>{MARK}</p>", nonce=uuid4())
    topics.reply(by=leader, topic=topic, body="<p>Mine</p>")
    assert topic.posts.count() == 2
    post = decisions.release(by=leader, held=held, seen=held.changed_at)
    topic.refresh_from_db()
    assert (post.number, topic.post_count, topic.last_post_by, post.nonce) == (3, 3, author, held.nonce)
    assert topics.reply(by=author, topic=topic, body="<p>x</p>", nonce=held.nonce) == post
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


def test_form_sent_twice_is_held_once(community, author, client):
    client.force_login(author)
    topic, nonce = make_topic(community), uuid4()
    for _ in range(2):
        client.post(topic.get_absolute_url(), {"body": f"<p>{MARK}</p>", "nonce": nonce})
    for _ in range(2):
        client.post(
            f"{community.get_absolute_url()}topics/new/",
            {"kind": "question", "title": MARK, "body": f"<p>{MARK}</p>", "nonce": uuid4() if _ else nonce},
        )
    assert HeldPost.objects.filter(topic=topic).count() == 1
    assert not Post.objects.filter(author=author).exists()


def test_newcomers_wait_until_a_first_text_appeared(leader, author, community):
    Community.objects.update(moderation=Moderation.NEWCOMERS)
    community.refresh_from_db()
    held = opened(community, author)
    assert isinstance(held, HeldPost)
    topic = decisions.release(by=leader, held=held).topic
    assert isinstance(topics.reply(by=author, topic=topic, body="<p>More</p>"), Post)


def test_facilitator_who_also_wrote_is_not_held(community, leader):
    assert isinstance(opened(community, leader), Topic)


def test_setting_is_chosen_by_facilitators(community, leader, client):
    client.force_login(leader)
    url = f"{community.get_absolute_url()}edit/"
    fields = {"name": "Makers", "purpose": "To make.", "access": "open", "language": "en"}
    client.post(url, {**fields, "moderation": "newcomers"})
    assert Community.objects.get(pk=community.pk).moderation == Moderation.NEWCOMERS
    client.post(url, fields)
    assert Community.objects.get(pk=community.pk).moderation == Moderation.NEWCOMERS
    assert client.post(url, {**fields, "moderation": "never"}).status_code == 200


def test_database_keeps_decisions_whole(community, author):
    held = make_held(community, author)
    for wrong in (
        {"state": "gone"},
        {"state": HeldState.RELEASED},
        {"state": HeldState.RETURNED, "decided_at": timezone.now(), "decided_by": author},
        {"body": ""},
        {"title": ""},
        {"decided_at": timezone.now()},
        {"reason": "Why"},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            HeldPost.objects.filter(pk=held.pk).update(**wrong)


def test_pages_cost_the_same_for_one_and_thirty(community, leader, author, client):
    topic = make_topic(community)
    urls = [community.get_absolute_url(), topic.get_absolute_url(), "/desk/", "/"]

    def cost():
        counts = []
        for url in urls:
            assert client.get(url).status_code == 200
            with CaptureQueriesContext(connection) as captured:
                client.get(url)
            counts.append(len(captured))
        return counts

    def fill(times):
        for _ in range(times):
            make_held(community)
            make_held(topic=topic)
            make_post(topic)

    client.force_login(leader)
    fill(1)
    few = cost()
    fill(15)
    assert cost() == few
    assert max(few[:2]) <= 10


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
