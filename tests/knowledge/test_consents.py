"""The consent of everybody named in an offer, and words that fall out without it."""

import pytest

from communities.actions.post import hide
from communities.enums import Access
from communities.models import Post
from knowledge import rules
from knowledge.actions import offer as deeds
from knowledge.actions.review import publish, return_with_reason
from knowledge.actions.write import save_item
from knowledge.emails import consent_address
from knowledge.enums import Answer, ItemKind, RevisionState
from knowledge.models import Consent, Item
from members.models import User
from munistem.commons.enums import Visibility
from munistem.commons.notices.models import Notice
from munistem.commons.search.actions import index
from munistem.front.actions.departure import leave_network
from tests.communities.factories import (
    make_community,
    make_facilitator,
    make_member,
    make_membership,
    make_topic,
    make_user,
)
from tests.knowledge.factories import answered_topic, make_colleague, make_consent, make_offer
from tests.knowledge.test_offers import offer_url, quotes
from tests.members.factories import fresh
from tests.visits import signed_in, visitor

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_words")]


@pytest.fixture
def author(community):
    return make_membership(community).person


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
    leave_network(person=fresh(consent.person))
    assert not Item.objects.matching("Naomi Peled").exists()
    assert not Item.objects.matching("Karmiel").exists()
    assert Item.objects.matching("Zanzibar").exists()
    consent.refresh_from_db()
    assert (consent.role, consent.place) == ("", "")


def test_my_day_asks_while_one_can_answer(reviewer):
    consent = make_consent()
    client = signed_in(consent.person)
    assert "May we name you in the library?" in client.get("/").content.decode()
    deeds.send_offer(by=consent.offer.made_by, offer=consent.offer)
    assert "May we name you in the library?" not in client.get("/").content.decode()
