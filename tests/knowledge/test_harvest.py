"""Harvesting by OAI-PMH 2.0: by a real harvester, and by the letter of the protocol."""

import re
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import pytest
from django.urls import reverse
from django.utils import timezone
from sickle import Sickle
from sickle.oaiexceptions import NoRecordsMatch

from knowledge.actions import keep
from knowledge.enums import RevisionState
from knowledge.models import Item, Revision
from knowledge.views import harvest
from munistem.commons.enums import Visibility
from tests.knowledge.factories import make_item, make_revision, make_term
from tests.members.factories import make_admin, make_authority, make_municipality
from tests.visits import count_queries

OAI = "{http://www.openarchives.org/OAI/2.0/}"
DC = "{http://purl.org/dc/elements/1.1/}"
URL = "/oai/"


def ask(client, method="get", **asked):
    """The answer as XML, without its frame's date."""
    response = getattr(client, method)(URL, {name.rstrip("_"): value for name, value in asked.items()})
    assert response.status_code == 200
    assert response["Content-Type"] == "text/xml; charset=utf-8"
    return ElementTree.fromstring(response.content)


def error(tree):
    found = tree.find(f"{OAI}error")
    return None if found is None else found.get("code")


def identifiers(tree):
    return [node.text for node in tree.iter(f"{OAI}identifier")]


def named(item):
    return f"oai:{harvest.domain()}:{item.pk}"


def list_records(client, **asked):
    return ask(client, verb="ListRecords", metadataPrefix="oai_dc", **asked)


# A real harvester ----------------------------------------------------------------------------------------


@pytest.fixture
def sickle(live_server, settings):
    settings.BASE_URL = live_server.url
    return Sickle(live_server.url + URL, timeout=60)


@pytest.mark.django_db(transaction=True)
def test_sickle_harvests_all_that_is_public_page_by_page(sickle, monkeypatch):
    monkeypatch.setattr(harvest, "RECORDS_A_PAGE", 2)
    items = [make_item(title=f"Lab {n}", summary="In short") for n in range(5)]
    make_item(visibility=Visibility.NETWORK)
    records = list(sickle.ListRecords(metadataPrefix="oai_dc"))
    assert [record.metadata["title"] for record in records] == [[item.published.title] for item in items]
    assert len(list(sickle.ListIdentifiers(metadataPrefix="oai_dc"))) == 5
    assert sickle.Identify().repositoryName == "muni:STEM"
    assert [form.metadataPrefix for form in sickle.ListMetadataFormats()] == ["oai_dc"]
    assert {"kind:guide", "stage:primary"} <= {one.setSpec for one in sickle.ListSets()}
    one = sickle.GetRecord(identifier=named(items[0]), metadataPrefix="oai_dc")
    assert one.metadata["identifier"][0].endswith(items[0].get_absolute_url())


@pytest.mark.django_db(transaction=True)
def test_sickle_learns_of_what_went_since_the_last_time(sickle):
    item, author = make_item(), make_admin()
    since = (timezone.now() + timedelta(seconds=2)).strftime("%Y-%m-%dT%H:%M:%SZ")
    with pytest.raises(NoRecordsMatch):
        list(sickle.ListRecords(metadataPrefix="oai_dc", **{"from": since}))
    keep.withdraw(by=author, item=item, reason="SECRET reason")
    Item.objects.filter(pk=item.pk).update(withdrawn_at=timezone.now() + timedelta(seconds=3))
    (record,) = sickle.ListRecords(metadataPrefix="oai_dc", **{"from": since})
    assert record.deleted
    assert record.header.identifier == named(item)


# The letter of the protocol ------------------------------------------------------------------------------


@pytest.mark.django_db
def test_record_says_what_dublin_core_says(client):
    subject = make_term(name_he="רובוטיקה", name_en="Robotics", name_ar="روبوتات")
    original = make_item(
        title="מעבדה & <בית>",
        summary="In short",
        language="he",
        kind="case_study",
        life_stages=["primary"],
        terms=[subject],
        organisation=make_municipality(name_he="עיריית כרמיאל"),
        authority=make_authority(name_he="כרמיאל"),
        licence="cc_by",
    )
    tree = ask(client, verb="GetRecord", metadataPrefix="oai_dc", identifier=named(original))
    told = {}
    for node in tree.iter():
        if node.tag.startswith(DC):
            told.setdefault(node.tag.removeprefix(DC), []).append(node.text)
    assert told["title"] == ["מעבדה & <בית>"]
    assert told["creator"] == ["עיריית כרמיאל"]
    assert {"רובוטיקה", "Robotics", "روبوتات"} < set(told["subject"])
    assert "כרמיאל" in told["coverage"]
    assert "https://creativecommons.org/licenses/by/4.0/" in told["rights"]
    assert tree.find(f".//{DC}title").get("{http://www.w3.org/XML/1998/namespace}lang") == "he"
    assert {node.text for node in tree.iter(f"{OAI}setSpec")} == {"kind:case_study", "stage:primary"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "fields",
    [
        {"visibility": Visibility.NETWORK},
        {"visibility": Visibility.COMMUNITY},
        {"state": RevisionState.DRAFT},
        {"state": RevisionState.SUBMITTED},
        {"visibility": Visibility.NETWORK, "withdrawn": True},
        {"state": RevisionState.DRAFT, "withdrawn": True},
    ],
)
def test_what_was_never_public_is_not_there_at_all(client, fields):
    """Two worlds, with and without it, answer alike."""
    first = make_item()
    before = [ask(client, verb=verb, metadataPrefix="oai_dc") for verb in ("ListRecords", "ListIdentifiers")]
    secret = make_item(**{"title": "SECRET", **fields})
    after = [ask(client, verb=verb, metadataPrefix="oai_dc") for verb in ("ListRecords", "ListIdentifiers")]
    assert [identifiers(tree) for tree in before] == [identifiers(tree) for tree in after]
    assert (
        error(ask(client, verb="GetRecord", metadataPrefix="oai_dc", identifier=named(secret)))
        == "idDoesNotExist"
    )
    assert error(ask(client, verb="GetRecord", metadataPrefix="oai_dc", identifier=f"oai:{harvest.domain()}:{first.pk + 999}")) == "idDoesNotExist"  # fmt: skip


@pytest.mark.django_db
def test_signed_in_harvester_sees_no_more_than_others(client, settings):
    settings.IS_SECOND_FACTOR_REQUIRED = False
    make_item(visibility=Visibility.NETWORK)
    client.force_login(make_admin())
    assert error(list_records(client)) == "noRecordsMatch"


@pytest.mark.django_db
def test_what_is_public_no_more_is_a_tombstone_without_words(client):
    withdrawn = make_item(title="SECRET one", withdrawn=True)
    hidden = make_item(title="SECRET two", kind="guide")
    make_revision(
        hidden, RevisionState.PUBLISHED, visibility=Visibility.NETWORK, title="SECRET three", kind="tool"
    )
    Item.objects.filter(pk=hidden.pk).update(visibility=Visibility.NETWORK)
    text = client.get(URL, {"verb": "ListRecords", "metadataPrefix": "oai_dc"}).content.decode()
    assert text.count('status="deleted"') == 2
    assert "SECRET" not in text
    assert withdrawn.slug not in text
    assert "setSpec" not in text


@pytest.mark.django_db
def test_what_happens_after_it_went_moves_no_date(client):
    """Two worlds: in one of them the item that is public no more is written on, taken out and put back."""
    item, admin = make_item(), make_admin()
    old = timezone.now() - timedelta(days=10)
    for number in (2, 3):
        make_revision(item, RevisionState.PUBLISHED, visibility=Visibility.NETWORK)
        Revision.objects.filter(item=item, number__lte=2).update(decided_at=old)
        Item.objects.filter(pk=item.pk).update(published_at=old, visibility=Visibility.NETWORK)
        if number == 2:
            before = identifiers_and_dates(client)
    keep.withdraw(by=admin, item=item, reason="SECRET reason")
    after_withdrawal = identifiers_and_dates(client)
    keep.restore(by=admin, item=item)
    assert before == after_withdrawal == identifiers_and_dates(client)
    assert before == [(named(item), old.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))]
    since = (timezone.now() - timedelta(days=1)).strftime("%Y-%m-%d")
    assert error(list_records(client, from_=since)) == "noRecordsMatch"
    make_revision(item, RevisionState.PUBLISHED, visibility=Visibility.PUBLIC)
    Item.objects.filter(pk=item.pk).update(visibility=Visibility.PUBLIC)
    assert identifiers(list_records(client, from_=since))[0] == named(
        item
    )  # everyone may read it again: news


def identifiers_and_dates(client):
    heads = list_records(client).iter(f"{OAI}header")
    return [(head.find(f"{OAI}identifier").text, head.find(f"{OAI}datestamp").text) for head in heads]


@pytest.mark.django_db
def test_what_was_put_back_is_news_again(client):
    item, admin = make_item(), make_admin()
    old = timezone.now() - timedelta(days=10)
    Revision.objects.filter(item=item).update(decided_at=old)
    Item.objects.filter(pk=item.pk).update(published_at=old)
    since = (timezone.now() - timedelta(days=1)).strftime("%Y-%m-%d")
    assert error(list_records(client, from_=since)) == "noRecordsMatch"
    keep.withdraw(by=admin, item=item, reason="A mistake")
    keep.restore(by=admin, item=item)
    assert identifiers(list_records(client, from_=since))[0] == named(item)


@pytest.mark.django_db
def test_dates_include_both_ends(client):
    item = make_item()
    stamp = datetime(2026, 3, 1, 23, 59, 59, tzinfo=UTC)
    Revision.objects.filter(item=item).update(decided_at=stamp)
    Item.objects.filter(pk=item.pk).update(published_at=stamp)
    for since, until, found in [
        ("2026-03-01", "2026-03-01", True),
        ("2026-03-01T23:59:59Z", "2026-03-01T23:59:59Z", True),
        ("2026-03-02", "", False),
        ("", "2026-02-28", False),
        ("", "2026-03-01T23:59:58Z", False),
    ]:
        asked = {name: value for name, value in (("from_", since), ("until", until)) if value}
        assert (error(list_records(client, **asked)) is None) is found, (since, until)


@pytest.mark.django_db
def test_sets_are_kinds_and_stages(client):
    guide, case = make_item(kind="guide", life_stages=["primary"]), make_item(kind="case_study")
    assert identifiers(list_records(client, set="kind:guide"))[0] == named(guide)
    assert len(list(list_records(client, set="kind").iter(f"{OAI}record"))) == 2
    assert len(list(list_records(client, set="stage:primary").iter(f"{OAI}record"))) == 1
    assert error(list_records(client, set="kind:poem")) == "noRecordsMatch"
    assert case.pk


@pytest.mark.django_db
def test_list_goes_on_by_its_token_though_more_comes_in(client, monkeypatch):
    monkeypatch.setattr(harvest, "RECORDS_A_PAGE", 2)
    items = [make_item() for _n in range(3)]
    first = list_records(client)
    token = first.find(f".//{OAI}resumptionToken")
    assert (token.get("cursor"), token.get("completeListSize")) == ("0", "3")
    assert re.fullmatch(r"[\w.:-]+", token.text)
    second = ask(client, verb="ListRecords", resumptionToken=token.text)
    assert identifiers(second)[0] == named(items[2])
    last = second.find(f".//{OAI}resumptionToken")
    assert (last.text, last.get("cursor")) == (None, "2")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({}, "badVerb"),
        ({"verb": "Harvest"}, "badVerb"),
        ({"verb": ["Identify", "Identify"]}, "badVerb"),
        ({"verb": "Identify", "set": "kind"}, "badArgument"),
        ({"verb": "ListRecords"}, "badArgument"),
        ({"verb": "ListRecords", "metadataPrefix": ["oai_dc", "oai_dc"]}, "badArgument"),
        ({"verb": "ListRecords", "metadataPrefix": "marc"}, "cannotDisseminateFormat"),
        ({"verb": "ListRecords", "metadataPrefix": "oai_dc", "resumptionToken": "x"}, "badArgument"),
        ({"verb": "ListRecords", "resumptionToken": "forged"}, "badResumptionToken"),
        ({"verb": "ListSets", "resumptionToken": "x"}, "badResumptionToken"),
        ({"verb": "ListRecords", "metadataPrefix": "oai_dc", "from": "yesterday"}, "badArgument"),
        ({"verb": "ListRecords", "metadataPrefix": "oai_dc", "from": "2026-02-30"}, "badArgument"),
        ({"verb": "ListRecords", "metadataPrefix": "oai_dc", "until": "9999-12-31"}, "noRecordsMatch"),
        ({"verb": "ListRecords", "metadataPrefix": "oai_dc", "from": "2026-01-02", "until": "2026-01-01"}, "badArgument"),
        ({"verb": "ListRecords", "metadataPrefix": "oai_dc", "from": "2026-01-01", "until": "2026-01-02T00:00:00Z"}, "badArgument"),
        ({"verb": "GetRecord", "metadataPrefix": "oai_dc", "identifier": "oai:elsewhere:1"}, "idDoesNotExist"),
        ({"verb": "GetRecord", "metadataPrefix": "oai_dc", "identifier": "<x>&"}, "idDoesNotExist"),
        ({"verb": "ListMetadataFormats", "identifier": "x"}, "idDoesNotExist"),
    ],
)  # fmt: skip
def test_errors_are_answers_of_the_protocol(client, asked, code):
    for method in ("get", "post"):
        assert error(ask(client, method, **asked)) == code


@pytest.mark.django_db
def test_words_that_xml_cannot_hold_are_left_out(client):
    make_item(title="A\ufffe title")
    assert error(list_records(client)) is None


@pytest.mark.django_db
def test_harvesters_may_post_without_a_token_of_forms(client):
    from django.test import Client

    assert Client(enforce_csrf_checks=True).post(URL, {"verb": "Identify"}).status_code == 200


@pytest.mark.django_db
def test_page_costs_the_same_for_one_record_and_for_thirty(client):
    url = reverse("answer_harvester") + "?verb=ListRecords&metadataPrefix=oai_dc"
    term = make_term()
    make_item(terms=[term])
    one = count_queries(client, url)
    for _n in range(29):
        make_item(terms=[term], organisation=make_municipality())
    assert count_queries(client, url) == one
