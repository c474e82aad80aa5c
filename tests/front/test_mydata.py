"""Taking one's data along, and leaving: nothing of others is in it, nothing that was written is torn out."""

import json
from datetime import timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from knowledge.actions.intake import begin as begin_intake
from knowledge.models import BulkImport, Intake
from members.models import Archive
from munistem.commons.audit.models import AuditEvent
from munistem.commons.files.actions import store
from munistem.commons.files.models import StoredFile
from munistem.commons.files.resumable.actions import announce
from munistem.commons.files.resumable.keeping import folder
from munistem.commons.files.resumable.models import Upload
from munistem.commons.tables.states import BulkState
from munistem.front.actions.archive import delete_old_archives
from munistem.front.actions.departure import leave_network
from tests.commons.factories import pdf, uploaded
from tests.communities.factories import make_community, make_membership, make_post, make_topic
from tests.knowledge.factories import make_import, make_item
from tests.members.factories import make_admin, make_member, make_organisation, make_representative, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(client):
    organisation = make_organisation()
    make_representative(organisation=organisation, is_manager=True)
    person = make_representative(make_user(name="Dana Levi", phone="04-1234567"), organisation).person
    client.force_login(person)
    return person


@pytest.fixture
def archive(client, run_jobs):
    """Ask for the archive, let the worker make it, fetch it."""

    def fetch() -> ZipFile:
        assert client.post("/me/data/export/").url == "/me/data/"
        run_jobs()
        response = client.get(f"/me/data/archive/{Archive.objects.latest_first()[0].key}/")
        assert response["Content-Disposition"].startswith("attachment")
        assert response["Cache-Control"] == "private, no-store"
        return ZipFile(BytesIO(b"".join(response.streaming_content)))

    return fetch


def test_archive_holds_all_of_mine_and_nothing_of_others(person, archive):
    community = make_community(name="Labs")
    make_membership(community, person)
    topic = make_topic(community, title="My topic", author=person, body="<p>Mine alone</p>")
    make_post(topic, body="<p>Of another</p>")
    make_item(created_by=person)
    opened = archive()
    kept = {name: opened.read(name).decode() for name in opened.namelist()}
    profile = json.loads(kept["profile.json"])
    assert (profile["name"], profile["email"]) == ("Dana Levi", person.email)
    assert [row["body"] for row in json.loads(kept["posts.json"])] == ["<p>Mine alone</p>"]
    assert [row["community__name"] for row in json.loads(kept["memberships.json"])] == ["Labs"]
    assert len(json.loads(kept["items.json"])) == 1
    assert len(json.loads(kept["mandates.json"])) == 1
    assert "Of another" not in "".join(kept.values())
    assert "password" not in "".join(kept.values())
    for deed in ("ask_archive", "take_archive"):
        assert AuditEvent.objects.filter(deed=deed, actor=person).count() == 1


def test_archive_holds_the_files_one_uploaded(person, archive):
    store(uploaded("mine.pdf", pdf()), by=person)
    store(uploaded("theirs.pdf", pdf()), by=make_member())
    opened = archive()
    files = [name for name in opened.namelist() if name.startswith("files/")]
    assert [name.rsplit("/")[-1] for name in files] == ["mine.pdf"]
    assert opened.read(files[0]).startswith(b"%PDF")


def test_file_missing_on_disk_stops_no_archive(person, archive):
    stored = store(uploaded("mine.pdf", pdf()), by=person)
    stored.blob.storage.delete(stored.blob.name)
    assert "files.json" in archive().namelist()


def test_archive_is_ones_own_and_over_after_a_week(
    client, person, archive, read, django_capture_on_commit_callbacks
):
    archive()
    made = Archive.objects.get()
    [letter] = [letter for letter in mail.outbox if letter.to == [person.email]]
    assert letter.subject.startswith("Your data are packed")
    assert "Download my data" in read("/me/data/")
    path = f"/me/data/archive/{made.key}/"
    for other in (make_member(), make_admin()):
        client.force_login(other)
        read(path, 404)
    assert Client().get(path).status_code == 302
    client.force_login(person)
    Archive.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    read(path, 404)
    name = made.blob.name
    assert made.blob.storage.exists(name)
    with django_capture_on_commit_callbacks(execute=True):
        assert delete_old_archives() == 1
    assert not made.blob.storage.exists(name)
    assert delete_old_archives() == 0


def test_one_archive_is_made_at_a_time(client, person, read, run_jobs):
    client.post("/me/data/export/")
    client.post("/me/data/export/")
    assert Archive.objects.count() == 1
    assert "being packed" in read("/me/data/")
    run_jobs()
    client.post("/me/data/export/")
    run_jobs()
    assert [row.state for row in Archive.objects.latest_first()] == ["ready", "over"]


def test_archive_holds_what_was_only_begun(person, archive):
    person.is_knowledge_manager = True
    person.save()
    make_import(person, {"title": "A lab of mine", "kind": "guide"})
    make_import(make_member(), {"title": "Of another", "kind": "guide"})
    begin_intake(by=person, files=[uploaded("begun.pdf", pdf())])
    announce(by=person, name="way.pdf", size=10)
    opened = archive()
    kept = {name: json.loads(opened.read(f"{name}.json")) for name in (
        "imports", "import_rows", "begun_items", "begun_items_files", "files_on_their_way"
    )}  # fmt: skip
    assert [row["told"]["title"] for row in kept["import_rows"]] == ["A lab of mine"]
    assert [row["file__name"] for row in kept["begun_items_files"]] == ["begun.pdf"]
    assert [row["name"] for row in kept["files_on_their_way"]] == ["way.pdf"]
    assert {name: len(rows) for name, rows in kept.items()} == dict.fromkeys(kept, 1)


def test_who_leaves_takes_what_was_only_begun(person, django_capture_on_commit_callbacks):
    person.is_knowledge_manager = True
    person.save()
    make_import(person)
    other = make_import(make_member())
    filling = make_import(person, state=BulkState.FILLING, confirmed_at=timezone.now())
    begin_intake(by=person, files=[uploaded("begun.pdf", pdf())])
    way = announce(by=person, name="way.pdf", size=10)
    (folder() / way.key.hex).write_bytes(b"%PDF")
    with django_capture_on_commit_callbacks(execute=True):
        leave_network(person=person)
    assert set(BulkImport.objects.all()) == {other, filling}
    filling.refresh_from_db()
    assert filling.expires_at <= timezone.now()  # cleared away by the clock once it is in
    assert not Intake.objects.exists() and not StoredFile.objects.exists()
    assert not Upload.objects.exists() and not (folder() / way.key.hex).exists()


def test_newcomer_may_take_along_the_little_there_is(client, read, archive):
    client.force_login(make_user())
    assert "My data" in read("/me/data/")
    assert json.loads(archive().read("posts.json")) == []


def test_leaving_is_asked_once(client, person, read):
    assert "30 days to change your mind" in read("/me/data/leave/")
    page = client.post("/me/data/leave/").content.decode()
    assert "Tick the box" in page
    person.refresh_from_db()
    assert person.is_active


def test_data_page_costs_the_same_for_one_and_thirty(client, person, count_queries):
    few = count_queries("/me/data/")
    community = make_community()
    for _ in range(30):
        make_topic(community, author=person)
        make_membership(make_community(), person)
    assert count_queries("/me/data/") == few


def test_next_person_with_the_same_address_starts_anew(person):
    address = person.email
    leave_network(person=person)
    assert make_member(email=address).email == address
