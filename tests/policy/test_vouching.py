"""Whether endorsements still stand, and the joint endorsement of a cluster whose members confirm their share."""

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core import mail
from django.utils import timezone

from members.enums import OrganisationType
from munistem.commons.notices.models import Notice
from munistem.front.views import welcome
from policy.actions import decide, vouch
from policy.actions.answer import TooLate, revoke
from policy.emails.vouching import token_for
from policy.enums import Cause, EndorsementState, Stance
from policy.models import ElectionDay, Endorsement, EndorsementShare, Recommendation, Reconfirmation
from policy.models.contact import silent_towns
from policy.rules.vouching import can_see_share
from tests.members.factories import (
    make_admin,
    make_authority,
    make_member,
    make_municipality,
    make_organisation,
    make_representative,
    make_user,
)
from tests.policy.factories import make_endorsement, make_share

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_pages")]


def asked(kind: str) -> list[int]:
    return list(Notice.objects.filter(event__kind=kind).order_by("pk").values_list("reader", flat=True))


def made_long_ago(row: Endorsement, days: int) -> Endorsement:
    Endorsement.objects.filter(pk=row.pk).update(answered_at=timezone.now() - timedelta(days=days))
    row.refresh_from_db()
    return row


@pytest.fixture
def cluster():
    """A cluster with two member municipalities."""
    organisation = make_organisation(type=OrganisationType.CLUSTER)
    organisation.towns = [
        make_municipality(authority=make_authority(cluster=organisation.cluster)) for _number in range(2)
    ]
    return organisation


@pytest.fixture
def joint(cluster, recommendation):
    row = make_endorsement(cluster, recommendation, state=EndorsementState.WAITING)
    for town in cluster.towns:
        make_representative(organisation=town, is_manager=True)
    decide.confirm(by=make_admin(), endorsement=row)
    row.refresh_from_db()
    return row


# Again ---------------------------------------------------------------------------------------------------


def test_after_elections_every_municipality_is_asked_once(person, town):
    ElectionDay.objects.create(
        held_on=timezone.localdate() - timedelta(days=61), source="https://example.org/"
    )
    old = made_long_ago(make_endorsement(town, submitted_by=person), 100)
    make_endorsement(town, submitted_by=person)
    vouch.ask_whether_they_stand()
    vouch.ask_whether_they_stand()
    row = Reconfirmation.objects.get()
    assert (row.endorsement, row.cause) == (old, Cause.ELECTION)
    assert asked("endorsement_stands") == [person.pk]


def test_new_council_is_not_asked_in_its_first_weeks(person, town):
    ElectionDay.objects.create(
        held_on=timezone.localdate() - timedelta(days=59), source="https://example.org/"
    )
    made_long_ago(make_endorsement(town, submitted_by=person), 100)
    vouch.ask_whether_they_stand()
    assert not Reconfirmation.objects.exists()


def test_every_two_years_it_is_asked_again_until_somebody_says_so(client, read, person, town):
    row = made_long_ago(make_endorsement(town, submitted_by=person), 731)
    vouch.ask_whether_they_stand()
    assert Reconfirmation.objects.get().cause == Cause.TWO_YEARS
    assert "Does it still stand?" in read("/")
    page = read(row.get_absolute_url())
    assert "Yes, it stands" in page
    for _twice in range(2):
        assert client.post(f"{row.get_absolute_url()}reconfirm/").status_code == 302
    assert Reconfirmation.objects.get().answered_by == person
    assert "Yes, it stands" not in read(row.get_absolute_url())
    assert not Notice.objects.unread().filter(event__kind="endorsement_stands").exists()
    vouch.ask_whether_they_stand()
    assert Reconfirmation.objects.count() == 1


def test_silence_is_shown_as_not_reconfirmed(client, read, person, town):
    row = made_long_ago(make_endorsement(town, submitted_by=person), 800)
    vouch.ask_whether_they_stand()
    assert "Not re-confirmed" not in read(row.get_absolute_url())
    Reconfirmation.objects.update(due_on=date(2026, 1, 1))
    client.logout()
    client.cookies["django_language"] = "en"
    page = read(row.get_absolute_url())
    assert "Not re-confirmed" in page
    assert "Yes, it stands" not in page
    assert list(Reconfirmation.objects.overdue()) == [Reconfirmation.objects.get()]


def test_tap_in_the_letter_changes_nothing_and_the_button_does(client, person, town, run_jobs):
    row = made_long_ago(make_endorsement(town, submitted_by=person), 800)
    vouch.ask_whether_they_stand()
    run_jobs()
    address = f"/policy/vouch/{token_for('stands', row.pk, person.pk)}/"
    assert address in mail.outbox[-1].body
    client.logout()
    assert client.get(address).status_code == 200
    assert Reconfirmation.objects.get().answered_at is None
    assert client.post(address, {"answer": "yes"}).status_code == 200
    assert Reconfirmation.objects.get().answered_by == person
    assert client.get("/policy/vouch/forged/").status_code == 404
    revoke(by=person, endorsement=row, reason="The council decided otherwise.")
    assert client.get(address).status_code in (404, 410)


def test_several_that_may_not_stand_come_in_one_letter(client, read, person, town, run_jobs):
    rows = [made_long_ago(make_endorsement(town, submitted_by=person), 800) for _number in range(3)]
    vouch.ask_whether_they_stand()
    assert asked("endorsement_stands") == [person.pk]
    run_jobs()
    letter = mail.outbox[-1]
    assert letter.subject == "Do your 3 endorsements still stand?"
    addresses = [f"/policy/vouch/{token_for('stands', row.pk, person.pk)}/" for row in rows]
    assert all(address in letter.body for address in addresses)
    client.logout()
    page = client.post(addresses[0], {"answer": "yes"}).content.decode()
    assert rows[1].recommendation.title in page
    client.force_login(person)
    for row in rows[1:]:
        assert Notice.objects.unread().filter(event__kind="endorsement_stands").exists()
        response = client.post(f"{row.get_absolute_url()}reconfirm/", {"from": "list"})
        assert response.headers["location"] == "/policy/due/"
    assert not Notice.objects.unread().filter(event__kind="endorsement_stands").exists()
    page = read("/policy/due/")
    assert "Does it still stand?" not in page
    assert page.count("Report progress") == 3
    Endorsement.objects.update(answered_at=timezone.now())
    assert "Nothing waits" in read("/policy/due/")


def test_list_of_what_is_due_costs_the_same_for_one_and_thirty(client, person, town, count_queries):
    def more(count: int) -> None:
        for _number in range(count):
            row = made_long_ago(make_endorsement(town, submitted_by=person), 800)
            Reconfirmation.objects.create(endorsement=row, cause=Cause.TWO_YEARS, due_on=date(2030, 1, 1))
            make_share(town)

    more(1)
    once = count_queries("/policy/due/")
    more(29)
    assert count_queries("/policy/due/") == once


def test_strangers_reconfirm_nothing(client, town):
    row = made_long_ago(make_endorsement(town), 800)
    vouch.ask_whether_they_stand()
    client.force_login(make_member())
    assert client.post(f"{row.get_absolute_url()}reconfirm/").status_code == 403
    with pytest.raises(TooLate):
        vouch.reconfirm(by=make_admin(), endorsement=row)


# Together ------------------------------------------------------------------------------------------------


def test_confirmed_joint_endorsement_asks_every_member_municipality(joint, cluster):
    assert set(EndorsementShare.objects.values_list("organisation", flat=True)) == {
        town.pk for town in cluster.towns
    }
    assert len(asked("endorsement_share")) == 2


def counted(recommendation) -> int:
    return Recommendation.objects.with_endorsed_count().get(pk=recommendation.pk).endorsed_count


def test_each_municipality_counts_once(joint, cluster, recommendation):
    first, second = EndorsementShare.objects.order_by("organisation__pk")
    assert counted(recommendation) == 0
    person = first.organisation.representatives.get().person
    vouch.answer_share(by=person, share=first, is_confirmed=True)
    vouch.answer_share(by=person, share=first, is_confirmed=True)
    assert counted(recommendation) == 1
    make_endorsement(first.organisation, recommendation)
    assert counted(recommendation) == 1
    other = second.organisation.representatives.get().person
    vouch.answer_share(by=other, share=second, is_confirmed=False)
    assert counted(recommendation) == 1
    vouch.answer_share(by=other, share=second, is_confirmed=True)
    assert counted(recommendation) == 2
    revoke(by=joint.submitted_by, endorsement=joint, reason="The cluster decided otherwise.")
    assert counted(recommendation) == 1


def test_every_surface_counts_own_answer_and_share_as_one(client, joint, cluster, recommendation):
    first, second = EndorsementShare.objects.order_by("organisation__pk")
    for share in (first, second):
        person = share.organisation.representatives.get().person
        vouch.answer_share(by=person, share=share, is_confirmed=True)
    make_endorsement(first.organisation, recommendation)
    make_endorsement(second.organisation, recommendation, stance=Stance.ALREADY_DOING)
    page = client.get(recommendation.get_absolute_url()).context
    assert page["town_count"] == 2
    names = [row["name"] for row in page["answers_table"]]
    assert sorted(names) == sorted(one.name for one in (cluster, *cluster.towns))
    assert not page["others"]
    assert [one.endorsed_count for one in client.get("/policy/").context["recommendations"]] == [2]
    assert [one.endorsed_count for one in welcome.read()["recommendations"]] == [2]
    told = client.get("/policy/adoption/list.json").json()["municipalities"]
    assert [row["answers"][recommendation.slug]["answer"] for row in told] == ["endorses"] * 2
    for town in cluster.towns:
        answers = client.get(town.get_absolute_url()).context["answers"]
        assert [row.stance for row in answers] == ["endorses"]


def test_town_that_takes_part_is_not_asked_to_answer(client, read, joint, cluster, recommendation):
    share = EndorsementShare.objects.order_by("pk").first()
    client.force_login(share.organisation.representatives.get().person)
    assert "Not answered yet" not in read("/")
    assert "does" in read(recommendation.get_absolute_url())
    assert "With our cluster?" in read("/policy/")
    vouch.answer_share(by=share.organisation.representatives.get().person, share=share, is_confirmed=True)
    assert "Not answered yet" not in read("/")
    assert "With its cluster" in read("/policy/")
    page = read(recommendation.get_absolute_url())
    assert "Answer for" not in page
    assert joint.get_absolute_url() in page
    assert share.organisation not in silent_towns()


def test_only_the_municipality_answers_for_itself(joint, cluster):
    share = EndorsementShare.objects.first()
    for stranger in (make_admin(), make_member(), joint.submitted_by):
        with pytest.raises(TooLate):
            vouch.answer_share(by=stranger, share=share, is_confirmed=True)


def test_share_is_answered_on_one_page(client, read, joint, cluster):
    share = EndorsementShare.objects.order_by("pk").first()
    person = share.organisation.representatives.get().person
    client.force_login(person)
    assert "With our cluster?" in read("/")
    assert "Yes, we take part" in read(share.get_absolute_url())
    assert client.post(share.get_absolute_url(), {"answer": "yes"}).status_code == 302
    share.refresh_from_db()
    assert share.answered_by == person
    assert "Takes part" in read(joint.get_absolute_url())
    assert "With our cluster?" not in read("/")


def test_share_is_answered_from_the_letter(client, joint, cluster):
    share = EndorsementShare.objects.order_by("pk").first()
    person = share.organisation.representatives.get().person
    address = f"/policy/vouch/{token_for('share', share.pk, person.pk)}/"
    assert client.get(address).status_code == 200
    assert client.post(address, {"answer": "no"}).status_code == 200
    share.refresh_from_db()
    assert share.declined_at
    stranger = make_member()
    assert client.get(f"/policy/vouch/{token_for('share', share.pk, stranger.pk)}/").status_code == 404


def test_rule_and_queryset_of_shares_agree(joint, cluster):
    first, _second = EndorsementShare.objects.order_by("pk")
    town_person = first.organisation.representatives.get().person
    vouch.answer_share(by=town_person, share=first, is_confirmed=True)
    people = [AnonymousUser(), make_user(), make_member(), make_admin(), town_person, joint.submitted_by]
    for person in people:
        for share in EndorsementShare.objects.select_related("organisation", "endorsement__organisation"):
            assert can_see_share(person, share) == (share in EndorsementShare.objects.visible_to(person))
