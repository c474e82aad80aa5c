"""Peer consultations: the case, its stages, asking colleagues personally, and the one reminder."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, close_old_connections, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation
from django.utils.dateparse import parse_datetime

from communities import rules
from communities.actions import consultation as deeds
from communities.actions.membership import TooLate
from communities.actions.post import hide
from communities.actions.stages import StageMoved, months_later
from communities.actions.topic import reply
from communities.emails.consultation import put_off_path, said_reasons
from communities.enums import Access, MembershipState, Part, Stage, TopicKind
from communities.models import Consultation, Contribution, Helpful, Membership, PeerRequest, Post, Topic
from communities.models.peers import is_like, role_of, suggest_peers
from members.models.person import PersonTerm
from munistem.commons.audit.models import AuditEvent
from munistem.commons.mail import receiving
from munistem.commons.notices.letters import mail_notices
from munistem.commons.notices.models import Notice
from tests.communities.factories import (
    make_community,
    make_consultation,
    make_contribution,
    make_facilitator,
    make_member,
    make_membership,
    make_peer_request,
    make_post,
    make_topic,
)
from tests.communities.test_bymail import written
from tests.communities.test_rules import PERSONS, fresh
from tests.knowledge.factories import make_term
from tests.members.factories import make_authority, make_municipality, make_representative
from tests.visits import signed_in, visitor

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_words")]
CASE = {"context": "A lab was\n\nshut down.", "tried": "", "would_help": "A contact"}


@pytest.fixture
def community():
    return make_community(access=Access.REQUEST)


@pytest.fixture
def author(community):
    return make_membership(community).person


@pytest.fixture
def peer(community):
    return make_membership(community).person


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


def test_who_advised_hears_what_was_taken_and_what_came_of_it(community, author, peer):
    found = make_consultation(community, author, Stage.TAKING)
    make_contribution(found, peer)
    reply(by=author, topic=found.topic, body="<p>I shall call them.</p>", part="takeaway")
    reply(by=author, topic=found.topic, body="<p>They came.</p>", part="outcome")
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
            by_rule = {thing.pk for thing in model.objects.all() if rule(fresh(person), thing)}
            assert by_query == by_rule, (name, model.__name__)


# Asking colleagues personally ----------------------------------------------------------------------------


def make_peer(community, **fields):
    """A member of a municipality; ``role``, and what the register says of it."""
    role = fields.pop("role", "")
    town = make_municipality(authority=make_authority(**fields))
    person = make_representative(organisation=town).person
    person.role_title = role
    person.save()
    return make_membership(community, person).person


def test_who_is_alike_is_suggested_and_it_says_why(community):
    like = {"population": 50_000, "socioeconomic_cluster": 5, "population_group": "jewish"}
    author = make_peer(community, role="מנהל/ת STEM", **like)
    near = make_peer(
        community, role="מנהלת STEM", **{**like, "population": 90_000, "socioeconomic_cluster": 6}
    )
    far = make_peer(
        community, role="Teacher", population=500_000, socioeconomic_cluster=9, population_group="arab"
    )
    unknown = make_peer(community, role="")
    found = make_consultation(community, author)
    peers = suggest_peers(found)
    assert peers[0].pk == near.pk
    assert peers[0].reasons == ["role", "size", "cluster", "group"]
    assert said_reasons(peers[0].reasons) == [
        "In a role like yours",
        "A similar municipality: size, socio-economic cluster, population group",
    ]
    assert {peer.pk: peer.reasons for peer in peers[1:]} == {far.pk: [], unknown.pk: []}


def test_colleagues_under_the_same_roof_are_not_suggested(community):
    author = make_peer(community)
    near = make_representative(organisation=author.acting_for).person
    make_membership(community, near)
    assert suggest_peers(make_consultation(community, author)) == []


def test_topics_of_the_case_and_thanks_count(community, author, peer):
    robots = make_term(name_he="רובוטיקה", name_en="Robotics")
    PersonTerm.objects.create(content_object=peer, tag=robots)
    thanked = make_membership(community).person
    post = make_post(make_topic(community), thanked)
    for _ in range(2):
        Helpful.objects.create(post=post, person=make_member())
    found = make_consultation(community, author, title="How do we begin with robotics?")
    reasons = {one.pk: one.reasons for one in suggest_peers(found)}
    assert reasons[peer.pk] == [f"topic:{robots.pk}"]
    assert reasons[thanked.pk] == ["thanked:2"]
    assert said_reasons(reasons[peer.pk]) == ["Cares for: \u2068Robotics\u2069"]
    assert said_reasons(reasons[thanked.pk]) == ["Thanked for answers here, 2 times"]


def test_thanks_of_communities_one_may_not_read_are_not_told(community, author, peer):
    closed = make_community(access=Access.CLOSED)
    make_membership(closed, peer)
    Helpful.objects.create(post=make_post(make_topic(closed), peer), person=make_member())
    found = make_consultation(community, author)
    assert {one.pk: one.reasons for one in suggest_peers(found)} == {peer.pk: []}


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("מנהלת STEM", "מנהל/ת STEM", True),
        ("מנהלת מצוינות STEM", "מנהל STEM", True),
        ("مديرة STEM", "مدير STEM", True),
        ("STEM manager", "STEM coordinator", False),
        ("", "", False),
    ],
)
def test_roles_are_compared_without_gender(one, other, alike):
    assert is_like(role_of(one), role_of(other)) is alike


def test_nobody_is_suggested_who_left_wrote_or_rests(community, author):
    for state in MembershipState:
        if state != MembershipState.ACTIVE:
            make_membership(community, state=state)
    former = make_representative()
    make_membership(community, former.person)
    former.until_on = timezone.localdate()
    former.save()
    found = make_consultation(community, author)
    make_contribution(found, part=Part.QUESTION)
    make_peer_request(found)
    make_peer_request(make_consultation(), make_membership(community).person)
    rested = make_membership(community).person
    make_peer_request(make_consultation(), rested, asked_at=timezone.now() - timedelta(days=31))
    Membership.objects.exclude(community=community).delete()
    assert [peer.pk for peer in suggest_peers(found)] == [rested.pk]


def test_suggesting_takes_the_same_few_queries_for_1_and_for_30(community, author):
    found = make_consultation(community, author, title="Robotics")
    tag = make_term(name_en="Robotics")
    client = signed_in(author)

    def grow():
        person = make_peer(community, population=40_000)
        PersonTerm.objects.create(content_object=person, tag=tag)
        Helpful.objects.create(post=make_post(make_topic(community), person), person=author)

    def queries():
        with CaptureQueriesContext(connection) as caught:
            assert client.get(topic_url(found, "peers/")).status_code == 200
        return len(caught)

    for _ in range(8):
        grow()
    before = queries()
    for _ in range(30):
        grow()
    assert queries() <= before
    assert before <= 25


def test_colleagues_are_asked_with_a_personal_line(community, author, peer):
    found = make_consultation(community, author)
    other = make_membership(community).person
    client = signed_in(author)
    data = {"people": [peer.pk], "line": "You built the lab in your town."}
    assert client.post(topic_url(found, "peers/"), data).headers["Location"] == topic_url(found)
    client.post(topic_url(found, "peers/"), data)
    request = PeerRequest.objects.get()
    assert (request.person, request.asked_by, request.line) == (peer, author, data["line"])
    notice = Notice.objects.get(event__kind="peer_asked")
    assert (notice.reader, notice.reason) == (peer, "asked")
    mail_notices([notice.pk])
    letter = mail.outbox[-1]
    assert letter.to == [peer.email]
    for part in (author.name, data["line"], found.topic.title, "/peers/", "once a month"):
        assert part in letter.body
    assert not Notice.objects.filter(reader=other).exists()


@pytest.mark.parametrize("people", [[], ["x"], [999_999]])
def test_bad_choice_of_colleagues_says_what_to_do(community, author, peer, people):
    found = make_consultation(community, author)
    response = signed_in(author).post(topic_url(found, "peers/"), {"people": people, "line": "My line"})
    assert response.status_code == 200
    assert response.context["form"].errors["people"]
    assert "My line" in response.content.decode()
    assert not PeerRequest.objects.exists()


def test_only_so_many_are_asked(community, author):
    found = make_consultation(community, author)
    for _ in range(deeds.MOST_ASKED + 2):
        make_membership(community)
    keys = [peer.pk for peer in suggest_peers(found, None)]
    made, _resting = deeds.ask_peers(by=author, consultation=found, people=keys)
    assert len(made) == deeds.MOST_ASKED
    text = signed_in(author).get(topic_url(found, "peers/")).content.decode()
    assert "Enough were asked" in text


def test_database_keeps_a_month_between_requests_to_one_person(peer):
    first = make_peer_request(person=peer)
    for days in (-29, 0, 29):
        with pytest.raises(IntegrityError), transaction.atomic():
            make_peer_request(person=peer, asked_at=first.asked_at + timedelta(days=days))
    make_peer_request(person=peer, asked_at=first.asked_at + timedelta(days=30))
    with pytest.raises(IntegrityError), transaction.atomic():
        now = timezone.now() - timedelta(days=90)
        PeerRequest.objects.create(
            consultation=make_consultation(), person=peer, asked_by=peer, asked_at=now, rests_until=now
        )


@pytest.mark.django_db(transaction=True)
def test_two_who_ask_the_same_colleague_at_once_ask_once(peer):
    consultations = []
    for _ in range(2):
        community = make_community()
        make_membership(community, peer)
        consultations.append(make_consultation(community))

    def ask(consultation):
        try:
            made, _resting = deeds.ask_peers(
                by=consultation.topic.author, consultation=consultation, people=[peer.pk]
            )
            return len(made)
        finally:
            close_old_connections()
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        counts = list(pool.map(ask, consultations))
    assert sorted(counts) == [0, 1]
    assert PeerRequest.objects.count() == 1
    assert Notice.objects.filter(event__kind="peer_asked").count() == 1


def test_not_now_by_the_link_without_signing_in(community, author, peer):
    found = make_consultation(community, author)
    deeds.ask_peers(by=author, consultation=found, people=[peer.pk])
    request = PeerRequest.objects.get()
    client = visitor()
    client.cookies["django_language"] = "en"
    assert client.get(put_off_path(request)).status_code == 200
    assert PeerRequest.objects.get().put_off_at is None
    for _ in range(2):
        assert client.post(put_off_path(request)).context["is_done"]
    assert PeerRequest.objects.get().put_off_at
    assert not Notice.objects.unread().filter(reader=peer).exists()
    assert not PeerRequest.objects.waiting_for(peer).exists()


def test_who_put_it_off_is_shown_to_nobody_as_unwilling(community, author, peer):
    found = make_consultation(community, author)
    waiting = make_peer_request(found, make_membership(community).person)
    put_off = make_peer_request(found, peer)
    deeds.put_off(by=peer, request=put_off)
    for person in (author, make_facilitator(community)):
        response = signed_in(person).get(topic_url(found))
        rows = response.context["asked"]
        assert [(row.person_id, row.has_answered) for row in rows] == [
            (waiting.person_id, False),
            (peer.pk, False),
        ]
        text = response.content.decode().lower()
        assert "not now" not in text
        assert "put off" not in text
    assert not AuditEvent.objects.filter(deed__contains="put_off").exists()


def test_forged_and_foreign_links_open_nothing(community, author, peer):
    found = make_consultation(community, author)
    request = make_peer_request(found, peer)
    assert visitor().get("/peers/forged/").status_code == 404
    Membership.objects.filter(person=peer).update(state=MembershipState.LEFT)
    assert visitor().get(put_off_path(request)).status_code == 404
    assert visitor().post(put_off_path(request)).status_code == 404


def test_link_to_a_hidden_consultation_tells_nothing_of_it(community, author, peer):
    found = make_consultation(community, author)
    request = make_peer_request(found, peer)
    facilitator = make_facilitator(community)
    hide(by=facilitator, post=found.topic.posts.get(number=1), reason="Names a pupil")
    assert visitor().get(put_off_path(request)).status_code == 404


def test_link_of_a_finished_consultation_says_so(community, author, peer):
    request = make_peer_request(make_consultation(community, author, Stage.DONE), peer)
    assert visitor().post(put_off_path(request)).status_code == 410
    assert PeerRequest.objects.get().put_off_at is None


def test_page_greets_who_was_asked(community, author, peer):
    found = make_consultation(community, author)
    request = make_peer_request(found, peer, line="Your lab!")
    client = signed_in(peer)
    text = client.get(topic_url(found)).content.decode()
    assert "asks you personally" in text
    assert "Your lab!" in text
    client.post(put_off_path(request))
    assert "asks you personally" not in client.get(topic_url(found)).content.decode()


# What came of it -----------------------------------------------------------------------------------------


def at(text):
    return timezone.make_aware(parse_datetime(text))


def due(community, author, day):
    return make_consultation(community, author, Stage.OUTCOME, outcome_due_on=date.fromisoformat(day))


def asked():
    return Notice.objects.filter(event__kind="outcome_asked").count()


def test_outcome_is_asked_once_on_the_morning(community, author):
    due(community, author, "2026-11-24")
    assert deeds.ask_for_outcomes(at("2026-11-23 12:00")) == 0
    assert deeds.ask_for_outcomes(at("2026-11-24 08:59")) == 0
    assert deeds.ask_for_outcomes(at("2026-11-24 09:00")) == 1
    assert deeds.ask_for_outcomes(at("2026-11-24 09:10")) == 0
    assert deeds.ask_for_outcomes(at("2026-11-25 09:00")) == 0
    notice = Notice.objects.get()
    assert notice.reader == author
    mail_notices([notice.pk])
    assert "What came of it?" in mail.outbox[-1].subject


@pytest.mark.parametrize(
    ("day", "still", "sent"),
    [
        ("2026-11-27", "2026-11-27 10:00", "2026-11-29 09:00"),  # a Friday waits for Sunday
        ("2026-11-28", "2026-11-28 21:30", "2026-11-29 09:00"),  # Shabbat, and the evening after
        ("2026-09-12", "2026-09-13 10:00", "2026-09-14 09:00"),  # the new year's second day too
        ("2027-03-26", "2027-03-26 09:30", "2027-03-28 09:00"),  # clocks are put forward on this Friday
        ("2026-10-25", "2026-10-25 08:30", "2026-10-25 09:00"),  # and back on this Sunday
    ],
)
def test_outcome_is_asked_on_working_mornings(community, author, day, still, sent):
    due(community, author, day)
    assert deeds.ask_for_outcomes(at(still)) == 0
    assert deeds.ask_for_outcomes(at(sent)) == 1


def test_worker_that_slept_two_days_asks_each_once(community, author):
    for day in ("2026-11-23", "2026-11-24"):
        due(community, author, day)
    assert deeds.ask_for_outcomes(at("2026-11-25 09:00")) == 2
    assert deeds.ask_for_outcomes(at("2026-11-25 09:10")) == 0
    assert asked() == 2


def test_what_is_late_by_weeks_is_dropped(community, author):
    found = due(community, author, "2026-10-01")
    assert deeds.ask_for_outcomes(at("2026-11-24 09:00")) == 0
    found.refresh_from_db()
    assert found.outcome_asked_at
    assert asked() == 0


def test_who_left_is_not_asked(community, author):
    due(community, author, "2026-11-24")
    Membership.objects.filter(person=author).update(state=MembershipState.LEFT)
    assert deeds.ask_for_outcomes(at("2026-11-24 09:00")) == 0
    assert asked() == 0


def test_told_before_it_was_asked_is_not_asked(community, author):
    found = due(community, author, "2026-11-24")
    reply(by=author, topic=found.topic, body="<p>It works.</p>", part="outcome")
    assert deeds.ask_for_outcomes(at("2026-11-24 09:00")) == 0


@pytest.mark.parametrize(
    ("day", "later"),
    [("2026-12-31", "2027-02-28"), ("2026-11-26", "2027-01-26"), ("2027-12-30", "2028-02-29")],
)
def test_two_months_are_of_the_calendar(day, later):
    assert months_later(date.fromisoformat(day), 2) == date.fromisoformat(later)


def test_moments_are_kept_in_utc():
    assert at("2026-11-24 09:00").astimezone(UTC) == datetime(2026, 11, 24, 7, tzinfo=UTC)


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


# By mail -------------------------------------------------------------------------------------------------


def by_mail(person, kind, text, settings, run_jobs):
    """The person's answer to the letter of this kind that came last, sent in through the door of mail."""
    settings.INBOUND_DOMAIN = "in.example"
    notice = Notice.objects.filter(reader=person, event__kind=kind).latest("pk")
    mail_notices([notice.pk])
    letter = mail.outbox[-1]
    message = written(person, letter.reply_to[0], text)
    receiving.receive(message.as_bytes(), str(message["To"]))
    run_jobs()


def test_who_was_asked_answers_by_mail(community, author, peer, settings, run_jobs):
    found = make_consultation(community, author, Stage.ADVICE)
    deeds.ask_peers(by=author, consultation=found, people=[peer.pk])
    by_mail(peer, "peer_asked", "Ask the college.", settings, run_jobs)
    contribution = Contribution.objects.get()
    assert (contribution.part, contribution.post.author) == (Part.ADVICE, peer)
    assert "Ask the college." in contribution.post.body


def test_outcome_is_told_by_mail_once(community, author, settings, run_jobs):
    due(community, author, "2026-11-24")
    deeds.ask_for_outcomes(at("2026-11-24 09:00"))
    by_mail(author, "outcome_asked", "They came back.", settings, run_jobs)
    assert Contribution.objects.get().part == Part.OUTCOME
    assert Consultation.objects.get().stage == Stage.DONE
    Notice.objects.update(mailed_at=None, read_at=None)
    by_mail(author, "outcome_asked", "And once more.", settings, run_jobs)
    assert Contribution.objects.count() == 1
    assert "told already" in mail.outbox[-1].body
