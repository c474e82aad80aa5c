"""The bell, the choices, and leaving mails behind."""

import pytest
from django.urls import reverse

from communities.actions import topic as deeds
from munistem.commons.audit.actions import key
from munistem.commons.mail.actions import record_bounce
from munistem.commons.mail.models import Bounce
from munistem.commons.notices.actions import tell
from munistem.commons.notices.choices import choose_scope, chosen
from munistem.commons.notices.kinds import DEFAULTS, Family
from munistem.commons.notices.models import Choice, Notice, Rhythm
from munistem.commons.notices.stops import Stop, stop_url
from tests.communities.factories import make_community, make_membership, make_topic
from tests.members.factories import make_member, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def answer(tell_now):
    """Let another member answer in a topic, and those who take part in it be told."""

    def reply(topic, body):
        deeds.reply(by=make_membership(topic.community).person, topic=topic, body=body)
        tell_now()

    return reply


@pytest.fixture
def told(answer):
    """A member who was answered, and the topic."""
    community = make_community()
    person = make_membership(community).person
    topic = make_topic(community, author=person, title="Labs after school")
    answer(topic, "<p>Yes.</p>")
    return person, topic


def path_of(person, stop) -> str:
    return "/" + stop_url(person, stop).partition("//")[2].partition("/")[2]


def test_bell_tells_and_counts(client, read, told):
    person, _topic = told
    client.force_login(person)
    page = read("/me/notices/")
    assert "Labs after school" in page
    assert "data-unread" in page
    assert client.get("/about/").context["unread_count"]() == 1


def test_opening_a_notice_reads_it_and_leads_to_its_thing(client, told):
    person, topic = told
    notice = Notice.objects.get(reader=person)
    client.force_login(person)
    response = client.get(f"/me/notices/{notice.pk}/")
    assert response.status_code == 302
    assert response["Location"] == topic.posts.get(number=2).get_absolute_url()
    notice.refresh_from_db()
    assert notice.read_at


def test_notices_of_others_are_not_there(client, read, told):
    notice = Notice.objects.get()
    client.force_login(make_member())
    assert "Nothing yet" in read("/me/notices/")
    read(f"/me/notices/{notice.pk}/", status=404)


def test_notice_of_what_one_may_no_longer_see_says_nothing(client, read, told):
    person, _topic = told
    person.memberships.all().delete()
    client.force_login(person)
    assert "Labs after school" not in read("/me/notices/")
    read(f"/me/notices/{Notice.objects.get(reader=person).pk}/", status=404)


def test_all_can_be_read_at_once(client, told):
    person, _topic = told
    client.force_login(person)
    assert client.post("/me/notices/read/").status_code == 302
    assert not Notice.objects.unread().filter(reader=person).exists()


def test_list_costs_the_same_for_one_and_many(client, count_queries, told):
    person, topic = told
    client.force_login(person)
    few = count_queries("/me/notices/")
    for _ in range(15):
        tell(
            "replied",
            topic,
            {person: "author"},
            by=make_user(),
            title=topic.title,
            post=topic.posts.first().pk,
        )
    assert count_queries("/me/notices/") == few <= 15


def test_choices_are_kept(client, read):
    person = make_member()
    client.force_login(person)
    assert "Your choices were kept" not in read("/me/choices/")
    wanted = {**DEFAULTS, Family.TOPICS: Rhythm.DAILY}
    assert (
        client.post(
            "/me/choices/", {family.value: rhythm.value for family, rhythm in wanted.items()}
        ).status_code
        == 302
    )
    assert Choice.objects.get(person=person, family=Family.TOPICS).rhythm == Rhythm.DAILY
    assert "Your choices were kept" in read("/me/choices/")


def test_unknown_rhythm_is_refused_with_a_message(client):
    client.force_login(make_member())
    response = client.post("/me/choices/", {family.value: "hourly" for family in Family})
    assert response.status_code == 200
    assert response.context["form"].errors
    assert not Choice.objects.exists()


def test_mails_of_a_family_stop_in_one_click_without_signing_in(client, read):
    person = make_member()
    url = path_of(person, Stop("family", Family.TOPICS.value))
    assert "Stop these mails?" in read(url)
    assert not Choice.objects.exists()
    response = client.post(url, {"List-Unsubscribe": "One-Click"})
    assert response.status_code == 200
    assert Choice.objects.get(person=person).rhythm == Rhythm.BELL


def test_topic_is_muted_and_heard_again(client, told, answer):
    person, topic = told
    url = path_of(person, Stop("thread", key(topic)))
    page = client.post(url).content.decode()
    assert "Labs after school" in page
    assert chosen(person, key(topic)) == Rhythm.NOTHING
    answer(topic, "<p>More.</p>")
    assert Notice.objects.filter(reader=person).count() == 1
    assert "come again" in client.post(url, {"undo": "1", "before": ""}).content.decode()
    assert not Choice.objects.exists()


def test_community_is_stopped_and_taken_back_to_what_was_chosen_before(client, told):
    person, topic = told
    scope = key(topic.community)
    choose_scope(by=person, rhythms={scope: Rhythm.DAILY})
    url = path_of(person, Stop("scope", scope))
    response = client.post(url)
    assert topic.community.name in response.content.decode()
    assert response.context["before"] == Rhythm.DAILY
    assert chosen(person, scope) == Rhythm.NOTHING
    client.post(url, {"undo": "1", "before": response.context["before"]})
    assert chosen(person, scope) == Rhythm.DAILY


def test_all_but_essential_mails_stop_at_once_and_come_again(client, read, told, answer):
    person, topic = told
    client.post(path_of(person, Stop("all")))
    answer(topic, "<p>More.</p>")
    tell("post_shown", topic, [person], title=topic.title)
    latest = Notice.objects.filter(reader=person).order_by("-pk")[:2]
    assert [notice.rhythm for notice in latest] == [Rhythm.AT_ONCE, Rhythm.BELL]
    client.force_login(person)
    assert "only essential mails" in read("/me/choices/")
    assert client.post("/me/choices/resume/", {"all": "1"}).status_code == 302
    assert not Choice.objects.exists()


def test_what_waits_is_not_mailed_after_it_was_stopped(client, told):
    person, topic = told
    assert Notice.objects.get(reader=person).rhythm == Rhythm.AT_ONCE
    client.post(path_of(person, Stop("scope", key(topic.community))))
    assert Notice.objects.get(reader=person).rhythm == Rhythm.BELL


def test_odd_undo_goes_back_to_no_choice(client, told):
    person, topic = told
    url = path_of(person, Stop("thread", key(topic)))
    client.post(url)
    client.post(url, {"undo": "1", "before": "hourly"})
    assert not Choice.objects.exists()


def test_one_click_works_without_the_secret_of_forms():
    from django.test import Client

    url = path_of(make_member(), Stop("all"))
    assert Client(enforce_csrf_checks=True).post(url).status_code == 200


def test_each_community_has_its_own_choice(client, read):
    membership = make_membership()
    scope, field = key(membership.community), f"of-{membership.community_id}"
    client.force_login(membership.person)
    assert membership.community.name in read("/me/choices/")
    answers = {family.value: DEFAULTS[family].value for family in Family}
    assert client.post("/me/choices/", {**answers, field: Rhythm.DAILY}).status_code == 302
    assert chosen(membership.person, scope) == Rhythm.DAILY
    assert client.post("/me/choices/", {**answers, field: ""}).status_code == 302
    assert chosen(membership.person, scope) == ""
    refused = client.post("/me/choices/", {**answers, field: "hourly"})
    assert field in refused.context["form"].errors


def test_choices_cost_the_same_for_one_community_and_many(client, count_queries):
    person = make_membership().person
    client.force_login(person)
    few = count_queries("/me/choices/")
    for _ in range(10):
        make_membership(person=person)
    assert count_queries("/me/choices/") == few


def test_newcomer_is_asked_once_how_to_hear_of_a_community(client, read):
    membership = make_membership()
    url = membership.community.get_absolute_url()
    client.force_login(membership.person)
    assert read(url)
    assert client.get(url).context["asks_rhythm"]
    assert client.post(f"{url}notices/", {"rhythm": Rhythm.CONCERNING}).status_code == 302
    assert chosen(membership.person, key(membership.community)) == Rhythm.CONCERNING
    assert not client.get(url).context["asks_rhythm"]
    client.post(f"{url}notices/", {"rhythm": "hourly"})
    assert chosen(membership.person, key(membership.community)) == Rhythm.CONCERNING


def test_many_answers_are_one_notice_and_reading_the_topic_reads_them_all(client, read, told, answer):
    person, topic = told
    for _ in range(2):
        answer(topic, "<p>More.</p>")
    client.force_login(person)
    page = read("/me/notices/")
    assert "3 new answers in" in page
    assert page.count("Labs after school") == 1
    assert client.get("/about/").context["unread_count"]() == 1
    newest = Notice.objects.filter(reader=person).latest("pk")
    response = client.get(f"/me/notices/{newest.pk}/")
    assert response["Location"] == topic.posts.get(number=2).get_absolute_url()
    assert not Notice.objects.unread().filter(reader=person).exists()
    assert "3 new answers in" in read("/me/notices/")
    answer(topic, "<p>Last.</p>")
    assert client.get("/about/").context["unread_count"]() == 1
    client.get(topic.get_absolute_url())
    assert client.get("/about/").context["unread_count"]() == 0


def test_reader_follows_a_topic_and_writer_mutes_it(client, told, answer):
    writer, topic = told
    follower = make_membership(topic.community).person
    for person, wish in ((follower, "follow"), (writer, "mute")):
        client.force_login(person)
        assert client.post(f"/topics/{topic.pk}/notices/", {"wish": wish}).status_code == 302
    Notice.objects.all().delete()
    answer(topic, "<p>More.</p>")
    told_now = Notice.objects.filter(event__kind="replied").values_list("reader", "rhythm")
    assert (follower.pk, Rhythm.WEEKLY) in told_now
    assert writer.pk not in {reader for reader, _rhythm in told_now}
    client.post(f"/topics/{topic.pk}/notices/", {"wish": ""})
    assert not Choice.objects.filter(person=writer).exists()


def test_address_from_which_mail_comes_back_is_shown_and_tried_again(client, read):
    person = make_member()
    record_bounce(f"Dana <{person.email.upper()}>", "hard", reason="550 no such user")
    record_bounce("other@portal.example", "soft")
    client.force_login(person)
    assert "Mails to you come back" in read("/me/choices/")
    assert "Mails to you come back" in read("/me/profile/")
    assert client.post("/me/choices/resume/").status_code == 302
    assert not Bounce.objects.exists()
    assert "Mails to you come back" not in read("/me/choices/")


@pytest.mark.parametrize("token", ["x", "a:b:c", "%D7%90", "WzEsIm5vbmUiXQ:1tX:abc"])
def test_forged_token_leads_nowhere(client, token):
    assert client.get(f"/unsubscribe/{token}/").status_code == 404
    assert client.post(reverse("unsubscribe", args=["x"])).status_code == 404
