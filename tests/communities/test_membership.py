"""Coming and going: what each deed changes, whom it tells, and that it counts once."""

import pytest
from django.core.exceptions import PermissionDenied

from communities.actions import life
from communities.actions import membership as deeds
from communities.emails import KINDS
from communities.enums import Access, MembershipState
from communities.models import Community, Membership
from members.models import User
from munistem.commons.audit.models import AuditEvent
from munistem.commons.notices.kinds import visible_events
from munistem.commons.notices.models import Event
from munistem.commons.terms.models import Term, TermKind
from tests.communities.factories import (
    make_community,
    make_facilitator,
    make_member,
    make_membership,
    make_user,
)
from tests.members.factories import make_admin
from tests.notices import told_pairs

pytestmark = pytest.mark.django_db


def test_community_is_created_with_facilitators_terms_and_index():
    term = Term.objects.create(
        name="Robots",
        slug="robots",
        kind=TermKind.SUBJECT,
        is_curated=True,
        name_he="רובוטים",
        name_ar="روبوت",
        name_en="Robots",
    )
    admin, person = make_admin(), make_member()
    community = deeds.create_community(
        by=admin, name="Municipal labs", purpose="To share labs.", facilitators=[person], terms=[term]
    )
    assert community.slug == "municipal-labs"
    assert Community.objects.get().member_count == 1
    assert community.memberships.get().is_facilitator
    for query in ("municipal labs", "share", "רובוטים"):
        assert list(Community.objects.matching(query)) == [community]
    assert AuditEvent.objects.filter(deed="create_community").count() == 1


def test_edit_changes_words_and_index():
    community = make_community(name="Old")
    deeds.edit_community(by=make_admin(), community=community, name="New name", purpose="Better")
    assert Community.objects.matching("new name").exists()
    assert not Community.objects.matching("old").exists()


def test_archived_community_is_taken_up_again():
    community, admin = make_community(), make_admin()
    life.archive_community(by=admin, community=community)
    life.archive_community(by=admin, community=community)
    assert not Community.objects.current()
    life.reopen_community(by=admin, community=community)
    assert Community.objects.current()
    assert AuditEvent.objects.filter(deed="archive_community").count() == 1


def test_joining_an_open_community_counts_once():
    community, person = make_community(access=Access.OPEN), make_member()
    first = deeds.join(by=person, community=community)
    assert deeds.join(by=person, community=community) == first
    community.refresh_from_db()
    assert community.member_count == 1


@pytest.mark.parametrize("access", [Access.REQUEST, Access.CLOSED])
def test_other_communities_cannot_be_walked_into(access):
    with pytest.raises(deeds.TooLate):
        deeds.join(by=make_member(), community=make_community(access=access))
    assert not Membership.objects.exists()


def test_registered_person_outside_the_network_cannot_join():
    with pytest.raises(PermissionDenied):
        deeds.join(by=make_user(), community=make_community(access=Access.OPEN))


def test_request_is_asked_once_told_to_facilitators_and_decided_once(run_jobs):
    community, person = make_community(), make_member(name="Asker")
    facilitator = make_facilitator(community, make_member(name="Leader"))
    request = deeds.ask_to_join(by=person, community=community, note="Hello")
    assert deeds.ask_to_join(by=person, community=community) == request
    assert told_pairs() == [("asked_to_join", "Leader")]
    assert Membership.objects.waiting_for(facilitator).get() == request
    deeds.admit(by=facilitator, membership=request)
    with pytest.raises(deeds.TooLate):
        deeds.decline(by=facilitator, membership=request, reason="No")
    community.refresh_from_db()
    assert community.member_count == 2
    assert told_pairs() == [("admitted", "Asker"), ("asked_to_join", "Leader")]
    assert not Membership.objects.waiting_for(facilitator)
    assert not visible_events(facilitator, Event.objects.filter(kind="asked_to_join"))


def test_without_facilitators_admins_are_told():
    community, admin = make_community(), make_admin(name="Admin")
    deeds.ask_to_join(by=make_member(), community=community)
    assert told_pairs() == [("asked_to_join", "Admin")]
    assert Membership.objects.waiting_for(admin).count() == 1


def test_declined_person_hears_the_reason_and_may_ask_again():
    community, person = make_community(), make_member(name="Asker")
    facilitator = make_facilitator(community)
    request = deeds.ask_to_join(by=person, community=community)
    deeds.decline(by=facilitator, membership=request, reason="For municipalities only")
    event = Event.objects.get(kind="not_admitted")
    assert event.data["why"] == "For municipalities only"
    assert visible_events(person, [event]) == {event.pk}
    assert deeds.ask_to_join(by=person, community=Community.objects.get()).state == MembershipState.ASKED


def test_request_can_be_taken_back():
    community, person = make_community(), make_member()
    deeds.ask_to_join(by=person, community=community)
    deeds.withdraw_request(by=person, community=Community.objects.get())
    assert Membership.objects.get().state == MembershipState.LEFT


def test_invitation_is_told_accepted_and_declined():
    community, person = make_community(access=Access.CLOSED), make_member(name="Guest")
    facilitator = make_facilitator(community)
    row = deeds.invite(by=facilitator, community=community, person=person)
    assert deeds.invite(by=facilitator, community=community, person=person) == row
    assert told_pairs() == [("invited", "Guest")]
    event = Event.objects.get()
    assert visible_events(person, [event]) == {event.pk}
    assert deeds.accept_invitation(by=person, community=community).is_active
    assert not visible_events(User.objects.get(pk=person.pk), [event])
    with pytest.raises(deeds.TooLate):
        deeds.invite(by=facilitator, community=community, person=person)
    other = make_member()
    deeds.invite(by=facilitator, community=community, person=other)
    deeds.decline_invitation(by=other, community=Community.objects.get())
    assert Membership.objects.get(person=other).state == MembershipState.LEFT


def test_invitation_taken_back_cannot_be_accepted():
    community, person = make_community(access=Access.CLOSED), make_member()
    facilitator = make_facilitator(community)
    row = deeds.invite(by=facilitator, community=community, person=person)
    deeds.withdraw_invitation(by=facilitator, membership=row)
    with pytest.raises(deeds.TooLate):
        deeds.accept_invitation(by=person, community=Community.objects.get())


def test_inviting_who_asked_admits():
    community, person = make_community(), make_member()
    deeds.ask_to_join(by=person, community=community)
    row = deeds.invite(by=make_facilitator(community), community=community, person=person)
    assert row.state == MembershipState.ACTIVE


def test_last_facilitator_cannot_leave_and_others_can():
    community = make_community()
    facilitator = make_facilitator(community)
    member = make_membership(community).person
    with pytest.raises(deeds.LastFacilitator):
        deeds.leave(by=facilitator, community=community)
    deeds.make_facilitator(by=facilitator, membership=community.memberships.get(person=member))
    assert told_pairs()[0][0] == "made_facilitator"
    deeds.leave(by=facilitator, community=community)
    community.refresh_from_db()
    assert community.member_count == 1
    assert not community.memberships.get(person=facilitator).is_facilitator


def test_facilitation_is_laid_down():
    community = make_community()
    first, second = make_facilitator(community), make_facilitator(community)
    deeds.end_facilitation(by=first, membership=community.memberships.get(person=first))
    with pytest.raises(deeds.LastFacilitator):
        deeds.end_facilitation(by=second, membership=community.memberships.get(person=second))


@pytest.mark.parametrize(("access", "name"), [(Access.REQUEST, "Secret garden"), (Access.CLOSED, "")])
def test_removed_person_is_told_why_without_naming_what_is_closed(access, name):
    community = make_community(access=access, name="Secret garden")
    facilitator, row = make_facilitator(community), make_membership(community)
    deeds.remove(by=facilitator, membership=row, reason="Left the profession")
    event = Event.objects.get(kind="removed_from_community")
    assert event.data["community"] == name
    assert event.data["why"] == "Left the profession"
    assert visible_events(row.person, [event]) == {event.pk}
    with pytest.raises(deeds.TooLate):
        deeds.remove(by=facilitator, membership=row, reason="Again")


def test_notices_of_a_closed_community_vanish_for_who_was_removed():
    community, person = make_community(access=Access.CLOSED), make_member()
    facilitator = make_facilitator(community)
    deeds.invite(by=facilitator, community=community, person=person)
    row = deeds.accept_invitation(by=person, community=community)
    deeds.make_facilitator(by=facilitator, membership=row)
    event = Event.objects.get(kind="made_facilitator")
    assert visible_events(User.objects.get(pk=person.pk), [event]) == {event.pk}
    deeds.remove(by=make_admin(), membership=row, reason="Moved")
    assert visible_events(User.objects.get(pk=person.pk), [event]) == set()


def test_members_added_by_admission_are_counted_once():
    community, person = make_community(), make_member()
    deeds.add_member(by=make_admin(), community=community, person=person)
    deeds.add_member(by=make_admin(), community=community, person=person)
    community.refresh_from_db()
    assert community.member_count == 1
    deeds.add_member(by=make_admin(), community=community, person=person, is_facilitator=True)
    assert Membership.objects.get().is_facilitator


def test_visit_is_noted():
    row = make_membership()
    deeds.mark_visited(by=row.person, community=row.community)
    row.refresh_from_db()
    assert row.visited_at


def test_decision_is_mailed_with_its_reason(run_jobs, mailoutbox):
    community = make_community(access=Access.REQUEST)
    facilitator, person = make_facilitator(community), make_member()
    deeds.ask_to_join(by=person, community=community, note="Hi")
    deeds.decline(by=facilitator, membership=Membership.objects.asked().get(), reason="Wait")
    run_jobs()
    assert [mail.to for mail in mailoutbox] == [[person.email]]
    assert "Wait" in mailoutbox[0].body


def test_every_notice_of_the_room_can_be_worded():
    facilitator, person = make_facilitator(), make_member()
    event = Event(kind="x", subject="communities.topic:1", actor=facilitator)
    event.data = {
        "title": "T",
        "community": "C",
        "slug": "s",
        "post": 1,
        "why": "R",
        "note": "N",
        "topic_kind": "case",
        "meeting": 1,
        "topic": 1,
    }
    for kind in KINDS:
        assert kind.sentence(event, person)
        assert kind.url(event).startswith("/")
        assert all(kind.details(event, person))
