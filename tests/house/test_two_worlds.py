"""Two worlds: with a secret and without it, the whole portal answers the same, to the byte, to who may not know.

Counts, facets, ids, ETags, redirects and heads of pages are part of what is compared; so are the addresses of the
secrets themselves, which must answer like addresses of nothing.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.utils import timezone

from tests.house.addresses import Address, addresses
from tests.house.kept import SECRETS, Ground, inner_words, network
from tests.house.visible import read_table
from tests.house.walking import Answer, client_of, walk
from tests.moments import stop_clock

#: What is drawn anew for every answer.
TOKENS = re.compile(
    r'(?<=name="csrfmiddlewaretoken" value=")\w+|(?<=nonce=")[^"]+|(?<=nonce-)[^\']+|(?<="X-CSRFToken": ")\w+'
    r'|(?<=name="nonce" value=")[0-9a-f-]{36}'
)
UNLIKE = {"X-Request-ID", "Set-Cookie", "Date", "Expires", "Server-Timing"}

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def ground(settings, tmp_path, monkeypatch):
    settings.IS_SECOND_FACTOR_REQUIRED = settings.DEMO = settings.DEBUG = False
    settings.EMAIL_FOLDER, settings.MEDIA_ROOT = tmp_path / "mail", tmp_path / "files"
    monkeypatch.setattr("munistem.commons.guards.limits.count_hit", lambda *_args, **_options: 0)
    stop_clock(monkeypatch, timezone.now())
    return Ground()


def plain(answer: Answer) -> tuple[Any, ...]:
    head = {name: TOKENS.sub("", value) for name, value in answer.head.items() if name not in UNLIKE}
    return answer.status, head, TOKENS.sub("", answer.text)


def seen_by(client: Client, asked: Iterable[Address]) -> dict[str, tuple[Any, ...]]:
    """What the whole portal answers somebody, address by address."""
    return {answer.address.url: plain(answer) for answer in walk(client, asked, read_table().lists)}


def differences(people: dict[str, Any], ground: Ground, *secrets: Callable[[Ground], None]) -> list[str]:
    """Addresses by which these people could tell a world with the secrets from one without."""
    surfaces = read_table().surfaces
    clients = {role: client_of(person) for role, person in people.items()}
    with transaction.atomic():
        for secret in secrets:
            secret(ground)
        asked = [one for one in addresses() if surfaces[one.name] not in ("deed", "key")]
        with_them = {role: seen_by(client, asked) for role, client in clients.items()}
        transaction.set_rollback(True)
    cache.clear()
    without = {role: seen_by(client, asked) for role, client in clients.items()}
    return [
        f"{role}: {url} {with_them[role].get(url, ('not linked',))[0]} / {without[role].get(url, ('not linked',))[0]}"
        for role in people
        for url in sorted(with_them[role].keys() | without[role].keys())
        if with_them[role].get(url) != without[role].get(url)
    ]


def test_member_of_another_organisation_cannot_tell_whether_secrets_exist(ground):
    assert differences({"outsider": ground.outsider}, ground, *SECRETS.values()) == []


def test_visitor_cannot_tell_whether_anything_inner_exists(ground):
    assert differences({"visitor": None}, ground, *SECRETS.values(), network, inner_words) == []
