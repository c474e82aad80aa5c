"""Files in pieces: announced, sent on after a lost connection, examined at the end, used once by who sent them."""

import io
import os
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django import forms
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from munistem.commons.files.actions import store
from munistem.commons.files.forms import FilesField
from munistem.commons.files.models import FileKind, StoredFile
from munistem.commons.files.resumable import actions as deeds
from munistem.commons.files.resumable.keeping import folder
from munistem.commons.files.resumable.models import Upload
from munistem.commons.files.resumable.rules import can_see_upload
from tests.commons.factories import make_person, pdf

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_words", "english_pages")]
DOOR = "/files/uploads/"


class PaperForm(forms.Form):
    title = forms.CharField()
    files = FilesField(required=False, most=3)


@pytest.fixture
def sender(client):
    person = make_person(language="en", is_knowledge_manager=True)
    client.force_login(person)
    return person


def announced(client, name="plan.pdf", size=None, **fields):
    fields = {"name": name, "size": len(pdf()) if size is None else size, **fields}
    return client.post(DOOR, fields)


def piece(client, url, content, offset):
    return client.generic(
        "PATCH", url, content, content_type="application/octet-stream", HTTP_UPLOAD_OFFSET=str(offset)
    )


def sent(client, name="plan.pdf", content=None, **fields):
    """A file that has arrived whole; its key."""
    content = pdf() if content is None else content
    url = announced(client, name, len(content), **fields).json()["url"]
    assert piece(client, url, content, 0).json()["is_whole"]
    return url.split("/")[-2]


def path_of(upload):
    return folder() / upload.key.hex


def form_of(*keys):
    return PaperForm(QueryDict("title=Plan" + "".join(f"&files-sent={key}" for key in keys)), {})


def test_file_arrives_in_pieces_and_is_kept_as_it_was(client, sender):
    content = pdf(pages=20)
    begun = announced(client, size=len(content), place="/knowledge/new/#files")
    assert begun.status_code == 201
    url, cut = begun.json()["url"], 700
    first = piece(client, url, content[:cut], 0)
    assert first.json()["received"] == cut and not first.json()["is_whole"]
    asked = client.get(url)
    assert asked.headers["Upload-Offset"] == str(cut)
    assert client.head(url).headers["Upload-Offset"] == str(cut)
    assert piece(client, url, content[cut:], cut).json()["is_whole"]
    form = form_of(begun.json()["key"])
    assert form.is_valid(), form.errors
    stored = store(form.cleaned_data["files"][0], by=sender)
    assert Path(stored.blob.path).read_bytes() == content
    assert (stored.name, stored.kind, stored.size) == ("plan.pdf", FileKind.PDF, len(content))


def test_a_piece_that_does_not_fit_on_is_told_where_to_go_on(client, sender):
    url = announced(client).json()["url"]
    piece(client, url, pdf()[:100], 0)
    for wrong in (0, 99, 101, 10_000):
        answer = piece(client, url, b"x" * 10, wrong)
        assert (answer.status_code, answer.json()["received"]) == (409, 100)
    assert client.generic("PATCH", url, b"x", content_type="application/octet-stream").status_code == 409
    assert piece(client, url, pdf()[100:] + b"more", 100).status_code == 409


def test_what_came_before_the_line_broke_is_kept(client, sender):
    upload = Upload.objects.get(key=announced(client).json()["key"])
    parts = iter([pdf()[:50], OSError("reset")])

    def read(_size):
        part = next(parts)
        if isinstance(part, Exception):
            raise part
        return part

    held, came = deeds.piece_on_disk(read, 500)
    after = deeds.take_piece(by=sender, upload=upload, offset=0, piece=held.file, length=came)
    held.close()
    assert after.received == 50
    assert path_of(upload).read_bytes() == pdf()[:50]


def test_bytes_written_before_a_crash_are_written_over(client, sender):
    answer = announced(client).json()
    upload = Upload.objects.get(key=answer["key"])
    piece(client, answer["url"], pdf()[:100], 0)
    with path_of(upload).open("ab") as file:
        file.write(b"never counted, and longer than what follows" * 100)
    assert piece(client, answer["url"], pdf()[100:], 100).json()["is_whole"]
    assert path_of(upload).read_bytes() == pdf()


def test_an_examination_that_was_cut_off_is_done_with_an_empty_piece(client, sender):
    answer = announced(client).json()
    upload = Upload.objects.get(key=answer["key"])
    path_of(upload).write_bytes(pdf())
    Upload.objects.filter(pk=upload.pk).update(received=upload.size)
    assert piece(client, answer["url"], b"", upload.size).json()["is_whole"]


def test_what_is_not_what_its_name_says_is_refused_in_words_and_gone(
    client, sender, django_capture_on_commit_callbacks
):
    answer = announced(client, size=20).json()
    with django_capture_on_commit_callbacks(execute=True):
        refused = piece(client, answer["url"], b"plain words, no PDF!", 0)
    assert refused.status_code == 422
    assert "is not what its name says" in refused.json()["error"]
    assert not Upload.objects.exists()
    assert not (folder() / answer["key"].replace("-", "")).exists()
    assert client.get(answer["url"]).status_code == 404


@pytest.mark.parametrize(
    ("name", "size", "status", "words"),
    [
        ("plan.pdf", 2_000_000, 413, "larger than 1 MB"),
        ("plan.pdf", 0, 422, "is empty"),
        ("plan.pdf", "-5", 422, "is empty"),
        ("plan.pdf", "9" * 30, 422, "is empty"),
        ("run.exe", 10, 422, "not a kind of file we take"),
        ("../../etc/passwd", 10, 422, "not a kind of file we take"),
        ("", 10, 422, "not a kind of file we take"),
    ],
)
def test_what_would_be_refused_is_refused_before_it_travels(
    client, sender, settings, name, size, status, words
):
    settings.UPLOAD_MAX_MB = 1
    answer = announced(client, name, size)
    assert answer.status_code == status
    assert words in answer.json()["error"]
    assert not Upload.objects.exists()


def test_a_piece_is_bounded_and_of_one_kind(client, sender):
    url = announced(client, size=9_000_000).json()["url"]
    assert piece(client, url, b"x" * (deeds.LONGEST_PIECE + 1), 0).status_code == 413
    assert piece(client, url, b"", 0).status_code == 413
    assert client.generic("PATCH", url, "a=1", "text/plain", HTTP_UPLOAD_OFFSET="0").status_code == 413


def test_visitors_are_told_to_sign_in(client):
    for method in (client.get, client.post):
        assert method(DOOR).status_code == 401
    assert client.get(reverse("send_piece", args=[uuid4()])).status_code == 401


def test_nobody_touches_what_another_sends(client, sender):
    url, key = announced(client).json()["url"], Upload.objects.get().key
    client.force_login(make_person(language="en"))
    assert client.get(url).status_code == 404
    assert piece(client, url, b"x", 0).status_code == 404
    assert client.delete(url).status_code == 404
    assert client.get(DOOR, {"place": ""}).json() == {"uploads": []}
    assert Upload.objects.get().key == key


def test_who_sees_an_upload_is_the_same_in_the_rule_and_in_the_query(client, sender):
    announced(client)
    upload = Upload.objects.get()
    for user in (sender, make_person(), make_person(is_staff=True), AnonymousUser()):
        assert can_see_upload(user, upload) == Upload.objects.visible_to(user).filter(pk=upload.pk).exists()


def test_a_file_of_somebody_else_cannot_be_used(client, sender):
    form = form_of(sent(client))
    assert form.is_valid()
    other = make_person()
    with pytest.raises(PermissionDenied):
        store(form.cleaned_data["files"][0], by=other)
    assert not StoredFile.objects.exists()


def test_a_form_sent_twice_finds_the_file_twice(client, sender):
    key = sent(client)
    for _ in range(2):
        form = form_of(key)
        assert form.is_valid(), form.errors
        assert Path(store(form.cleaned_data["files"][0], by=sender).blob.path).read_bytes() == pdf()
    assert client.get(DOOR).json() == {"uploads": []}  # used: not offered again


def test_a_form_that_came_back_still_holds_the_files(client, sender):
    key = sent(client, name='a"b.pdf')
    form = PaperForm(QueryDict(f"files-sent={key}"), {})
    assert not form.is_valid()
    assert f'name="files-sent" value="{key}" data-sent="a_b.pdf"' in str(form["files"])


@pytest.mark.parametrize("key", ["", "nonsense", "00000000-0000-4000-8000-000000000000"])
def test_a_file_that_is_not_there_is_asked_for_again(key):
    form = form_of(key)
    expected = ["A file did not arrive whole. Choose it again."] if len(key) == 36 else []
    assert form.errors.get("files", []) == expected


def test_a_file_that_is_not_whole_does_not_count(client, sender):
    answer = announced(client).json()
    piece(client, answer["url"], b"%PDF", 0)
    assert not form_of(answer["key"]).is_valid()


def test_the_same_file_goes_on_and_another_of_its_name_begins_anew(client, sender):
    first = announced(client, place="/here#files", mark="abc").json()
    piece(client, first["url"], pdf()[:100], 0)
    again = announced(client, place="/here#files", mark="abc").json()
    assert (again["key"], again["received"]) == (first["key"], 100)
    assert announced(client, place="/here#files", mark="other").json()["key"] != first["key"]
    assert announced(client, place="/there#files", mark="abc").json()["key"] != first["key"]
    listed = client.get(DOOR, {"place": "/here#files"}).json()["uploads"]
    assert [row["received"] for row in listed] == [100, 0]


def test_the_same_file_comes_anew_when_its_bytes_are_gone(client, sender):
    first = sent(client, place="/here#files", mark="abc")
    path_of(Upload.objects.get(key=first)).unlink()
    again = announced(client, place="/here#files", mark="abc").json()
    assert (again["key"] != first, again["received"]) == (True, 0)
    assert not Upload.objects.filter(key=first).exists()


def test_one_person_has_only_so_much_on_the_way(client, sender, settings):
    settings.UPLOAD_MAX_MB = 1
    for _ in range(5):
        assert announced(client, size=1_000_000).status_code == 201
    refused = announced(client, size=1_000_000)
    assert refused.status_code == 422
    assert "Many files of yours are on their way already" in refused.json()["error"]
    long_ago = timezone.now() - timedelta(hours=2)
    oldest = Upload.objects.order_by("pk").first()
    Upload.objects.filter(pk=oldest.pk).update(touched_at=long_ago)
    assert announced(client, size=1_000_000).status_code == 201
    assert not Upload.objects.filter(pk=oldest.pk).exists()
    client.force_login(make_person(is_knowledge_manager=True))
    assert announced(client, size=1_000_000).status_code == 201


def test_who_takes_no_part_yet_has_room_for_a_picture_and_no_more(client):
    client.force_login(make_person(language="en"))
    refused = announced(client, "plan.pdf")
    assert refused.status_code == 422
    assert "You may send: JPG, PNG, WEBP, GIF" in refused.json()["error"]
    assert announced(client, "me.jpg", size=deeds.MOST_OF_PICTURES + 1).status_code == 413
    assert announced(client, "me.jpg", size=deeds.MOST_OF_PICTURES - 10).status_code == 201
    assert announced(client, "again.jpg", size=11).status_code == 422
    Upload.objects.all().delete()
    for number in range(deeds.MOST_PICTURES):
        assert announced(client, f"{number}.jpg", size=10).status_code == 201
    assert announced(client, "more.jpg", size=10).status_code == 422


def test_all_together_have_only_so_much_on_the_way(client, sender, settings, monkeypatch):
    settings.UPLOAD_MAX_MB = 1
    monkeypatch.setattr(deeds, "PARKED", 2)
    for name in ("one", "two"):
        client.force_login(make_person(is_knowledge_manager=True, name=name))
        assert announced(client, size=1_000_000).status_code == 201
    client.force_login(sender)
    assert announced(client, size=1_000_000).status_code == 422
    oldest = Upload.objects.order_by("pk").first()
    Upload.objects.filter(pk=oldest.pk).update(touched_at=timezone.now() - timedelta(hours=2))
    assert announced(client, size=1_000_000).status_code == 201  # what was left lying gives way
    assert not Upload.objects.filter(pk=oldest.pk).exists()


def test_giving_up_takes_the_bytes_away(client, sender, django_capture_on_commit_callbacks):
    answer = announced(client).json()
    piece(client, answer["url"], b"%PDF", 0)
    path = path_of(Upload.objects.get())
    with django_capture_on_commit_callbacks(execute=True):
        assert client.delete(answer["url"]).status_code == 204
    assert not path.exists() and not Upload.objects.exists()


def test_sweeping_takes_what_nobody_went_on_with(client, sender, django_capture_on_commit_callbacks):
    fresh, old, used = (Upload.objects.get(key=sent(client, name=f"{name}.pdf")) for name in "abc")
    stray = folder() / uuid4().hex
    stray.write_bytes(b"x")
    os.utime(stray, (1, 1))
    long_ago = timezone.now() - timedelta(days=3)
    Upload.objects.filter(pk=old.pk).update(touched_at=long_ago)
    Upload.objects.filter(pk=used.pk).update(used_at=timezone.now() - timedelta(hours=2))
    with django_capture_on_commit_callbacks(execute=True):
        assert deeds.sweep_uploads() == 3
    assert [path.name for path in folder().iterdir() if path == path_of(fresh)] == [fresh.key.hex]
    assert list(Upload.objects.all()) == [fresh]
    assert not stray.exists() and not path_of(old).exists() and not path_of(used).exists()


def test_pieces_need_the_token_of_the_form(person):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(person)
    assert strict.post(DOOR, {"name": "a.pdf", "size": 5}).status_code == 403
    url = reverse("send_piece", args=[uuid4()])
    assert strict.generic("PATCH", url, b"x", content_type="application/octet-stream").status_code == 403


def test_two_copies_of_a_piece_count_once(client, sender):
    upload = Upload.objects.get(key=announced(client).json()["key"])
    deeds.take_piece(by=sender, upload=upload, offset=0, piece=io.BytesIO(b"%PDF"), length=4)
    with pytest.raises(deeds.OtherOffset) as told:
        deeds.take_piece(by=sender, upload=upload, offset=0, piece=io.BytesIO(b"%PDF"), length=4)
    assert told.value.received == 4


def test_announcing_says_in_words_what_is_wrong():
    with pytest.raises(ValidationError):
        deeds.refuse("a.exe", 5, deeds.Room(1, 100, frozenset()))
