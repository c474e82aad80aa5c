"""What a first view costs: at most 60 KB over the wire besides font and pictures, and 12 requests; times are for ``bench.paint``."""

import re
from functools import cache
from pathlib import Path

import brotli
import pytest
from django.contrib.staticfiles import finders
from django.urls import reverse

from tests.house.test_roles import client_of, patterns
from tests.house.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

MOST_BYTES, MOST_REQUESTS = 60_000, 12
FETCHED = re.compile(
    r'<(?:link rel="(?:stylesheet|icon|manifest|preload)"|script|img)\b[^>]*?(?:href|src)="([^"]+)"[^>]*>'
)
PORTAL = re.compile(r'<script type="module" id="portal"[^>]*>')
ABILITY = re.compile(r'\["([^"]+)", own\.(\w+)\]')


@cache
def packed(address: str) -> int:
    """Bytes of a style sheet or script as it is sent."""
    found = finders.find(address.removeprefix("/static/"))
    return len(brotli.compress(Path(found).read_bytes(), quality=9)) if found else 0


@cache
def abilities() -> list[tuple[list[str], str]]:
    """Marks of the pages that have a place for a rarer script, and which one they fetch."""
    text = Path(finders.find("js/portal.js")).read_text()
    return [(re.findall(r"data-[\w-]+", place), name) for place, name in ABILITY.findall(text)]


def fetched_by(page: str) -> set[str]:
    """The addresses that a browser asks for with a page: linked ones, and the scripts for what stands on it."""
    addresses = {url for url in FETCHED.findall(page) if not url.startswith("data:")}
    portal = PORTAL.search(page)
    if portal:
        named = dict(re.findall(r' data-(\w+)="([^"]*)"', portal[0]))
        body = page.replace(portal[0], "")
        addresses |= {named[name] for marks, name in abilities() if any(f" {mark}" in body for mark in marks)}
    return addresses


@pytest.mark.parametrize("role", [None, "admin"])
def test_first_view_of_any_page_is_light(settings, tmp_path, role):
    settings.IS_SECOND_FACTOR_REQUIRED = False
    settings.EMAIL_FOLDER = tmp_path
    world, heavy = World(), {}
    client, arguments = client_of(world.people[role] if role else None), world.arguments()
    seen = 0
    for _route, pattern in patterns():
        response = client.get(reverse(pattern.name, kwargs=arguments.get(pattern.name, {})))
        if response.streaming:
            list(response.streaming_content)
        if response.streaming or not response["Content-Type"].startswith("text/html"):
            continue
        seen += 1
        addresses = fetched_by(response.text)
        weight = len(brotli.compress(response.content, quality=5))
        weight += sum(packed(address) for address in addresses if address.endswith((".css", ".js")))
        if weight > MOST_BYTES or 1 + len(addresses) > MOST_REQUESTS:
            heavy[pattern.name] = (weight, 1 + len(addresses))
    assert seen > 100
    assert heavy == {}
