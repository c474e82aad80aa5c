"""What people type: kept when something is wrong, made harmless, answered in words that say what to do."""

from uuid import uuid4

import pytest

from knowledge.enums import RevisionState
from knowledge.forms import ItemForm
from knowledge.models import Item, Revision
from munistem.commons.enums import Visibility
from munistem.commons.guards import limits
from munistem.commons.terms.models import TermKind
from tests.commons.factories import hostile, pdf, uploaded
from tests.communities.factories import make_community, make_facilitator, make_membership
from tests.knowledge.factories import make_file, make_item, make_revision, make_term
from tests.members.factories import make_admin, make_member, make_representative, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_pages")]
NEW = "/knowledge/new/"


@pytest.fixture
def author(client):
    person = make_member(is_manager=True)
    client.force_login(person)
    return person


def form(**fields):
    return {
        "title": "My kept title",
        "summary": "My kept summary",
        "body": "<p>My kept body</p>",
        "kind": "guide",
        "language": "en",
        "visibility": "network",
        "privacy": "none",
        "contact": "My kept contact",
        **fields,
    }


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("title", "", "This field is required."),
        ("title", "ab", "at least 3 characters"),
        ("title", "x" * 151, "This is longer than 150 characters"),
        ("title", "\u202e\u200b\u2066", "This field is required."),
        ("summary", "", "Say in short what it is"),
        ("summary", "x" * 601, "This is longer than 600 characters"),
        ("body", "<p>&nbsp;</p>", "so that there is something to read"),
        ("body", "<p>" + "x" * 50_001 + "</p>", "Shorten it, or attach it as a file"),
        ("kind", "nonsense", "Select a valid choice"),
        ("language", "xx", "Select a valid choice"),
        ("visibility", "secret", "Select a valid choice"),
        ("visibility", "community", "Choose the community"),
        ("life_stages", ["primary", "nonsense"], "Select a valid choice"),
        ("settings", "nonsense", "Select a valid choice"),
        ("authority", "99999999999999999999", "Select a valid choice"),
        ("authority", "x", "Select a valid choice"),
        ("licence", "public domain", "Select a valid choice"),
        ("tags", "x" * 41, "too long for a tag"),
        ("tags", ",".join(map(str, range(13))), "at most 12 tags"),
        ("links", "javascript:alert(1)", "does not begin with a web address"),
        ("links", "see my page", "does not begin with a web address"),
        ("links", "\n".join(f"https://a.example/{n}" for n in range(21)), "at most 20 links"),
        ("valid_until", "2020-01-01", "This day is over"),
        ("valid_until", "99999-99-99", "Enter a valid date"),
    ],
)
def test_mistake_gets_a_message_and_the_rest_is_kept(client, author, field, value, told):
    response = client.post(NEW, form(**{field: value}))
    page = response.content.decode()
    assert response.status_code == 200
    assert not Item.objects.exists()
    assert 'role="alert"' in page
    assert told in page
    for name, kept in [
        ("title", "My kept title"),
        ("summary", "My kept summary"),
        ("contact", "My kept contact"),
    ]:
        assert name == field or kept in page


def test_draft_needs_no_more_than_a_title_and_a_kind(client, author):
    fields = form(summary="", body="", contact="", deed="draft")
    assert client.post(NEW, fields).status_code == 302
    assert Revision.objects.get().state == RevisionState.DRAFT


def test_signs_that_turn_the_text_around_are_taken_out(client, author):
    client.post(
        NEW,
        form(
            title="A \u202elab\u202c\x07",
            summary="One\u2067\r\ntwo",
            tags="\u202efab lab, #Fab Lab; !!!",
            contact="Da\u200bna",
            body="<p>Text</p><script>alert(1)</script><img src=x onerror=alert(1)>",
            links="example.org A\u202e film\n\n",
        ),
    )
    revision = Revision.objects.get()
    assert (revision.title, revision.summary, revision.contact) == ("A lab", "One\ntwo", "Dana")
    assert revision.body == "<p>Text</p>"
    assert [term.name for term in revision.tags.all()] in (["fab lab"], ["Fab Lab"])
    assert list(revision.links.values_list("url", "title")) == [("https://example.org", "A film")]


@pytest.mark.parametrize(
    "name", ["page.html", "program.pdf", "macros.docx", "bomb.zip", "empty.pdf", "script.php"]
)
def test_hostile_file_is_refused_with_its_name_and_the_text_kept(client, author, name):
    response = client.post(NEW, form(files=[uploaded(name, hostile()[name]), uploaded("plan.pdf", pdf())]))
    page = response.content.decode()
    assert response.status_code == 200
    assert name in page
    assert "My kept title" in page
    assert "please choose them again" in page
    assert not Item.objects.exists()


def test_file_beyond_the_limit_is_named_with_the_limit(client, author, settings):
    settings.UPLOAD_MAX_MB = 1
    response = client.post(NEW, form(files=[uploaded("film.mp4", b"\0" * 1_100_000)]))
    page = response.content.decode()
    assert "is larger than 1 MB" in page
    assert "film.mp4" in page
    assert "My kept title" in page


def test_too_many_files_at_once_are_told(client, author):
    files = [uploaded(f"plan{n}.pdf", pdf()) for n in range(11)]
    page = client.post(NEW, form(files=files)).content.decode()
    assert "at most 10 files" in page
    assert "My kept title" in page


def test_item_that_would_hold_too_many_files_keeps_the_text(client, author):
    item = make_item(RevisionState.DRAFT, created_by=author)
    revision = item.revisions.get()
    for _ in range(30):
        make_file(revision)
    fields = form(seen=revision.marker, files=[uploaded("plan.pdf", pdf())])
    response = client.post(f"{item.get_absolute_url()}edit/", fields)
    page = response.content.decode()
    assert response.status_code == 409
    assert "holds at most 30 files" in page
    assert "My kept title" in page


def test_stale_edit_is_a_409_that_keeps_every_word(client, author):
    item = make_item(created_by=author)
    seen = item.published.marker
    make_revision(item, RevisionState.DRAFT, title="Meanwhile")
    response = client.post(
        f"{item.get_absolute_url()}edit/", form(seen=seen, tags="Fab lab", links="https://a.example/")
    )
    page = response.content.decode()
    assert response.status_code == 409
    for words in (
        "My kept title",
        "My kept summary",
        "My kept body",
        "My kept contact",
        "Fab lab",
        "https://a.example/",
    ):
        assert words in page
    assert "Someone changed this item" in page
    marker = item.revisions.open().get().marker
    assert f'value="{marker}"' in page
    assert client.post(f"{item.get_absolute_url()}edit/", form(seen=marker)).status_code == 302
    assert item.revisions.open().get().title == "My kept title"


@pytest.mark.parametrize("seen", ["", "x", "1.1.1", "9" * 25, "\u0661.\u0661"])
def test_odd_marker_is_a_stale_edit(client, author, seen):
    item = make_item(created_by=author)
    assert client.post(f"{item.get_absolute_url()}edit/", form(seen=seen)).status_code == 409
    assert not item.revisions.open().exists()


@pytest.mark.parametrize("nonce", ["", "x", "9" * 500])
def test_odd_nonce_is_no_obstacle(client, author, nonce):
    assert client.post(NEW, form(nonce=nonce)).status_code == 302


def test_form_sent_twice_leads_to_one_item(client, author):
    fields = form(nonce=uuid4())
    assert client.post(NEW, fields).url == client.post(NEW, fields).url
    assert Item.objects.count() == 1


def test_edit_form_shows_what_is_stated_and_its_files(client, author):
    term, population = make_term(slug="robotics"), make_term(kind=TermKind.POPULATION, slug="girls")
    free = make_term(name="Fab lab", is_curated=False, kind=TermKind.FREE)
    item = make_item(
        created_by=author, title="Stated", contact="Dana", terms=[term, population, free], links=["https://a.example/"],
        life_stages=["primary"],
    )  # fmt: skip
    held = make_file(item.published, name="plan.txt")
    page = client.get(f"{item.get_absolute_url()}edit/").content.decode()
    for words in ("Stated", "Dana", "Fab lab", "https://a.example/", "plan.txt", "What changed?"):
        assert words in page
    shown = ItemForm(user=author, item=item, revision=item.published)
    assert shown["subjects"].initial == [term.slug, population.slug]
    client.post(
        f"{item.get_absolute_url()}edit/",
        form(seen=item.published.marker, dropped=[held.pk], subjects=["robotics"]),
    )
    changed = item.revisions.open().get()
    assert (changed.files.count(), list(changed.tags.all())) == (0, [term])


def test_only_own_communities_and_organisations_are_offered(client, author):
    mine, other = make_community(), make_community()
    make_membership(mine, author)
    page = client.get(NEW).content.decode()
    assert (mine.name in page, other.name in page) == (True, False)
    response = client.post(NEW, form(visibility="community", community=other.slug))
    assert "Select a valid choice" in response.content.decode()
    elsewhere = make_representative(is_manager=True).organisation
    response = client.post(NEW, form(organisation=elsewhere.slug))
    assert "Select a valid choice" in response.content.decode()
    assert client.post(NEW, form(visibility="community", community=mine.slug)).status_code == 302
    item = Item.objects.get()
    assert (item.visibility, item.community) == (Visibility.COMMUNITY, mine)
    assert item.organisation == author.mandates[0].organisation


def test_facilitator_reviewer_and_admin_may_write_without_an_organisation(client):
    for person in (make_facilitator(), make_user(is_knowledge_manager=True), make_admin()):
        client.force_login(person)
        assert client.post(NEW, form(title=f"By {person.pk} here")).status_code == 302
    assert Item.objects.filter(organisation=None).count() == 3


def test_item_of_files_or_links_alone_is_complete(client, author):
    assert client.post(NEW, form(body="", files=[uploaded("plan.pdf", pdf())])).status_code == 302
    assert client.post(NEW, form(body="", links="https://youtu.be/x A film")).status_code == 302


def test_writing_is_limited(client, author):
    for _ in range(60):
        limits.count_hit(f"item:user{author.pk}", 3600, 60)
    assert client.post(NEW, form()).status_code == 429
    assert not Item.objects.exists()


def test_remarks_are_made_harmless_and_too_long_ones_kept(client):
    revision = make_item(RevisionState.SUBMITTED).revisions.get()
    client.force_login(make_user(is_knowledge_manager=True))
    sent = {"deed": "return", "reason": "Costs" + "?" * 2_000, "seen": revision.marker}
    response = client.post(revision.review_url, sent)
    assert (response.status_code, "Costs??" in response.content.decode()) == (200, True)
    client.post(revision.review_url, {**sent, "reason": "\u202eCosts?\x07"})
    revision.refresh_from_db()
    assert revision.reason == "Costs?"


# The fields of a kind, and the question about people ---------------------------------------------------


def test_fields_of_the_chosen_kind_are_kept_and_those_of_others_left_out(client, author):
    client.post(NEW, form(kind="case_study", **{"case_study-context": "Two villages", "case_study-evidence": "figures",
                                               "local_model-goals": "Not asked", "call-deadline": "nonsense"}))  # fmt: skip
    revision = Revision.objects.get()
    assert revision.details == {"context": "Two villages", "evidence": "figures"}
    page = client.get(f"/knowledge/{revision.item.slug}/edit/").content.decode()
    assert "Two villages" in page
    assert "Not asked" not in page


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"kind": "call"}, "Readers need this to act on it"),
        ({"kind": "call", "call-deadline": "2020-01-01"}, "This day is over"),
        ({"kind": "call", "call-deadline": "soon"}, "Enter a valid date"),
        ({"kind": "case_study", "case_study-evidence": "hearsay"}, "Select a valid choice"),
        ({"kind": "case_study", "case_study-cost": "x" * 301}, "longer than 300 characters"),
        ({"year": "1789"}, "greater than or equal to 1990"),
        ({"year": "2199"}, "still far away"),
        ({"region": "atlantis"}, "Select a valid choice"),
        ({"audience": ["managers", "nobody"]}, "Select a valid choice"),
        ({"privacy": "", "asks": "people"}, "Look through it and answer"),
        ({"privacy": "perhaps"}, "Select a valid choice"),
    ],
)
def test_mistake_in_the_description_is_told(client, author, fields, told):
    page = client.post(NEW, form(**fields)).content.decode()
    assert not Item.objects.exists()
    assert told in page
    assert "My kept title" in page


def test_draft_of_a_call_needs_no_deadline_and_no_answer(client, author):
    client.post(NEW, form(kind="call", privacy="", asks="people", deed="draft"))
    assert Revision.objects.get().state == RevisionState.DRAFT


def test_case_study_may_be_said_in_its_fields_alone(client, author):
    client.post(NEW, form(kind="case_study", body="", **{"case_study-done": "We opened a lab."}))
    assert Revision.objects.get().state == RevisionState.SUBMITTED
