"""What is asked of every kind for one reader: which rows answer, and what the first of them say; written once."""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from django.db.models import QuerySet

from members.models import LocalAuthority
from munistem.commons.ready import NOBODY, Part, Text, ready_part, together
from munistem.commons.search.candidates import Sight, written
from munistem.commons.search.finding import Found
from munistem.front.views.search.kinds import KINDS
from munistem.front.views.search.network import authority_rows

AUTHORITIES = "authorities"


def rows_for(code: str, user: Any, community: Any = None) -> QuerySet:
    """Rows of a kind, or of the register, that this person may see; of one community when it is given."""
    return authority_rows() if code == AUTHORITIES else KINDS[code].rows_for(user, community)


@ready_part
def candidates(user: Any, code: str, community: int | None, room: str, *texts: str) -> Any:
    return written(rows_for(code, user, community), int(room), texts)


@ready_part
def first_rows(user: Any, code: str, community: int | None, keys: str) -> Any:
    rows = rows_for(code, user, community).among(Found([keys]))
    return KINDS[code].told(rows) if code in KINDS else rows


def sights_of(codes: Iterable[str], user: Any, community: Any = None) -> dict[str, Sight]:
    """These kinds as this person sees them, to be searched."""
    return {code: sight_of(code, user, community) for code in codes}


def sight_of(code: str, user: Any, community: Any) -> Sight:
    reader = NOBODY if code == AUTHORITIES else user
    key = community.pk if community else None

    def ask(room: int, *texts: Text) -> Part:
        return candidates(reader, code, key, str(room), *texts)

    return Sight(MODELS[code], partial(rows_for, code, user, community), ask)


def first_of(user: Any, community: Any, keys: Mapping[str, Iterable[Any]]) -> dict[str, list[Any]]:
    """The rows with these keys of each kind, as they are told and in this order; one query."""
    key = community.pk if community else None
    parts = [
        first_rows(NOBODY if code == AUTHORITIES else user, code, key, Text(",".join(map(str, some))))
        for code, some in keys.items()
    ]
    return dict(zip(keys, together(parts), strict=True))


MODELS = {code: kind.model for code, kind in KINDS.items()} | {AUTHORITIES: LocalAuthority}
