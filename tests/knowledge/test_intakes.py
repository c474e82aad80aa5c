"""An item that begins with files or a link: kept, read, proposed, shown what stands already, and made of it once."""

import hashlib
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from knowledge.actions import duplicates
from knowledge.actions import intake as deeds
from knowledge.enums import RevisionState
from knowledge.models import CardState, Intake, Item, ItemPrint, LinkCard
from munistem.commons.enums import Visibility
from munistem.commons.files.models import StoredFile
from tests.commons.factories import docx, pdf, uploaded
from tests.commons.test_resumable import sent
from tests.communities.factories import (
    make_community,
    make_decision,
    make_facilitator,
    make_held_meeting,
)
from tests.knowledge.factories import make_file, make_item, make_term
from tests.members.factories import make_member, make_user
from tests.visits import read, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_pages")]
TEXT = (
    "Robotics for girls in middle school. In this case study we tell what we did and what we learned in the middle "
    "school of our town, how the robotics lab was opened, which teachers took part, what it did cost, and what we "
    "would do differently if we opened another robotics lab for girls in the next school year."
)
OTHER = "Nothing of this kind. " * 3 + " ".join(f"word{number}" for number in range(60))


@pytest.fixture
def author(author):
    author.language = "en"
    author.save()
    return author


def begun(client, *files, link="", **fields):
    """The intake that a form of the first step leads to."""
    answer = client.post(
        "/knowledge/new/start/", {"sources": list(files), "link": link, "nonce": uuid4(), **fields}
    )
    assert answer.status_code == 302, answer.content.decode()
    return Intake.objects.get(key=answer.url.split("/")[-2])


def filled(**fields):
    return {
        "title": "Robotics for girls",
        "summary": "A lab.",
        "kind": "case_study",
        "language": "en",
        "visibility": "network",
        "body": "",
        "nonce": uuid4(),
        "deed": "draft",
        **fields,
    }


def test_a_file_is_read_and_the_form_opens_with_what_was_found(client, author, run_jobs):
    make_term(name_en="Robotics", slug="robotics")
    intake = begun(client, uploaded("scan1.docx", docx(TEXT)))
    page = read(client, intake.get_absolute_url())
    assert "We are reading it" in page and "scan1.docx" in page and 'data-wait="2"' in page
    run_jobs()
    page = read(client, intake.get_absolute_url())
    assert "We read it and propose what we found" in page
    assert page.count("data-proposal") >= 5
    for words in ('value="case_study"', 'value="lower_secondary"', 'value="robotics"'):
        assert words in page.replace(" checked", "")
    checked = [part for part in page.split("<input") if " checked" in part]
    assert {part.split('value="')[1].split('"')[0] for part in checked} >= {
        "case_study",
        "lower_secondary",
        "robotics",
        "en",
    }


def test_one_may_go_on_without_waiting(client, author):
    intake = begun(client, uploaded("plan for girls.docx", docx(TEXT)))
    page = read(client, intake.get_absolute_url() + "?go=1")
    assert 'value="plan for girls"' in page and "These files go along" in page


def test_the_item_is_made_with_the_files_and_nothing_is_left(client, author, run_jobs):
    intake = begun(client, uploaded("a.docx", docx(TEXT)), uploaded("b.docx", docx(OTHER)))
    run_jobs()
    first, second = deeds.files_of(intake)
    answer = client.post(intake.get_absolute_url(), filled(kept=[first.pk]))
    item = Item.objects.get()
    assert answer.url == item.get_absolute_url()
    assert [held.file_id for held in item.current.files.all()] == [first.file_id]
    assert not Intake.objects.exists()
    assert list(StoredFile.objects.values_list("pk", flat=True)) == [first.file_id]
    assert second.file_id != first.file_id


def test_sent_twice_it_is_made_once(client, author):
    intake = begun(client, uploaded("a.docx", docx(TEXT)))
    form = filled(kept=[deeds.files_of(intake)[0].pk])
    first, second = (client.post(intake.get_absolute_url(), form) for _ in range(2))
    assert first.url == second.url
    assert Item.objects.count() == 1
    nonce = uuid4()
    one, two = (begun(client, link="https://example.org/x", nonce=nonce) for _ in range(2))
    assert one == two


def test_what_is_wrong_comes_back_with_the_files(client, author):
    intake = begun(client, uploaded("a.docx", docx(TEXT)))
    held = deeds.files_of(intake)[0]
    answer = client.post(intake.get_absolute_url(), filled(title="", kept=[held.pk]))
    page = answer.content.decode()
    assert answer.status_code == 200 and "data-errors" in page
    assert f'name="kept" value="{held.pk}" checked' in page
    client.post(intake.get_absolute_url(), filled(summary="", deed="submit", kept=[held.pk]))
    answer = client.post(intake.get_absolute_url(), filled(deed="submit", kept=[held.pk]))
    assert answer.status_code == 302, "a file that goes along is something to read"


def test_a_link_is_looked_at_and_its_card_goes_along(client, author):
    intake = begun(client, link="example.org/film")
    card = LinkCard.objects.get(intake=intake)
    assert card.url == "https://example.org/film"
    assert "We are reading it" in read(client, intake.get_absolute_url())
    LinkCard.objects.update(
        state=CardState.READY, fetched_at=timezone.now(), title="Robots in our class", seconds=200, text="Words",
        description="What a class did with robots in one year.",
    )  # fmt: skip
    page = read(client, intake.get_absolute_url())
    assert 'value="Robots in our class"' in page and "What a class did with robots" in page
    client.post(intake.get_absolute_url(), filled(kind="video", links="https://example.org/film"))
    card.refresh_from_db()
    assert (card.item, card.intake, card.text) == (Item.objects.get(), None, "")
    assert LinkCard.objects.count() == 1


def test_a_page_that_could_not_be_read_is_told(client, author):
    intake = begun(client, link="https://example.org/film")
    LinkCard.objects.update(tries=1)  # and is asked again later, for which nobody waits
    page = read(client, intake.get_absolute_url())
    assert "We could not read the page behind the link" in page and "https://example.org/film" in page


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "Choose a file, or give an address."),
        ({"link": "not an address"}, "This is no address of a page."),
        ({"link": "javascript:alert(1)"}, "This is no address of a page."),
        ({"link": "ftp://example.org/"}, "This is no address of a page."),
        ({"sources": uploaded("a.exe", b"MZ")}, "not a kind of file we take"),
    ],
)
def test_what_cannot_be_begun_with_is_said(client, author, fields, words):
    answer = client.post("/knowledge/new/start/", fields)
    assert answer.status_code == 200
    assert words in answer.content.decode()
    assert not Intake.objects.exists()


def test_what_one_begins_nobody_else_sees(client, author):
    intake = begun(client, link="https://example.org/film")
    other = signed_in(make_member(is_manager=True))
    for url in (intake.get_absolute_url(), intake.get_absolute_url() + "?go=1"):
        assert other.get(url).status_code == 404
    assert other.post(intake.get_absolute_url(), filled()).status_code == 404
    assert other.post(intake.get_absolute_url() + "drop/").status_code == 302
    assert Intake.objects.filter(pk=intake.pk).exists()


def test_who_may_not_add_items_may_not_begin(client):
    client.force_login(make_member())
    assert client.post("/knowledge/new/start/", {"link": "https://example.org"}).status_code == 403
    assert client.get("/knowledge/similar/").status_code == 403


def test_given_up_and_forgotten_intakes_leave_nothing(client, author):
    intake = begun(client, uploaded("a.docx", docx(TEXT)))
    client.post(intake.get_absolute_url() + "drop/")
    begun(client, uploaded("b.docx", docx(TEXT)))
    assert deeds.drop_old_intakes() == 0
    Intake.objects.update(made_at=timezone.now() - timedelta(days=15))
    assert deeds.drop_old_intakes() == 1
    assert not StoredFile.objects.exists()


# What stands in the library already ----------------------------------------------------------------------


def shelved(text=TEXT, **fields):
    item = make_item(**fields)
    held = make_file(item.published)
    StoredFile.objects.filter(pk=held.file_id).update(text=text)
    duplicates.keep_prints()
    return item


def reasons(user, **sought):
    return [(near.item.pk, near.reason) for near in duplicates.find_near(user, **sought)]


def test_the_same_text_is_known_again_also_when_a_little_was_changed(author):
    item = shelved()
    assert reasons(author, text=TEXT) == [(item.pk, "text")]
    assert reasons(author, text=TEXT.replace("our town", "the city") + " One more sentence at its end.") == [
        (item.pk, "text")
    ]
    assert reasons(author, text=OTHER) == []
    assert reasons(author, text="too short") == []


def test_the_same_file_and_a_near_title_are_known_again(author):
    item = shelved(title="Robotics for girls in middle school")
    sha256 = item.published.files.get().file.sha256
    assert reasons(author, files=[sha256]) == [(item.pk, "file")]
    assert reasons(author, title="Robotics for the girls in middle school") == [(item.pk, "title")]
    assert reasons(author, title="Mathematics at home") == []
    assert reasons(author, files=[sha256], text=TEXT, title=item.published.title) == [(item.pk, "file")]


@pytest.mark.parametrize("where", ["community", "draft", "withdrawn"])
def test_what_one_may_not_see_is_not_told(author, where):
    hidden = {
        "community": {"visibility": Visibility.COMMUNITY},
        "draft": {"state": RevisionState.DRAFT},
        "withdrawn": {"withdrawn": True},
    }[where]
    item = make_item(title="Robotics for girls in middle school", **hidden)
    revision = item.current
    held = make_file(revision)
    StoredFile.objects.filter(pk=held.file_id).update(text=TEXT)
    duplicates.keep_prints()
    sought = {"files": [held.file.sha256], "text": TEXT, "title": revision.title}
    assert reasons(author, **sought) == []
    assert reasons(make_user(is_knowledge_manager=True), **sought)[0][0] == item.pk


def test_prints_follow_what_is_published(author):
    item = shelved()
    assert duplicates.keep_prints() == 0
    duplicates.forget_prints_of(item.published.files.get().file)
    assert not ItemPrint.objects.exists()
    assert duplicates.keep_prints() == 1


def test_near_ones_are_shown_before_saving(client, author, run_jobs):
    item = shelved(title="Lab of our town")
    intake = begun(client, uploaded("x.docx", docx(TEXT)))
    run_jobs()
    page = read(client, intake.get_absolute_url())
    assert "Perhaps it stands in the library already" in page and "It says nearly the same." in page
    assert item.get_absolute_url() in page


def test_the_form_asks_for_near_ones_while_one_types_and_when_a_file_has_arrived(client, author):
    page = read(client, "/knowledge/new/")
    assert 'data-similar="/knowledge/similar/?q="' in page
    item = shelved(title="Lab of our town")
    assert "Lab of our town" in read(client, "/knowledge/similar/?q=lab of our town")
    key = sent(client)
    StoredFile.objects.update(sha256=hashlib.sha256(pdf()).hexdigest())
    page = read(client, f"/knowledge/similar/?q=&sent={key}&sent=nonsense")
    assert "The same file stands there already." in page and item.get_absolute_url() in page
    assert "The same file" not in read(
        signed_in(make_member(is_manager=True)), f"/knowledge/similar/?sent={key}"
    )


# From a decision -----------------------------------------------------------------------------------------


def test_a_decision_opens_the_form_with_its_words(client):
    community = make_community(language="en")
    facilitator = make_facilitator(community, make_member(language="en"))
    meeting = make_held_meeting(community, facilitator, title="November meeting")
    decision = make_decision(
        meeting, text="Every school gets a <b>lab</b>.", approved_at=timezone.now(), number=1
    )
    client.force_login(facilitator)
    assert f"/knowledge/new/?decision={decision.pk}" in read(
        client, f"/communities/{community.slug}/decisions/"
    )
    page = read(client, f"/knowledge/new/?decision={decision.pk}")
    assert "Every school gets a" in page and "November meeting" in page and "<b>lab" not in page
    other = signed_in(make_member(is_manager=True))
    assert "Every school" not in read(other, f"/knowledge/new/?decision={decision.pk}")
    for odd in ("x", "9" * 30, "-1", ""):
        read(client, f"/knowledge/new/?decision={odd}")
