"""The overall picture of many municipalities: sums of what each of them tells, added up by the database."""

from typing import Any, NamedTuple

from django.db.models import QuerySet

from munistem.commons.enums import Visibility
from munistem.commons.reading import reading_cursor
from policy.models.honest import Honest
from policy.models.picture import Cell, figures_for_all, told_cells
from policy.models.programme import Programme


class Many(NamedTuple):
    """What is told of many municipalities together, and how many of them tell participants."""

    told: Honest = Honest()
    towns: int = 0


class Told(NamedTuple):
    """A school year: by cell, by life stage ("" where figures are not split by it), in all; ``codes`` of those that tell."""

    cells: dict[Cell, Many]
    stages: dict[str, Many]
    whole: Many
    codes: frozenset[int]


class Running(NamedTuple):
    """How many programmes run, in how many municipalities."""

    programmes: int = 0
    towns: int = 0


NOTHING = Told({}, {}, Many(), frozenset())
#: How far a row of ``SUMS`` or ``COUNTS`` is added up: a cell, a life stage, all of it.
CELL, STAGE, WHOLE = 0, 1, 3
SUMS = """
    select year, grouping(life_stage, setting), coalesce(life_stage, ''), coalesce(setting, ''),
        count(distinct town) filter (where shown is not null),
        case grouping(life_stage, setting) when 3 then array_agg(distinct town) filter (where shown is not null) end,
        sum(shown)::int, sum(shown_girls)::int, sum(shown_counted)::int, sum(small)::int, sum(veiled)::int,
        sum(untold)::int, coalesce(bool_or(rough > 0 and shown is not null), false)
    from (select "programme__authority" as town, * from ({cells}) as told) as cells
    group by grouping sets ((year, life_stage, setting), (year, life_stage), (year))
"""
COUNTS = """
    select grouping(stage, setting), coalesce(stage, ''), coalesce(setting, ''), count(distinct id), count(distinct town)
    from (
        select programme.pk as id, programme.authority_id as town, stage, setting
        from ({programmes}) as programme
        left join unnest(programme.life_stages) as stage on true
        left join unnest(programme.settings) as setting on true
    ) as placed
    group by grouping sets ((stage, setting), (stage), ())
"""


def told_by_year(authorities: QuerySet, years: range) -> dict[int, Told]:
    """School year → what municipalities tell together, for those years of which they entered anything; one query."""
    figures = figures_for_all().filter(year__in=years, programme__authority__in=authorities.values("pk"))
    found: dict[int, Told] = {}
    for year, level, stage, setting, towns, codes, *told in _rows(SUMS, cells=told_cells(figures, "year")):
        row, many = found.setdefault(year, Told({}, {}, Many(), frozenset())), Many(Honest(*told), towns)
        if level == CELL:
            row.cells[Cell(stage, setting)] = many
        elif level == STAGE:
            row.stages[stage] = many
        else:
            found[year] = row._replace(whole=many, codes=frozenset(codes or ()))
    return found


def running_in(authorities: QuerySet, year: int) -> dict[Cell, Running]:
    """Cell → programmes that everyone may read of; (stage, "") are those of a stage, ("", "") all; one query."""
    programmes = Programme.objects.filter(
        visibility=Visibility.PUBLIC, authority__in=authorities.values("pk")
    )
    rows = programmes.in_year(year).order_by().values("pk", "authority_id", "life_stages", "settings")
    found = {}
    for level, stage, setting, count, towns in _rows(COUNTS, programmes=rows):
        is_placed = stage and setting if level == CELL else stage or level == WHOLE
        if is_placed:
            found[Cell(stage, setting)] = Running(count, towns)
    return found


def _rows(statement: str, **parts: QuerySet) -> list[Any]:
    """statement: with a place for the one queryset that is given by its name."""
    ((name, rows),) = parts.items()
    query, given = rows.query.sql_with_params()
    with reading_cursor(rows.model) as cursor:
        cursor.execute(statement.format(**{name: query}), given)
        return cursor.fetchall()
