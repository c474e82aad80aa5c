"""From a discussion to the library: one form for a topic, another for a consultation; who may offer, at what cost."""

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from communities.actions.post import hide
from communities.enums import Access, MembershipState, Part, Stage
from communities.models import Membership
from communities.rules import can_offer_topic
from knowledge import rules
from knowledge.actions import offer as deeds
from knowledge.actions.write import TooLate
from knowledge.enums import Answer, ItemKind, RevisionState
from knowledge.models import Consent, Item, Offer, Revision
from knowledge.models.offer import with_voices
from munistem.commons.enums import Visibility
from munistem.commons.notices.letters import mail_notices
from munistem.commons.notices.models import Notice
from tests.communities.factories import (
    make_community,
    make_consultation,
    make_contribution,
    make_facilitator,
    make_member,
    make_membership,
    make_post,
    make_topic,
)
from tests.communities.test_rules import PERSONS
from tests.knowledge.factories import answered_topic, make_colleague, make_consent, make_offer
from tests.members.factories import fresh
from tests.visits import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_words")]


@pytest.fixture
def author(community):
    return make_membership(community).person


def offer_url(topic, more=""):
    return f"/topics/{topic.pk}/offer/{more}"


def filled(topic, people, **more):
    data = {
        "title": "Paying for robots",
        "summary": "Where the money comes from.",
        "question": "How do you pay?",
        "answer": "From the youth budget, mostly.",
        "visibility": "network",
    }
    for person, quote in people.items():
        data |= {f"name-{person.pk}": "on", f"quote-{person.pk}": quote}
    return {**data, **more}


def voices(item):
    return with_voices(Revision.objects.filter(item=item)).latest_first()[0].voice_rows


def quotes(item):
    return [row["quote"] for row in voices(item)]


# The form ----------------------------------------------------------------------------------------------


def test_form_proposes_the_question_and_those_who_answered(community, author):
    topic, post = answered_topic(community, author)
    response = signed_in(author).get(offer_url(topic))
    form = response.context["form"]
    assert form["title"].value() == topic.title
    assert "What worked with you?" in form["question"].value()
    rows = {row["one"].person.pk: row for row in form.rows()}
    assert rows[post.author_id]["quote"].value() == "From the youth budget."
    assert (rows[post.author_id]["one"].role, rows[post.author_id]["one"].place) == (
        "STEM manager",
        "Karmiel",
    )
    assert author.pk not in rows


def test_topic_becomes_a_draft_and_those_named_are_asked(community, author):
    topic, post = answered_topic(community, author)
    person = post.author
    data = filled(topic, {person: "From the youth budget."})
    client = signed_in(author)
    assert client.post(offer_url(topic), data).headers["Location"] == offer_url(topic)
    client.post(offer_url(topic), data)
    offer = Offer.objects.select_related("item").get()
    revision = offer.item.revisions.get()
    assert (revision.state, revision.kind, revision.visibility) == (
        RevisionState.DRAFT,
        ItemKind.GUIDE,
        Visibility.NETWORK,
    )
    assert "How do you pay?" in revision.body
    assert "mostly" in revision.body
    consent = Consent.objects.get()
    assert (consent.person, consent.quote, consent.role, consent.place) == (
        person,
        "From the youth budget.",
        "STEM manager",
        "Karmiel",
    )
    assert consent.answer == Answer.WAITING
    assert quotes(offer.item) == []
    notice = Notice.objects.get(event__kind="consent_asked")
    assert notice.reader == person
    mail_notices([notice.pk])
    letter = mail.outbox[-1]
    for part in ("From the youth budget.", "STEM manager, Karmiel", "answer=yes", "answer=no"):
        assert part in letter.body


@pytest.mark.parametrize(
    ("name", "value"),
    [("title", ""), ("summary", " "), ("question", ""), ("answer", "<p></p>"), ("visibility", "everyone")],
)
def test_bad_form_keeps_what_was_typed(community, author, name, value):
    topic, post = answered_topic(community, author)
    data = filled(topic, {post.author: "Only these words"}, **{name: value})
    response = signed_in(author).post(offer_url(topic), data)
    assert response.status_code == 200
    assert response.context["form"].errors[name]
    assert "Only these words" in response.content.decode()
    assert not Item.objects.exists()


def test_too_long_a_quote_says_so(community, author):
    topic, post = answered_topic(community, author)
    response = signed_in(author).post(offer_url(topic), filled(topic, {post.author: "x" * 1_201}))
    assert response.context["form"].errors[f"quote-{post.author_id}"]


def test_who_may_offer(community, author):
    topic, post = answered_topic(community, author)
    leader = make_facilitator(community)
    assert signed_in(leader).get(offer_url(topic)).status_code == 200
    assert signed_in(post.author).get(offer_url(topic)).status_code == 403
    assert signed_in(make_member()).get(offer_url(topic)).status_code == 404
    assert signed_in(author).get(offer_url(make_topic(community, author))).status_code == 403
    with pytest.raises(TooLate):
        deeds.offer_topic(by=post.author, topic=topic, content={"title": "Mine", "kind": ItemKind.GUIDE})


def test_facilitator_does_not_pass_on_the_words_of_who_asked(community, author):
    topic, _post = answered_topic(community, author)
    form = signed_in(make_facilitator(community)).get(offer_url(topic)).context["form"]
    assert form["question"].value() == topic.title
    assert author.pk in [one.person.pk for one in form.contributors]


def test_page_of_a_topic_leads_there(community, author):
    topic, post = answered_topic(community, author)
    assert offer_url(topic) in signed_in(author).get(topic.get_absolute_url()).content.decode()
    assert offer_url(topic) not in signed_in(post.author).get(topic.get_absolute_url()).content.decode()


# A consultation ----------------------------------------------------------------------------------------


def test_consultation_becomes_a_case_study_made_of_all_stages(community):
    author = make_colleague(community)
    found = make_consultation(community, author, Stage.DONE, context="A lab was shut.", tried="Calls")
    topic = found.topic
    asking, helping = make_colleague(community), make_colleague(community)
    make_contribution(found, asking, Part.QUESTION, body="<p>How large?</p>")
    make_contribution(found, author, Part.QUESTION, body="<p>Forty seats.</p>")
    make_contribution(found, helping, Part.ADVICE, body="<p>Ask the college.</p>")
    make_contribution(found, author, Part.TAKEAWAY, body="<p>We shall ask.</p>")
    make_contribution(found, author, Part.OUTCOME, body="<p>They came.</p>")
    client = signed_in(author)
    form = client.get(offer_url(topic)).context["form"]
    body = form["body"].value()
    said = {name: form[f"case_study-{name}"].value() for name in ("context", "done", "results")}
    assert said == {"context": "A lab was shut.\n\nCalls", "done": "We shall ask.", "results": "They came."}
    assert body == "<p>Forty seats.</p>"
    rows = {row["one"].person.pk: row for row in form.rows()}
    assert rows[helping.pk]["quote"].value() == "Ask the college."
    assert (rows[helping.pk]["name"].value(), rows[asking.pk]["name"].value()) == (True, False)
    data = {"title": topic.title, "summary": "A lab came back.", "body": body, "visibility": "public"}
    data |= {"case_study-context": said["context"], "case_study-evidence": "figures"}
    client.post(offer_url(topic), {**data, f"name-{helping.pk}": "on", f"quote-{helping.pk}": "Ask them."})
    revision = Revision.objects.get()
    assert (revision.kind, revision.authority) == (ItemKind.CASE_STUDY, author.acting_for.authority)
    assert revision.details == {"context": "A lab was shut.\n\nCalls", "evidence": "figures"}
    assert revision.body == "<p>Forty seats.</p>"


def test_consultation_is_offered_by_who_asked_alone(community, author):
    for stage in Stage:
        found = make_consultation(community, author, stage)
        ripe = stage in (Stage.OUTCOME, Stage.DONE)
        assert can_offer_topic(fresh(author), found.topic) is ripe
        assert not can_offer_topic(make_facilitator(community), found.topic)


def test_hidden_posts_are_not_offered(community, author):
    topic, post = answered_topic(community, author)
    hide(by=make_facilitator(community), post=post, reason="Names a pupil")
    form = signed_in(author).get(offer_url(topic)).context["form"]
    assert post.author_id not in [one.person.pk for one in form.contributors]


def test_who_left_is_not_asked(community, author):
    topic, post = answered_topic(community, author)
    Membership.objects.filter(person=post.author).update(state=MembershipState.LEFT)
    form = signed_in(author).get(offer_url(topic)).context["form"]
    assert post.author_id not in [one.person.pk for one in form.contributors]


# Rules and costs ---------------------------------------------------------------------------------------


def test_database_keeps_one_offer_a_topic_and_one_question_a_person():
    consent = make_consent()
    with pytest.raises(IntegrityError), transaction.atomic():
        make_offer(consent.offer.topic)
    with pytest.raises(IntegrityError), transaction.atomic():
        make_consent(consent.offer, consent.person)
    with pytest.raises(IntegrityError), transaction.atomic():
        Consent.objects.update(answer=Answer.GIVEN, answered_at=timezone.now(), reach=None)


@pytest.mark.parametrize("access", Access.values)
def test_rules_and_querysets_are_twins(access):
    community = make_community(access=access)
    persons = {name: make(community) for name, make in PERSONS.items()}
    maker = make_membership(community).person
    offer = make_offer(make_topic(community, maker))
    for answer, name in zip(Answer.values, ("member", "former", "left"), strict=True):
        make_consent(offer, persons[name], answer=answer)
        make_consent(offer, answer=answer)
    for name, person in (persons | {"maker": maker}).items():
        for model, rule in [(Offer, rules.can_see_offer), (Consent, rules.can_see_consent)]:
            by_query = set(model.objects.visible_to(fresh(person)).values_list("pk", flat=True))
            reader = fresh(person)
            by_rule = {thing.pk for thing in model.objects.all() if rule(reader, thing)}
            assert by_query == by_rule, (name, model.__name__)


@pytest.mark.parametrize("page", ["form", "offered", "item"])
def test_pages_take_the_same_few_queries_for_1_and_for_30(community, author, page):
    topic, _post = answered_topic(community, author)
    offer = make_offer(topic) if page != "form" else None
    client = signed_in(author)
    url = offer.item.get_absolute_url() if page == "item" and offer else offer_url(topic)

    def grow():
        person = make_colleague(community)
        post = make_post(topic, person)
        if offer:
            make_consent(offer, person, post=post, answer=Answer.GIVEN)

    def queries():
        with CaptureQueriesContext(connection) as caught:
            assert client.get(url).status_code == 200
        return len(caught)

    grow()
    before = queries()
    for _ in range(18):
        grow()
    assert queries() == before
    assert before <= 15
