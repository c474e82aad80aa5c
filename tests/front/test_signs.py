"""Pages for everybody and signs for machines."""

import threading
from datetime import datetime, timedelta
from xml.etree import ElementTree

import pytest
from django.utils import timezone

from communities.enums import Access
from munistem.commons.enums import Visibility
from munistem.front.views import health
from tests.communities.factories import make_community, make_topic
from tests.knowledge.factories import make_item
from tests.members.factories import make_member, make_municipality, make_user
from tests.policy.factories import make_recommendation

SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/about/", "/terms/", "/privacy/", "/accessibility/"])
@pytest.mark.parametrize("language", ["he", "ar", "en"])
def test_static_pages_stand_in_every_language(client, path, language):
    client.cookies["django_language"] = language
    page = client.get(path).content.decode()
    assert f'<html lang="{language}"' in page
    assert page.count("<h1") == 1
    assert 'property="og:description"' in page


@pytest.mark.django_db
def test_accessibility_statement_names_whom_to_tell(read, settings):
    settings.ACCESSIBILITY_CONTACT = "Dana Levin <dana@example.org>"
    page = read("/accessibility/")
    assert "Dana Levin" in page
    assert "mailto:dana@example.org" in page


def test_process_says_it_is_alive_without_a_database(client):
    assert client.get("/healthz").content == b"ok\n"


@pytest.mark.django_db
def test_ready_when_the_database_answers(client):
    response = client.get("/readyz")
    assert (response.status_code, response.content) == (200, b"ready\n")
    assert "no-store" in response["Cache-Control"]


@pytest.mark.django_db
def test_hanging_database_is_told_within_two_seconds_and_asked_once(client, monkeypatch):
    release = threading.Event()

    def hang(answer):
        release.wait(20)
        health._asking.release()

    monkeypatch.setattr(health, "ask", hang)
    monkeypatch.setattr(health, "PATIENCE", 0.1)
    assert client.get("/readyz").status_code == 503
    assert b"still being asked" in client.get("/readyz").content
    release.set()


@pytest.mark.django_db
def test_robots_stay_out_of_private_rooms(read):
    text = read("/robots.txt")
    assert "Disallow: /me/" in text
    assert "Sitemap: http" in text


@pytest.mark.django_db
def test_security_contact_is_told(read, settings):
    settings.SECURITY_CONTACT = "Safety <safety@example.org>"
    text = read("/.well-known/security.txt")
    told = dict(line.split(": ", 1) for line in text.splitlines())
    assert told["Contact"] == "mailto:safety@example.org"
    assert told["Preferred-Languages"] == "he, ar, en"
    assert told["Canonical"] == f"{settings.BASE_URL}/.well-known/security.txt"
    left = datetime.fromisoformat(told["Expires"]) - timezone.now()
    assert timedelta(days=180) < left < timedelta(days=365)  # RFC 9116, 2.5.5: less than a year


@pytest.mark.django_db
def test_sitemap_holds_public_things_only_whoever_asks(client):
    shown = [
        make_item(),
        make_recommendation(),
        make_municipality(),
        make_topic(make_community(access=Access.OPEN)),
        make_community(access=Access.REQUEST),
    ]
    hidden = [
        make_item(visibility=Visibility.NETWORK),
        make_item("draft"),
        make_recommendation(is_published=False),
        make_topic(make_community(access=Access.REQUEST)),
        make_community(access=Access.CLOSED),
        make_user(),
    ]
    client.force_login(make_member(is_staff=True))
    text = client.get("/sitemap.xml").content.decode()
    places = [place.text for place in ElementTree.fromstring(text).iter(f"{SITEMAP}loc")]
    missing = [
        thing for thing in shown if not any(place.endswith(thing.get_absolute_url()) for place in places)
    ]
    assert missing == []
    assert not any(place.endswith(thing.get_absolute_url()) for place in places for thing in hidden)


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/search/?q=a", "/desk/"])
def test_pages_of_members_carry_nothing_for_link_previews(client, path):
    client.force_login(make_member(is_staff=True))
    page = client.get(path).content.decode()
    assert "og:" not in page
    assert 'rel="canonical"' not in page
