"""The probe world, and what it is for: nobody finds a mark of what they may not see."""

import json

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from members.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(settings, tmp_path):
    settings.DEMO = True
    settings.IS_SECOND_FACTOR_REQUIRED = False
    settings.MEDIA_ROOT = tmp_path / "files"
    out = tmp_path / "world.json"
    call_command("load_probe_world", out=out, verbosity=0)
    User.objects.filter(email="deactivated@probe.example").update(is_active=False)
    return json.loads(out.read_text())


def client_of(world, role) -> Client:
    client = Client(raise_request_exception=True)
    client.cookies["django_language"] = "en"
    if world["roles"][role]:
        client.force_login(User.objects.get(email=world["roles"][role]["user"]))
    return client


def text_of(response) -> str:
    return (b"".join(response.streaming_content) if response.streaming else response.content).decode(
        errors="replace"
    )


def test_refused_outside_a_trial_and_among_people(settings, tmp_path):
    settings.DEMO = settings.TRIAL = False
    with pytest.raises(CommandError, match="DEMO=1"):
        call_command("load_probe_world", out=tmp_path / "w.json")
    settings.DEMO = True
    User.objects.create_user("somebody@example.org")
    with pytest.raises(CommandError, match="without people"):
        call_command("load_probe_world", out=tmp_path / "w.json")


def test_accounts_open_with_their_passwords(world):
    for role, told in world["roles"].items():
        if told and role != "deactivated":
            assert User.objects.get(email=told["user"]).check_password(told["password"])
    assert world["roles"]["mfauser"]["totp"]
    assert {"spray1", "spray25", "victim1", "victim2", "staffnomfa", "staffb"} <= world["roles"].keys()


@pytest.mark.slow
def test_things_open_to_those_who_may_see_them_and_to_nobody_else(world):
    wrong = []
    for role in world["matrix_roles"]:
        client = client_of(world, role)
        for thing in world["objects"]:
            response = client.get(thing["detail"], follow=True)
            is_seen = response.status_code == 200 and "/accounts/login/" not in str(
                getattr(response, "redirect_chain", "")
            )
            text = text_of(response)
            shown = all(mark in text for mark in thing["canaries"][:1])
            if (is_seen and shown) != (role in thing["allowed"]):
                wrong.append((role, thing["kind"], thing["visibility"], response.status_code, shown))
    assert wrong == [], "\n".join(map(str, wrong))


@pytest.mark.slow
def test_no_mark_reaches_those_who_may_not_see_its_thing(world):
    leaks = []
    for role in world["matrix_roles"]:
        client = client_of(world, role)
        hidden = [thing for thing in world["objects"] if role not in thing["allowed"]]
        pages = [
            "/",
            "/sitemap.xml",
            "/communities/",
            "/knowledge/",
            "/policy/",
            "/policy/calls/",
            "/organisations/",
            "/me/notices/",
        ]
        texts = {url: text_of(client.get(url, follow=True)) for url in pages}
        for thing in hidden:
            texts |= {
                url: text_of(client.get(url, follow=True)) for url in (*thing["urls"], thing["edit"]) if url
            }
        for thing in hidden:
            own_slug = str(thing["id"])  # the answer may repeat what the address itself says
            for word in thing["canaries"] + thing["detail_canaries"]:
                leaks += [
                    (role, thing["kind"], thing["visibility"], url)
                    for url, text in texts.items()
                    if word in text and word != own_slug
                ]
    assert leaks == []


@pytest.mark.slow
def test_search_finds_nothing_of_what_one_may_not_see(world, monkeypatch):
    monkeypatch.setattr("munistem.front.views.search.pages.LIMIT", (100_000, 60))
    leaks = []
    for role in world["matrix_roles"]:
        client = client_of(world, role)
        for thing in world["objects"]:
            if role not in thing["allowed"]:
                for word in thing["canaries"] + thing["detail_canaries"]:
                    response = client.get("/search/", {"q": word})
                    if not response.context["is_empty"]:
                        leaks.append((role, thing["kind"], thing["visibility"], word))
    assert leaks == []
