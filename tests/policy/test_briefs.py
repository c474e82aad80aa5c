"""Briefs on paper: what each says, to whom, from which source, and that a signed one stays as it is."""

import re

import pypdfium2
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from knowledge.actions.keep import history_told
from munistem.commons.days.school import current_school_year
from munistem.commons.enums import LifeStage, Setting, Visibility
from policy.enums import EndorsementState, Indicator, Mandate, Progress, Stance
from policy.views.briefs.annual import annual_of
from policy.views.briefs.annual_paper import document_of
from policy.views.briefs.paper import MARKS
from tests.members.factories import (
    make_admin,
    make_municipality,
    make_organisation,
    make_representative,
    make_user,
)
from tests.policy.factories import make_endorsement, make_recommendation, make_report, make_share
from tests.policy.programmes import make_figure, make_programme

pytestmark = pytest.mark.django_db
YEAR = current_school_year()
LANGUAGES = ("he", "ar", "en")
#: Drawn as one letter, they come out of a PDF in the other order.
LAM_ALEF = re.compile("[لاأإآ]")


@pytest.fixture(autouse=True)
def _own_shelf(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)
    settings.IS_SECOND_FACTOR_REQUIRED = False


@pytest.fixture
def town():
    """A municipality with a cell of 30 in which girls are few, and one of four people."""
    town = make_municipality(name_en="Karmi'el", name_he="כרמיאל", name_ar="كرميئيل")
    labs = make_programme(town, name="Labs", funders=["The ministry"])
    make_figure(labs, YEAR, participants=400, girls=120)
    few = make_programme(town, name="Few", life_stages=[LifeStage.EMPLOYMENT], settings=[Setting.INDUSTRY])
    make_figure(few, YEAR, participants=4, girls=3)
    return town


@pytest.fixture
def manager(town):
    return make_representative(organisation=town, is_manager=True).person


def words(made: bytes) -> str:
    paper = pypdfium2.PdfDocument(bytes(made))
    try:
        told = "\n".join(page.get_textpage().get_text_bounded() for page in paper)
    finally:
        paper.close()
    return " ".join(told.replace("\r", "").split())


def read(client, url, language="en") -> str:
    response = client.get(f"{url}{'&' if '?' in url else '?'}lang={language}")
    assert response.status_code == 200, response
    assert response["Content-Type"] == "application/pdf"
    return words(response.content)


def draft_of(town, **asked):
    query = "&".join(f"{name}={value}" for name, value in asked.items())
    return reverse("serve_brief_draft", args=[town.authority_id]) + (f"?{query}" if query else "")


def mayor_url(recommendation):
    return reverse("serve_recommendation_brief", args=[recommendation.slug])


# Of one recommendation -----------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_brief_for_the_mayor_says_what_and_who(client, language):
    recommendation = make_recommendation(
        rationale_he="כי הרשות מובילה את כולם.", rationale_ar="هكذا تقود السلطة المحلية الجميع."
    )
    town = make_municipality(name_he="נצרת", name_ar="الناصرة", name_en="Nazareth")
    make_endorsement(town, recommendation)
    said = read(client, mayor_url(recommendation), language)
    with translation.override(language):
        assert recommendation.title in said
    why = {
        "he": "כי הרשות מובילה את כולם.",
        "ar": "هكذا تقود السلطة المحلية الجميع.",
        "en": "The first reason.",
    }
    name = {"he": "נצרת", "ar": "الناصرة", "en": "Nazareth"}
    assert why[language] in said and name[language] in said


def test_municipality_counts_once_by_itself_or_with_its_cluster(client):
    recommendation = make_recommendation()
    town = make_municipality(name_en="Afula")
    make_endorsement(town, recommendation, mandate=Mandate.COUNCIL)
    cluster = make_endorsement(make_organisation(type="cluster", name_en="The Valleys"), recommendation)
    for place in (town, make_municipality(name_en="Beit She'an")):
        make_share(place, cluster, confirmed_at=cluster.submitted_at, answered_by=cluster.submitted_by)
    said = read(client, mayor_url(recommendation))
    assert said.count("Afula") == 1 and "Beit She'an" in said and "The Valleys" in said
    assert "Municipalities that endorse it 2 of 2 in the network" in said


def test_brief_for_the_mayor_tells_everyone_the_same(client):
    endorsement = make_endorsement()
    make_report(endorsement, for_network=["status"], status=Progress.DONE)
    url = mayor_url(endorsement.recommendation)
    told = read(client, url)
    assert "Under way or done 0 of one endorsement" in told
    client.force_login(endorsement.submitted_by)
    assert read(client, url) == told


def test_what_nobody_may_know_of_has_no_brief(client):
    hidden = make_recommendation(is_published=False)
    assert client.get(mayor_url(hidden)).status_code == 404
    hidden.current_version = None
    hidden.save(update_fields=["current_version"])
    client.force_login(make_admin())
    assert client.get(mayor_url(hidden)).status_code == 404


def test_brief_for_the_mayor_costs_the_same_for_one_and_thirty(client):
    recommendation = make_recommendation()
    client.force_login(make_representative().person)
    counts = []
    for more in (1, 29):
        for _ in range(more):
            make_report(make_endorsement(recommendation=recommendation))
        with CaptureQueriesContext(connection) as queries:
            client.get(mayor_url(recommendation))
        counts.append(sum("SAVEPOINT" not in query["sql"] for query in queries))
    assert counts[0] == counts[1] <= 15


# With the standing of a municipality ---------------------------------------------------------------------


def standing_url(town):
    return reverse("serve_standing_brief", args=[town.slug])


def test_standing_tells_visitors_what_is_in_force_and_colleagues_what_waits(client):
    answered = make_endorsement(target_on="2030-02-01", first_actions="Name a manager")
    town = answered.organisation
    make_endorsement(town, state=EndorsementState.WAITING)
    told = read(client, standing_url(town))
    assert "Council decision" in told and "1 February 2030" in told and "version 1" in told
    assert "Waits for confirmation" not in told
    client.force_login(answered.submitted_by)
    assert "Waits for confirmation" in read(client, standing_url(town))


def test_standing_counts_what_the_cluster_endorsed_with_it(client):
    cluster = make_endorsement(make_organisation(type="cluster", name_en="The Valleys"))
    town = make_municipality()
    make_share(town, cluster, confirmed_at=cluster.submitted_at, answered_by=cluster.submitted_by)
    assert "with The Valleys" in read(client, standing_url(town))


def test_company_has_no_standing(client):
    assert client.get(standing_url(make_organisation(type="company"))).status_code == 404


def test_reports_are_told_as_far_as_one_may_read_them(client):
    endorsement = make_endorsement()
    hidden = make_programme(endorsement.organisation, name="Hidden labs", visibility=Visibility.NETWORK)
    make_report(endorsement, body="We hired two.", programme=hidden, for_network=["body"])
    said = read(client, standing_url(endorsement.organisation))
    assert "Under way" in said and "We hired two." not in said and "Hidden labs" not in said
    client.force_login(endorsement.submitted_by)
    said = read(client, standing_url(endorsement.organisation))
    assert "We hired two." in said and "Hidden labs" in said


@pytest.mark.parametrize(
    ("answer", "report", "step"),
    [
        ({"stance": Stance.CONSIDERING}, None, "Decide on it"),
        ({"stance": Stance.NOT_RELEVANT}, None, "Nothing further"),
        ({}, None, "Report how it goes"),
        ({"first_actions": "Name a manager\nMap"}, {}, "Name a manager"),
        ({}, {"status": Progress.STUCK}, "Ask a municipality that is further with it"),
        ({}, {"status": Progress.DONE}, "Tell the others how it was done"),
        ({"target_on": "2020-01-01"}, {}, "Finish it, or set another target date"),
    ],
    ids=range(7),
)
def test_next_step_follows_from_where_it_stands(client, answer, report, step):
    endorsement = make_endorsement(**answer)
    if report is not None:
        make_report(endorsement, **report)
    assert step in read(client, standing_url(endorsement.organisation))


# The annual brief: its draft -----------------------------------------------------------------------------


def test_draft_is_for_who_keeps_the_figures(client, town):
    url = draft_of(town)
    assert client.get(url).status_code == 302
    for person, status in [
        (make_user(), 403),
        (make_representative(is_manager=True).person, 403),
        (make_representative(organisation=town).person, 200),
        (make_admin(), 200),
    ]:
        client.force_login(person)
        assert client.get(url).status_code == status


def test_draft_shows_all_figures_and_what_is_to_be_signed_only_what_is_told(client, town, manager):
    client.force_login(manager)
    raw, told = read(client, draft_of(town)), read(client, draft_of(town, **{"as": "others"}))
    assert "3 of 4" in raw and "3 of 4" not in told and "small group" in told
    assert "120 of 400" in told
    assert "to reach 40%, 40 are missing" in told


@pytest.mark.parametrize("language", LANGUAGES)
def test_draft_says_so_on_every_page(client, town, manager, language):
    client.force_login(manager)
    response = client.get(f"{draft_of(town)}?lang={language}")
    with translation.override(language):
        mark = MARKS.sub("", translation.gettext("Draft – not signed"))
    paper = pypdfium2.PdfDocument(response.content)
    try:
        pages = [" ".join(page.get_textpage().get_text_bounded().split()) for page in paper]
    finally:
        paper.close()
    assert [word for word in mark.split() for text in pages if text.count(word) < 2] == []
    assert b"pdfuaid" in response.content and re.search(rb"/Lang ?\(" + language.encode(), response.content)
    assert b"/FontFile2" in response.content or b"/FontFile3" in response.content


@pytest.mark.parametrize("language", LANGUAGES)
def test_parts_of_the_annual_brief_come_out_in_their_order(client, town, manager, language):
    make_report(make_endorsement(town))
    client.force_login(manager)
    said = read(client, draft_of(town), language)
    heads = [
        "Three gaps that weigh most",
        "Commitments",
        "Who pays for it",
        "Over the years",
        "What we do not know",
    ]
    with translation.override(language):
        told = [LAM_ALEF.sub("", MARKS.sub("", translation.gettext(head))) for head in heads]
    places = [LAM_ALEF.sub("", said).find(head) for head in told]
    assert -1 not in places and places == sorted(places), (told, said)


def test_draft_costs_no_more_than_a_page(client, town, manager):
    client.force_login(manager)
    counts = []
    for more in (1, 29):
        for _ in range(more):
            make_figure(make_programme(town, funders=["A", make_organisation()]), YEAR, participants=40)
            make_report(make_endorsement(town))
        with CaptureQueriesContext(connection) as queries:
            assert client.get(draft_of(town)).status_code == 200
        counts.append(sum("SAVEPOINT" not in query["sql"] for query in queries))
    assert counts[0] == counts[1] <= 15


def test_unknown_is_said_and_never_zero(client, manager, town):
    make_programme(town, name="Nobody counted", funders=[])
    client.force_login(manager)
    said = read(client, draft_of(town))
    assert "Not known who pays 2 of 3" in said
    assert "Participants of 1 of 3 programmes" in said
    other = make_representative(organisation=make_municipality()).person
    client.force_login(other)
    said = read(client, draft_of(other.mandates[0].organisation))
    assert "Programmes not known" in said and "Participants not known" in said
    assert "Not known: no programme was entered." in said


# The annual brief: every figure has a source, and small groups stay hidden -------------------------------


def spoken(node) -> str:
    """All words of a node, in their order."""
    if isinstance(node, str):
        return node + " "
    if isinstance(node, list):
        return "".join(map(spoken, node))
    if isinstance(node, dict):
        return "".join(
            spoken(value) for name, value in node.items() if name not in ("t", "href", "tone", "dir")
        )
    return ""


def flat(node):
    """Every node of a tree in its order."""
    yield node
    for name in ("c", "head", "cells"):
        for child in node.get(name, ()):
            if isinstance(child, dict):
                yield from flat(child)


FIGURES = ("bars", "years", "ribbon", "tiles", "table")


def without_source(document) -> list[str]:
    """Charts and tables after which no source is named before the next heading."""
    missing, open_ = [], []
    for node in flat(document["body"]):
        if node["t"] == "h2":
            missing, open_ = missing + open_, []
        elif node["t"] in FIGURES:
            open_.append(node["t"])
        if "Source:" in node.get("caption", "") or (node["t"] == "small" and "Source:" in spoken(node)):
            open_ = []
    return missing + open_


def told_document(town, **fields):
    person = fields.pop("user", None)
    annual = annual_of(person, town.authority, str(YEAR), is_raw=person is not None)
    with translation.override("en"):
        return document_of(annual, **fields)


def test_every_figure_of_the_annual_brief_has_a_source(town, manager):
    make_report(make_endorsement(town))
    for document in (told_document(town), told_document(town, user=manager, mark="Draft")):
        assert sum(node["t"] in FIGURES for node in flat(document["body"])) > 7
        assert without_source(document) == []


def test_two_worlds_that_differ_in_a_hidden_cell_have_the_same_brief(town, manager):
    figure = town.authority.programmes.get(name="Few").figures.get()
    before, raw = told_document(town), told_document(town, user=manager)
    figure.participants, figure.girls = 7, 1
    figure.save()
    assert told_document(town) == before
    assert told_document(town, user=manager) != raw


def test_programme_for_the_network_is_not_in_what_is_told(town, manager):
    hidden = make_programme(town, name="Hidden", visibility=Visibility.NETWORK, funders=["Secret funder"])
    make_figure(hidden, YEAR, participants=1_000)
    told = spoken(told_document(town))
    assert "Secret funder" not in told and "1,0" not in told and "1,4" not in told
    assert "Secret funder" in spoken(told_document(town, user=manager))


def test_gap_asks_for_what_should_move_it(town):
    recommendation = make_recommendation()
    version = recommendation.current_version
    with history_told():
        version.indicators = [Indicator.GIRLS_SHARE]
        version.save()
    asked = f"Answer it: recommendation {recommendation.number}, “{recommendation.title_en}”. It answers: Few girls"
    assert asked in spoken(told_document(town))


def test_family_is_told_what_it_runs_where_one_has_a_gap(town):
    near = make_municipality(name_en="Nearby").authority
    make_programme(near, name="Girls in labs")
    assert "(“Girls in labs”)" in spoken(told_document(town))
