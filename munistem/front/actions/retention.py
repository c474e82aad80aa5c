"""How long things of persons are kept: docs/retention.yaml read, shown, and applied every night."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Any

import yaml
from asgiref.sync import async_to_sync
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.core.management import call_command
from django.utils import timezone
from procrastinate.contrib.django import app

from communities.actions.invitation_terms import forget_old as forget_community_invitations
from knowledge.actions.bulk.carry import delete_old_imports
from knowledge.actions.export import delete_old_exports
from knowledge.actions.intake import drop_old_intakes
from members.actions.application import forget_applicants, forget_old_drafts
from members.actions.device import forget_devices
from members.actions.team import forget_invitations
from members.actions.team_request import forget_requests, forget_unconfirmed
from munistem.commons.audit.actions import forget_deeds, forget_sights
from munistem.commons.files.resumable.actions import sweep_uploads
from munistem.commons.guards.limits import forget_expired
from munistem.commons.mail.actions import forget_bounces, forget_sent
from munistem.commons.mail.receiving import forget_incoming
from munistem.commons.notices.actions import forget_notices
from munistem.front.actions.archive import delete_old_archives
from munistem.front.actions.departure import end_departures
from munistem.front.actions.unused import close_unused
from policy.actions.importing.carry import delete_old_imports as delete_old_programme_tables

FILE = settings.BASE_DIR / "docs" / "retention.yaml"
log = logging.getLogger("munistem.retention")


@dataclass(frozen=True)
class Rule:
    """One rule: what it is about, what for and how long, in words; the deed that ends it, and after how many days."""

    code: str
    what: str
    why: str
    kept: str
    days: int = 0
    deed: str = ""


@lru_cache
def read() -> dict[str, Any]:
    """The file as it stands: ``rules``, ``tables``, ``impersonal``."""
    return yaml.safe_load(FILE.read_text())


@lru_cache
def rules() -> tuple[Rule, ...]:
    """Every rule in the order of the file."""
    return tuple(Rule(code, **told) for code, told in read()["rules"].items())


# The deeds -------------------------------------------------------------------------------------------------


def forget_sessions(kept: timedelta) -> int:
    """Sessions know by themselves when they end."""
    call_command("clearsessions")
    return 0


def forget_letters(kept: timedelta) -> int:
    """Copies of letters in and out, and jobs that failed on them."""
    jobs = app.job_manager.delete_old_jobs
    async_to_sync(jobs)(
        nb_hours=int(kept.total_seconds() // 3600),
        include_failed=True,
        include_cancelled=True,
        include_aborted=True,
    )
    return forget_sent(kept) + forget_incoming(kept)


def forget_archives(kept: timedelta) -> int:
    """Each knows its own day."""
    return delete_old_archives() + delete_old_exports()


def forget_begun(kept: timedelta) -> int:
    """Drafts, tables, intakes and pieces of files; each has a term of its own, none a longer one than this."""
    drop_old_intakes()
    count = forget_old_drafts() + forget_unconfirmed() + sweep_uploads()
    return count + delete_old_imports() + delete_old_programme_tables()


def forget_all_invitations(kept: timedelta) -> int:
    return forget_invitations(kept) + forget_requests(kept) + forget_community_invitations(timezone.now())


def forget_looks(kept: timedelta) -> int:
    """Who looked at what, and what the admin's own log says of it."""
    old = LogEntry.objects.filter(action_time__lt=timezone.now() - kept)
    return forget_sights(kept) + old.delete()[0]


#: Deed of the file → function of the term, which answers how many it ended; harmless when done again.
DEEDS: dict[str, Callable[[timedelta], int]] = {
    "end_departures": lambda kept: end_departures(),
    "close_unused": close_unused,
    "forget_devices": forget_devices,
    "forget_sessions": forget_sessions,
    "forget_limits": lambda kept: forget_expired(),
    "forget_notices": forget_notices,
    "forget_letters": forget_letters,
    "forget_bounces": forget_bounces,
    "forget_archives": forget_archives,
    "forget_begun": forget_begun,
    "forget_applicants": forget_applicants,
    "forget_invitations": forget_all_invitations,
    "forget_sights": forget_looks,
    "forget_deeds": forget_deeds,
}


def keep_rules() -> dict[str, int]:
    """Do every deed of the file once with its term; deed → how many things it ended.

    One that fails stops no other; its error is raised at the end.
    """
    done: dict[str, int] = {}
    errors: list[Exception] = []
    for rule in rules():
        if rule.deed and rule.deed not in done:
            done[rule.deed] = 0
            try:
                done[rule.deed] = DEEDS[rule.deed](timedelta(days=rule.days))
            except Exception as error:
                log.exception("The rule %s could not be kept", rule.code)
                errors.append(error)
    log.info("Rules kept: %s", ", ".join(f"{deed} {count}" for deed, count in done.items() if count) or "-")
    if errors:
        raise errors[0]
    return done
