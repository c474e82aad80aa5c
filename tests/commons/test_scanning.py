"""Files and the virus scanner: who has them before it spoke, what happens when it finds something, and when it is away."""

import io
import re
import socket
import tempfile
from datetime import timedelta
from pathlib import Path
from zipfile import ZipFile

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import Http404
from django.urls import reverse
from django.utils import timezone

from munistem.commons.audit.models import AuditEvent
from munistem.commons.files import scanning, tasks
from munistem.commons.files.actions import prepare, store
from munistem.commons.files.models import FileState, ScanState, StoredFile
from munistem.commons.files.rules import can_have_bytes
from munistem.commons.files.views import serve_page, serve_preview
from munistem.commons.files.zipping import zipped
from tests.commons.factories import make_person, pdf, picture, uploaded
from tests.commons.scanners import EICAR, scanner
from tests.commons.test_handing_out import ask
from tests.communities.factories import make_attachment, make_community, make_topic

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_words")]


@pytest.fixture
def person():
    return make_person(name="Dana", language="en")


@pytest.fixture
def clamd(settings):
    with (
        tempfile.TemporaryDirectory() as folder,
        scanner(Path(folder)) as server,
    ):  # a short path: sockets know no long ones
        settings.CLAMD_SOCKET = server.path
        yield server


def made(person, content: bytes = b"words", name: str = "notes.txt") -> StoredFile:
    return store(uploaded(name, content), by=person)


def bytes_of(response) -> bytes:
    """Closed by hand: ``close()`` would close the test's database as well."""
    found = b"".join(response.streaming_content)
    for close in response._resource_closers:
        close()
    return found


def now(stored: StoredFile) -> StoredFile:
    return StoredFile.objects.get(pk=stored.pk)


def aged(stored: StoredFile, **delta) -> None:
    StoredFile.objects.filter(pk=stored.pk).update(uploaded_at=timezone.now() - timedelta(**delta))


def test_without_a_scanner_files_say_so_and_are_handed_out(person, run_jobs):
    stored = made(person)
    run_jobs()
    assert now(stored).scan == ScanState.NOT_SCANNED
    assert now(stored).get_scan_display() == "not scanned for viruses"
    assert bytes_of(ask(stored)) == b"words"


def test_a_clean_file_waits_for_the_scanner_and_is_then_everyones(person, clamd, run_jobs):
    stored = made(person)
    assert stored.scan == ScanState.WAITING
    assert ask(stored, make_person()).status_code == ask(stored).status_code == 403
    assert bytes_of(ask(stored, person)) == b"words"  # who sent it has it anyway
    assert b"is being checked for viruses" in ask(stored).content
    run_jobs()
    assert clamd.seen == [b"words"]
    assert (now(stored).scan, now(stored).state) == (ScanState.CLEAN, FileState.READY)
    assert bytes_of(ask(now(stored))) == b"words"


def test_a_file_with_a_virus_is_withheld_from_everyone(person, clamd, run_jobs, mailoutbox):
    admin = make_person(is_staff=True, is_superuser=True, language="en")
    stored, told = made(person, b"words " + EICAR), []
    tasks.when_ready(told.append)
    run_jobs()
    tasks.READY.remove(told.append)
    stored = now(stored)
    assert (stored.scan, stored.found) == (ScanState.FOUND, "Eicar-Signature")
    assert (stored.state, stored.text, stored.hints) == (FileState.FAILED, "", [])
    assert told[-1] == stored  # its words are taken out of the search
    for reader in (person, admin, AnonymousUser()):
        answer = ask(stored, reader)
        assert answer.status_code == 403
        assert b"A virus was found in" in answer.content
        assert EICAR not in answer.content
    assert AuditEvent.objects.get(deed="withhold_file").details["found"] == "Eicar-Signature"
    assert [(mail.to, mail.subject) for mail in mailoutbox] == [
        ([person.email], "A virus was found in a file of yours"),
        ([admin.email], "A virus was found in a file"),
    ]
    assert "Eicar-Signature" in mailoutbox[0].body
    assert f"/admin/commons/storedfile/{stored.pk}/change/" in mailoutbox[1].body


def test_reading_it_afterwards_brings_nothing_back(person, clamd, mailoutbox):
    stored = made(person, b"words " + EICAR)
    scanning.scan(stored.pk)
    prepare(stored.pk)
    assert (now(stored).state, now(stored).text) == (FileState.FAILED, "")
    scanning.scan(stored.pk)
    assert AuditEvent.objects.filter(deed="withhold_file").count() == 1
    assert len(mailoutbox) == 1


def test_pictures_of_it_and_the_file_of_all_files_leave_it_out(person, clamd, run_jobs):
    fine, bad = made(person, picture("PNG"), "fine.png"), made(person, picture("PNG") + EICAR, "bad.png")
    run_jobs()
    fine, bad = now(fine), now(bad)
    assert (fine.scan, bad.scan) == (ScanState.CLEAN, ScanState.FOUND)
    assert bytes_of(ask(fine, how=serve_preview))
    with pytest.raises(Http404):
        ask(bad, how=serve_preview)
    with pytest.raises(Http404):
        ask(bad, how=lambda request, stored: serve_page(request, stored, 1))
    archive = ZipFile(io.BytesIO(b"".join(zipped([(fine, ""), (bad, "")]))))
    assert archive.namelist() == ["fine.png"]


def test_while_the_scanner_is_away_the_job_is_tried_again_and_others_wait_an_hour(person, settings, caplog):
    settings.CLAMD_SOCKET = "/nowhere/clamd"
    stored = made(person)
    with pytest.raises(OSError, match="No such file"):
        scanning.scan(stored.pk)
    assert scanning.scan_forgotten() == 0
    aged(stored, minutes=20)
    assert scanning.scan_forgotten() == 1  # asked for again
    assert now(stored).scan == ScanState.WAITING
    aged(stored, minutes=61)
    scanning.scan_forgotten()
    assert now(stored).scan == ScanState.NOT_SCANNED
    assert bytes_of(ask(now(stored))) == b"words"
    assert "1 files are handed out unscanned" in caplog.text


def test_what_was_handed_out_unscanned_is_scanned_once_there_is_a_scanner(person, clamd, run_jobs, settings):
    settings.CLAMD_SOCKET, path = "", settings.CLAMD_SOCKET
    stored = made(person, b"words " + EICAR)
    settings.CLAMD_SOCKET = path
    aged(stored, days=400)
    assert scanning.scan_forgotten() == 1
    run_jobs()
    assert now(stored).scan == ScanState.FOUND
    assert scanning.scan_forgotten() == 0


def test_a_scanner_that_was_switched_off_keeps_nothing_waiting(person, clamd, settings):
    stored = made(person)
    settings.CLAMD_SOCKET = ""
    scanning.scan_forgotten()
    assert now(stored).scan == ScanState.NOT_SCANNED


@pytest.mark.parametrize(
    "said",
    [
        b"INSTREAM size limit exceeded. ERROR\0",
        b"nonsense\0",
        b"stream: OK FINE\0",
        b"stream: Heuristics.Limits.Exceeded.MaxFiles FOUND\0",
        b"stream: Heuristics.Encrypted.Zip FOUND\0",
    ],
)
def test_an_answer_that_says_nothing_of_the_file_leaves_it_unscanned(person, clamd, said):
    stored = made(person)
    clamd.says = said
    scanning.scan(stored.pk)
    assert now(stored).scan == ScanState.NOT_SCANNED
    assert now(stored).scanned_at  # it is not asked again for ever


def test_a_file_too_large_for_the_scanner_is_marked_unscanned(person, clamd):
    clamd.most = 100
    stored = made(person, b"words " * 100_000)
    scanning.scan(stored.pk)
    assert now(stored).scan == ScanState.NOT_SCANNED


def test_a_line_that_breaks_off_is_tried_again(person, clamd):
    clamd.says = b""
    stored = made(person)
    with pytest.raises(OSError, match="without a word"):
        scanning.scan(stored.pk)
    assert now(stored).scan == ScanState.WAITING


def test_the_scanner_may_listen_at_a_port(settings):
    with socket.create_server(("127.0.0.1", 0)) as server:
        settings.CLAMD_SOCKET = f"127.0.0.1:{server.getsockname()[1]}"
        with scanning.line() as connection:
            assert connection.getpeername() == server.getsockname()


def test_who_has_a_file_in_each_state(person):
    others = (make_person(is_staff=True), AnonymousUser())
    for state, for_sender, for_others in (
        (ScanState.NOT_SCANNED, True, True),
        (ScanState.WAITING, True, False),
        (ScanState.CLEAN, True, True),
        (ScanState.FOUND, False, False),
    ):
        stored = StoredFile(scan=state, uploaded_by=person)
        assert can_have_bytes(person, stored) == for_sender
        assert [can_have_bytes(other, stored) for other in others] == [for_others] * 2


def test_its_state_stands_beside_a_file_on_the_page(client, english_pages):
    attachment = make_attachment(make_topic(make_community(access="open")).posts.get())
    page = client.get(f"/topics/{attachment.post.topic_id}/").content.decode()
    assert "not scanned for viruses" in page
    StoredFile.objects.update(scan=ScanState.CLEAN, scanned_at=timezone.now())
    page = client.get(f"/topics/{attachment.post.topic_id}/").content.decode()
    assert re.search(r"· checked for viruses", page)


def test_the_admin_lists_withheld_files_and_no_others(client, english_pages, person, clamd, run_jobs):
    fine, bad = made(person), made(person, EICAR, "bad.txt")
    run_jobs()
    client.force_login(make_person(is_staff=True, is_superuser=True))
    page = client.get(reverse("admin:commons_storedfile_changelist")).content.decode()
    assert "bad.txt" in page
    assert "notes.txt" not in page
    assert client.get(reverse("admin:commons_storedfile_change", args=[bad.pk])).status_code == 200
    assert client.get(reverse("admin:commons_storedfile_change", args=[fine.pk])).status_code == 302


def test_pdf_is_sent_whole(person, clamd):
    stored = made(person, pdf(pages=3), "plan.pdf")
    scanning.scan(stored.pk)
    assert clamd.seen == [pdf(pages=3)]
