"""Journeys in a real browser: `desktop("he")` and `phone("ar")` open pages on the live portal.

A page that leaves an error in the console – a script's, or something refused by the content security policy –
fails its journey (mark `console_errors` where that is what is tested).
"""

import json
import os
import threading
import time
from pathlib import Path

import axe_playwright_python
import pytest
from django.conf import settings
from django.core.cache import cache
from playwright.sync_api import Page, expect

from munistem.front.views.letters import Received, read
from tests import chromium
from tests.browser.reader import Reader

os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = (
    "true"  # Playwright's own event loop runs in this thread; ours is idle then
)

HERE = Path(__file__).parent
PATIENCE = 30_000  # milliseconds: on a busy machine a page takes its time, and that is no fault of the page
expect.set_options(timeout=PATIENCE)
LOCALES = {"he": "he-IL", "ar": "ar-IL", "en": "en-GB"}
SIZES = {"phone": {"width": 390, "height": 844}, "desktop": {"width": 1280, "height": 800}}
QUIET = ["--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update"]
QUIET += ["--disable-sync", "--disable-default-apps", "--disable-dev-shm-usage", "--force-color-profile=srgb"]
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}


def pytest_collection_modifyitems(config, items):
    journeys = [item for item in items if item.path.is_relative_to(HERE)]
    for item in journeys:
        item.add_marker(pytest.mark.browser)
    if journeys and not chromium.find():
        if os.environ.get("REQUIRE_BROWSER") == "1":
            raise pytest.UsageError(
                "REQUIRE_BROWSER=1, but there is no Chromium: set CHROMIUM or install one"
            )
        for item in journeys:
            item.add_marker(pytest.mark.skip(reason="NO BROWSER: journey skipped"))


@pytest.fixture(scope="session")
def browser_type_launch_args():
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []  # Chromium's sandbox refuses root
    return {"executable_path": chromium.find(), "args": QUIET + sandbox, "headless": True}


@pytest.fixture
def open_page(browser, live_server, request):
    """``open_page("phone", "he")``: a page of its own session; ``is_dark``, ``script=False`` and the like as options."""
    contexts, errors = [], []

    def open_(size: str, language: str = "he", is_dark: bool = False, **options) -> Page:
        context = browser.new_context(
            base_url=live_server.url,
            viewport=options.pop("viewport", SIZES[size]),
            locale=LOCALES[language],
            timezone_id=settings.TIME_ZONE,
            color_scheme="dark" if is_dark else "light",
            reduced_motion="reduce",
            has_touch=size == "phone",
            is_mobile=size == "phone",
            device_scale_factor=1,
            service_workers="block",
            **options,
        )
        context.set_default_timeout(PATIENCE)
        cookie = {"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": live_server.url}
        context.add_cookies([cookie])
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: note_console(message, page, errors))
        page.on("pageerror", lambda error: errors.append(f"{page.url}: {error}"))
        return page

    yield open_
    for context in contexts:
        context.close()
    wait_for_server()
    if errors and not request.node.get_closest_marker("console_errors"):
        pytest.fail("The browser's console:\n" + "\n".join(errors))


def wait_for_server():
    """Until all that was asked is answered: the tables are emptied next, and a page that is being made would be in the way."""
    for thread in threading.enumerate():
        if "process_request_thread" in thread.name:
            thread.join(PATIENCE / 1000)


def note_console(message, page, errors):
    if message.type != "error":
        return
    address = message.location.get("url", "")
    if message.text.startswith("Failed to load resource") and address.split("#")[0] == page.url.split("#")[0]:
        return  # the page itself answered 4xx, as the journey expects; it looks at the page
    errors.append(f"{page.url}: {message.text} ({address})")


@pytest.fixture
def desktop(open_page):
    """``desktop("he")``: a page 1280 wide in this language."""
    return lambda language="he", **options: open_page("desktop", language, **options)


@pytest.fixture
def phone(open_page):
    """``phone("he")``: a page 390 wide, with touch, in this language."""
    return lambda language="he", **options: open_page("phone", language, **options)


@pytest.fixture(params=["desktop", "phone"])
def device(request, open_page):
    """Both sizes, one after the other: ``device("he")``."""
    return lambda language="he", **options: open_page(request.param, language, **options)


@pytest.fixture(
    params=[("desktop", "he"), ("phone", "he"), ("phone", "ar")], ids=["desktop-he", "phone-he", "phone-ar"]
)
def journey(request, open_page):
    """Hebrew in both sizes and Arabic on a phone, one after the other: ``page, language = journey``."""
    size, language = request.param
    return open_page(size, language), language


@pytest.fixture
def login(live_server):
    """``login(page, person)``: signed in by session cookie, with a second factor given if ``second_factor``."""
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
    from allauth.mfa.utils import is_mfa_enabled
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    def login_(page: Page, person, second_factor: bool = False) -> Page:
        methods = [{"method": "password", "at": time.time(), "email": person.email}]
        if second_factor:
            if not is_mfa_enabled(person):
                TOTP.activate(person, generate_totp_secret())
            methods.append({"method": "mfa", "at": time.time(), "type": "totp"})
        session = SessionStore()
        session[SESSION_KEY] = str(person.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = person.get_session_auth_hash()
        session["account_authentication_methods"] = methods
        session.save()
        cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session.session_key, "url": live_server.url}
        page.context.add_cookies([cookie | {"httpOnly": True, "sameSite": "Lax"}])
        return page

    return login_


@pytest.fixture
def axe():
    """``axe(page)`` fails with a readable list when the page breaks an accessibility rule."""

    def check(page: Page, within: str | None = None) -> None:
        violations = find_violations(page, within)
        assert not violations, f"{page.url}\n" + "\n".join(violations)

    return check


#: All of a page is there, with its letters, and what changes slowly has changed.
SETTLED = """() => Promise.all([document.fonts.ready, ...document.getAnimations()
  .filter((one) => one.playState === "running" && one.effect.getComputedTiming().endTime < Infinity)
  .map((one) => one.finished.catch(() => null))]).then(() => null)"""


def settled(page: Page) -> Page:
    """The page as it stays: a click returns when the next page has begun to arrive, and colours fade."""
    page.wait_for_load_state()
    page.evaluate(SETTLED)
    return page


def find_violations(page: Page, within: str | None = None, but: tuple[str, ...] = ()) -> list[str]:
    """What axe finds, described; but: rules of axe that are not asked.

    axe runs in a world of its own inside the page, as an extension would, so that the policy of the page stays whole.
    """
    session = settled(page).context.new_cdp_session(page)
    frame = session.send("Page.getFrameTree")["frameTree"]["frame"]["id"]
    world = session.send("Page.createIsolatedWorld", {"frameId": frame, "worldName": "axe"})
    where = {"contextId": world["executionContextId"], "awaitPromise": True, "returnByValue": True}
    session.send("Runtime.evaluate", where | {"expression": AXE + "; 1", "awaitPromise": False})
    scope = f"{within!r}" if within else "document"
    options = RULES | {"rules": {rule: {"enabled": False} for rule in but}}
    answer = session.send(
        "Runtime.evaluate", where | {"expression": f"axe.run({scope}, {json.dumps(options)})"}
    )
    session.detach()
    assert "exceptionDetails" not in answer, answer
    return list(map(describe, answer["result"]["value"]["violations"]))


def describe(violation: dict) -> str:
    places = "\n".join(
        f"    {node['html'][:160]}\n      {node['failureSummary']}" for node in violation["nodes"][:4]
    )
    return f"{violation['id']} ({violation['impact']}): {violation['help']}, {len(violation['nodes'])} ×\n{places}"


@pytest.fixture(params=["he", "en"])
def language(request):
    return request.param


@pytest.fixture
def reader(device, language, login):
    """``reader(person)``: at a page of their own, signed in; ``reader()`` is a visitor."""

    def reader_(person=None, second_factor: bool = False) -> Reader:
        page = device(language)
        if person:
            login(page, person, second_factor)
        return Reader(page, language)

    return reader_


@pytest.fixture
def letters(settings, tmp_path, run_jobs):
    """``letters(address)``: what came by mail for this address, newest first, after the worker has done its jobs."""
    cache.clear()  # the limits of sign-in are counted there and would outlive a test
    settings.EMAIL_BACKEND = "munistem.commons.mail.backends.QueueBackend"
    settings.EMAIL_CARRIER = "munistem.commons.mail.backends.FolderBackend"
    settings.EMAIL_FOLDER = tmp_path / "mail"

    def letters_(address: str) -> list[Received]:
        run_jobs()
        paths = sorted(settings.EMAIL_FOLDER.glob("*.eml"), key=lambda path: path.stat().st_mtime_ns)
        return [letter for letter in map(read, reversed(paths)) if letter.to == address]

    return letters_
