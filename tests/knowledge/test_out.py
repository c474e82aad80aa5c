"""An item taken along: PDF, citations, linked data – for those who may see it, and no others."""

import json
import re

import pypdfium2
import pytest
from django.urls import reverse

from knowledge.actions import keep, review
from knowledge.enums import RevisionState
from munistem.commons.enums import Visibility
from munistem.commons.pdf.setting import shelf
from munistem.commons.terms.models import TermKind
from tests.knowledge.factories import make_file, make_item, make_revision, make_term
from tests.members.factories import make_admin, make_member, make_municipality, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_pages")]
PLACES = (("serve_item_pdf", ()), ("serve_citation", ("bib",)), ("serve_citation", ("ris",)))


@pytest.fixture(autouse=True)
def _own_shelf(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)


def address(item, name, more=()):
    return reverse(name, args=[item.slug, *more])


def linked(page):
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    return json.loads(found[1]) if found else None


def paper(response):
    document = pypdfium2.PdfDocument(response.content)
    try:
        return "".join(page.get_textpage().get_text_bounded() for page in document)
    finally:
        document.close()


def test_pdf_says_what_the_page_says(client):
    item = make_item(title="A lab in every school", body="<h2>Begin</h2><p>With the teachers.</p>", life_stages=["primary"], organisation=make_municipality(name_en="Karmiel"), links=["https://example.org/"])  # fmt: skip
    make_file(item.published, name="plan.txt")
    response = client.get(address(item, "serve_item_pdf"))
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"].startswith("attachment")
    said = paper(response)
    for words in (
        "A lab in every school",
        "With the teachers.",
        "Karmiel",
        "Primary school",
        "plan.txt",
        "example.org",
        "To cite",
    ):
        assert words in said


@pytest.mark.parametrize("deed", ["withdraw", "publish"])
def test_what_was_made_of_an_item_goes_when_it_is_not_to_be_read_any_more(
    client, deed, django_capture_on_commit_callbacks
):
    item, other = make_item(title="To go"), make_item(title="To stay")
    for one in (item, other):
        paper(client.get(address(one, "serve_item_pdf")))
    assert len(list(shelf().glob("item-*"))) == 2
    with django_capture_on_commit_callbacks(execute=True):
        if deed == "withdraw":
            keep.withdraw(by=make_admin(), item=item, reason="Out")
        else:
            revision = make_revision(item, RevisionState.SUBMITTED, title="Narrower", visibility="network")
            review.publish(by=make_user(is_knowledge_manager=True), revision=revision)
    assert [path.name.split("_")[0] for path in shelf().iterdir()] == [f"item-{other.pk}"]
    assert client.get(address(item, "serve_item_pdf")).status_code == 404


def test_pdf_is_in_the_language_of_the_item(client):
    item = make_item(title="מעבדה", language="he", body="<p>כך פתחנו מעבדה.</p>")
    response = client.get(address(item, "serve_item_pdf"))
    assert re.search(rb"/Lang ?\(he", response.content)
    assert "כך פתחנו מעבדה." in paper(response)


def test_reader_gets_the_published_revision_only(client):
    item = make_item(title="Published words")
    make_revision(item, RevisionState.DRAFT, title="SECRET draft", body="<p>SECRET</p>")
    assert "SECRET" not in paper(client.get(address(item, "serve_item_pdf")))


@pytest.mark.parametrize(("name", "more"), PLACES)
def test_who_may_not_know_of_an_item_gets_404(client, name, more):
    hidden = [
        make_item(visibility=Visibility.NETWORK),
        make_item(visibility=Visibility.COMMUNITY),
        make_item(state=RevisionState.DRAFT),
        make_item(withdrawn=True),
    ]
    assert [client.get(address(item, name, more)).status_code for item in hidden] == [404] * 4
    client.force_login(make_member())
    assert [client.get(address(item, name, more)).status_code for item in hidden] == [200, 404, 404, 404]


@pytest.mark.parametrize("name", ["show_item", "bib", "ris", "pdf", "oai"])
def test_no_way_out_tells_visitors_the_name_of_a_person(client, name):
    item = make_item(created_by=make_user(name="Dana Levi"), title="Robots", language="en")
    address = {
        "show_item": item.get_absolute_url(),
        "pdf": f"{item.get_absolute_url()}pdf/",
        "oai": "/oai/?verb=ListRecords&metadataPrefix=oai_dc",
    }
    address |= {style: reverse("serve_citation", args=[item.slug, style]) for style in ("bib", "ris")}
    answer = client.get(address[name])
    assert answer.status_code == 200
    assert b"Dana" not in answer.content and b"Levi" not in answer.content


def test_author_prints_a_draft_but_cannot_cite_it(client):
    author = make_user()
    item = make_item(state=RevisionState.DRAFT, created_by=author, title="My draft")
    client.force_login(author)
    assert "My draft" in paper(client.get(address(item, "serve_item_pdf")))
    assert client.get(address(item, "serve_citation", ("bib",))).status_code == 404


def test_citations_are_files_of_reference_managers(client):
    subject = make_term(name_en="Robotics", kind=TermKind.SUBJECT)
    item = make_item(title="A lab", terms=[subject])
    bib = client.get(address(item, "serve_citation", ("bib",)))
    assert bib["Content-Type"].startswith("application/x-bibtex")
    assert "title        = {{A lab}}" in bib.content.decode()
    ris = client.get(address(item, "serve_citation", ("ris",))).content.decode()
    assert "TI  - A lab\r\n" in ris
    assert "KW  - Robotics\r\n" in ris
    assert client.get(address(item, "serve_citation", ("doc",))).status_code == 404


def test_page_shows_how_to_cite(client, read):
    page = read(make_item(title="A lab").get_absolute_url())
    assert "<cite>A lab.</cite>" in page
    assert "Chicago" in page


def test_public_item_is_linked_data_that_runs_nothing(client, read):
    body = {"title": "</script><script>alert(1)</script>", "summary": "<!-- \u2028 & x"}
    item = make_item(
        **body, organisation=make_municipality(name_en="Karmiel"), terms=[make_term(name_en="Robotics")]
    )
    page = read(item.get_absolute_url())
    told = linked(page)
    assert told["name"] == body["title"]
    assert told["description"] == body["summary"]
    assert told["author"] == {"@type": "Organization", "name": "Karmiel", "url": told["author"]["url"]}
    assert told["keywords"] == ["Robotics"]
    assert "<script>alert" not in page


def test_what_is_not_public_is_no_linked_data(client, read):
    client.force_login(make_member())
    assert linked(read(make_item(visibility=Visibility.NETWORK).get_absolute_url())) is None
