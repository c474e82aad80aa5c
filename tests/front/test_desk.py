"""The review desk: who may open it, what lies on it."""

import pytest
from django.utils import timezone

from communities.enums import MembershipState
from communities.models import Membership
from knowledge.enums import RevisionState
from munistem.commons.audit.actions import key
from munistem.commons.models import TitleCheck
from munistem.commons.reports.models import Report, Why
from munistem.commons.terms.models import TermKind
from munistem.front.views import desk
from policy.enums import EndorsementState
from tests.communities.factories import make_community, make_facilitator, make_membership, make_topic
from tests.knowledge.factories import make_item, make_term
from tests.members.factories import make_admin, make_application, make_member, make_user
from tests.policy.factories import make_endorsement, make_recommendation

pytestmark = pytest.mark.django_db


def report(post, **fields) -> Report:
    return Report.objects.create(
        subject=key(post), url=post.get_absolute_url(), reporter=make_user(), why=Why.OTHER, **fields
    )


def test_visitor_signs_in_first(client):
    assert client.get("/desk/").status_code == 302


def test_plain_member_has_no_desk(client, read):
    client.force_login(make_member())
    read("/desk/", status=403)


def test_empty_desk_says_what_comes_here(client, read):
    client.force_login(make_admin())
    assert "Nothing waits" in read("/desk/")


def test_admin_finds_everything_with_its_next_step(client, read):
    application = make_application(organisation_name="Code for all")
    endorsement = make_endorsement(
        recommendation=make_recommendation(title_en="A named manager"), state=EndorsementState.WAITING
    )
    item = make_item(RevisionState.SUBMITTED, title="Our model")
    make_item(terms=[make_term(kind=TermKind.FREE, is_curated=False)])
    asked = make_membership(make_community(name="Makers"), state=MembershipState.ASKED)
    topic = make_topic(title="Cheap offers")
    report(topic.posts.get())
    client.force_login(make_admin())
    page = read("/desk/")
    for part in (
        *("Code for all", f"/admin/members/application/{application.pk}/change/"),
        *("A named manager", endorsement.get_absolute_url()),
        *("Our model", f"/knowledge/{item.slug}/revisions/1/review/"),
        "1 free tag awaits a place in the vocabulary",
        *(asked.person.name, f"/communities/{asked.community.slug}/people/"),
        *("Cheap offers", topic.posts.get().get_absolute_url()),
    ):
        assert part in page


def test_knowledge_manager_finds_only_knowledge(client, read):
    make_application(organisation_name="Code for all")
    make_item(RevisionState.SUBMITTED, title="Our model")
    client.force_login(make_user(is_knowledge_manager=True))
    page = read("/desk/")
    assert "Our model" in page
    assert "Code for all" not in page


def test_facilitator_finds_what_concerns_own_communities(client, read):
    mine = make_community()
    person = make_facilitator(mine)
    report(make_topic(mine, title="Ours to decide").posts.get())
    report(make_topic(title="Of others").posts.get())
    client.force_login(person)
    page = read("/desk/")
    assert "Ours to decide" in page
    assert "Of others" not in page


def test_menu_leads_facilitators_to_the_desk_at_once(client, read, count_queries):
    membership = make_membership()
    link = 'class="menu__item" href="/desk/"'
    client.force_login(membership.person)
    before = count_queries("/about/")
    assert link not in read("/about/")
    Membership.objects.filter(pk=membership.pk).update(is_facilitator=True)
    assert link in read("/about/")
    assert count_queries("/about/") == before
    Membership.objects.filter(pk=membership.pk).update(is_facilitator=False)
    assert link not in read("/about/")


def test_desk_costs_the_same_for_one_and_thirty(client, count_queries):
    def fill(times):
        for _ in range(times):
            make_application()
            make_item(RevisionState.SUBMITTED)
            make_endorsement(state=EndorsementState.WAITING)
            make_membership(state=MembershipState.ASKED)
            report(make_topic().posts.get())

    fill(2)
    client.force_login(make_admin())
    few = count_queries("/desk/")
    fill(20)
    assert count_queries("/desk/") == few <= 15


def test_desk_is_searched_in_any_inflection(client, read, monkeypatch):
    make_item(RevisionState.SUBMITTED, title="מעבדות ניידות", language="he")
    make_item(RevisionState.SUBMITTED, title="מסלול לימודים", language="he")
    client.force_login(make_user(is_knowledge_manager=True))
    page = read("/desk/?q=מעבדה")
    assert "מעבדות ניידות" in page
    assert "מסלול לימודים" not in page
    assert "One thing that waits says this." in page
    for query in ("רובוט", "!!!"):
        assert "Nothing that waits says this" in read(f"/desk/?q={query}")


def test_desk_is_searched_beyond_what_it_shows(client, read, monkeypatch):
    monkeypatch.setattr(desk, "MOST", 2)
    for number in range(4):
        make_application(organisation_name=f"Lighthouse {number}")
    client.force_login(make_admin())
    assert "Lighthouse 3" not in read("/desk/")
    page = read("/desk/?q=lighthouse 3")
    assert "Lighthouse 3" in page
    assert "Lighthouse 0" not in page


def test_titles_that_search_does_not_find_are_told(client, read):
    row = {"kind": "knowledge.item", "key": 1, "title": "A lost guide", "url": "/knowledge/a-lost-guide/"}
    TitleCheck.objects.create(rows=9, missed=[row], ended_at=timezone.now())
    client.force_login(make_user(is_knowledge_manager=True))
    assert "A lost guide" in read("/desk/")
    TitleCheck.objects.create(rows=9, ended_at=timezone.now())
    assert "A lost guide" not in read("/desk/")
