"""Who brought a table of programmes in hears that its rows were taken in, and how many wait to be mended."""

from typing import Any

from django.urls import reverse
from django.utils.translation import ngettext

from munistem.commons.notices.actions import tell
from munistem.commons.notices.kinds import Family, Kind, register, visible_through
from munistem.commons.notices.models import Event
from policy.models import ProgrammeImport


def declare() -> None:
    seen = visible_through(ProgrammeImport.objects.visible_to)
    register(Kind("programmes_imported", Family.DECISIONS, say_imported, import_url, seen, what_is_left))


def tell_of_import(carried: ProgrammeImport, *, taken: int, wrong: int) -> None:
    """taken: rows that are in; wrong: those that could not be."""
    told = {"code": carried.authority_id, "import": str(carried.key), "number": taken, "wrong": wrong}
    tell("programmes_imported", carried, [carried.made_by], reason="sender", **told)


def say_imported(event: Event, reader: Any) -> str:
    number = int(event.data.get("number", 0))
    told = ngettext("%(number)d row of your table is in", "%(number)d rows of your table are in", number)
    return told % {"number": number}


def what_is_left(event: Event, reader: Any) -> list[str]:
    wrong = int(event.data.get("wrong", 0))
    if not wrong:
        return []
    told = ngettext(
        "%(number)d row waits to be mended; nothing of it is lost.",
        "%(number)d rows wait to be mended; nothing of them is lost.",
        wrong,
    )
    return [told % {"number": wrong}]


def import_url(event: Event) -> str:
    return reverse("show_programme_import", args=[event.data.get("code", 0), event.data["import"]])
