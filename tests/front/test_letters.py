"""Mail of the trial: there in a trial, nowhere else."""

import pytest

from munistem.commons.mail.letters import Letter, post
from munistem.front.views.letters import newest

pytestmark = pytest.mark.django_db


@pytest.fixture
def trial(settings, tmp_path):
    settings.DEMO = True
    settings.EMAIL_FOLDER = tmp_path
    settings.EMAIL_BACKEND = "munistem.commons.mail.backends.QueueBackend"
    settings.EMAIL_CARRIER = "munistem.commons.mail.backends.FolderBackend"


@pytest.fixture
def letter(trial, run_jobs):
    words = Letter(
        subject="ברוכים הבאים", lines=["שלום רב."], action=("פתיחה", "http://127.0.0.1:8000/join/")
    )
    post(words, to="dana@example.org", language="he")
    run_jobs()
    return newest()[0].stem


def test_letters_are_listed_and_read(client, letter, read):
    page = read("/dev/mail/")
    assert "ברוכים הבאים" in page
    assert "dana@example.org" in page
    key = f"{letter[:8]}-{letter[8:12]}-{letter[12:16]}-{letter[16:20]}-{letter[20:]}"
    assert f"/dev/mail/{key}/" in page
    assert "<iframe" in read(f"/dev/mail/{key}/")
    assert "frame-src 'self'" in client.get(f"/dev/mail/{key}/")["Content-Security-Policy"]
    response = client.get(f"/dev/mail/{key}/body/")
    assert "http://127.0.0.1:8000/join/" in response.content.decode()
    assert response["Content-Security-Policy"].startswith("sandbox")
    assert "allow-scripts" not in response["Content-Security-Policy"]
    assert response["X-Frame-Options"] == "SAMEORIGIN"


def test_without_letters_the_page_says_so(trial, read):
    assert "No letters yet" in read("/dev/mail/")


def test_unknown_letter_is_not_there(trial, read):
    read("/dev/mail/00000000-0000-0000-0000-000000000000/", status=404)


@pytest.mark.parametrize(
    "path", ["", "00000000-0000-0000-0000-000000000000/", "00000000-0000-0000-0000-000000000000/body/"]
)
def test_real_portal_has_no_such_page(settings, tmp_path, read, path):
    settings.DEMO = settings.TRIAL = False
    settings.EMAIL_FOLDER = tmp_path
    read(f"/dev/mail/{path}", status=404)
