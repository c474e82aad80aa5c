"""Programmes as they are entered, read, found, changed and ended."""

from uuid import uuid4

import pytest
from django.utils import timezone

from members.enums import OrganisationType
from munistem.commons.audit.models import AuditEvent
from munistem.commons.days.school import current_school_year
from munistem.commons.enums import LifeStage, Setting, Visibility
from munistem.commons.terms.models import TermKind
from policy.enums import ProgrammeStatus
from policy.models import Programme
from tests.members.factories import (
    make_admin,
    make_authority,
    make_member,
    make_municipality,
    make_organisation,
    make_representative,
    make_user,
)
from tests.policy.programmes import make_figure, make_population, make_programme, make_school

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_pages")]

YEAR = current_school_year()


def told(**fields):
    given = {
        "name": "Robotics for all",
        "status": ProgrammeStatus.RUNNING,
        "language": "en",
        "visibility": Visibility.PUBLIC,
        "nonce": str(uuid4()),
        **fields,
    }
    return {name: value for name, value in given.items() if value is not None}


PAGES = {
    # address: status for visitor, registered, member, representative, former town's, knowledge manager, admin
    "/policy/programmes/": (200,) * 6,
    "/policy/programmes/?authority={a}&stage=primary&year=2026&funder=none": (200,) * 6,
    "/policy/programmes/?authority=999999999": (404,) * 6,
    "/policy/programmes/?authority=x": (404,) * 6,
    "/policy/programmes/new/?authority={a}": (302, 403, 403, 200, 403, 200),
    "/policy/programmes/new/": (302, 404, 404, 200, 404, 404),
    "/policy/programmes/{p}/": (200,) * 6,
    "/policy/programmes/{n}/": (404, 404, 200, 200, 200, 200),
    "/policy/programmes/{p}/edit/": (302, 403, 403, 200, 403, 200),
    "/policy/programmes/{n}/edit/": (302, 404, 403, 200, 403, 200),
    "/policy/programmes/{p}/end/": (302, 403, 403, 200, 403, 200),
    "/policy/programmes/{p}/take-up/": (302, 405, 405, 405, 405, 405),
    "/policy/programmes/{p}/figures/2026/": (302, 403, 403, 200, 403, 200),
    "/policy/programmes/{p}/figures/1999/": (302, 403, 403, 404, 403, 404),
    "/policy/authorities/{a}/figures/2026/": (302, 403, 403, 200, 403, 200),
    "/policy/authorities/{a}/figures/9999/": (302, 404, 404, 404, 404, 404),
    "/policy/authorities/{a}/figures/2026/copy/": (302, 405, 405, 405, 405, 405),
}
ROLES = ["visitor", "registered", "member", "representative", "knowledge manager", "admin"]


@pytest.mark.parametrize("place", range(6), ids=ROLES)
def test_every_page_answers_by_one_table(client, town, place):
    programme = make_programme(town)
    names = {
        "a": town.authority_id,
        "p": programme.pk,
        "n": make_programme(town, visibility=Visibility.NETWORK).pk,
    }
    make_figure(programme, 2026, participants=20)
    make = [
        lambda: None,
        make_user,
        make_member,
        lambda: make_representative(organisation=town).person,
        lambda: make_user(is_knowledge_manager=True),
        make_admin,
    ]
    if person := make[place]():
        client.force_login(person)
    answers = {page: client.get(page.format(**names)).status_code for page in PAGES}
    assert answers == {page: statuses[place] for page, statuses in PAGES.items()}


# Entering ------------------------------------------------------------------------------------------------


def test_whole_way_of_a_programme(client, read, person, town):
    foundation = make_organisation(type=OrganisationType.FOUNDATION, name_en="Rainbow Foundation")
    population, subject = make_population(), make_population(kind=TermKind.SUBJECT)
    url = f"/policy/programmes/new/?authority={town.authority_id}"
    response = client.post(
        url,
        told(
            life_stages=["upper_secondary", "primary"],
            settings=["informal"],
            subjects=[subject.slug],
            populations=[population.slug],
            provider="rainbow foundation",
            funders="Rainbow Foundation\nThe city itself",
            schools="Science school 244301\nOld school",
            since=str(YEAR - 1),
            what="Builds <b>robots</b>.",
        ),
    )
    programme = Programme.objects.get()
    assert response["Location"] == programme.get_absolute_url()
    assert programme.authority == town.authority
    assert programme.life_stages == [LifeStage.PRIMARY, LifeStage.UPPER_SECONDARY]
    assert programme.provider_organisation == foundation
    assert [row.label for row in programme.funders.in_order()] == ["Rainbow Foundation", "The city itself"]
    assert list(programme.schools.in_order().values_list("name", "code", "mark")) == [
        ("Science school", "244301", "244301"),
        ("Old school", "", "old school"),
    ]
    assert set(programme.terms.all()) == {population, subject}
    assert AuditEvent.objects.filter(deed="enter_programme").count() == 1
    client.logout()
    client.cookies["django_language"] = "en"
    page = read(programme.get_absolute_url())
    for part in (
        "Robotics for all",
        "Rainbow Foundation",
        "The city itself",
        "244301",
        "Old school",
        "Builds &lt;b&gt;",
    ):
        assert part in page
    assert "Its figures" not in page


def test_one_form_sent_twice_enters_one_programme(client, person, town):
    url, given = f"/policy/programmes/new/?authority={town.authority_id}", told()
    assert client.post(url, given)["Location"] == client.post(url, given)["Location"]
    assert Programme.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"name": " "}, "Give the programme a name."),
        ({"name": "x" * 201}, "Shorten it."),
        ({"status": "sleeping"}, "Select a valid choice"),
        ({"since": str(YEAR), "until": str(YEAR - 1)}, "The last school year lies before the first."),
        ({"status": ProgrammeStatus.ENDED}, "Choose the last school year in which it ran."),
        ({"since": "yesterday"}, "Select a valid choice"),
        ({"life_stages": ["cradle"]}, "Select a valid choice"),
        ({"visibility": Visibility.COMMUNITY}, "Select a valid choice"),
        ({"subjects": ["no-such-subject"]}, "Select a valid choice"),
        ({"schools": "x\n" * 201}, "These are too many lines."),
        ({"identifier": "A-1"}, "Another programme of the municipality has this identifier."),
    ],
)
def test_what_is_odd_gets_clear_words_and_keeps_the_rest(client, person, town, fields, words):
    make_programme(town, identifier="A-1")
    url = f"/policy/programmes/new/?authority={town.authority_id}"
    response = client.post(url, told(partners="Kept words", **fields))
    page = response.content.decode()
    assert response.status_code == 200
    assert words in page
    assert "Kept words" in page
    assert Programme.objects.count() == 1


def test_another_towns_representative_enters_nothing(client, person):
    other = make_municipality()
    url = f"/policy/programmes/new/?authority={other.authority_id}"
    assert client.post(url, told()).status_code == 403
    assert not Programme.objects.exists()


def test_admin_enters_for_a_municipality_outside_the_network(client):
    client.force_login(make_admin())
    place = make_authority()
    client.post(f"/policy/programmes/new/?authority={place.pk}", told())
    assert Programme.objects.get().authority == place


# Changing ------------------------------------------------------------------------------------------------


def test_a_change_keeps_what_the_form_shows(client, read, person, town):
    programme = make_programme(town, funders=["The city"], terms=[make_population()], since=YEAR - 2)
    make_school(programme, "Old school")
    page = read(f"{programme.get_absolute_url()}edit/")
    assert "The city" in page
    assert "Old school" in page
    given = told(
        name="Renamed",
        seen="1",
        life_stages=["primary"],
        settings=["formal"],
        funders="The city",
        schools="Old school",
    )
    assert client.post(f"{programme.get_absolute_url()}edit/", given).status_code == 302
    programme.refresh_from_db()
    assert (programme.name, programme.version, programme.since) == ("Renamed", 2, None)
    event = AuditEvent.objects.get(deed="change_programme")
    assert event.details["fields"] == ["name", "since", "terms"]


def test_a_stale_form_is_answered_with_409_and_keeps_the_text(client, person, town):
    programme = make_programme(town, version=3)
    url = f"{programme.get_absolute_url()}edit/"
    given = told(name="Mine", seen="2", life_stages=["primary"], settings=["formal"])
    response = client.post(url, given)
    page = response.content.decode()
    assert response.status_code == 409
    assert "Someone changed this programme" in page
    assert "Mine" in page
    assert client.post(url, {**given, "seen": "3"}).status_code == 302


def test_a_stage_with_figures_is_not_taken_away(client, person, town):
    programme = make_programme(town, life_stages=[LifeStage.PRIMARY, LifeStage.SERVICE])
    make_figure(programme, life_stage=LifeStage.SERVICE, participants=3)
    url = f"{programme.get_absolute_url()}edit/"
    response = client.post(url, told(seen="1", life_stages=["primary"], settings=["formal"]))
    assert "Figures stand for Military and national service." in response.content.decode()
    programme.refresh_from_db()
    assert LifeStage.SERVICE in programme.life_stages


def test_a_programme_ends_and_is_taken_up_again(client, read, person, town):
    programme = make_programme(town, since=YEAR)
    url = f"{programme.get_absolute_url()}end/"
    given = {"status": "stopped", "until": str(YEAR - 1), "reason": "No money."}
    assert "lies before the first" in client.post(url, given).content.decode()
    assert client.post(url, {**given, "until": str(YEAR)}).status_code == 302
    assert client.post(url, {**given, "until": str(YEAR)}).status_code == 302
    assert AuditEvent.objects.filter(deed="end_programme").count() == 1
    assert "No money." in read(programme.get_absolute_url())
    client.post(f"{programme.get_absolute_url()}take-up/")
    client.post(f"{programme.get_absolute_url()}take-up/")
    programme.refresh_from_db()
    assert (programme.status, programme.until, programme.end_reason) == ("running", None, "")


# Finding -------------------------------------------------------------------------------------------------


def test_the_list_is_narrowed_by_what_one_asks(read, town):
    foundation = make_organisation(type=OrganisationType.FOUNDATION)
    term = make_population()
    make_programme(
        town,
        name="Wanted",
        life_stages=[LifeStage.SERVICE],
        settings=[Setting.FAMILY],
        terms=[term],
        since=YEAR,
        funders=[foundation],
    )
    make_programme(town, name="Unlike", status=ProgrammeStatus.PLANNED)
    make_programme(name="Elsewhere")
    asked = {
        "authority": town.authority_id,
        "stage": "service",
        "setting": "family",
        "population": term.slug,
        "status": "running",
        "year": YEAR,
        "funder": foundation.slug,
    }
    for name, value in asked.items():
        page = read(f"/policy/programmes/?{name}={value}")
        assert "Wanted" in page, name
        assert ("Unlike" in page) == (name == "authority"), name
    page = read("/policy/programmes/?" + "&".join(f"{name}={value}" for name, value in asked.items()))
    assert "Wanted" in page
    assert "Elsewhere" not in page


def test_what_means_nothing_in_the_address_is_left_out(read, town):
    make_programme(town, name="Wanted")
    assert "Wanted" in read("/policy/programmes/?stage=moon&year=-1&funder=x&page=999&status=%27")


def test_network_programmes_stand_in_no_list_for_visitors(read, client, town):
    make_programme(town, name="Known inside", visibility=Visibility.NETWORK)
    assert "Known inside" not in read("/policy/programmes/")
    client.force_login(make_member())
    assert "Known inside" in read("/policy/programmes/")


def test_the_list_takes_as_many_queries_for_30_rows_as_for_one(
    client, person, town, django_assert_max_num_queries
):
    counts = []
    for more in (1, 29):
        for _n in range(more):
            make_programme(town, terms=[make_population()], funders=[make_organisation(), "Someone"])
        with django_assert_max_num_queries(15) as asked:
            assert client.get(f"/policy/programmes/?authority={town.authority_id}").status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_figures_of_one_programme_are_shown_to_who_keeps_it_only(client, read, person, town):
    programme = make_programme(town)
    make_figure(programme, YEAR, participants=4321)
    assert "4,321" in read(programme.get_absolute_url())
    client.force_login(make_member())
    assert "4,321" not in read(programme.get_absolute_url())


def test_programmes_of_a_town_that_left_stay_and_nobody_there_keeps_them(client, read):
    town = make_municipality(left_on=timezone.localdate())
    programme = make_programme(town)
    client.force_login(make_representative(organisation=town).person)
    read(programme.get_absolute_url())
    assert client.get(f"{programme.get_absolute_url()}edit/").status_code == 403
