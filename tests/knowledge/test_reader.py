"""Files of items page by page."""

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from knowledge.enums import RevisionState
from munistem.commons.enums import Visibility
from munistem.commons.files.models import FileKind, FilePage, FileState
from tests.knowledge.factories import make_file, make_item, make_revision
from tests.members.factories import make_member

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_pages")]


def paper(pages=3, revision=None, drawn=True, **fields):
    """A PDF of which every page was read, and drawn unless told otherwise."""
    fields = {"kind": FileKind.PDF, "name": "plan.pdf", "pages": pages, **fields}
    fields.setdefault("text", "\f".join(f"Words of {n}" for n in range(1, pages + 1)))
    held = make_file(revision, **fields, drawn_at=timezone.now() if drawn else None)
    for number in range(1, pages + 1) if drawn else ():
        page = FilePage(file=held.file, number=number, width=1000, height=1414)
        page.picture.save("page", ContentFile(b"drawn %d" % number), save=True)
    return held


def status(client, url):
    answer = client.get(url)
    answer.getvalue()
    return answer.status_code


def address(held, tail="read/"):
    return f"/knowledge/{held.revision.item.slug}/files/{held.file.key}/{tail}"


def test_every_page_is_there_with_its_picture_and_its_words(read):
    page = read(address(paper()))
    for number in (1, 2, 3):
        assert f'id="page-{number}"' in page
        assert f"pages/{number}/" in page
        assert f"Words of {number}" in page
    assert "3 pages" in page


def test_a_long_file_shows_the_pages_around_the_one_asked_for(read):
    held = paper(45, drawn=False)
    page = read(address(held, "read/?page=27"))
    assert 'id="page-21"' in page
    assert 'id="page-40"' in page
    assert 'id="page-20"' not in page
    assert "?page=20#page-20" in page
    assert "?page=41#page-41" in page
    for odd in ("0", "x", "-1", "99999999999", "٣", ""):
        assert 'id="page-1"' in read(address(held, f"read/?page={odd}"))
    assert 'id="page-45"' in read(address(held, "read/?page=9999"))


def test_the_form_leads_to_the_page(client):
    held = paper()
    answer = client.get(address(held, "read/?go=2"))
    assert (answer.status_code, answer.url) == (302, address(held, "read/?page=2#page-2"))
    assert client.get(address(held, "read/?go=99")).url.endswith("#page-3")
    assert client.get(address(held, "read/?go=no")).status_code == 200


def test_slides_and_sheets_are_called_so(read):
    slides = paper(2, kind=FileKind.SLIDES, name="show.pptx", drawn=False)
    assert "Slide 2" in read(address(slides))
    sheet = paper(1, kind=FileKind.SHEET, name="table.xlsx", drawn=False)
    assert "Sheet 1" in read(address(sheet))


def test_what_is_not_there_yet_is_said(read):
    waiting = paper(0, drawn=False, state=FileState.WAITING, text="")
    waiting.file.preview = ""
    waiting.file.save()
    assert "being prepared" in read(address(waiting))
    failed = paper(0, drawn=False, state=FileState.FAILED, text="")
    failed.file.preview = ""
    failed.file.save()
    assert "Nothing of this file can be shown" in read(address(failed))
    drawing = paper(2, drawn=False)
    assert "being made" in read(address(drawing))
    assert f"{address(drawing, 'preview/')}" in read(address(drawing))


def test_pictures_and_recordings_are_shown_as_they_are(client):
    held = make_file(kind=FileKind.IMAGE, name="a.png")
    answer = client.get(address(held))
    assert (answer.status_code, answer.url) == (302, address(held, ""))


def test_words_of_a_file_are_text_and_no_markup(read):
    page = read(address(paper(1, text="<script>alert(1)</script>")))
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


def test_a_file_is_read_by_those_who_see_its_revision(client, reviewer):
    public = paper()
    network = paper(revision=make_item(visibility=Visibility.NETWORK).published)
    change = make_revision(public.revision.item, RevisionState.DRAFT)
    draft = paper(revision=change)
    everywhere = [address(held, tail) for held in (network, draft) for tail in ("read/", "pages/1/")]
    assert client.get(address(public)).status_code == 200
    assert [status(client, url) for url in everywhere] == [404] * 4
    client.force_login(make_member())
    assert [status(client, url) for url in everywhere] == [200, 200, 404, 404]
    client.force_login(reviewer)
    assert [status(client, url) for url in everywhere] == [200] * 4


def test_pictures_of_public_pages_are_kept_by_the_browser_others_are_asked_for_again(client, reviewer):
    public = paper(revision=make_item().published)
    network = paper(revision=make_item(visibility=Visibility.NETWORK).published)
    draft = paper(revision=make_revision(public.revision.item, RevisionState.DRAFT))
    first = client.get(address(public, "pages/1/"))
    assert first.getvalue() == b"drawn 1"
    assert first.headers["Cache-Control"] == "private, max-age=604800, immutable"
    assert first.headers["Content-Type"] == "image/webp"
    client.force_login(reviewer)
    for held in (network, draft):
        answer = client.get(address(held, "pages/1/"))
        answer.getvalue()
        assert "immutable" not in answer.headers["Cache-Control"]
        again = client.get(address(held, "pages/1/"), headers={"If-None-Match": answer.headers["ETag"]})
        assert again.status_code == 304
    assert client.get(address(public, "pages/9/")).status_code == 404


def test_a_long_file_costs_no_more_queries_than_a_short_one(count_queries):
    short, long = paper(1), paper(30)
    assert count_queries(address(short)) == count_queries(address(long)) <= 3


def test_the_item_leads_to_the_pages(read):
    held = paper()
    page = read(held.revision.item.get_absolute_url())
    assert address(held) in page
    assert f'href="{address(held, "")}" download' in page


def test_a_word_is_found_on_its_page_in_another_inflection(read):
    texts = [f"עמוד {n} על תקציב" for n in range(1, 31)]
    texts[6] = "בשנה שעברה נפתחו שלוש מעבדות <b>חדשות</b>"
    held = paper(30, drawn=False, text="\f".join(texts))
    page = read(address(held, "read/?q=מעבדה"))
    assert "Found on one page" in page
    assert "page=7#page-7" in page
    assert page.count("<mark>מעבדות</mark>") == 2  # in the list of what was found, and on its page
    assert "&lt;b&gt;חדשות" in page
    assert "Found on 29 pages" in read(address(held, "read/?q=תקציב"))
    assert "Nothing in this file says that" in read(address(held, "read/?q=רחפן"))
    for odd in ("", "%20", '"', "-", "x" * 500):
        assert "page-1" in read(address(held, f"read/?q={odd}"))
