"""The way into the network as an applicant walks it: each step, each mail, each refusal."""

import pytest

from members.models import Application
from tests.members.factories import make_authority, make_municipality

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english(client):
    client.cookies["django_language"] = "en"


def test_whole_form_is_filled_in_step_by_step(client):
    town = make_authority(name_he="כרמיאל", name_en="Karmiel", name_ar="كرميئيل")
    assert client.get("/join/").status_code == 200
    answer = client.post("/join/", {"type": "municipality"})
    application = Application.objects.get()
    assert answer.headers["Location"] == f"/join/{application.key}/organisation/"
    page = client.get(answer.headers["Location"])
    assert page.status_code == 200
    answer = client.post(f"/join/{application.key}/organisation/", {"place": "karm"})
    assert answer.headers["Location"] == f"/join/{application.key}/contact/"
    application.refresh_from_db()
    assert application.authority == town
    assert client.get(f"/join/{application.key}/contact/").status_code == 200
    fields = {"contact_name": "Dana", "email": "Dana@Karmiel.example", "role": "STEM manager", "motive": "To learn", "life_stages": ["primary"], "speaks_for": "on", "agrees": "on"}  # fmt: skip
    answer = client.post(f"/join/{application.key}/contact/", fields)
    assert answer.headers["Location"] == f"/join/{application.key}/check/"
    assert "Karmiel" in client.get(f"/join/{application.key}/check/").content.decode()
    answer = client.post(f"/join/{application.key}/check/")
    assert answer.headers["Location"] == f"/join/{application.key}/"
    assert "dana@karmiel.example" in client.get(f"/join/{application.key}/").content.decode()


def test_member_municipality_leads_to_its_team(client):
    town = make_municipality()
    assert (
        client.get(f"/join/?authority={town.authority_id}").headers["Location"] == f"/join/team/{town.slug}/"
    )
    assert client.get(f"/join/?organisation={town.slug}").headers["Location"] == f"/join/team/{town.slug}/"
