"""How people name members of the network and schools when they write of a programme."""

import re
from collections.abc import Iterable

from members.models import Organisation
from munistem.commons.search.analyser import normalised
from munistem.commons.text.names import harmless

#: The numbers of schools at the ministry have six digits.
SCHOOL_NUMBER = re.compile(r"(?<!\d)\d{6}(?!\d)")


def members_by_name() -> dict[str, Organisation]:
    """Member organisations by each of their names, as names are compared."""
    found: dict[str, Organisation] = {}
    rows = Organisation.objects.members().only("pk", "slug", "name_he", "name_ar", "name_en")
    for row in rows.order_by("pk"):
        for name in (row.name_he, row.name_ar, row.name_en):
            if name:
                found.setdefault(normalised(name), row)
    return found


def funders_among(names: Iterable[str], members: dict[str, Organisation]) -> list[Organisation | str]:
    """Members of the network where a name is that of one, else the names as written."""
    return [members.get(normalised(name)) or name for name in names]


def school_in(line: str) -> tuple[str, str]:
    """Name and number of a school in a line that may hold both, whichever stands first."""
    number = SCHOOL_NUMBER.search(line)
    if not number:
        return harmless(line), ""
    name = harmless(line.replace(number.group(), " ")).strip(" -–,()")
    return name or number.group(), number.group()
