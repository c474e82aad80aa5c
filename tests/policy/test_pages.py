"""Pages as their readers see them: what is shown, what may be done, what is refused, how many queries it takes."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from communities.enums import Access
from members.enums import District, OrganisationType, PopulationGroup
from munistem.commons.enums import Visibility
from munistem.commons.files.models import StoredFile
from munistem.commons.notices.models import Notice
from policy.enums import EndorsementState, Mandate, Progress, Stance
from policy.models import Endorsement, ProgressReport, RecommendationItem
from tests.commons.factories import pdf, uploaded
from tests.communities.factories import make_community, make_membership
from tests.knowledge.factories import make_item
from tests.members.factories import (
    make_admin,
    make_authority,
    make_cluster,
    make_member,
    make_municipality,
    make_organisation,
    make_representative,
    make_user,
)
from tests.policy.factories import (
    make_endorsement,
    make_link,
    make_recommendation,
    make_report,
    make_roundtable,
    make_signed_page,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_pages")]


@pytest.fixture
def town():
    return make_municipality(name_en="Sandhill")


@pytest.fixture
def person(town, client):
    person = make_representative(organisation=town).person
    client.force_login(person)
    return person


@pytest.fixture
def recommendation():
    return make_recommendation(title_en="A named manager")


PAGES = {
    # address: status for visitor, registered, member, representative, manager, knowledge manager, admin
    "/policy/": (200,) * 7,
    "/policy/adoption/": (200,) * 7,
    "/policy/roundtables/{t}/": (200,) * 7,
    "/policy/recommendations/{r}/": (200,) * 7,
    "/policy/recommendations/{hidden}/": (404, 404, 404, 404, 404, 404, 200),
    "/policy/recommendations/{r}/endorse/": (302, 403, 403, 200, 200, 403, 403),
    "/policy/recommendations/{hidden}/endorse/": (302, 404, 404, 404, 404, 404, 403),
    "/policy/recommendations/{r}/items/find/?q=x": (302, 403, 403, 403, 403, 200, 200),
    "/policy/endorsements/{e}/": (200,) * 7,
    "/policy/endorsements/{w}/": (404, 404, 404, 200, 200, 404, 200),
    "/policy/endorsements/{e}/signed-page/": (302, 403, 403, 200, 200, 403, 200),
    "/policy/endorsements/{w}/signed-page/": (302, 404, 404, 200, 200, 404, 200),
    "/policy/endorsements/{e}/revoke/": (302, 403, 403, 200, 200, 403, 200),
    "/policy/endorsements/{e}/report/": (302, 403, 403, 200, 200, 403, 403),
    "/policy/endorsements/{w}/report/": (302, 404, 404, 403, 403, 404, 403),
    "/policy/endorsements/{e}/answer/": (405,) * 7,
    "/policy/reports/{p}/evidence/": (200,) * 7,
    "/policy/reports/{bare}/evidence/": (404,) * 7,
    "/organisations/{o}/": (200,) * 7,
    "/organisations/{left}/": (404, 404, 404, 404, 404, 404, 200),
    "/organisations/{o}/edit/": (302, 403, 403, 403, 200, 403, 200),
    "/authorities/{a}/": (200,) * 7,
    "/authorities/999999999999999999/": (404,) * 7,
    "/policy/endorsements/999999999999999999/": (404,) * 7,
}
ROLES = ["visitor", "registered", "member", "representative", "manager", "knowledge manager", "admin"]


@pytest.mark.parametrize("place", range(7), ids=ROLES)
def test_every_page_answers_by_one_table(client, town, place):
    endorsement = make_endorsement(town)
    waiting = make_endorsement(town, state=EndorsementState.WAITING)
    names = {
        "t": make_roundtable().slug,
        "r": make_recommendation().slug,
        "hidden": make_recommendation(is_published=False).slug,
        "e": endorsement.pk,
        "w": waiting.pk,
        "p": make_report(endorsement, evidence=make_signed_page(name="plan.pdf")).pk,
        "bare": make_report(endorsement).pk,
        "o": town.slug,
        "left": make_municipality(left_on=timezone.localdate()).slug,
        "a": town.authority_id,
    }
    make = [
        lambda: None,
        make_user,
        make_member,
        lambda: make_representative(organisation=town).person,
        lambda: make_representative(organisation=town, is_manager=True).person,
        lambda: make_user(is_knowledge_manager=True),
        make_admin,
    ]
    if who := make[place]():
        client.force_login(who)
    answers = {}
    for page in PAGES:
        response = client.get(page.format(**names))
        answers[page] = response.status_code
        if response.streaming:
            list(response.streaming_content)
    assert answers == {
        page: (302 if "answer/" in page and place == 0 else statuses[place])
        for page, statuses in PAGES.items()
    }


def leave(client):
    """Become a visitor who still reads English."""
    client.logout()
    client.cookies["django_language"] = "en"


# Reading -------------------------------------------------------------------------------------------------


def test_policy_shows_recommendations_with_their_numbers_and_how_mine_stands(
    read, recommendation, person, town
):
    make_endorsement(recommendation=recommendation)
    make_endorsement(make_organisation(type=OrganisationType.CLUSTER), recommendation)
    make_endorsement(make_municipality(left_on=timezone.localdate()), recommendation)
    make_endorsement(recommendation=recommendation, state=EndorsementState.REVOKED)
    make_recommendation(title_en="Not for the public", is_published=False)
    page = read("/policy/")
    assert "A named manager" in page
    assert "one municipality endorsed it" in page
    assert "Not answered yet" in page
    assert "Not for the public" not in page
    make_endorsement(town, recommendation, stance=Stance.CONSIDERING)
    assert "Considering" in read("/policy/")


def test_unpublished_roundtable_takes_its_recommendations_along(read):
    hidden = make_recommendation(roundtable=make_roundtable(is_published=False, title_en="Secret table"))
    read(hidden.get_absolute_url(), 404)
    read(hidden.roundtable.get_absolute_url(), 404)
    assert "Secret table" not in read("/policy/")


def test_roundtable_without_a_date_says_so(read, recommendation):
    assert "The date is not known" in read(recommendation.roundtable.get_absolute_url())


def test_recommendation_shows_reasons_steps_endorsers_map_and_reports(read, recommendation, client):
    authority = make_authority(lat=32.9, lon=35.3)
    endorsement = make_endorsement(make_municipality(authority=authority, name_en="Hilltop"), recommendation)
    make_endorsement(make_municipality(name_en="Riverside"), recommendation, stance=Stance.CONSIDERING)
    make_endorsement(make_municipality(name_en="Undecided"), recommendation, state=EndorsementState.WAITING)
    make_report(endorsement, body="An early word")
    make_report(endorsement, body="The latest word")
    page = read(recommendation.get_absolute_url())
    for part in (
        "The first reason.",
        "Then do that",
        "Hilltop",
        "Council decision",
        "Riverside",
        "The latest word",
    ):
        assert part in page
    assert "An early word" not in page
    assert "Undecided" not in page
    assert '<circle class="map__dot" data-tone="teal"' in page
    assert "Answer for" not in page


def test_linked_items_are_shown_to_those_who_may_see_them(read, recommendation, client):
    make_link(recommendation, make_item(title="For everyone"))
    make_link(recommendation, make_item(title="For members", visibility=Visibility.NETWORK))
    make_link(recommendation, make_item(title="Taken out", withdrawn=True))
    page = read(recommendation.get_absolute_url())
    assert "For everyone" in page
    assert "For members" not in page
    client.force_login(make_member())
    page = read(recommendation.get_absolute_url())
    assert "For members" in page
    assert "Taken out" not in page


def test_representative_finds_the_one_step_to_take(read, recommendation, person, town):
    url = recommendation.get_absolute_url()
    step = f"{url}endorse/"
    assert step in read(url)
    waiting = make_endorsement(town, recommendation, state=EndorsementState.WAITING)
    page = read(url)
    assert "waits for confirmation" in page
    assert step not in page
    waiting.delete()
    make_endorsement(town, recommendation, state=EndorsementState.RETURNED)
    assert "The page is not signed." in read(url)
    own = make_endorsement(town, recommendation)
    page = read(url)
    assert f"{own.get_absolute_url()}report/" in page
    assert "The page is not signed." not in page


def test_names_of_people_and_the_signed_page_are_not_for_visitors(read, client, town):
    endorsement = make_endorsement(town)
    endorsement.submitted_by.name = "Private Person"
    endorsement.submitted_by.save()
    page = read(endorsement.get_absolute_url())
    assert "Private Person" not in page
    assert "signed.pdf" not in page
    client.force_login(make_member())
    page = read(endorsement.get_absolute_url())
    assert "Private Person" in page
    assert "signed.pdf" not in page
    client.force_login(make_representative(organisation=town).person)
    assert "signed.pdf" in read(endorsement.get_absolute_url())


def test_reading_the_answer_marks_its_notice_read(client, read, person, town, recommendation):
    admin = make_admin()
    client.post(f"{recommendation.get_absolute_url()}endorse/", answer(stance=Stance.CONSIDERING))
    endorsement = Endorsement.objects.get()
    client.force_login(admin)
    assert Notice.objects.visible_to(admin).unread().exists()
    assert "This answer waits for you." in read(endorsement.get_absolute_url())
    assert not Notice.objects.visible_to(admin).unread().exists()


# Answering -----------------------------------------------------------------------------------------------


def answer(**fields):
    given = {
        "stance": Stance.ENDORSES,
        "mandate": Mandate.MAYOR,
        "decided_on": timezone.localdate().isoformat(),
        "nonce": str(uuid4()),
        **fields,
    }
    if given["stance"] != Stance.ENDORSES:
        given.setdefault("explanation", "The council meets in May.")
    return {name: value for name, value in given.items() if value is not None}


def test_whole_way_of_an_endorsement(client, read, person, town, recommendation):
    url = f"{recommendation.get_absolute_url()}endorse/"
    assert "On whose decision?" in read(url)
    response = client.post(url, answer(signed_page=uploaded("declaration.pdf", pdf())))
    endorsement = Endorsement.objects.get()
    assert response["Location"] == endorsement.get_absolute_url()
    assert "Only your colleagues and the admins see it until then." in read(endorsement.get_absolute_url())
    client.force_login(make_admin())
    response = client.post(f"{endorsement.get_absolute_url()}answer/", {"answer": "confirm"}, follow=True)
    assert "Confirmed. The municipality is told." in response.content.decode()
    client.force_login(person)
    response = client.post(
        f"{endorsement.get_absolute_url()}report/",
        {
            "status": Progress.STUCK,
            "body": "No budget yet.",
            "evidence": uploaded("minutes.pdf", pdf()),
            "evidence_url": "example.org/minutes",
            "nonce": str(uuid4()),
        },
        follow=True,
    )
    page = response.content.decode()
    for part in ("No budget yet.", "minutes.pdf", "https://example.org/minutes", "Stuck"):
        assert part in page
    leave(client)
    for place in (recommendation.get_absolute_url(), "/policy/adoption/", town.get_absolute_url()):
        assert "Sandhill" in read(place)


def test_returned_answer_is_corrected_and_replaces_nothing(client, read, person, town, recommendation):
    waiting = make_endorsement(town, recommendation, state=EndorsementState.WAITING, submitted_by=person)
    client.force_login(make_admin())
    url = f"{waiting.get_absolute_url()}answer/"
    response = client.post(url, {"answer": "return", "reason": " "})
    assert response.status_code == 200
    assert "Write a sentence on why." in response.content.decode()
    client.post(url, {"answer": "return", "reason": "The page is not signed."})
    client.post(url, {"answer": "confirm"})
    waiting.refresh_from_db()
    assert waiting.state == EndorsementState.RETURNED
    client.force_login(person)
    assert "The page is not signed." in read(waiting.get_absolute_url())
    client.post(
        f"{recommendation.get_absolute_url()}endorse/", answer(signed_page=uploaded("again.pdf", pdf()))
    )
    assert Endorsement.objects.waiting().count() == 1


def test_only_admins_answer_and_strangers_learn_nothing(client, person, town):
    waiting = make_endorsement(town, state=EndorsementState.WAITING)
    url = f"{waiting.get_absolute_url()}answer/"
    assert client.post(url, {"answer": "confirm"}).status_code == 403
    client.force_login(make_member())
    assert client.post(url, {"answer": "confirm"}).status_code == 404
    waiting.refresh_from_db()
    assert waiting.state == EndorsementState.WAITING


def test_one_form_sent_twice_counts_once(client, person, recommendation):
    url = f"{recommendation.get_absolute_url()}endorse/"
    given = answer(stance=Stance.CONSIDERING)
    first, second = client.post(url, given), client.post(url, given)
    other = client.post(url, answer(stance=Stance.NOT_RELEVANT))
    assert first["Location"] == second["Location"] == other["Location"]
    assert Endorsement.objects.count() == 1
    assert client.get(url)["Location"] == first["Location"]


def test_representative_of_two_towns_chooses_for_which(client, read, person, town, recommendation):
    other = make_municipality(name_en="Lakeside")
    make_representative(person, other)
    url = f"{recommendation.get_absolute_url()}endorse/"
    assert "For whom do you answer?" in read(url)
    client.post(url, answer(stance=Stance.CONSIDERING, organisation=other.pk))
    assert Endorsement.objects.get().organisation == other
    stranger = make_municipality()
    response = client.post(url, answer(stance=Stance.CONSIDERING, organisation=stranger.pk))
    assert response.status_code == 200
    assert Endorsement.objects.count() == 1


TOMORROW = (timezone.localdate() + timedelta(days=2)).isoformat()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"stance": None}, "Choose an answer."),
        ({"stance": "loves"}, "Select a valid choice"),
        ({"mandate": None}, "Say who decided it."),
        ({"mandate": "king"}, "Select a valid choice"),
        ({"decided_on": None}, "Give the date of the decision."),
        ({"decided_on": "soon"}, "This date could not be read."),
        ({"decided_on": TOMORROW}, "This day is still to come."),
        ({"decided_on": "0001-01-01"}, "This date lies too far back."),
        ({"decided_on": "99999-01-01"}, "This date could not be read."),
        ({"signed_page": None}, "Attach the signed page."),
        ({"stance": Stance.CONSIDERING, "explanation": " "}, "Write a sentence on why."),
        ({"stance": Stance.NOT_RELEVANT, "explanation": "x" * 2001}, "Shorten it."),
    ],
)
def test_what_is_missing_or_odd_gets_clear_words_and_keeps_the_rest(
    client, person, recommendation, fields, words
):
    given = {"signed_page": uploaded("declaration.pdf", pdf()), "explanation": "Kept words", **fields}
    response = client.post(f"{recommendation.get_absolute_url()}endorse/", answer(**given))
    page = response.content.decode()
    assert response.status_code == 200
    assert words in page
    if "explanation" not in fields:
        assert "Kept words" in page
    assert not Endorsement.objects.exists()
    assert not StoredFile.objects.exists()


def test_signed_page_is_a_pdf_or_a_picture(client, person, recommendation):
    url = f"{recommendation.get_absolute_url()}endorse/"
    for file in (uploaded("page.pdf", b"<script>alert(1)</script>"), uploaded("page.txt", b"We endorse it")):
        response = client.post(url, answer(signed_page=file))
        assert response.status_code == 200
        assert "The file has to be chosen again" in response.content.decode()
    assert not Endorsement.objects.exists()


def test_odd_signs_in_words_are_made_harmless(client, person, town, recommendation):
    client.post(
        f"{recommendation.get_absolute_url()}endorse/",
        answer(stance=Stance.CONSIDERING, explanation="A\u202eB <script>alert(1)</script>", nonce="no-uuid"),
    )
    endorsement = Endorsement.objects.get()
    assert endorsement.explanation == "AB <script>alert(1)</script>"
    page = client.get(endorsement.get_absolute_url()).content.decode()
    assert "<script>alert" not in page


# Reporting and revoking ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"status": ""}, "Choose where it stands."),
        ({"status": "splendid"}, "Select a valid choice"),
        ({"body": ""}, "Write a sentence or two."),
        ({"evidence_url": "javascript:alert(1)"}, "This is no web address."),
        ({"evidence_url": "http://[bad"}, "This is no web address."),
    ],
)
def test_report_with_odd_fields_is_given_back(client, person, town, fields, words):
    endorsement = make_endorsement(town)
    given = {"status": Progress.DONE, "body": "Finished.", **fields}
    response = client.post(f"{endorsement.get_absolute_url()}report/", given)
    assert response.status_code == 200
    assert words in response.content.decode()
    assert not ProgressReport.objects.exists()


def test_revoking_asks_for_a_reason_and_takes_it_off_every_page(client, read, person, town, recommendation):
    endorsement = make_endorsement(town, recommendation)
    url = f"{endorsement.get_absolute_url()}revoke/"
    assert "no longer stand among those who answered" in read(url)
    assert "Write a sentence on why." in client.post(url, {"reason": ""}).content.decode()
    assert client.post(url, {"reason": "The council changed."}).status_code == 302
    assert client.post(url, {"reason": "Again"}).status_code == 403
    assert "The council changed." in read(endorsement.get_absolute_url())
    leave(client)
    read(endorsement.get_absolute_url(), 404)
    assert "Sandhill" not in read(recommendation.get_absolute_url())


# Items ---------------------------------------------------------------------------------------------------


def test_curator_finds_links_and_takes_away_items(client, read, recommendation):
    item = make_item(title="How we began")
    make_item(title="How we stopped", withdrawn=True)
    client.force_login(make_user(is_knowledge_manager=True))
    base = f"{recommendation.get_absolute_url()}items/"
    assert [row["value"] for row in client.get(f"{base}find/?q=how we").json()] == [item.slug]
    for typed in (item.slug, f"https://portal.example{item.get_absolute_url()}?a=b", "how we began"):
        client.post(base, {"item": typed})
        assert RecommendationItem.objects.get().item == item
    assert "How we began" in read(recommendation.get_absolute_url())
    client.post(f"{base}{item.pk}/remove/")
    assert not RecommendationItem.objects.exists()
    response = client.post(base, {"item": "How we stopped"}, follow=True)
    assert "No published item is called so." in response.content.decode()
    assert client.post(base, {"item": ""}).status_code == 302


def test_others_link_nothing(client, person, recommendation):
    item = make_item()
    base = f"{recommendation.get_absolute_url()}items/"
    assert client.post(base, {"item": item.slug}).status_code == 403
    make_link(recommendation, item)
    assert client.post(f"{base}{item.pk}/remove/").status_code == 403


# Adoption ------------------------------------------------------------------------------------------------


def test_table_of_adoption_counts_what_is_confirmed(read, client, town, recommendation):
    make_endorsement(town, recommendation)
    make_endorsement(recommendation=recommendation, stance=Stance.ALREADY_DOING)
    make_endorsement(make_municipality(name_en="Undecided"), recommendation, state=EndorsementState.WAITING)
    make_municipality(name_en="Gone", left_on=timezone.localdate())
    make_organisation(name_en="No town")
    page = read("/policy/adoption/")
    for part in ("Sandhill", "Undecided", "one endorses", "one does it already", "3 municipalities"):
        assert part in page
    assert "Gone" not in page
    assert "No town" not in page
    assert "Waiting for confirmation" not in page
    client.force_login(make_admin())
    page = read("/policy/adoption/")
    assert "Waiting for confirmation" in page
    assert "one endorses" in page


def test_answer_in_force_stands_in_the_table_while_a_new_one_waits(client, read, town, recommendation):
    make_endorsement(town, recommendation, stance=Stance.CONSIDERING)
    make_endorsement(town, recommendation, state=EndorsementState.WAITING)
    client.force_login(make_admin())
    page = read("/policy/adoption/")
    assert "Considering" in page
    assert "Waiting for confirmation" not in page


def test_table_is_filtered_and_odd_filters_are_ignored(read):
    cluster = make_cluster()
    north = make_authority(district=District.NORTH, cluster=cluster, population_group=PopulationGroup.ARAB)
    make_municipality(authority=north, name_en="Northtown")
    make_municipality(authority=make_authority(district=District.SOUTH), name_en="Southtown")
    make_recommendation()
    for query in (f"district=north&cluster={cluster.pk}&group=arab", "district=north", "group=arab"):
        page = read(f"/policy/adoption/?{query}")
        assert "Northtown" in page
        assert "Southtown" not in page
    for query in (
        "district=nowhere",
        "cluster=99999999999999999999",
        "cluster=x",
        "group=%27",
        "district=%00"[:9],
    ):
        page = read(f"/policy/adoption/?{query}")
        assert "Northtown" in page
        assert "Southtown" in page
    assert "No municipality here" in read("/policy/adoption/?district=haifa")


# Organisations and authorities ---------------------------------------------------------------------------


def test_organisation_shows_people_and_communities_to_the_network_only(read, client, town):
    mandate = make_representative(make_user(name="Acting Person"), town, role="STEM manager")
    make_representative(make_user(name="Former Person"), town, until_on=timezone.localdate())
    make_membership(make_community(name="By request", access=Access.REQUEST), mandate.person)
    make_membership(make_community(name="Open circle", access=Access.OPEN), mandate.person)
    make_membership(make_community(name="Closed circle", access=Access.CLOSED), mandate.person)
    make_item(title="Our model", organisation=town)
    make_item(title="Inner paper", organisation=town, visibility=Visibility.NETWORK)
    make_endorsement(town, make_recommendation(title_en="A named manager"))
    page = read(town.get_absolute_url())
    for part in (
        "2 people act for it",
        "Our model",
        "A named manager",
    ):
        assert part in page
    for part in ("Acting Person", "Open circle", "Closed circle", "Inner paper"):
        assert part not in page
    client.force_login(make_member())
    page = read(town.get_absolute_url())
    for part in (
        "Acting Person",
        "STEM manager",
        "Open circle",
        "Inner paper",
        f"/join/?organisation={town.slug}",
    ):
        assert part in page
    for part in ("Former Person", "Closed circle", "By request"):
        assert part not in page


def test_manager_changes_what_the_organisation_tells(client, read, town):
    manager = make_representative(organisation=town, is_manager=True).person
    client.force_login(manager)
    assert "/join/?organisation" not in read(town.get_absolute_url())
    url = f"{town.get_absolute_url()}edit/"
    read(url)
    response = client.post(url, {"about": "We build <b>labs</b>", "website": "sandhill.example"}, follow=True)
    page = response.content.decode()
    assert "We build &lt;b&gt;labs" in page
    assert "https://sandhill.example" in page
    response = client.post(url, {"about": "x" * 4001, "website": "javascript:alert(1)"})
    assert response.status_code == 200
    assert "Shorten it." in response.content.decode()


def test_authority_tells_what_is_known_and_what_is_not(read):
    member = make_authority(
        name_en="Knowntown",
        population=47_900,
        population_year=2024,
        socioeconomic_cluster=5,
        socioeconomic_year=2021,
        periphery_cluster=4,
        lat=32.9,
        lon=35.3,
    )
    organisation = make_municipality(authority=member)
    make_endorsement(organisation, make_recommendation(title_en="A named manager"))
    page = read(f"/authorities/{member.pk}/")
    for part in ("Knowntown", "47.9K", "(end of 2024)", "Central Bureau of Statistics", "A named manager"):
        assert part in page
    assert organisation.get_absolute_url() in page
    bare = make_authority(district="")
    page = read(f"/authorities/{bare.pk}/")
    assert page.count("unknown") >= 4
    assert f"/join/?authority={bare.pk}" in page


# Queries -------------------------------------------------------------------------------------------------


def fill(recommendation, town, count):
    """So many of everything that the pages list."""
    for _ in range(count):
        mandate = make_representative(organisation=town)
        make_membership(make_community(access=Access.OPEN), mandate.person)
        make_recommendation(roundtable=recommendation.roundtable)
        make_endorsement(town)
        authority = make_authority(cluster=make_cluster(), lat=32.0, lon=35.0)
        endorsement = make_endorsement(make_municipality(authority=authority), recommendation)
        make_report(endorsement)
        make_link(recommendation, make_item(organisation=town))
        make_link(recommendation, make_item(visibility=Visibility.NETWORK))


@pytest.mark.parametrize("who", ["visitor", "representative", "admin"])
def test_pages_cost_the_same_queries_for_one_and_for_thirty(client, count_queries, town, recommendation, who):
    own = make_endorsement(town, recommendation)
    make_report(own)
    if who == "representative":
        client.force_login(make_representative(organisation=town).person)
    if who == "admin":
        client.force_login(make_admin())
    pages = [
        "/policy/",
        "/policy/adoption/",
        recommendation.get_absolute_url(),
        recommendation.roundtable.get_absolute_url(),
        own.get_absolute_url(),
        town.get_absolute_url(),
        f"/authorities/{town.authority_id}/",
    ]
    fill(recommendation, town, 1)
    one = {page: count_queries(page) for page in pages}
    fill(recommendation, town, 29)
    for _ in range(29):
        make_report(own, evidence=make_signed_page())
    assert {page: count_queries(page) for page in pages} == one
    print(one)
    assert max(one.values()) <= (8 if who == "visitor" else 15), one


# Bad input -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", ["0", "-1", "x", "999999999999999999999", "٣", "1e9"])
def test_odd_page_numbers_show_an_existing_page(read, recommendation, number):
    for _ in range(2):
        make_endorsement(recommendation=recommendation)
    read(f"{recommendation.get_absolute_url()}?page={number}")


@pytest.mark.parametrize(
    "url", ["/policy/recommendations/none/", "/policy/roundtables/none/", "/organisations/אין/"]
)
def test_unknown_slugs_are_not_found(read, url):
    read(url, 404)


@pytest.mark.parametrize("body", [b"\x00\xff\xfe", b"stance=%00", b"stance=" + b"x" * 100_000])
def test_broken_forms_never_break_the_page(client, person, recommendation, body):
    url = f"{recommendation.get_absolute_url()}endorse/"
    response = client.generic("POST", url, body, "application/x-www-form-urlencoded")
    assert response.status_code in {200, 400}
    response = client.generic("POST", url, body, "multipart/form-data; boundary=x")
    assert response.status_code in {200, 400}


# The admin -----------------------------------------------------------------------------------------------


def test_admin_confirms_and_returns_in_the_django_admin(client, read, town, recommendation):
    staff = make_admin(is_superuser=False)
    client.force_login(staff)
    row = make_endorsement(town, recommendation, state=EndorsementState.WAITING)
    url = f"/admin/policy/endorsement/{row.pk}/change/"
    assert "signed.pdf" in read(url)
    assert "Write a sentence on why." in client.post(url, {"decision": "return"}).content.decode()
    client.post(url, {"decision": "return", "remarks": "The page is not signed."})
    row.refresh_from_db()
    assert (row.state, row.reason) == (EndorsementState.RETURNED, "The page is not signed.")
    again = make_endorsement(town, recommendation, state=EndorsementState.WAITING)
    chosen = {"action": "confirm_chosen", "_selected_action": [again.pk, row.pk]}
    client.post("/admin/policy/endorsement/", chosen)
    again.refresh_from_db()
    row.refresh_from_db()
    assert (again.state, again.answered_by) == (EndorsementState.CONFIRMED, staff)
    assert row.state == EndorsementState.RETURNED
    assert "Decide later" not in read(f"/admin/policy/endorsement/{again.pk}/change/")


def test_admin_changes_a_recommendation_and_it_is_found_anew(client, read, recommendation):
    client.force_login(make_admin())
    url = f"/admin/policy/recommendation/{recommendation.pk}/change/"
    read(url)
    fields = ("roundtable_id", "number", "slug", "title_he", "title_en")
    given = {name.removesuffix("_id"): getattr(recommendation, name) for name in fields}
    response = client.post(
        url, {**given, "summary_en": "A heptagonal thought", "life_stages": ["service"], "is_published": "on"}
    )
    assert response.status_code == 302
    recommendation.refresh_from_db()
    assert recommendation.life_stages == ["service"]
    assert type(recommendation).objects.matching("heptagonal").exists()
    for model in ("roundtable", "recommendation", "endorsement", "progressreport"):
        read(f"/admin/policy/{model}/")
    assert client.get(f"/admin/policy/recommendation/{recommendation.pk}/delete/").status_code == 403
