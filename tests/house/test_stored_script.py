"""What people stored stays words: markup in any text of any row runs on no page, in no letter and nowhere in the admin."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, models, transaction
from django.urls import NoReverseMatch, reverse

from munistem.commons.audit.actions import key
from munistem.commons.notices.letters import mail_notices
from munistem.commons.notices.models import Event, Notice
from tests.house.test_bad_input import addresses, doors, read_to_the_end
from tests.house.test_roles import client_of
from tests.house.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
ROOMS = {"members", "communities", "knowledge", "policy", "munistem"}
ROLES = ("visitor", "member", "cmember", "facilitator", "manager", "knowledge", "admin")
PAYLOAD = (
    "\"'></title></textarea></script></style>--><img src=x onerror=alert(1) data-alive>"
    "<script data-alive>alert(1)</script><svg onload=alert(1) data-alive><a data-alive href=javascript:alert(1)>x</a>"
)
ADDRESS = "javascript:alert(1)//"
#: Texts that are codes or keys although the database knows no list of them.
CODES = {
    "password",
    "kind",
    "subject",
    "deed",
    "digest",
    "content_type",
    "blob",
    "preview",
    "search_title",
    "sort_key",
}
RUNS = re.compile(r"[\s\x00-\x1f]*(javascript|vbscript|data:text)", re.IGNORECASE)


class Alive(HTMLParser):
    """Collects markup that came from the payload and would run."""

    def __init__(self, html: str):
        super().__init__()
        self.found: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            leads = name in {"href", "src", "action", "formaction", "xlink:href"} and RUNS.match(value or "")
            if name == "data-alive" or name.startswith("on") or leads:
                self.found.append(self.get_starttag_text() or tag)


def our_rows() -> Iterator[models.Model]:
    for model in apps.get_models():
        if model.__module__.split(".")[0] in ROOMS:
            yield from model._default_manager.all()


def poison(row: models.Model) -> None:
    """Write the payload into every text of a row that the database lets it stand in."""
    rows = type(row)._default_manager.filter(pk=row.pk)
    for field in row._meta.concrete_fields:
        if field.choices or field.is_relation or field.name in CODES or field.name.startswith("search_"):
            continue
        if isinstance(field, models.JSONField):
            put(rows, field.name, replaced(getattr(row, field.name)))
        elif isinstance(field, models.TextField | models.CharField) and not isinstance(
            field, models.SlugField
        ):
            text = f"{PAYLOAD}{row.pk}" if field.unique else PAYLOAD
            put(rows, field.name, ADDRESS if "website" in field.name or "url" in field.name else text)


def put(rows: models.QuerySet, name: str, value: Any) -> None:
    """Where a constraint forbids the value it can never stand there."""
    try:
        with transaction.atomic():
            rows.update(**{name: value})
    except DatabaseError:
        pass


def replaced(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: replaced(one) for name, one in value.items()}
    if isinstance(value, list):
        return [replaced(one) for one in value] or [PAYLOAD]
    return PAYLOAD if isinstance(value, str) and "-" not in value else value


@pytest.fixture
def world(settings, tmp_path):
    settings.IS_SECOND_FACTOR_REQUIRED = False
    settings.DEMO = True
    settings.EMAIL_FOLDER = tmp_path
    made = World()
    made.notices = [made_notice(made, *row) for row in told(made)]  # type: ignore[attr-defined]
    for row in list(our_rows()):
        poison(row)
    for person in made.people.values():
        person.refresh_from_db()
    return made


def told(world: World) -> list[tuple[str, Any, str]]:
    """Events of every room: kind, what it is about, who hears of it."""
    return [
        ("replied", world.topic, "cmember"),
        ("topic_opened", world.topic, "cmember"),
        ("post_hidden", world.topic, "cmember"),
        ("post_reported", world.topic, "facilitator"),
        ("asked_to_join", world.asked, "facilitator"),
        ("not_admitted", world.community, "member"),
        ("endorsement_submitted", world.endorsement, "admin"),
        ("endorsement_returned", world.endorsement, "manager"),
    ]


def made_notice(world: World, kind: str, thing: Any, role: str) -> Notice:
    data = dict.fromkeys(("title", "community", "why", "note"), "words") | {"post": world.post.pk}
    names = dict.fromkeys(("he", "ar", "en"), "words")
    data |= {"slug": world.community.slug, "organisation": names, "recommendation": names}
    event = Event.objects.create(kind=kind, subject=key(thing), actor=world.people["knowledge"], data=data)
    Event.objects.filter(pk=event.pk).update(
        data={name: PAYLOAD if value == "words" else value for name, value in data.items()}
        | {"organisation": dict.fromkeys(names, PAYLOAD), "recommendation": dict.fromkeys(names, PAYLOAD)}
    )
    return Notice.objects.create(event=event, reader=world.people[role], reason="member", rhythm="at_once")


def pages(world: World) -> Iterator[str]:
    yield from addresses(world)
    yield from doors()
    yield "/search/?q=img"
    yield "/search/?q=%22'><img+src=x+onerror=alert(1)+data-alive>&in=topics"


def admin_addresses() -> Iterator[str]:
    from django.contrib import admin

    for model in admin.site._registry:
        base = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        yield reverse(f"{base}_changelist")
        if first := model._default_manager.first():
            try:
                yield reverse(f"{base}_change", args=[first.pk])
            except NoReverseMatch:
                continue


@pytest.mark.parametrize("role", ROLES)
def test_stored_markup_runs_on_no_page(world, role):
    client = client_of(world.people.get(role))
    client.cookies["django_language"] = "en"
    faults, seen = [], 0
    for path in [*pages(world), *(admin_addresses() if role == "admin" else ())]:
        response = client.get(path)
        read_to_the_end(response)
        if response.streaming or not response["Content-Type"].startswith("text/html"):
            continue
        if response.status_code >= 500:
            faults.append(
                f"{path}: {response.status_code} {getattr(response, 'exc_info', ('', ''))[1]!r:.300}"
            )
        html = response.content.decode()
        seen += "alert(1)" in html
        faults += [f"{path}: {markup[:200]}" for markup in Alive(html).found]
    assert faults == []
    assert seen > 5  # the payload does stand on pages


def test_stored_markup_runs_in_no_letter(world, mailoutbox):
    assert mail_notices(notice.pk for notice in world.notices) >= 5
    for mail in mailoutbox:
        html = mail.alternatives[0][0]
        assert "alert(1)" in html
        assert Alive(html).found == []
        assert "\n" not in mail.subject
