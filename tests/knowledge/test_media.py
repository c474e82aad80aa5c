"""Pictures, films, recordings, several files in one, and what an author says of files."""

import io
import zipfile

import pytest

from knowledge.actions import files as deeds
from knowledge.actions import write
from knowledge.enums import Privacy, RevisionState
from knowledge.models import Item, RevisionFile
from knowledge.views.media import player_of
from munistem.commons.enums import Visibility
from munistem.commons.files import zipping
from munistem.commons.files.models import FileKind
from tests.commons.factories import picture, uploaded
from tests.knowledge.factories import content, make_file, make_item, make_revision
from tests.members.factories import make_member

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_pages")]


# Films ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "player"),
    [
        ("https://www.youtube.com/watch?v=dQw4w9WgXcQ&t=3", "youtube-nocookie.com/embed/dQw4w9WgXcQ?rel=0"),
        ("https://youtu.be/dQw4w9WgXcQ?si=x", "youtube-nocookie.com/embed/dQw4w9WgXcQ?rel=0"),
        ("https://m.youtube.com/shorts/dQw4w9WgXcQ", "youtube-nocookie.com/embed/dQw4w9WgXcQ?rel=0"),
        ("https://vimeo.com/76979871", "player.vimeo.com/video/76979871?dnt=1"),
        ("https://vimeo.com/76979871/abc123", "player.vimeo.com/video/76979871?dnt=1&h=abc123"),
        ("https://player.vimeo.com/video/76979871", "player.vimeo.com/video/76979871?dnt=1"),
        ("https://youtube.com/watch?v=<script>", ""),
        ("https://youtube.com/watch?v=a/../../evil", ""),
        ("https://youtube.com/@channel", ""),
        ("https://youtube.com.evil.example/watch?v=dQw4w9WgXcQ", ""),
        ("https://evil.example/youtu.be/dQw4w9WgXcQ", ""),
        ("https://vimeo.com/about", ""),
        ("https://vimeo.com/٣٤٥", ""),
    ],
)
def test_films_are_played_by_players_that_keep_no_marks(url, player):
    found = player_of(url)
    assert found.removeprefix("https://").removeprefix("www.") == player


def test_only_a_page_with_a_film_may_open_its_player(client):
    film = make_item(links=["https://youtu.be/dQw4w9WgXcQ"])
    page = client.get(film.get_absolute_url())
    assert "frame-src https://www.youtube-nocookie.com" in page.headers["Content-Security-Policy"]
    assert "player.vimeo" not in page.headers["Content-Security-Policy"]
    assert "<iframe" not in page.content.decode()
    assert "film.js" in page.content.decode()
    other = client.get(make_item(links=["https://example.org/"]).get_absolute_url())
    assert "frame-src" not in other.headers["Content-Security-Policy"]
    assert "film.js" not in other.content.decode()


def test_pictures_and_recordings_stand_on_the_page(client):
    item = make_item()
    shown = make_file(item.published, kind=FileKind.IMAGE, name="a.png", alt="A girl solders a board")
    plain = make_file(item.published, kind=FileKind.IMAGE, name="b.png", is_decorative=True)
    sound = make_file(item.published, kind=FileKind.AUDIO, name="c.mp3", title="Talk of the mayor")
    film = make_file(item.published, kind=FileKind.VIDEO, name="d.mp4")
    page = client.get(item.get_absolute_url()).content.decode()
    place = f"{item.get_absolute_url()}files"
    assert 'alt="A girl solders a board"' in page
    assert f'src="{place}/{plain.file.key}/preview/" alt=""' in page
    assert f'<audio class="film__sound" controls preload="none" src="{place}/{sound.file.key}/"' in page
    assert 'aria-label="Talk of the mayor"' in page
    assert f'src="{place}/{film.file.key}/" aria-label="d.mp4"></video>' in page
    assert str(shown.file.key) in page


# All in one ----------------------------------------------------------------------------------------------


def unzipped(client, url):
    answer = client.get(url)
    assert answer.status_code == 200
    return answer, zipfile.ZipFile(io.BytesIO(answer.getvalue()))


def test_all_files_come_in_one_with_names_of_their_own(client):
    item = make_item(title="מעבדה / בית ספר")
    for name, title in [("plan.txt", ""), ("PLAN.txt", ""), ("x.txt", "תכנית ../שנתית"), ("y.txt", "plan")]:
        make_file(item.published, name=name, title=title)
    address = f"{item.get_absolute_url()}revisions/1/files.zip"
    assert address in client.get(item.get_absolute_url()).content.decode()
    answer, archive = unzipped(client, address)
    assert archive.namelist() == ["plan.txt", "PLAN (2).txt", "שנתית.txt", "plan (3).txt"]
    assert archive.testzip() is None
    assert archive.read("plan.txt") == b"words"
    assert answer.headers["Content-Disposition"].startswith("attachment; filename*=utf-8''")
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_one_file_or_too_much_is_not_packed(client, monkeypatch):
    item = make_item()
    make_file(item.published)
    address = f"{item.get_absolute_url()}revisions/1/files.zip"
    assert client.get(address).status_code == 404
    make_file(item.published)
    assert client.get(address).getvalue()
    monkeypatch.setattr("knowledge.views.media.MOST_ZIPPED", 9)
    assert client.get(address).status_code == 404
    assert address not in client.get(item.get_absolute_url()).content.decode()


def test_the_pack_is_for_those_who_see_the_revision(client):
    item = make_item(visibility=Visibility.NETWORK)
    draft = make_revision(item)
    for revision in (item.published, draft):
        make_file(revision)
        make_file(revision)
    place = f"{item.get_absolute_url()}revisions"
    assert [client.get(f"{place}/{n}/files.zip").status_code for n in (1, 2)] == [404, 404]
    client.force_login(make_member())
    client.get(f"{place}/1/files.zip").getvalue()
    assert client.get(f"{place}/2/files.zip").status_code == 404


def test_a_lost_file_keeps_no_other_from_being_taken():
    kept, lost = make_file().file, make_file().file
    lost.blob.storage.delete(lost.blob.name)
    packed = b"".join(zipping.zipped([(lost, ""), (kept, "")]))
    assert zipfile.ZipFile(io.BytesIO(packed)).namelist() == [kept.name]


# What an author says of files ----------------------------------------------------------------------------


def sent(client, **fields):
    form = {**content(privacy=Privacy.NONE), "deed": "submit", "asks": "people", **fields}
    return client.post("/knowledge/new/", form, follow=True)


def test_a_picture_is_put_into_words_before_review(client, author):
    page = sent(client, files=[uploaded("lab.png", picture("PNG"))]).content.decode()
    assert "say what the pictures show" in page
    item = Item.objects.get()
    revision, held = item.revisions.get(), RevisionFile.objects.get()
    assert revision.state == RevisionState.DRAFT
    address, name = f"{item.get_absolute_url()}files/", f"file{held.pk}"
    form = {"seen": revision.marker, f"{name}-title": "The <lab>", f"{name}-place": "1", "deed": "submit"}
    page = client.post(address, form).content.decode()
    assert "Say what the picture shows, or that it is decoration." in page
    assert "The &lt;lab&gt;" in page
    form[f"{name}-alt"] = "Pupils at a bench"
    client.post(address, form)
    held.refresh_from_db()
    revision.refresh_from_db()
    assert (held.title, held.alt, revision.state) == (
        "The <lab>",
        "Pupils at a bench",
        RevisionState.SUBMITTED,
    )
    assert client.post(address, form).status_code == 409  # the same once more
    revision.refresh_from_db()
    assert revision.version == 2


def test_programs_and_files_without_pictures_are_sent_at_once(client, author):
    sent(client, asks="", files=[uploaded("lab.png", picture("PNG"))])
    sent(client, title="Another", files=[uploaded("a.txt", b"words")])
    assert set(Item.objects.values_list("revisions__state", flat=True)) == {RevisionState.SUBMITTED}


def test_a_draft_that_is_not_complete_is_not_sent_from_its_files(client, author):
    item = make_item(RevisionState.DRAFT, created_by=author, summary="")
    held = make_file(item.revisions.get())
    form = {"seen": item.revisions.get().marker, f"file{held.pk}-place": "1", "deed": "submit"}
    answer = client.post(f"{item.get_absolute_url()}files/", form)
    assert (answer.status_code, answer.url) == (302, f"{item.get_absolute_url()}edit/")
    assert item.revisions.get().state == RevisionState.DRAFT


def test_files_are_put_in_order_and_keep_what_is_said_of_them(author):
    item = make_item(RevisionState.DRAFT, created_by=author)
    revision = item.revisions.get()
    one, two, three = (make_file(revision) for _ in range(3))
    told = {one.pk: {"place": 3}, two.pk: {"place": 1, "title": "First"}, three.pk: {"place": 1}}
    deeds.describe_files(by=author, item=item, seen=revision.marker, told=told)
    assert list(revision.files.order_by("position").values_list("pk", "title")) == [
        (two.pk, "First"),
        (three.pk, ""),
        (one.pk, ""),
    ]
    with pytest.raises(write.StaleEdit):
        deeds.describe_files(by=author, item=item, seen=revision.marker, told={})
    with pytest.raises(write.TooLate):
        deeds.describe_files(by=make_member(), item=item, seen="1.2", told={})


def test_what_is_said_of_files_goes_into_the_next_revision(author):
    item = make_item(created_by=author)
    make_file(item.published, kind=FileKind.IMAGE, title="Lab", alt="Pupils")
    seen = item.published.marker
    after = write.save_item(by=author, item=item, content=content(), seen=seen)
    assert list(after.files.values_list("title", "alt")) == [("Lab", "Pupils")]


def test_hints_are_for_authors_and_reviewers(client, author, reviewer):
    item = make_item(created_by=author)
    make_file(item.published, kind=FileKind.PDF, name="scan.pdf", hints=["no_text", "gone"])
    words = "Its pages are pictures"
    assert words in client.get(item.get_absolute_url()).content.decode()
    client.force_login(reviewer)
    assert words in client.get(item.get_absolute_url()).content.decode()
    client.force_login(make_member())
    assert words not in client.get(item.get_absolute_url()).content.decode()


def test_more_files_cost_no_more_queries(author, count_queries):
    def draft(count):
        item = make_item(RevisionState.DRAFT, created_by=author)
        for _ in range(count):
            make_file(item.revisions.get())
        return f"{item.get_absolute_url()}files/"

    one, many = draft(1), draft(30)
    assert count_queries(one) == count_queries(many) <= 12
