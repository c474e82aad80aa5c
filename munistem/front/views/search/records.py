"""What meetings left behind, as the search box shows it: minutes and decisions."""

from collections.abc import Iterable
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db.models import DateField, Exists, F, OuterRef, QuerySet, TextField, Value
from django.db.models.functions import Concat
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from communities.enums import MinutesState
from communities.models import Community, Decision, Minutes, Paragraph
from munistem.front.views.search.snippets import Asked, Found

Row = dict[str, Any]


def minutes_rows(user: Any, community: Community | None = None) -> QuerySet:
    """Those this reader may read; what a correction has replaced is left out."""
    later = Minutes.objects.approved().filter(correction_of=OuterRef("pk"))
    rows = Minutes.objects.visible_to(user).filter(~Exists(later))
    return rows.filter(community=community) if community else rows


def decision_rows(user: Any, community: Community | None = None) -> QuerySet:
    """Approved ones that no correction took back."""
    rows = Decision.objects.visible_to(user).approved().in_force()
    return rows.filter(community=community) if community else rows


def told_minutes(rows: QuerySet) -> QuerySet:
    parts = Paragraph.objects.filter(minutes=OuterRef("pk")).in_order()
    return told(
        rows,
        record_sort=Value("minutes", TextField()),
        record_title=F("meeting__title"),
        record_state=F("state"),
        record_day=Value(None, DateField()),
        record_said=ArraySubquery(
            parts.values(said=Concat("heading", Value("\n", TextField()), "body", output_field=TextField()))
        ),
    )


def told_decisions(rows: QuerySet) -> QuerySet:
    return told(
        rows,
        record_sort=Value("decisions", TextField()),
        record_title=F("text"),
        record_state=Value("", TextField()),
        record_day=F("decided_on"),
        record_said=Value([], ArrayField(TextField())),
    )


def told(rows: QuerySet, **columns: Any) -> QuerySet:
    """Both sorts in the same columns, so that one query can ask for both."""
    shared = {
        "record_key": F("pk"),
        "record_number": F("number"),
        "record_meeting": F("meeting_id"),
        "record_held": F("meeting__title"),
        "record_at": F("meeting__starts_at"),
        "record_place": F("community__name"),
        "record_language": F("community__language"),
    }
    every = columns | shared
    return rows.annotate(**every).values(*every)


def show_records(rows: Iterable[Row], asked: Asked, user: Any) -> list[Found]:
    """Minutes with the paragraph that says it, decisions with their day."""
    return [show_minutes(row, asked) if row["record_state"] else show_decision(row, asked) for row in rows]


def show_minutes(row: Row, asked: Asked) -> Found:
    url = reverse("show_minutes", args=[row["record_meeting"]])
    return Found(
        asked.marked(row["record_title"]),
        f"{url}?number={row['record_number']}" if row["record_number"] else url,
        asked.passage([text.strip() for text in row["record_said"]] or [""]),
        (MinutesState(row["record_state"]).label, row["record_place"], row["record_at"]),
        row["record_language"],
    )


def show_decision(row: Row, asked: Asked) -> Found:
    notes = (
        _("Decision %(number)d") % {"number": row["record_number"]},
        row["record_place"],
        row["record_held"],
        date_format(row["record_day"], "DATE_FORMAT"),
    )
    url = f"{reverse('show_minutes', args=[row['record_meeting']])}#decision-{row['record_key']}"
    return Found(asked.marked(row["record_title"]), url, "", notes, row["record_language"])
