"""Where a person is signed in: noted at sign-in, seen now and then, ended by the person."""

import hashlib
import re
import secrets
from datetime import timedelta
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone

from members.actions.person import end_sessions
from members.emails import account as emails
from members.enums import Browser, System
from members.models import Device, User
from munistem.commons import audit

#: What tells browsers and systems apart, the first that is found; many call themselves by others' names too.
BROWSERS = (
    (Browser.EDGE, r"\bEdg(e|A|iOS)?/"),
    (Browser.OPERA, r"\bOPR/|\bOPT/|\bOpera\b"),
    (Browser.SAMSUNG, r"\bSamsungBrowser/"),
    (Browser.FIREFOX, r"\b(Firefox|FxiOS)/"),
    (Browser.CHROME, r"\b(Chrome|CriOS|Chromium|HeadlessChrome)/"),
    (Browser.SAFARI, r"\bSafari/"),
)
SYSTEMS = (
    (System.IPHONE, r"\biPhone\b"),
    (System.IPAD, r"\biPad\b"),
    (System.ANDROID, r"\bAndroid\b"),
    (System.WINDOWS, r"\bWindows\b"),
    (System.CHROMEOS, r"\bCrOS\b"),
    (System.MAC, r"\bMac OS X\b|\bMacintosh\b"),
    (System.LINUX, r"\bLinux\b"),
)
LONGEST_AGENT = 500


def read_agent(agent: str) -> tuple[Browser, System]:
    """Browser and system of a User-Agent, as far as it tells."""
    said = agent[:LONGEST_AGENT]
    browser = next((code for code, pattern in BROWSERS if re.search(pattern, said)), Browser.OTHER)
    return browser, next((code for code, pattern in SYSTEMS if re.search(pattern, said)), System.OTHER)


def new_mark() -> str:
    return secrets.token_urlsafe(32)


def print_of(mark: str) -> str:
    return hashlib.sha256(mark.encode()).hexdigest()


@transaction.atomic
def note_sign_in(*, by: User, mark: str, session_key: str, agent: str) -> Device:
    """Note in which browser a person signed in; one that was never seen before is told by mail, but the very first.

    mark: the browser's own cookie.
    """
    browser, system = read_agent(agent)
    told = {"session_key": session_key, "browser": browser, "system": system, "seen_at": timezone.now()}
    is_first = not Device.objects.filter(person=by).exists()
    device, is_new = Device.objects.update_or_create(person=by, mark=print_of(mark), defaults=told)
    User.objects.filter(pk=by.pk).update(seen_at=timezone.now())
    if is_new and not is_first:
        emails.tell_new_device(device)
    return device


def note_seen(*, by: User, device: int, session_key: str) -> bool:
    """Note that a person is here, in the session that this browser has by now; whether the device is known."""
    now = timezone.now()
    User.objects.filter(pk=by.pk).update(seen_at=now)
    known = Device.objects.filter(pk=device, person=by)
    return bool(known.update(session_key=session_key, seen_at=now))


def signed_in_devices(person: Any) -> list[Device]:
    """Those with a session that still holds, the last one seen first."""
    rows = list(Device.objects.visible_to(person).exclude(session_key="").order_by("-seen_at", "-pk"))
    alive = Session.objects.filter(
        session_key__in=[row.session_key for row in rows], expire_date__gt=timezone.now()
    )
    keys = set(alive.values_list("session_key", flat=True))
    return [row for row in rows if row.session_key in keys]


def forget_devices(kept: timedelta) -> int:
    """Delete browsers not seen for so long; returns how many."""
    return Device.objects.filter(seen_at__lt=timezone.now() - kept).delete()[0]


@transaction.atomic
def end_session(*, by: User, device: Device) -> None:
    """Sign out in one browser; harmless the second time."""
    row = Device.objects.select_for_update().get(pk=device.pk)
    if row.session_key:
        import_module(settings.SESSION_ENGINE).SessionStore(row.session_key).delete()
        row.session_key = ""
        row.save(update_fields=["session_key"])
        audit.record("end_session", by, by=by, browser=row.browser, system=row.system)


@transaction.atomic
def end_other_sessions(*, by: User, session_key: str) -> int:
    """Sign out everywhere but here; returns how many sessions ended."""
    count = end_sessions(by, but=session_key)
    Device.objects.filter(person=by).exclude(session_key=session_key).update(session_key="")
    audit.record("end_other_sessions", by, by=by, sessions=count)
    return count
