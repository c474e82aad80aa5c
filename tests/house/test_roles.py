"""Every address as every role: what it answers is compared with one written table; an address not listed fails.

A line of ``roles.txt`` beside this file: method, name of the address, then a status for each role in the order of ROLES
(one status stands for all). The things of the world are as private as such things can be: a community by request, an
item of the network, an answer that is not confirmed yet. GET comes first, POST (with an empty form) second; every
request is taken back, so that none changes the world for the next.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.house.world import World

ROLES = (
    "visitor",
    "applicant",
    "member",
    "cmember",
    "facilitator",
    "manager",
    "knowledge",
    "admin",
    "deactivated",
)
TABLE = Path(__file__).with_name("roles.txt")
GENERAL = {
    "accounts/": "of allauth",
    "admin/": "of the admin",
    "api/": "read-only; tests/front/test_api.py asks every address as every role",
}
pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def world(settings, tmp_path):
    settings.IS_SECOND_FACTOR_REQUIRED = False
    settings.DEMO = settings.TRIAL = False
    settings.EMAIL_FOLDER = tmp_path
    return World()


def patterns(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every pattern of the portal with its whole route, the general ones left out."""
    for pattern in (resolver or get_resolver()).url_patterns:
        route = prefix + str(pattern.pattern)
        if route.startswith(tuple(GENERAL)):
            continue
        if isinstance(pattern, URLResolver):
            yield from patterns(pattern, route)
        else:
            yield route, pattern


def written() -> dict[tuple[str, str], tuple[str, ...]]:
    """The table: (name, method) → a status for each role."""
    table = {}
    for line in TABLE.read_text().splitlines():
        if line and not line.startswith("#"):
            method, name, *statuses = line.split()
            table[name, method] = tuple(statuses * len(ROLES) if len(statuses) == 1 else statuses)
    return table


def answers(world: World) -> dict[tuple[str, str], tuple[str, ...]]:
    """What the portal answers: (name, method) → a status for each role."""
    clients = {role: client_of(world.people.get(role)) for role in ROLES}
    arguments = world.arguments()
    found = {}
    for route, pattern in patterns():
        assert pattern.name, f"{route} has no name"
        url = reverse(pattern.name, kwargs=arguments.get(pattern.name, {}))
        for method in ("GET", "POST"):
            found[pattern.name, method] = tuple(status(clients[role], method, url) for role in ROLES)
    return found


def client_of(person: Any) -> Client:
    client = Client(raise_request_exception=False)
    if person:
        client.force_login(person)
    return client


def status(client: Client, method: str, url: str) -> str:
    """The status of one request that leaves no trace."""
    with transaction.atomic():
        response = client.generic(method, url, "", "application/x-www-form-urlencoded")
        if response.streaming:
            list(response.streaming_content)
        transaction.set_rollback(True)
    return str(response.status_code)


def test_every_address_answers_every_role_as_written(world):
    table, found = written(), answers(world)
    assert sorted(found.keys() - table.keys()) == [], "addresses that the table does not have"
    assert sorted(table.keys() - found.keys()) == [], "lines of the table that have no address"
    wrong = [
        f"{method} {name} as {role}: {is_} instead of {should}"
        for (name, method), statuses in sorted(found.items())
        for role, is_, should in zip(ROLES, statuses, table[name, method], strict=True)
        if is_ != should
    ]
    assert wrong == []


@pytest.mark.parametrize("role", ["cmember", "facilitator", "manager"])
def test_no_page_costs_a_member_more_than_15_queries(world, role):
    """Deeds are not counted, and neither are the savepoints of this test."""
    client, arguments, dear = client_of(world.people[role]), world.arguments(), {}
    for _route, pattern in patterns():
        url = reverse(pattern.name, kwargs=arguments.get(pattern.name, {}))
        with CaptureQueriesContext(connection) as queries:
            status(client, "GET", url)
        count = sum("SAVEPOINT" not in query["sql"] for query in queries)
        if count > 15:
            dear[pattern.name] = count
    assert dear == {}


@pytest.mark.parametrize("role", ROLES)
def test_admin_opens_to_admins_alone(world, role):
    """Every page of the admin that has no key in its address, and the list of each table."""
    client = client_of(world.people.get(role))
    for pattern in admin_pages():
        expected = {"200", "302", "405"} if role == "admin" else {"302"}
        assert status(client, "GET", f"/admin/{pattern}") in expected, pattern
    response = client.get("/admin/")
    assert response.status_code == (200 if role == "admin" else 302)


def admin_pages() -> list[str]:
    from django.contrib import admin

    return [f"{model._meta.app_label}/{model._meta.model_name}/" for model in admin.site._registry]


@pytest.mark.parametrize("role", ROLES)
def test_doors_of_sign_in_never_break(world, role):
    """allauth's pages: whoever asks gets a page, a redirect or a plain refusal."""
    client = client_of(world.people.get(role))
    for pattern in get_resolver("allauth.urls").url_patterns:
        for entry in pattern.url_patterns if isinstance(pattern, URLResolver) else [pattern]:
            if isinstance(entry, URLPattern) and "<" not in str(entry.pattern) and entry.name:
                url = reverse(entry.name)
                assert int(status(client, "GET", url)) < 500, url
                assert int(status(client, "POST", url)) < 500, url


def test_deactivated_person_is_a_visitor_to_every_address():
    for (name, method), statuses in written().items():
        assert statuses[ROLES.index("deactivated")] == statuses[0], (name, method)
