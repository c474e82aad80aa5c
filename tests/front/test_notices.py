"""The bell, the choices, and leaving mails behind."""

import pytest
from django.urls import reverse

from communities.actions import topic as deeds
from munistem.commons.notices.actions import tell
from munistem.commons.notices.kinds import DEFAULTS, Family
from munistem.commons.notices.letters import unsubscribe_url
from munistem.commons.notices.models import Choice, Notice, Rhythm
from tests.communities.factories import make_community, make_membership, make_topic
from tests.members.factories import make_member, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def told():
    """A member who was answered, and the topic."""
    community = make_community()
    person = make_membership(community).person
    topic = make_topic(community, author=person, title="Labs after school")
    deeds.reply(by=make_membership(community).person, topic=topic, body="<p>Yes.</p>")
    return person, topic


def path_of(person, family) -> str:
    return unsubscribe_url(person, family).partition("//")[2].partition("/")[2]


def test_bell_tells_and_counts(client, read, told):
    person, _topic = told
    client.force_login(person)
    page = read("/me/notices/")
    assert "Labs after school" in page
    assert "data-unread" in page
    assert client.get("/about/").context["unread_count"] == 1


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


def test_mails_stop_in_one_click_without_signing_in(client, read):
    person = make_member()
    url = "/" + path_of(person, Family.TOPICS)
    assert "Stop these mails?" in read(url)
    assert not Choice.objects.exists()
    response = client.post(url, {"List-Unsubscribe": "One-Click"})
    assert response.status_code == 200
    assert Choice.objects.get(person=person).rhythm == Rhythm.BELL


def test_all_mails_stop_at_once(client):
    person = make_member()
    client.post("/" + path_of(person, "all"))
    assert Choice.objects.filter(person=person, rhythm=Rhythm.BELL).count() == len(Family)


def test_one_click_works_without_the_secret_of_forms():
    from django.test import Client

    person = make_member()
    url = "/" + path_of(person, "all")
    assert Client(enforce_csrf_checks=True).post(url).status_code == 200


@pytest.mark.parametrize("token", ["x", "a:b:c", "%D7%90", "WzEsIm5vbmUiXQ:1tX:abc"])
def test_forged_token_leads_nowhere(client, token):
    assert client.get(f"/unsubscribe/{token}/").status_code == 404
    assert client.post(reverse("unsubscribe", args=["x"])).status_code == 404
