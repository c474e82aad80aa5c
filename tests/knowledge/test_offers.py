"""From a discussion to the library: one form, the consent of everybody named, and words that fall out without it."""

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from communities.actions.post import hide
from communities.enums import Access, MembershipState, Part, Stage
from communities.models import Membership, Post
from communities.rules import can_offer_topic
from knowledge import rules
from knowledge.actions import offer as deeds
from knowledge.actions.review import publish, return_with_reason
from knowledge.actions.write import TooLate, save_item
from knowledge.emails import consent_address
from knowledge.enums import Answer, ItemKind, RevisionState
from knowledge.models import Consent, Item, Offer, Revision
from knowledge.models.offer import with_voices
from members.models import User
from munistem.commons.enums import Visibility
from munistem.commons.notices.letters import mail_notices
from munistem.commons.notices.models import Notice
from munistem.commons.search.actions import index
from munistem.front.actions.departure import leave_network
from tests.communities.factories import (
    make_community,
    make_consultation,
    make_contribution,
    make_facilitator,
    make_member,
    make_membership,
    make_post,
    make_topic,
    make_user,
)
from tests.communities.test_rules import PERSONS
from tests.knowledge.factories import make_consent, make_offer
from tests.members.factories import fresh, make_municipality, make_representative
from tests.visits import signed_in, visitor

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_words")]


@pytest.fixture
def community():
    return make_community(access=Access.REQUEST)


@pytest.fixture
def author(community):
    return make_membership(community).person


def make_colleague(community, **fields):
    """A member who acts for a municipality, in a role."""
    person = make_representative(organisation=make_municipality(name_en="Karmiel")).person
    User.objects.filter(pk=person.pk).update(**{"role_title": "STEM manager", **fields})
    return make_membership(community, fresh(person)).person


def offer_url(topic, more=""):
    return f"/topics/{topic.pk}/offer/{more}"


def answered_topic(community, author):
    """A question, and the answer of a colleague that was accepted."""
    topic = make_topic(community, author, title="How do you pay for robots?")
    make_post(topic, make_colleague(community), body="<p>I have no idea.</p>")
    post = make_post(topic, make_colleague(community), body="<p>From the youth budget.</p>")
    topic.accepted = post
    topic.save()
    return topic, post


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


# The form ------------------------------------------------------------------------------------------------


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


# A consultation ------------------------------------------------------------------------------------------


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
    places = [body.index(words) for words in ("A lab", "Calls", "Forty", "We shall", "They came")]
    assert places == sorted(places)
    assert "How large" not in body
    assert "college" not in body
    rows = {row["one"].person.pk: row for row in form.rows()}
    assert rows[helping.pk]["quote"].value() == "Ask the college."
    assert (rows[helping.pk]["name"].value(), rows[asking.pk]["name"].value()) == (True, False)
    data = {"title": topic.title, "summary": "A lab came back.", "body": body, "visibility": "public"}
    client.post(offer_url(topic), {**data, f"name-{helping.pk}": "on", f"quote-{helping.pk}": "Ask them."})
    revision = Revision.objects.get()
    assert (revision.kind, revision.authority) == (ItemKind.CASE_STUDY, author.acting_for.authority)


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


# Consents ------------------------------------------------------------------------------------------------


def path_of(consent):
    return "/" + consent_address(consent).split("//", 1)[1].partition("/")[2]


def test_consent_by_the_link_without_signing_in():
    consent = make_consent()
    client = visitor()
    page = client.get(f"{path_of(consent)}?answer=yes").content.decode()
    assert consent.quote in page
    assert Consent.objects.get().answer == Answer.WAITING
    for _ in range(2):
        assert "Thank you" in client.post(path_of(consent), {"answer": "yes"}).content.decode()
    assert quotes(consent.offer.item) == [consent.quote]
    assert Notice.objects.filter(event__kind="consent_given", reader=consent.offer.made_by).count() == 1
    assert "neither named" in client.post(path_of(consent), {"answer": "no"}).content.decode()
    assert quotes(consent.offer.item) == []
    assert Notice.objects.filter(reader=consent.offer.made_by).count() == 1


def test_consent_in_the_portal_is_for_the_person_alone():
    consent = make_consent()
    url = f"/consents/{consent.pk}/"
    assert signed_in(consent.person).get(url).status_code == 200
    assert signed_in(consent.offer.made_by).get(url).status_code == 404
    assert signed_in(make_user(is_knowledge_manager=True)).get(url).status_code == 404
    signed_in(consent.person).post(url, {"answer": "yes"})
    assert Consent.objects.get().answer == Answer.GIVEN


def test_odd_answers_change_nothing():
    consent = make_consent()
    assert visitor().post(path_of(consent), {"answer": "perhaps"}).status_code == 200
    assert visitor().post(path_of(consent)).status_code == 200
    assert Consent.objects.get().answer == Answer.WAITING
    assert visitor().get("/consents/forged/").status_code == 404


def test_who_declined_or_is_silent_looks_the_same_to_who_offered():
    offer = make_offer()
    declined, silent = make_consent(offer, answer=Answer.DECLINED), make_consent(offer)
    agreed = make_consent(offer, answer=Answer.GIVEN)
    response = signed_in(offer.made_by).get(offer_url(offer.topic))
    text = response.content.decode()
    assert response.context["open_count"] == 2
    assert agreed.person.name in text
    for row in (declined, silent):
        assert row.person.name not in text
    assert Consent.objects.visible_to(offer.made_by).count() == 1


def test_item_goes_out_with_the_words_of_those_who_agreed(community, author, reviewer):
    offer = make_offer(make_topic(community, author))
    agreed = make_consent(
        offer, make_colleague(community), quote="Ask the college.", role="Manager", place="Karmiel"
    )
    silent = make_consent(offer, quote="Secret words of the silent")
    declined = make_consent(offer, quote="Secret words of the unwilling")
    visitor().post(path_of(agreed), {"answer": "yes"})
    visitor().post(path_of(declined), {"answer": "no"})
    client = signed_in(author)
    for _ in range(2):
        assert client.post(offer_url(offer.topic, "send/")).status_code == 302
    revision = offer.item.revisions.get()
    assert revision.state == RevisionState.SUBMITTED
    publish(by=reviewer, revision=revision)
    text = signed_in(make_member()).get(offer.item.get_absolute_url()).content.decode()
    assert "Ask the college." in text
    assert f"{agreed.person.name}, Manager, Karmiel" in text
    for row in (silent, declined):
        assert row.quote not in text
        assert row.person.name not in text
    assert Notice.objects.filter(event__kind="named_item_published").get().reader == agreed.person
    found = Item.objects.matching("college") if hasattr(Item.objects, "matching") else Item.objects.all()
    assert offer.item in found


def test_in_review_words_may_go_but_not_come(reviewer):
    offer = make_offer()
    agreed, silent = make_consent(offer, answer=Answer.GIVEN), make_consent(offer)
    deeds.send_offer(by=offer.made_by, offer=offer)
    seen = offer.item.revisions.get().marker
    assert not Consent.objects.waiting_for(silent.person).exists()
    assert visitor().post(path_of(silent), {"answer": "yes"}).status_code == 410
    assert Consent.objects.get(pk=silent.pk).answer == Answer.WAITING
    deeds.answer_consent(by=agreed.person, consent=agreed, is_given=False)
    assert quotes(offer.item) == []
    assert offer.item.revisions.get().marker != seen
    return_with_reason(by=reviewer, revision=offer.item.revisions.get(), reason="Say more")
    deeds.answer_consent(by=silent.person, consent=silent, is_given=True)
    assert quotes(offer.item) == [silent.quote]


def test_published_consents_stand(reviewer):
    offer = make_offer()
    consent = make_consent(offer, answer=Answer.GIVEN)
    deeds.send_offer(by=offer.made_by, offer=offer)
    publish(by=reviewer, revision=offer.item.revisions.get())
    response = visitor().post(path_of(consent), {"answer": "no"})
    assert response.status_code == 410
    assert "published" in response.content.decode()
    assert quotes(offer.item) == [consent.quote]


def test_consent_holds_for_those_who_were_to_read_it(community, author):
    offer = make_offer(make_topic(community, author))
    consent = make_consent(offer)
    deeds.answer_consent(by=consent.person, consent=consent, is_given=True)
    item = Item.objects.get()
    content = {"title": "T", "kind": ItemKind.GUIDE, "visibility": Visibility.PUBLIC}
    save_item(by=author, item=item, content=content, seen=item.revisions.get().marker)
    assert quotes(item) == []
    client = signed_in(author)
    text = client.get(offer_url(offer.topic)).content.decode()
    assert "More people may read it now" in text
    for _ in range(2):
        client.post(offer_url(offer.topic, "send/"), {"again": "1"})
    assert Consent.objects.get().answer == Answer.WAITING
    assert Notice.objects.filter(event__kind="consent_asked", reader=consent.person).count() == 1
    deeds.answer_consent(by=consent.person, consent=consent, is_given=True)
    assert quotes(item) == [consent.quote]
    content["visibility"] = Visibility.NETWORK
    save_item(by=author, item=Item.objects.get(), content=content, seen=item.revisions.get().marker)
    assert quotes(item) == [consent.quote]


def test_yes_counts_for_no_more_readers_than_the_page_told_of(community, author):
    offer = make_offer(make_topic(community, author))
    consent, item = make_consent(offer), Item.objects.get()
    client = visitor()
    told = client.get(path_of(consent)).context["reach"]
    content = {"title": "T", "kind": ItemKind.GUIDE, "visibility": Visibility.PUBLIC}
    save_item(by=author, item=item, content=content, seen=item.revisions.get().marker)
    response = client.post(path_of(consent), {"answer": "yes", "reach": told})
    assert (response.status_code, response.context["who_reads"]) == (409, "Visible to everyone")
    assert Consent.objects.get().answer == Answer.WAITING
    client.post(path_of(consent), {"answer": "yes", "reach": response.context["reach"]})
    assert quotes(item) == [consent.quote]


def test_what_a_closed_community_said_is_proposed_for_it_alone():
    community = make_community(access=Access.CLOSED)
    topic, _post = answered_topic(community, author := make_membership(community).person)
    form = signed_in(author).get(offer_url(topic)).context["form"]
    assert form["visibility"].value() == Visibility.COMMUNITY


def test_what_a_moderator_hid_is_quoted_no_more(community, author):
    topic, post = answered_topic(community, author)
    offer = make_offer(topic)
    make_consent(offer, post.author, post=post, answer=Answer.GIVEN)
    assert quotes(offer.item)
    hide(by=make_facilitator(community), post=Post.objects.get(pk=post.pk), reason="Names a pupil")
    assert quotes(offer.item) == []


def test_nobody_is_asked_about_a_discussion_that_was_hidden(community, author):
    topic, _post = answered_topic(community, author)
    consent = make_consent(make_offer(topic))
    assert Consent.objects.waiting_for(consent.person).exists()
    hide(by=make_facilitator(community), post=topic.posts.get(number=1), reason="Names a pupil")
    assert not Consent.objects.waiting_for(consent.person).exists()


def test_who_offered_without_being_a_manager_may_write_on(community, author):
    offer = make_offer(make_topic(community, author))
    assert not rules.can_add_item(author)
    assert rules.can_edit_item(fresh(author), offer.item)
    assert signed_in(author).get(f"{offer.item.get_absolute_url()}edit/").status_code == 200


def test_who_left_the_network_is_named_no_more(community, author):
    offer = make_offer(make_topic(community, author))
    consent = make_consent(offer, answer=Answer.GIVEN, role="Manager", place="Karmiel")
    User.objects.filter(pk=consent.person_id).update(name="")
    text = signed_in(author).get(offer.item.get_absolute_url()).content.decode()
    assert consent.quote in text
    assert "A former member" in text
    assert "Karmiel" not in text


def test_quotes_can_be_searched_once_published(reviewer):
    offer = make_offer()
    make_consent(offer, answer=Answer.GIVEN, quote="Zanzibar")
    deeds.send_offer(by=offer.made_by, offer=offer)
    publish(by=reviewer, revision=offer.item.revisions.get())
    item = Item.objects.get()
    index(item)
    assert ("Zanzibar", "C") in list(item.search_texts())


def test_who_left_the_network_is_found_no_more_by_name_and_place(reviewer):
    consent = make_consent(
        make_offer(), answer=Answer.GIVEN, role="Manager", place="Karmiel", quote="Zanzibar"
    )
    User.objects.filter(pk=consent.person_id).update(name="Naomi Peled")
    deeds.send_offer(by=consent.offer.made_by, offer=consent.offer)
    publish(by=reviewer, revision=consent.offer.item.revisions.get())
    assert Item.objects.matching("Naomi Peled").exists()
    leave_network(by=fresh(consent.person))
    assert not Item.objects.matching("Naomi Peled").exists()
    assert not Item.objects.matching("Karmiel").exists()
    assert Item.objects.matching("Zanzibar").exists()
    consent.refresh_from_db()
    assert (consent.role, consent.place) == ("", "")


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
            by_rule = {thing.pk for thing in model.objects.all() if rule(fresh(person), thing)}
            assert by_query == by_rule, (name, model.__name__)


def test_my_day_asks_while_one_can_answer(reviewer):
    consent = make_consent()
    client = signed_in(consent.person)
    assert "May we name you in the library?" in client.get("/").content.decode()
    deeds.send_offer(by=consent.offer.made_by, offer=consent.offer)
    assert "May we name you in the library?" not in client.get("/").content.decode()


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
