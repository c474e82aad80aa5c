"""Searches that found nothing, for the librarian's list."""

from munistem.commons.search.unanswered.actions import note_unanswered
from munistem.front.management.demo.pouring import Calendar

#: What was typed, in which language, how many people looked for it, how many days ago the last of them did.
ASKED = (
    ("הסעות למעבדה אזורית", "he", 5, 2),
    ("נוהל השאלת ציוד רובוטיקה", "he", 3, 6),
    ("تمويل سفريات الطلاب إلى المختبر", "ar", 2, 9),
    ("מדריך לוועד הורים על מסלולי מדעים", "he", 2, 20),
)


def look_in_vain(calendar: Calendar) -> None:
    """Note each search once for everybody who made it."""
    for query, language, people, days in ASKED:
        for asker in range(people):
            now = calendar.working_hour(days + people - 1 - asker)
            note_unanswered(query=query, asker=f"demo {asker}", language=language, now=now)
