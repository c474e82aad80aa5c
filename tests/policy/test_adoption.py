"""The table of adoption: filters, the map, shares over time, what can be taken along; and who is silent."""

import csv
import io
from datetime import date

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from members.enums import District, PopulationGroup
from munistem.commons.audit.models import AuditEvent
from policy.actions import contact, periods
from policy.actions.answer import NoMandate
from policy.enums import EndorsementState, Progress, Stance
from policy.models import CallNote, Endorsement, ReportPeriod
from policy.models.contact import silent_towns
from policy.rules.contact import can_see_call_note, can_see_silent
from tests.communities.factories import make_membership
from tests.members.factories import (
    make_admin,
    make_authority,
    make_member,
    make_municipality,
    make_representative,
    make_user,
)
from tests.policy.factories import make_endorsement, make_recommendation, make_report, make_share

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_pages")]


def facilitator():
    person = make_member()
    make_membership(person=person, is_facilitator=True)
    return person


def answers(client, query: str = "") -> dict:
    told = client.get(f"/policy/adoption/list.json{query}").json()["municipalities"]
    return {row["name"]: row["answers"] for row in told}


def test_table_is_narrowed_by_size_and_recommendation(client, recommendation):
    small = make_municipality(authority=make_authority(population=9_000))
    large = make_municipality(authority=make_authority(population=60_000))
    unknown = make_municipality(authority=make_authority(population=None))
    other = make_recommendation()
    make_endorsement(small, recommendation)
    everyone = answers(client)
    assert len(everyone) == 3
    assert list(answers(client, "?size=small")) == [small.name]
    assert list(answers(client, "?size=large")) == [large.name]
    assert len(answers(client, "?size=huge")) == 3
    assert unknown.name in everyone
    [row] = answers(client, f"?size=small&recommendation={recommendation.slug}").values()
    assert list(row) == [recommendation.slug]
    assert other.slug in everyone[small.name]


def test_cells_say_how_the_work_goes_as_far_as_the_reader_may_know(client, town, recommendation):
    row = make_endorsement(town, recommendation)
    make_report(row, status=Progress.STUCK)
    page = client.get("/policy/adoption/").content.decode()
    assert "stance__state" in page
    assert answers(client)[town.name][recommendation.slug]["progress"] == "stuck"
    row.reports.update(for_network=["status"])
    assert answers(client)[town.name][recommendation.slug]["progress"] is None
    assert "stance__state" not in client.get("/policy/adoption/").content.decode()
    client.force_login(make_member())
    assert answers(client)[town.name][recommendation.slug]["progress"] == "stuck"
    Endorsement.objects.update(missed_periods=2)
    assert answers(client)[town.name][recommendation.slug]["is_not_reported"]


def test_share_in_a_joint_endorsement_is_one_answer(client, town, recommendation):
    joint = make_share(town, confirmed_at=timezone.now(), answered_by=make_user())
    Endorsement.objects.filter(pk=joint.endorsement_id).update(
        recommendation=recommendation, version=recommendation.current_version
    )
    told = answers(client)[town.name][recommendation.slug]
    assert (told["answer"], told["with_cluster"]) == (Stance.ENDORSES, True)
    make_endorsement(town, recommendation)
    told = answers(client)[town.name][recommendation.slug]
    assert (told["answer"], told["with_cluster"]) == (Stance.ENDORSES, False)
    assert "one endorses" in client.get("/policy/adoption/").content.decode()


def test_what_one_takes_along_says_what_it_is_narrowed_by(client, recommendation):
    place = {"population": 9_000, "district": District.NORTH, "population_group": PopulationGroup.ARAB}
    town = make_municipality(authority=make_authority(**place))
    make_municipality(authority=make_authority(population=None, district="", population_group=""))
    make_endorsement(town, recommendation)
    query = f"?size=small&group={PopulationGroup.ARAB}&district={District.NORTH}"
    [row] = client.get(f"/policy/adoption/list.json{query}").json()["municipalities"]
    assert (row["residents"], row["district"], row["population_group"]) == (9_000, "north", "arab")
    assert row["cluster"] is None
    [line] = csv.DictReader(
        io.StringIO(client.get(f"/policy/adoption/table.csv{query}").content.decode("utf-8-sig"))
    )
    assert (line["Residents"], line["District"]) == ("9000", str(District.NORTH.label))
    everyone = client.get("/policy/adoption/list.json").json()["municipalities"]
    assert [row["residents"] for row in everyone if row["authority"] != town.authority_id] == [None]


def test_waiting_answers_are_exported_to_those_who_see_them_only(client, town, recommendation):
    make_endorsement(town, recommendation, state=EndorsementState.WAITING)
    assert answers(client)[town.name][recommendation.slug] is None
    client.force_login(make_admin())
    assert answers(client)[town.name][recommendation.slug]["is_waiting"]


def test_table_to_take_along_is_harmless_to_spreadsheets(client, recommendation):
    town = make_municipality(name_en="=SUM(A1)", name_he="=SUM(A1)")
    make_endorsement(town, recommendation)
    text = client.get("/policy/adoption/table.csv").content.decode("utf-8-sig")
    head, line = csv.reader(io.StringIO(text))
    assert len(head) == len(line)
    assert line[1].startswith("'=")
    assert line[7] == "Endorses"


def test_shares_over_time_are_those_of_the_snapshots(client, town, recommendation, monkeypatch):
    row, hidden = (
        make_endorsement(town, recommendation),
        make_endorsement(make_municipality(), recommendation),
    )
    Endorsement.objects.update(answered_at=timezone.make_aware(timezone.datetime(2026, 1, 5)))
    for one, fields in ((row, {}), (hidden, {"for_network": ["status"]})):
        make_report(one, status=Progress.UNDER_WAY, **fields)
        one.reports.update(reported_at=timezone.make_aware(timezone.datetime(2026, 3, 5)))
    ReportPeriod.objects.create(opens_on=date(2026, 2, 1))
    periods.close_periods()
    make_report(row, status=Progress.DONE)
    [then, now] = client.get("/policy/adoption/").context["bars"]
    assert [part[::2] for part in then.parts] == [("under_way", 1), ("untold", 1)]
    assert [part[::2] for part in now.parts] == [("done", 1), ("untold", 1)]
    client.force_login(make_member())
    [then, _now] = client.get("/policy/adoption/").context["bars"]
    assert [part[::2] for part in then.parts] == [("under_way", 2)]
    page = client.get("/policy/adoption/?lang=en").content.decode()
    assert "shares__part" in page


def test_adoption_costs_ten_queries_at_most(client, count_queries, town, recommendation):
    def fill(count: int) -> None:
        for _number in range(count):
            make_report(make_endorsement(make_municipality(), recommendation))

    ReportPeriod.objects.create(opens_on=date(2026, 2, 1))
    for person in (None, make_admin(), make_member()):
        if person:
            client.force_login(person)
        for address in ("/policy/adoption/", "/policy/adoption/table.csv", "/policy/adoption/list.json"):
            fill(1)
            few = count_queries(address)
            fill(10)
            assert (address, count_queries(address)) == (address, few)
            assert few <= 10, (address, few, person)


# Silent --------------------------------------------------------------------------------------------------


def test_silent_are_those_without_answer_or_report(town, recommendation):
    told, missing = make_municipality(), make_municipality()
    make_endorsement(told, recommendation)
    make_endorsement(missing, recommendation, missed_periods=2)
    found = {row.pk: row for row in silent_towns()}
    assert set(found) == {town.pk, missing.pk}
    assert found[town.pk].no_answer
    assert found[missing.pk].not_reported


def test_silent_list_is_for_facilitators_and_admins(client, read, town):
    address = "/policy/adoption/silent/"
    assert client.get(address).status_code == 302
    for person in (make_user(), make_member(), make_representative(organisation=town).person):
        client.force_login(person)
        assert client.get(address).status_code == 403
        assert client.get(f"{address}{town.slug}/").status_code == 403
        assert address not in read("/policy/adoption/")
    for person in (facilitator(), make_admin()):
        client.force_login(person)
        assert "Sandhill" in read(address)
    assert address in read("/policy/adoption/")  # facilitators find it beside their community


def test_call_is_noted_once_and_becomes_the_last_contact(client, read, town):
    client.force_login(facilitator())
    address = f"/policy/adoption/silent/{town.slug}/"
    given = {
        "text": "They have a new manager.",
        "called_on": "2026-03-01",
        "nonce": "12345678-1234-4234-8234-123456789012",
    }
    for _twice in range(2):
        assert client.post(address, given).status_code == 302
    note = CallNote.objects.get()
    assert note.called_on == date(2026, 3, 1)
    assert AuditEvent.objects.filter(deed="note_call").count() == 1
    assert "They have a new manager." in read("/policy/adoption/silent/")
    assert "They have a new manager." in read(address)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"text": " "}, "Write a sentence or two."),
        ({"called_on": "2999-01-01"}, "This day is still to come."),
        ({"called_on": "soon"}, "This date could not be read."),
    ],
)
def test_odd_notes_are_given_back(client, town, fields, words):
    client.force_login(make_admin())
    given = {"text": "Kept words", "called_on": "2026-03-01", **fields}
    page = client.post(f"/policy/adoption/silent/{town.slug}/", given).content.decode()
    assert words in page
    assert not CallNote.objects.exists()


def test_rules_and_querysets_of_calls_agree(town):
    note = contact.note_call(by=make_admin(), organisation=town, text="They called back.")
    for person in (AnonymousUser(), make_user(), make_member(), facilitator(), make_admin()):
        seen = CallNote.objects.visible_to(person).filter(pk=note.pk).exists()
        assert can_see_call_note(person, note) == can_see_silent(person) == seen
        if not seen and person.is_authenticated:
            with pytest.raises(NoMandate):
                contact.note_call(by=person, organisation=town, text="No.")


def test_silent_list_costs_the_same_for_one_and_thirty(client, count_queries, town):
    client.force_login(make_admin())
    few = count_queries("/policy/adoption/silent/")
    for _number in range(29):
        contact.note_call(by=make_admin(), organisation=make_municipality(), text="They called back.")
    assert count_queries("/policy/adoption/silent/") == few
