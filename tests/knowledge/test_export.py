"""All of a community in one file: what is in it, what stays out, who may have it and how long."""

import csv
import io
import re
from datetime import timedelta
from zipfile import ZipFile

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.files.base import ContentFile
from django.utils import timezone, translation

from communities.actions.membership import TooLate
from communities.enums import Access, Moderation
from knowledge import rules
from knowledge.actions import export as deeds
from knowledge.enums import ExportState
from knowledge.models import Export
from munistem.commons.audit.models import AuditEvent
from munistem.commons.enums import Visibility
from munistem.commons.notices.models import Notice
from tests.communities.factories import (
    make_attachment,
    make_community,
    make_decision,
    make_facilitator,
    make_held,
    make_held_meeting,
    make_invitee,
    make_member,
    make_membership,
    make_minutes,
    make_post,
    make_task,
    make_topic,
    make_user,
)
from tests.knowledge.factories import make_file, make_item
from tests.members.factories import make_admin

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _quick(client, settings, tmp_path):
    client.cookies["django_language"] = "en"
    settings.IS_SECOND_FACTOR_REQUIRED = False


@pytest.fixture
def community():
    return make_community(name="Makers", access=Access.CLOSED, moderation=Moderation.EVERYBODY)


@pytest.fixture
def leader(community):
    return make_facilitator(community, make_member(name="Leader", language="he"))


def bytes_of(stored, text):
    stored.blob.save("x", ContentFile(text.encode()))
    return stored


def filled(community, leader):
    """A community with something of everything, shown and secret."""
    writer = make_membership(community, make_member(name="Dana", role_title="STEM manager")).person
    topic = make_topic(community, writer, title="=1+1 Labs", body='<p>Open <a href="/people/x/">labs</a></p>')
    bytes_of(make_attachment(topic.posts.get(), name="תוכנית.txt").file, "the plan")
    hidden = {"hidden_at": timezone.now(), "hidden_by": leader, "hidden_reason": "Names"}
    bytes_of(
        make_attachment(make_post(topic, writer, body="<p>SECRET</p>", **hidden), name="SECRET.txt").file, "x"
    )
    make_topic(community, writer, title="SECRET topic", **hidden)
    make_held(community, writer, title="SECRET held", body="<p>SECRET</p>", file_name="SECRET.txt")
    meeting = make_held_meeting(community, leader, title="Spring meeting")
    make_invitee(meeting, writer, attended=True)
    decision = make_decision(meeting, text="We open a lab", number=1, approved_at=timezone.now())
    make_task(meeting, writer, text="+Ask the mayor", approved_at=timezone.now())
    make_minutes(meeting, "approved")
    draft = make_held_meeting(community, leader, title="Autumn meeting")
    make_minutes(draft)
    make_decision(draft, text="SECRET decision")
    item = make_item(title="Our model", community=community, visibility=Visibility.COMMUNITY)
    bytes_of(make_file(item.published, name="model.txt").file, "the model")
    make_item(title="SECRET item", community=make_community(), visibility=Visibility.NETWORK)
    return topic, meeting, decision, item


def built(community, by):
    export = deeds.ask_export(by=by, community=community)
    assert deeds.build_export(export.pk)
    assert not deeds.build_export(export.pk)
    export.refresh_from_db()
    with export.blob.open("rb") as made:
        archive = ZipFile(io.BytesIO(made.read()))
    assert archive.testzip() is None
    return export, archive


def test_file_holds_all_of_the_community_and_nothing_secret(community, leader):
    topic, meeting, _decision, item = filled(community, leader)
    export, archive = built(community, leader)
    names = set(archive.namelist())
    texts = {name: archive.read(name).decode("utf-8-sig") for name in names}
    assert {
        *("index.html", "style.css", "topics.html", "meetings.html", "decisions.html", "members.html"),
        *(
            "library.html",
            f"topics/{topic.pk}.html",
            f"meetings/{meeting.pk}.html",
            f"library/{item.pk}.html",
        ),
        *(f"tables/{name}.csv" for name in ("topics", "posts", "members", "meetings", "decisions", "tasks")),
    } <= names
    assert "the plan" in texts.values()
    assert "the model" in texts.values()
    assert [name for name, text in texts.items() if "SECRET" in name + text] == []
    page = texts[f"topics/{topic.pk}.html"]
    assert 'dir="rtl"' in page
    assert 'href="../style.css"' in page
    assert "http://" in page
    assert 'href="/' not in page
    assert "We open a lab" in texts[f"meetings/{meeting.pk}.html"]
    assert "Dana" in texts["members.html"]
    assert "@" not in texts["members.html"] + texts["tables/members.csv"]
    assert not any(person.email in "".join(texts.values()) for person in (leader, topic.author))
    assert export.size > 0


def test_every_link_of_the_pages_leads_somewhere(community, leader):
    from posixpath import dirname, join, normpath
    from urllib.parse import unquote

    filled(community, leader)
    _export, archive = built(community, leader)
    names = set(archive.namelist())
    for name in names:
        if name.endswith(".html"):
            for link in re.findall(r'href="([^"#]+)"', archive.read(name).decode()):
                if not link.startswith(("http", "mailto")):
                    assert normpath(join(dirname(name), unquote(link))) in names, (name, link)


def test_tables_run_nothing_in_a_spreadsheet(community, leader):
    filled(community, leader)
    _export, archive = built(community, leader)
    rows = {
        name: list(csv.reader(io.StringIO(archive.read(f"tables/{name}.csv").decode("utf-8-sig"))))
        for name in ("topics", "posts", "members", "meetings", "decisions", "tasks")
    }
    assert rows["topics"][1][2] == "'=1+1 Labs"
    assert rows["tasks"][1][0] == "'+Ask the mayor"
    sizes = {name: len(table) - 1 for name, table in rows.items()}
    assert sizes == {"topics": 2, "posts": 2, "members": 2, "meetings": 2, "decisions": 1, "tasks": 1}
    assert archive.read("tables/topics.csv").startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize("language", ["he", "ar", "en"])
def test_pages_speak_the_language_of_who_asked(community, language):
    leader = make_facilitator(community, make_member(language=language))
    _export, archive = built(community, leader)
    page = archive.read("index.html").decode()
    with translation.override(language):
        assert f'<html lang="{language}" dir="{"ltr" if language == "en" else "rtl"}">' in page


def test_rule_and_queryset_are_twins(community, leader):
    export = deeds.ask_export(by=leader, community=community)
    member = make_membership(community).person
    people = [leader, member, make_member(), make_user(), make_facilitator(), make_admin(), AnonymousUser()]
    for person in people:
        community.forget_standings()
        seen = Export.objects.visible_to(person).filter(pk=export.pk).exists()
        assert seen == rules.can_see_export(person, Export.objects.get(pk=export.pk))
        assert seen == (person == leader or bool(person.is_authenticated and person.is_staff))


def test_facilitator_asks_once_is_told_and_saves_it(community, leader, client, run_jobs):
    client.force_login(leader)
    client.cookies["django_language"] = "en"
    url = f"{community.get_absolute_url()}export/"
    for _twice in range(2):
        assert client.post(url).status_code == 302
    export = Export.objects.get()
    run_jobs()
    export.refresh_from_db()
    assert export.state == ExportState.READY
    assert Notice.objects.get(event__kind="export_ready").reader == leader
    page = client.get(url).content.decode()
    assert export.file_name in page
    answer = client.get(f"{url}{export.key}/")
    assert answer["Content-Type"] == "application/zip"
    assert "attachment" in answer["Content-Disposition"]
    assert ZipFile(io.BytesIO(b"".join(answer.streaming_content))).testzip() is None
    part = client.get(f"{url}{export.key}/", headers={"Range": "bytes=0-"})
    assert (part.status_code, len(b"".join(part.streaming_content))) == (206, export.size)
    trail = AuditEvent.objects.filter(subject=f"knowledge.export:{export.pk}").order_by("pk")
    noted = ["ask_export", "build_export", "take_export", "take_export"]
    assert list(trail.values_list("deed", flat=True)) == noted


def test_nobody_else_gets_it(community, leader, client):
    export, _archive = built(community, leader)
    url = f"{community.get_absolute_url()}export/"
    for person, status in ((make_membership(community).person, 403), (make_member(), 404)):
        client.force_login(person)
        assert client.get(url).status_code == status
        assert client.post(url).status_code == status
        assert client.get(f"{url}{export.key}/").status_code == 404
    with pytest.raises(TooLate):
        deeds.ask_export(by=make_member(), community=community)


def test_who_no_longer_leads_gets_no_file(community, leader):
    export = deeds.ask_export(by=leader, community=community)
    community.memberships.update(is_facilitator=False)
    with pytest.raises(TooLate):
        deeds.build_export(export.pk)
    export.refresh_from_db()
    assert export.state == ExportState.FAILED
    assert not export.blob


def test_file_is_deleted_after_seven_days(community, leader, client, django_capture_on_commit_callbacks):
    export, _archive = built(community, leader)
    storage, name = export.blob.storage, export.blob.name
    assert deeds.delete_old_exports(now=timezone.now() + timedelta(days=6, hours=23)) == 0
    with django_capture_on_commit_callbacks(execute=True):
        assert deeds.delete_old_exports(now=timezone.now() + timedelta(days=7, minutes=1)) == 1
    assert deeds.delete_old_exports(now=timezone.now() + timedelta(days=8)) == 0
    assert not storage.exists(name)
    client.force_login(leader)
    assert client.get(f"{community.get_absolute_url()}export/{export.key}/").status_code == 404
    assert client.get(f"{community.get_absolute_url()}export/").status_code == 200


def test_file_that_is_lost_on_disk_does_not_keep_the_rest(community, leader):
    make_attachment(make_topic(community).posts.get(), name="lost.txt")
    _export, archive = built(community, leader)
    assert "index.html" in archive.namelist()
    assert not any("lost" in name for name in archive.namelist())


def test_memory_does_not_grow_with_the_files(community, leader):
    import tracemalloc

    topic = make_topic(community)
    for number in range(4):
        stored = make_attachment(topic.posts.get(), name=f"{number}.zip").file
        stored.blob.save("x", ContentFile(b"\0" * 8_000_000))
    export = deeds.ask_export(by=leader, community=community)
    tracemalloc.start()
    deeds.build_export(export.pk)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 12_000_000
