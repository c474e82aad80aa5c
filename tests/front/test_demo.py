"""The demo network: who is in it, what waits there, how much of it there is."""

import re
from datetime import UTC, datetime

import pytest
from allauth.account.models import EmailAddress
from django.db import transaction
from django.test import override_settings

from communities.enums import Access, Moderation, Stage, TopicKind
from communities.models import (
    Community,
    CommunityInvitation,
    CommunityProposal,
    Consultation,
    HeldPost,
    Membership,
    PeerRequest,
    Post,
    Topic,
)
from knowledge.enums import RevisionState
from knowledge.models import BulkImport, Item, Revision
from members.enums import ApplicationState
from members.models import Application, LocalAuthority, Organisation, User
from munistem.commons.notices.models import Notice
from munistem.commons.search import reading
from munistem.commons.search.actions import reindex
from munistem.commons.search.checking import check_titles
from munistem.commons.search.learning import learn
from munistem.commons.tables.states import BulkState
from munistem.front.management.demo.people import PASSWORD
from policy.enums import Gap
from policy.models import BriefSignOff, Endorsement, PlanItem, ProgrammeFigure, ProgressReport
from tests.front.demo import SMALL, load, make_ground

pytestmark = pytest.mark.django_db

MORNING = datetime(2026, 11, 24, 6, tzinfo=UTC)


@pytest.fixture(scope="module", autouse=True)
def network(django_db_setup, django_db_blocker, tmp_path_factory):
    """The demo network, loaded once; what each test does to it is taken back, and all of it after the last one."""
    trial = override_settings(DEMO=True, MEDIA_ROOT=tmp_path_factory.mktemp("files"))
    with django_db_blocker.unblock(), trial, transaction.atomic():
        reading.forget()
        make_ground()
        load()
        yield
        transaction.set_rollback(True)


@pytest.fixture
def _own_words():
    """Words are counted within the test and forgotten with it."""
    yield
    reading.forget()


def test_accounts_and_communities_are_those_that_others_rely_on():
    people = {
        person.email.partition("@")[0]: person
        for person in User.objects.filter(email__endswith="@munistem.example")
    }
    assert people["admin"].is_superuser
    assert people["knowledge"].is_knowledge_manager
    assert not people["former"].is_active
    assert not people["applicant"].is_in_network
    assert people["member"].language == "ar"
    assert people["outsider"].is_in_network
    assert all(person.check_password(PASSWORD) for person in people.values())
    assert EmailAddress.objects.filter(verified=True, primary=True).count() == len(people)
    mandates = {who: people[who].mandates[0] for who in ("facilitator", "manager", "member", "outsider")}
    assert mandates["manager"].organisation.authority_id == 1139
    assert mandates["manager"].is_manager
    assert mandates["member"].organisation.authority_id == 7300
    assert not mandates["member"].is_manager
    assert mandates["facilitator"].organisation.type == "foundation"
    assert mandates["outsider"].organisation.type == "company"
    access = dict(Community.objects.values_list("slug", "access"))
    assert access["stem-managers"] == Access.REQUEST
    assert access["girls-in-stem"] == Access.OPEN
    assert access["integrators"] == Access.CLOSED

    def slugs(who):
        return set(
            Membership.objects.filter(person=people[who]).active().values_list("community__slug", flat=True)
        )

    assert {"stem-managers", "integrators"} <= slugs("manager")
    assert {"stem-managers", "integrators"} <= slugs("facilitator")
    assert "stem-managers" in slugs("member")
    assert "integrators" not in slugs("member")
    assert slugs("outsider") == set()
    assert (
        Membership.objects.facilitators()
        .filter(person=people["facilitator"], community__slug="stem-managers")
        .exists()
    )
    assert Application.objects.filter(
        email=people["applicant"].email, state=ApplicationState.RECEIVED
    ).exists()


def test_every_title_finds_what_bears_it(_own_words):
    learn()
    check = check_titles()
    assert check.rows > 50
    assert check.missed == []


def test_people_of_the_demo_are_marked_as_such():
    assert [
        person.name
        for person in User.objects.filter(email__endswith="@munistem.example")
        if "(" not in person.name
    ] == []


def test_numbers_are_those_asked_for_and_counters_agree():
    assert User.objects.filter(email__endswith="@munistem.example").count() == SMALL["people"]
    consultations = Topic.objects.filter(kind=TopicKind.CONSULTATION)  # two of them, and the case made of one
    assert Topic.objects.count() == SMALL["topics"] + 2
    assert Post.objects.exclude(topic__in=consultations).count() == SMALL["posts"]
    # beside them the case of the consultation, the five that are described in full, three calls, and three out of a table
    assert Item.objects.count() == SMALL["items"] + 1 + 5 + 3 + 3
    for community in Community.objects.all():
        assert community.topic_count == community.topics.count()
        assert community.member_count == community.memberships.active().count()
    for topic in Topic.objects.all():
        assert topic.post_count == topic.posts.count()
        assert topic.search_vector


def test_one_consultation_waits_for_advice_and_one_became_a_case():
    waiting, done = Consultation.objects.order_by("stage")
    assert (waiting.stage, done.stage) == (Stage.ADVICE, Stage.DONE)
    manager = User.objects.get(email="manager@munistem.example")
    assert PeerRequest.objects.waiting_for(manager).get().consultation == waiting
    assert done.topic.offer.item.published
    assert done.topic.offer.consents.given().count() == 2
    assert Item.objects.visible_to(manager).filter(offer__topic=done.topic).exists()


def test_one_table_is_in_and_another_is_half_mended():
    half, done = BulkImport.objects.order_by("state", "pk")[::-1]
    assert (half.state, done.state) == (BulkState.READ, BulkState.DONE)
    assert done.rows.counts()["taken"] == done.rows.count() == 3
    assert half.rows.counts()["wrong"] == 2
    said = {row.identifier: [problem["column"] for problem in row.problems] for row in half.rows.in_order()}
    assert said == {"ק-1": [], "ק-2": [], "ק-3": ["title"], "ק-4": [], "ק-5": ["life_stages", "files"], "ק-6": ["files"]}  # fmt: skip
    half_read, done_read = (row.made_at.date() for row in (half, done))
    assert done_read < half_read < SMALL["today"]


def test_two_municipalities_plan_in_their_language_with_the_figure_since():
    for who, letters in (("manager", "א-ת"), ("member", "ء-ي")):
        person = User.objects.get(email=f"{who}@munistem.example")
        plan = list(PlanItem.objects.of_owner(person).soonest_first())
        assert plan
        assert {item.authority_id for item in plan} == {person.mandates[0].organisation.authority_id}
        assert all(re.match(f"[{letters}]", item.what) for item in plan)
        assert len({item.what for item in plan}) == len(plan)
        girls = next(item for item in plan if item.gap == Gap.GIRLS)
        assert girls.is_open
        assert girls.girls
        assert girls.due_on > SMALL["today"]
        assert ProgrammeFigure.objects.filter(
            programme__authority=girls.authority, year=girls.year + 1, life_stage=girls.life_stage
        ).exists()
    own = PlanItem.objects.filter(owner__email="manager@munistem.example")
    assert set(own.values_list("state", flat=True)) == {"open", "done"}
    assert own.count() == 3


def test_something_waits_for_admin_and_facilitator():
    facilitator = User.objects.get(email="facilitator@munistem.example")
    proposal = CommunityProposal.objects.waiting().get()
    assert proposal.proposed_by.email == "manager@munistem.example"
    held = HeldPost.objects.waiting_for(facilitator).get()
    assert held.community.moderation == Moderation.NEWCOMERS
    assert not Topic.objects.filter(community=held.community, author=held.author).exists()
    assert CommunityInvitation.objects.visible_to(facilitator).holding(MORNING).count() == 2
    assert Notice.objects.filter(event__kind="community_proposed", reader__email="admin@munistem.example")
    assert Notice.objects.filter(event__kind="post_held", reader=facilitator)


def test_every_state_has_something_to_show():
    states = set(Revision.objects.values_list("state", flat=True))
    assert states == {
        RevisionState.PUBLISHED,
        RevisionState.SUBMITTED,
        RevisionState.RETURNED,
        RevisionState.DRAFT,
    }
    assert set(Endorsement.objects.values_list("state", flat=True)) >= {"waiting", "confirmed"}
    assert ProgressReport.objects.exists()
    assert Organisation.objects.count() == 12
    assert LocalAuthority.objects.matching("7300").exists()


def test_index_is_the_one_that_deeds_would_write():
    models = (Topic, User, Organisation, Community, Item)
    before = {model: dict(model.objects.values_list("pk", "search_vector")) for model in models}
    for model in models:
        reindex(model.objects.all())
    assert {model: dict(model.objects.values_list("pk", "search_vector")) for model in models} == before


def test_the_manager_signed_the_brief_of_last_year_in_three_languages():
    signed = BriefSignOff.objects.select_related("signed_by").get()
    assert signed.signed_by.email == "manager@munistem.example"
    assert (signed.year, signed.authority_id) == (2025, 1139)
    assert signed.signed_at.date() < SMALL["today"]
    assert sorted(signed.copies.values_list("language", flat=True)) == ["ar", "en", "he"]
    assert all(bytes(copy.paper).startswith(b"%PDF-") for copy in signed.copies.all())
