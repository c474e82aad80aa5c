"""Taking one's data along, and leaving: nothing of others is in it, nothing that was written is torn out."""

import json
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.test import Client
from django.utils import timezone

from communities.models import Community, Membership, Post
from knowledge.actions.intake import begin as begin_intake
from knowledge.models import BulkImport, Intake
from members.models import Representative, User
from munistem.commons.audit.models import AuditEvent
from munistem.commons.files.models import StoredFile
from munistem.commons.files.resumable.actions import announce
from munistem.commons.files.resumable.models import Upload
from munistem.commons.notices.models import Notice
from munistem.commons.tables.states import BulkState
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


def archive(client) -> ZipFile:
    response = client.post("/me/data/export/")
    assert response.status_code == 200
    assert response["Content-Disposition"].startswith("attachment")
    return ZipFile(BytesIO(response.content))


def test_archive_holds_all_of_mine_and_nothing_of_others(client, person):
    community = make_community(name="Labs")
    make_membership(community, person)
    topic = make_topic(community, title="My topic", author=person, body="<p>Mine alone</p>")
    make_post(topic, body="<p>Of another</p>")
    make_item(created_by=person)
    opened = archive(client)
    kept = {name: opened.read(name).decode() for name in opened.namelist()}
    profile = json.loads(kept["profile.json"])
    assert (profile["name"], profile["email"]) == ("Dana Levi", person.email)
    assert [row["body"] for row in json.loads(kept["posts.json"])] == ["<p>Mine alone</p>"]
    assert [row["community__name"] for row in json.loads(kept["memberships.json"])] == ["Labs"]
    assert len(json.loads(kept["items.json"])) == 1
    assert len(json.loads(kept["mandates.json"])) == 1
    assert "Of another" not in "".join(kept.values())
    assert "password" not in "".join(kept.values())
    assert AuditEvent.objects.filter(deed="export_data", actor=person).count() == 1


def test_archive_holds_what_was_only_begun(client, person):
    person.is_knowledge_manager = True
    person.save()
    make_import(person, {"title": "A lab of mine", "kind": "guide"})
    make_import(make_member(), {"title": "Of another", "kind": "guide"})
    begin_intake(by=person, files=[uploaded("begun.pdf", pdf())])
    announce(by=person, name="way.pdf", size=10)
    opened = archive(client)
    kept = {name: json.loads(opened.read(f"{name}.json")) for name in (
        "imports", "import_rows", "begun_items", "begun_items_files", "files_on_their_way"
    )}  # fmt: skip
    assert [row["told"]["title"] for row in kept["import_rows"]] == ["A lab of mine"]
    assert [row["file__name"] for row in kept["begun_items_files"]] == ["begun.pdf"]
    assert [row["name"] for row in kept["files_on_their_way"]] == ["way.pdf"]
    assert {name: len(rows) for name, rows in kept.items()} == dict.fromkeys(kept, 1)


def test_who_leaves_takes_what_was_only_begun(client, person, django_capture_on_commit_callbacks):
    person.is_knowledge_manager = True
    person.save()
    make_import(person)
    other = make_import(make_member())
    filling = make_import(person, state=BulkState.FILLING, confirmed_at=timezone.now())
    begin_intake(by=person, files=[uploaded("begun.pdf", pdf())])
    way = announce(by=person, name="way.pdf", size=10)
    way.path.write_bytes(b"%PDF")
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post("/me/data/leave/", {"is_sure": "on"}).status_code == 302
    assert set(BulkImport.objects.all()) == {other, filling}
    filling.refresh_from_db()
    assert filling.expires_at <= timezone.now()  # cleared away by the clock once it is in
    assert not Intake.objects.exists() and not StoredFile.objects.exists()
    assert not Upload.objects.exists() and not way.path.exists()


def test_newcomer_may_take_along_the_little_there_is(client, read):
    client.force_login(make_user())
    assert "My data" in read("/me/data/")
    assert json.loads(archive(client).read("posts.json")) == []


def test_leaving_is_asked_once(client, person, read):
    assert "cannot be undone" in read("/me/data/leave/")
    page = client.post("/me/data/leave/").content.decode()
    assert "Tick the box" in page
    person.refresh_from_db()
    assert person.is_active


def test_who_leaves_is_forgotten_and_texts_stay(client, person, read):
    elsewhere = Client()
    elsewhere.force_login(person)
    community = make_community()
    make_membership(community, person, is_facilitator=True)
    reader = make_membership(community).person
    topic = make_topic(community, title="What I asked", author=person)
    answer = client.post("/me/data/leave/", {"is_sure": "on"})
    assert answer.url == "/"
    left = User.objects.get(pk=person.pk)
    assert (left.name, left.phone, left.is_active) == ("", "", False)
    assert elsewhere.get("/me/data/").status_code == 302
    assert client.post("/me/data/leave/", {"is_sure": "on"}).status_code == 302
    assert Post.objects.filter(author=left).count() == 1
    assert Membership.objects.get(person=left).state == "left"
    assert Community.objects.get().member_count == 1
    assert not Representative.objects.active().filter(person=left).exists()
    assert not Notice.objects.filter(reader=left).exists()
    client.force_login(reader)
    page = read(f"/topics/{topic.pk}/")
    assert "A former member" in page
    assert "Dana Levi" not in page
    assert f"/people/{left.uuid}/" not in page
    assert "Dana Levi" not in read(f"/communities/{community.slug}/")
    read(f"/people/{left.uuid}/", 404)


def test_only_admin_may_not_leave(client):
    admin = make_admin()
    client.force_login(admin)
    page = client.post("/me/data/leave/", {"is_sure": "on"}).content.decode()
    assert "only network admin" in page
    admin.refresh_from_db()
    assert admin.is_active


def test_data_page_costs_the_same_for_one_and_thirty(client, person, count_queries):
    few = count_queries("/me/data/")
    community = make_community()
    for _ in range(30):
        make_topic(community, author=person)
        make_membership(make_community(), person)
    assert count_queries("/me/data/") == few


def test_next_person_with_the_same_address_starts_anew(client, person):
    address = person.email
    client.post("/me/data/leave/", {"is_sure": "on"})
    assert make_member(email=address).email == address
