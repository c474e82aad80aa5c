"""Before it is saved: what stands already and looks like it is shown once, and nothing that was typed or chosen is lost."""

import re
from uuid import uuid4

import pytest
from django.urls import reverse

from knowledge.actions import duplicates
from knowledge.enums import RevisionState
from knowledge.models import Item, Revision
from munistem.commons.enums import Visibility
from munistem.commons.files.models import StoredFile
from munistem.commons.files.resumable.models import Upload
from tests.commons.factories import pdf, uploaded
from tests.knowledge.factories import make_item
from tests.visits import read

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_pages")]
TITLE = "Robotics for girls in middle school"
NEAR = "Robotics for the girls in middle school"
ASKED = "Perhaps it stands in the library already"


@pytest.fixture
def author(author):
    author.language = "en"
    author.save()
    return author


def filled(**fields):
    return {
        "title": NEAR,
        "summary": "A lab of our own.",
        "kind": "guide",
        "language": "en",
        "visibility": "network",
        "body": "<p>Words.</p>",
        "asks": "people",
        "privacy": "none",
        "nonce": uuid4(),
        **fields,
    }


def again(page, **fields):
    """The form of a page as a browser sends it again: what it says now, hidden fields too."""
    kept = re.findall(r'<input type="hidden" name="(near_seen|files-sent)" value="([^"]*)"', page)
    values = {}
    for name, value in kept:
        values.setdefault(name, []).append(value)
    return {**fields, **values}


def test_what_looks_like_it_is_shown_once_and_the_next_time_it_is_saved(client, author):
    item, fields = make_item(title=TITLE), filled(files=[uploaded("plan.pdf", pdf())])
    page = client.post(reverse("add_item"), fields).content.decode()
    assert ASKED in page and item.get_absolute_url() in page
    assert NEAR in page and "A lab of our own." in page and "Words." in page
    assert "please choose them again" not in page and "plan.pdf" in page
    assert Item.objects.count() == 1 and Upload.objects.get().is_whole
    answer = client.post(reverse("add_item"), again(page, **filled(nonce=fields["nonce"])))
    made = Item.objects.latest("pk")
    assert answer.url == made.get_absolute_url()
    revision = made.revisions.get()
    assert (revision.title, revision.state) == (NEAR, RevisionState.SUBMITTED)
    with revision.files.get().file.blob.open() as blob:
        assert blob.read() == pdf()
    # sent a third time it counts as the same
    assert client.post(reverse("add_item"), filled(nonce=fields["nonce"])).url == made.get_absolute_url()
    assert Item.objects.count() == 2


def test_drafts_are_asked_about_too_and_programs_are_not(client, author):
    make_item(title=TITLE)
    page = client.post(reverse("add_item"), filled(deed="draft")).content.decode()
    assert ASKED in page
    assert client.post(reverse("add_item"), filled(deed="draft", asks="")).status_code == 302


def test_the_same_file_and_the_same_text_are_asked_about(client, author):
    text = " ".join(f"word{number}" for number in range(60))
    said = make_item(title="Something else", body=f"<p>{text}</p>")
    duplicates.keep_prints()
    page = client.post(
        reverse("add_item"), filled(title="Of another name", body=f"<p>{text}.</p>")
    ).content.decode()
    assert "It says nearly the same." in page and said.get_absolute_url() in page
    client.post(reverse("add_item"), filled(title="Holds a file", files=[uploaded("plan.pdf", pdf())]))
    assert StoredFile.objects.count() == 1
    page = client.post(
        reverse("add_item"), filled(title="Of another name", files=[uploaded("other.pdf", pdf())])
    ).content.decode()
    assert "The same file stands there already." in page


def test_what_one_may_not_see_is_not_asked_about(client, author):
    make_item(title=TITLE, visibility=Visibility.COMMUNITY)
    make_item(title=TITLE, withdrawn=True)
    assert client.post(reverse("add_item"), filled()).status_code == 302


def test_a_new_title_is_asked_about_and_the_item_itself_is_not(client, author):
    other, item = make_item(title=TITLE), make_item(title="A lab", created_by=author)
    url = reverse("edit_item", args=[item.slug])
    assert f'data-similar="/knowledge/similar/?besides={item.pk}&amp;q="' in read(client, url)
    fields = filled(seen=item.published.marker, title="A lab", body="<p>New words</p>")
    assert client.post(url, {**fields, "title": NEAR}).content.decode().count(other.get_absolute_url()) == 1
    assert Revision.objects.filter(item=item).count() == 1
    assert client.post(url, fields).status_code == 302
    assert read(client, f"/knowledge/similar/?besides={other.pk}&q={TITLE}").strip() == ""


def test_an_edition_is_asked_about_all_but_its_own_work(client, author):
    item = make_item(title=TITLE, created_by=author, language="en")
    url = reverse("add_edition", args=[item.slug, "ar"])
    assert client.post(url, filled(language="ar", title=TITLE)).status_code == 302
    other = make_item(title="מעבדת רובוטיקה לנערות בחטיבה", language="he")
    url = reverse("add_edition", args=[item.slug, "he"])
    page = client.post(url, filled(language="he", title="מעבדת רובוטיקה לנערות בחטיבה")).content.decode()
    assert ASKED in page and other.get_absolute_url() in page


def test_what_was_shown_while_typing_is_not_asked_about_again(client, author):
    item = make_item(title=TITLE)
    shown = read(client, f"/knowledge/similar/?q={NEAR}")
    assert f'<input type="hidden" name="near_seen" value="{item.pk}">' in shown
    assert client.post(reverse("add_item"), again(shown, **filled())).status_code == 302


def test_without_room_the_page_asks_to_choose_the_files_anew(client, author, settings, monkeypatch):
    make_item(title=TITLE)
    monkeypatch.setattr("munistem.commons.files.resumable.actions.MOST_OPEN", 0)
    page = client.post(reverse("add_item"), filled(files=[uploaded("plan.pdf", pdf())])).content.decode()
    assert ASKED in page and "please choose them again" in page
