"""Asking colleagues personally: whom, how often, what they are told, and “not now”."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, close_old_connections, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from communities.actions import consultation as deeds
from communities.actions.post import hide
from communities.emails.consultation import put_off_path, said_reasons
from communities.enums import Access, MembershipState, Part, Stage
from communities.models import Helpful, Membership, PeerRequest
from communities.models.peers import is_like, role_of, suggest_peers
from members.models.person import PersonTerm
from munistem.commons.audit.models import AuditEvent
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
from tests.communities.test_consultations import topic_url
from tests.knowledge.factories import make_term
from tests.members.factories import make_authority, make_municipality, make_representative
from tests.visits import signed_in, visitor

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_words")]


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
