"""Peer consultations: the case, its stages, asking colleagues personally, and the one reminder."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from communities import rules
from communities.actions import consultation as deeds
from communities.actions.membership import TooLate
from communities.actions.stages import StageMoved, months_later
from communities.actions.topic import reply
from communities.enums import Access, Part, Stage, TopicKind
from communities.models import Consultation, Contribution, PeerRequest, Post, Topic
from munistem.commons.audit.models import AuditEvent
from munistem.commons.notices.models import Notice
from tests.communities.factories import (
    make_community,
    make_consultation,
    make_contribution,
    make_facilitator,
    make_member,
    make_membership,
    make_peer_request,
    make_topic,
)
from tests.communities.test_rules import PERSONS
from tests.members.factories import fresh
from tests.visits import signed_in, visitor

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_words")]
CASE = {"context": "A lab was\n\nshut down.", "tried": "", "would_help": "A contact"}


def new_url(community):
    return f"/communities/{community.slug}/consultations/new/"


def topic_url(consultation, more=""):
    return f"/topics/{consultation.topic_id}/{more}"


# The case ------------------------------------------------------------------------------------------------


def test_case_is_told_in_one_form(community, author):
    response = signed_in(author).post(new_url(community), {"question": "Who runs our lab?", **CASE})
    found = Consultation.objects.select_related("topic").get()
    assert response.headers["Location"] == topic_url(found, "peers/")
    assert (found.stage, found.topic.title, found.topic.kind) == (
        Stage.QUESTIONS,
        "Who runs our lab?",
        TopicKind.CONSULTATION,
    )
    body = Post.objects.get().body
    assert "<h2>The case</h2><p>A lab was</p>" in body.replace("\n", "")
    assert "What was tried" not in body
    assert "<h2>What would help</h2><p>A contact</p>" in body


def test_headings_are_in_the_language_of_the_case(community, author):
    found = deeds.open_consultation(
        by=author, community=community, question="מי מפעיל את המעבדה?", context="המעבדה נסגרה"
    )
    assert found.topic.language == "he"
    with translation.override("he"):
        heading = translation.gettext("The case")
    assert f"<h2>{heading}</h2>" in found.topic.posts.get().body


def test_case_sent_twice_is_one(community, author):
    data = {"question": "Who runs our lab?", **CASE, "nonce": "6f9b8a44-6d4b-4c92-9a63-0a6a3f5b7d11"}
    for _ in range(2):
        signed_in(author).post(new_url(community), data)
    assert (Topic.objects.count(), Consultation.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    ("name", "value"),
    [("question", ""), ("question", "x" * 151), ("context", "  "), ("context", "x" * 5_001)],
)
def test_bad_case_keeps_what_was_typed(community, author, name, value):
    response = signed_in(author).post(
        new_url(community), {"question": "Who runs our lab?", **CASE, name: value}
    )
    assert response.status_code == 200
    assert response.context["form"].errors[name]
    assert "A contact" in response.content.decode()
    assert not Topic.objects.exists()


def test_only_members_consult(community):
    assert signed_in(make_member()).get(new_url(community)).status_code == 403
    assert visitor().get(new_url(community)).status_code == 302
    with pytest.raises(TooLate):
        deeds.open_consultation(by=make_member(), community=community, question="Q?", context="C")


def test_kind_is_not_among_those_of_a_plain_topic(community, author):
    client = signed_in(author)
    page = client.get(f"/communities/{community.slug}/topics/new/")
    assert 'value="consultation"' not in page.content.decode()
    assert new_url(community) in page.content.decode()
    data = {"kind": "consultation", "title": "A title", "body": "Words"}
    assert client.post(f"/communities/{community.slug}/topics/new/", data).status_code == 200
    assert not Topic.objects.exists()


def test_list_of_topics_shows_consultations_alone(community, author):
    found = make_consultation(community, author, title="About a lab")
    make_topic(community, author, title="Something else")
    text = signed_in(author).get(f"/communities/{community.slug}/?kind=consultation").content.decode()
    assert found.topic.title in text
    assert "Something else" not in text
    assert new_url(community) in text


def test_case_is_changed_with_its_history(community, author):
    client = signed_in(author)
    found = deeds.open_consultation(by=author, community=community, question="Who runs it?", context="Old")
    post = found.topic.posts.get()
    assert client.get(f"/posts/{post.pk}/edit/").headers["Location"] == topic_url(found, "case/")
    page = client.get(topic_url(found, "case/"))
    data = {"question": "Who runs our lab?", "context": "New", "tried": "Calls", "would_help": ""}
    data["seen"] = page.context["form"]["seen"].value()
    assert client.post(topic_url(found, "case/"), data).headers["Location"] == topic_url(found)
    found.refresh_from_db()
    post.refresh_from_db()
    assert (found.context, found.tried) == ("New", "Calls")
    assert "New" in post.body
    assert "Old" in post.edits.get().body
    assert Topic.objects.get().title == "Who runs our lab?"
    stale = client.post(topic_url(found, "case/"), {**data, "context": "Newest"})
    assert stale.status_code == 409
    assert "Newest" in stale.content.decode()


def test_case_is_changed_by_who_asked_and_by_facilitators(community, author, peer):
    found = make_consultation(community, author)
    assert signed_in(peer).get(topic_url(found, "case/")).status_code == 403
    assert signed_in(make_facilitator(community)).get(topic_url(found, "case/")).status_code == 200
    assert signed_in(make_member()).get(topic_url(found, "case/")).status_code == 404


# Stages --------------------------------------------------------------------------------------------------


def test_whole_way(community, author, peer):
    asking, helping = signed_in(author), signed_in(peer)
    found = deeds.open_consultation(by=author, community=community, question="Who runs it?", context="A lab")
    url = topic_url(found)
    helping.post(url, {"body": "How large is it?", "part": "question"})
    question = Post.objects.get(number=2)
    assert f"?answers={question.pk}#reply" in asking.get(url).content.decode()
    assert "?answers=" not in helping.get(url).content.decode()
    asking.post(url, {"body": "Forty seats.", "part": "question", "answers": question.pk})
    asking.post(f"{url}stage/", {"to": "advice"})
    helping.post(url, {"body": "Ask the college.", "part": "advice"})
    asking.post(f"{url}stage/", {"to": "taking"})
    asking.post(url, {"body": "I shall call the college.", "part": "takeaway"})
    found.refresh_from_db()
    assert found.stage == Stage.OUTCOME
    assert found.outcome_due_on == months_later(timezone.localdate(), 2)
    asking.post(url, {"body": "They took it over.", "part": "outcome"})
    found.refresh_from_db()
    assert found.stage == Stage.DONE
    assert list(Contribution.objects.order_by("post__number").values_list("part", "answers")) == [
        (Part.QUESTION, None),
        (Part.QUESTION, question.pk),
        (Part.ADVICE, None),
        (Part.TAKEAWAY, None),
        (Part.OUTCOME, None),
    ]
    text = helping.get(url).content.decode()
    places = [
        text.index(words) for words in ("How large", "Forty", "Ask the college", "I shall", "They took")
    ]
    assert places == sorted(places)
    for part in Part:
        assert text.count(f'<h2 class="posts__stage">{part.label}</h2>') == 1


def test_answers_stand_beside_their_questions(community, author, peer):
    found = make_consultation(community, author)
    first = make_contribution(found, peer, Part.QUESTION, body="<p>First question</p>")
    make_contribution(found, peer, Part.QUESTION, body="<p>Second question</p>")
    make_contribution(found, author, Part.QUESTION, body="<p>To the first</p>", answers=first)
    response = signed_in(peer).get(topic_url(found))
    assert [post["number"] for post in response.context["posts"]] == [1, 2, 4, 3]
    assert response.content.decode().count("data-answer>") == 1


def test_only_who_asked_moves_it_on(community, author, peer):
    found = make_consultation(community, author)
    for person in (peer, make_facilitator(community)):
        assert signed_in(person).post(topic_url(found, "stage/"), {"to": "advice"}).status_code == 403
        with pytest.raises(TooLate):
            deeds.move(by=person, consultation=found, to="advice")
    assert signed_in(author).post(topic_url(found, "stage/"), {"to": "done"}).status_code == 302
    assert Consultation.objects.get().stage == Stage.QUESTIONS


def test_button_pressed_twice_moves_once(community, author, peer):
    found = make_consultation(community, author)
    make_contribution(found, peer, Part.QUESTION)
    for _ in range(2):
        deeds.move(by=author, consultation=found, to="advice")
    assert AuditEvent.objects.filter(deed="move_consultation").count() == 1
    assert [notice.event.kind for notice in Notice.objects.filter(reader=peer)] == ["advice_wanted"]
    deeds.move(by=author, consultation=found, to="taking")
    deeds.move(by=author, consultation=found, to="advice")
    assert Consultation.objects.get().stage == Stage.TAKING


def test_late_takeaway_keeps_its_text(community, author):
    found = make_consultation(community, author, Stage.OUTCOME)
    with pytest.raises(StageMoved):
        reply(by=author, topic=found.topic, body="<p>Once more</p>", part="takeaway")
    assert Post.objects.count() == 1
    stale = signed_in(author).post(topic_url(found), {"body": "Once more", "part": "takeaway"})
    assert "Once more" in stale.content.decode()
    assert Post.objects.count() == 1


def test_what_comes_by_mail_finds_its_place(community, author, peer):
    found = make_consultation(community, author)
    places = []
    for stage in Stage:
        Consultation.objects.update(stage=stage, outcome_due_on=timezone.localdate())
        for person in (peer, author):
            places.append(reply(by=person, topic=found.topic, body="<p>Words</p>").contribution.part)
    assert places == [Part.QUESTION] * 2 + [Part.ADVICE] * 8
    assert Consultation.objects.get().stage == Stage.DONE


def test_nobody_advises_before_its_time(community, author, peer):
    found = make_consultation(community, author)
    for part in ("advice", "takeaway", "nonsense", ""):
        response = signed_in(peer).post(topic_url(found), {"body": "Do this", "part": part})
        assert response.status_code == (200 if part == "takeaway" else 302)
    assert set(Contribution.objects.values_list("part", flat=True)) == {Part.QUESTION}
    assert Contribution.objects.count() == 3


def test_others_answer_no_questions_in_the_name_of_who_asked(community, author, peer):
    found = make_consultation(community, author)
    question = make_contribution(found, peer, Part.QUESTION)
    reply(by=peer, topic=found.topic, body="<p>I guess</p>", part="question", answers=question)
    assert Contribution.objects.get(post__number=3).answers is None
    elsewhere = make_contribution(make_consultation(community, author), peer, Part.QUESTION)
    response = signed_in(author).post(
        topic_url(found), {"body": "Yes", "part": "question", "answers": elsewhere.pk}
    )
    assert response.context["form"].errors["answers"]


def test_who_advised_hears_what_was_taken_and_what_came_of_it(community, author, peer, tell_now):
    found = make_consultation(community, author, Stage.TAKING)
    make_contribution(found, peer)
    reply(by=author, topic=found.topic, body="<p>I shall call them.</p>", part="takeaway")
    reply(by=author, topic=found.topic, body="<p>They came.</p>", part="outcome")
    tell_now()
    kinds = [notice.event.kind for notice in Notice.objects.filter(reader=peer).order_by("pk")]
    assert kinds == ["advice_taken", "outcome_told"]


def test_locked_or_archived_consultations_stand_still(community, author, peer):
    found = make_consultation(community, author, Stage.ADVICE)
    Topic.objects.update(locked_at=timezone.now(), locked_by=author)
    found = Consultation.objects.select_related("topic__community").get()
    assert not rules.can_move_consultation(author, found)
    assert rules.parts_for(peer, found) == []
    assert not Consultation.objects.open().exists()
    assert signed_in(author).get(topic_url(found)).status_code == 200
    assert signed_in(author).get(topic_url(found, "peers/")).status_code == 403


def test_page_takes_the_same_few_queries_for_1_and_for_30(community, author, peer):
    found = make_consultation(community, author, Stage.ADVICE)
    client = signed_in(author)

    def grow():
        person = make_membership(community).person
        question = make_contribution(found, person, Part.QUESTION)
        make_contribution(found, author, Part.QUESTION, answers=question)
        make_contribution(found, person)
        make_peer_request(found)

    def queries():
        client.get(topic_url(found))
        with CaptureQueriesContext(connection) as caught:
            assert client.get(topic_url(found)).status_code == 200
        return len(caught)

    grow()
    before = queries()
    for _ in range(29):
        grow()
    assert queries() == before
    assert before <= 15


def test_hidden_posts_stay_hidden_in_every_stage(community, author, peer):
    found = make_consultation(community, author, Stage.ADVICE)
    hidden = {"hidden_at": timezone.now(), "hidden_by": author, "hidden_reason": "Names a pupil"}
    make_contribution(found, make_membership(community).person, body="<p>Secret words</p>", **hidden)
    text = signed_in(peer).get(topic_url(found)).content.decode()
    assert "Secret words" not in text
    assert "This post was hidden" in text


@pytest.mark.parametrize("access", Access.values)
def test_rules_and_querysets_are_twins(access):
    community = make_community(access=access)
    author = make_membership(community).person
    hidden = {"hidden_at": timezone.now(), "hidden_by": author, "hidden_reason": "Personal"}
    persons = {name: make(community) for name, make in PERSONS.items()} | {"author": author}
    one, other = make_consultation(community, author), make_consultation(community, author, **hidden)
    for consultation in (one, other):
        make_peer_request(consultation, make_membership(community).person)
    make_peer_request(one, persons["former"])
    make_peer_request(one, persons["member"])
    for name, person in persons.items():
        for model, rule in [
            (Consultation, rules.can_see_consultation),
            (PeerRequest, rules.can_see_peer_request),
        ]:
            by_query = set(model.objects.visible_to(fresh(person)).values_list("pk", flat=True))
            reader = fresh(person)
            by_rule = {thing.pk for thing in model.objects.all() if rule(reader, thing)}
            assert by_query == by_rule, (name, model.__name__)


# Where it waits ------------------------------------------------------------------------------------------


def test_facilitation_page_lists_consultations_without_advice(community, author, peer):
    old = timezone.now() - timedelta(days=12)
    waiting = make_consultation(community, author, title="Nobody advised", created_at=old)
    make_contribution(waiting, peer, Part.QUESTION)
    make_contribution(waiting, author, Part.ADVICE)
    advised = make_consultation(community, author, Stage.ADVICE, title="Somebody did", created_at=old)
    make_contribution(advised, peer)
    make_consultation(community, author, title="Asked just now")
    make_consultation(community, author, Stage.DONE, title="Finished", created_at=old)
    make_consultation(title="Elsewhere", created_at=old)
    client = signed_in(make_facilitator(community))
    response = client.get(f"/communities/{community.slug}/facilitation/")
    [pile] = [pile for pile in response.context["waiting"] if pile.title == "Consultations without advice"]
    assert [(row.title, row.url) for row in pile.rows] == [("Nobody advised", topic_url(waiting, "peers/"))]


def test_my_day_asks_for_advice_and_for_outcomes(community, author, peer):
    found = make_consultation(community, author, title="Who runs our lab?")
    make_peer_request(found, peer, line="You built one.")
    text = signed_in(peer).get("/").content.decode()
    assert "A colleague asks for your advice" in text
    assert "You built one." in text
    reply(by=peer, topic=found.topic, body="<p>How large is it?</p>")
    assert "A colleague asks for your advice" not in signed_in(peer).get("/").content.decode()
    Consultation.objects.update(stage=Stage.OUTCOME, outcome_due_on=timezone.localdate())
    assert "What came of it?" in signed_in(author).get("/").content.decode()
    assert "What came of it?" not in signed_in(peer).get("/").content.decode()
    Consultation.objects.update(outcome_due_on=timezone.localdate() + timedelta(days=1))
    assert "What came of it?" not in signed_in(author).get("/").content.decode()
    Consultation.objects.update(stage=Stage.TAKING)
    assert "Tell what you take" in signed_in(author).get("/").content.decode()
