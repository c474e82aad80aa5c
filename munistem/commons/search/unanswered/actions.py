import re
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from munistem.commons import audit
from munistem.commons.audit.actions import key
from munistem.commons.search.analyser import words
from munistem.commons.search.unanswered.models import UnansweredSearch

LONGEST, MOST_WORDS, SHORTEST = 120, 8, 2
KEPT_ALONE, KEPT = timedelta(days=30), timedelta(days=400)
#: Addresses, and what may be a telephone or an identity card: nobody's list is a place for them.
PERSONAL = re.compile(r"@|\d[\d\s().-]{5,}\d")
NOTE = f"""
INSERT INTO {UnansweredSearch._meta.db_table} AS known
    (text, typed, language, times, askers, is_shared, first_at, last_at, answer)
VALUES (%(text)s, %(typed)s, %(language)s, 1, ARRAY[%(asker)s]::smallint[], false, %(now)s, %(now)s, '')
ON CONFLICT (text) DO UPDATE SET
    typed = CASE WHEN known.is_shared THEN known.typed ELSE EXCLUDED.typed END,
    language = EXCLUDED.language,
    times = known.times + 1,
    is_shared = known.is_shared OR NOT known.askers @> EXCLUDED.askers,
    askers = CASE WHEN known.is_shared OR NOT known.askers @> EXCLUDED.askers THEN '{{}}' ELSE known.askers END,
    last_at = EXCLUDED.last_at
"""


class Settled(Exception):
    """Somebody has settled this search already."""


def spelling_of(query: str) -> str:
    """One spelling for all ways to type a search; empty for what is not to be kept."""
    asked = words(query)
    text = " ".join(asked)
    if PERSONAL.search(query) or len(query) > LONGEST or len(asked) > MOST_WORDS or len(text) < SHORTEST:
        return ""
    return text


def note_unanswered(*, query: str, asker: str, language: str, now: datetime | None = None) -> bool:
    """Count a search that found nothing, in one statement; whether it was kept.

    asker: whatever tells one person from another; only a byte of a keyed hash of it and the search is kept, and that
    only until a second person asks.
    """
    text = spelling_of(query)
    if not text:
        return False
    asked: dict[str, Any] = {
        "text": text,
        "typed": query,
        "language": language,
        "asker": salted_hmac("unanswered search", f"{text}\n{asker}", algorithm="sha256").digest()[0],
        "now": now or timezone.now(),
    }
    with connection.cursor() as cursor:
        cursor.execute(NOTE, asked)
    return True


@transaction.atomic
def settle_search(*, by: Any, search: UnansweredSearch, answer: Any = None) -> UnansweredSearch:
    """Take a search off the list: answered by a thing, or by none where nobody should look for an answer.

    Raises Settled when somebody was faster.
    """
    search = UnansweredSearch.objects.select_for_update().get(pk=search.pk)
    if search.settled_at:
        raise Settled
    search.answer = key(answer) if answer is not None else ""
    search.settled_at, search.settled_by = timezone.now(), by
    search.save(update_fields=["answer", "settled_at", "settled_by"])
    audit.record("settle_search", search, by=by, answer=search.answer)
    return search


def answer_to(query: str) -> str:
    """The key of what a knowledge manager put as the answer to a search; empty when there is none."""
    text = spelling_of(query)
    found = (
        UnansweredSearch.objects.answered().filter(text=text).values_list("answer", flat=True) if text else []
    )
    return next(iter(found), "")


def forget_searches(now: datetime | None = None) -> int:
    """Delete searches that only one person made, after a month, and those nobody has made for long; returns how many."""
    now = now or timezone.now()
    alone = UnansweredSearch.objects.filter(is_shared=False, last_at__lt=now - KEPT_ALONE)
    old = UnansweredSearch.objects.filter(last_at__lt=now - KEPT, answer="")
    return sum(rows.delete()[0] for rows in (alone, old))
