"""Where programmes stand by who pays for them: added up by the database, for people of foundations and the admins.

Nothing here reads figures of one programme: programmes and schools are counted, and participants are sums of what the cells
of a municipality tell everyone (``docs/decisions/0030``), whoever pays.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import F, Q

from members.models import LocalAuthority
from munistem.commons.reading import reading_cursor
from munistem.commons.terms.models import Term, TermKind
from policy.enums import ProgrammeStatus
from policy.models.picture import figures_for_all, told_cells
from policy.models.programme import Programme, ProgrammeFunder, ProgrammeSchool

TABLES = {
    "funder": ProgrammeFunder._meta.db_table,
    "school": ProgrammeSchool._meta.db_table,
    "tagged": Programme.terms.through._meta.db_table,
    "term": Term._meta.db_table,
    "authority": LocalAuthority._meta.db_table,
}
#: Of programmes: p (narrowed), paid (each with each payer once; a member is known by its key, others by their name).
WITH = """
    with p (id, authority_id, cluster_id, life_stages, settings, until, name) as materialized ({programmes}),
    paid as materialized (
        select p.id, p.authority_id, p.cluster_id, f.organisation_id, f.name,
            coalesce(f.organisation_id::text, '=' || lower(f.name)) as payer
        from p join {funder} f on f.programme_id = p.id
    ),
    about as materialized (
        select tagged.programme_id, tagged.term_id from {tagged} tagged join {term} term on term.id = tagged.term_id
        where term.is_curated and term.kind = %s
    )
"""
PAYERS = "coalesce(jsonb_agg(distinct jsonb_build_array(paid.organisation_id, paid.name)) filter (where paid.id is not null), '[]')"


@dataclass(frozen=True)
class Narrowed:
    """What is looked at. programmes: those that the reader may know of, narrowed, of one school year.

    all_programmes: the same unnarrowed and of every year, among which successors are found; organisation: whose own ones
    are marked; only_own: whether rows without them are left out; stage, subject: a cell's, "" for any; most: rows.
    """

    programmes: Any
    all_programmes: Any
    year: int
    organisation: int
    only_own: bool = True
    stage: str = ""
    subject: str = ""
    most: int = 30


class Payer(NamedTuple):
    """Who pays. organisation: key of a member, None for somebody called by name; number: of programmes, 0 where not told."""

    organisation: int | None
    name: str
    number: int = 0


class Placed(NamedTuple):
    """Programmes of a municipality or a regional cluster.

    place: its key, None for no cluster; towns: municipalities in it; unpaid: programmes that name no funder; own: those that
    name one's own; total: places there are; own_together, own_places: own programmes in all places, and in how many.
    """

    place: int | None
    towns: int
    programmes: int
    unpaid: int
    own: int
    payers: list[Payer]
    total: int
    own_together: int
    own_places: int


class Overlap(NamedTuple):
    """Two or more payers with two or more programmes for one life stage and subject in one municipality."""

    authority: int
    stage: str
    term: int
    programmes: int
    is_own: bool
    payers: list[Payer]
    total: int


class Crowded(NamedTuple):
    """A school with many programmes."""

    authority: int
    name: str
    programmes: int
    own: int
    payers: list[Payer]
    total: int


class Ending(NamedTuple):
    """A programme of which this is the last school year, with the life stages in which nothing follows ("" for not told)."""

    programme: int
    name: str
    authority: int
    stages: list[str]
    is_own: bool
    payers: list[Payer]
    total: int


def by_place(asked: Narrowed, place: str) -> list[Placed]:
    """Programmes and who pays for them, by municipality or cluster; most of one's own first.

    place: ``authority_id`` or ``cluster_id``. A programme with two payers counts for each of them, and once in the sum.
    """
    sql = """
        , counted as (
            select {place} as place, organisation_id, payer, min(name) as name, count(*) as number
            from paid group by 1, 2, 3
        ), payers as (
            select place, coalesce(max(number) filter (where organisation_id = %s), 0) as own,
                jsonb_agg(jsonb_build_array(organisation_id, name, number) order by number desc, payer) as payers
            from counted group by 1
        ), places as (
            select {place} as place, count(distinct authority_id) as towns, count(*) as programmes,
                count(*) filter (where not exists (select 1 from paid where paid.id = p.id)) as unpaid
            from p group by 1
        )
        select places.place, towns, programmes, unpaid, coalesce(own, 0), coalesce(payers, '[]'), count(*) over (),
            coalesce(sum(own) over (), 0)::int, count(*) filter (where own > 0) over ()
        from places left join payers on payers.place is not distinct from places.place
        where not %s or own > 0
        order by own desc nulls last, programmes desc, places.place limit %s
    """
    rows = ask(asked, sql, asked.organisation, asked.only_own, asked.most, place=place)
    return [Placed._make(read(row, 5)) for row in rows]


def overlaps(asked: Narrowed) -> list[Overlap]:
    """Where payers double: two or more of them, with two or more programmes, in one municipality, life stage and subject.

    One programme for which two pay together is no overlap. Programmes without a life stage or subject are in none.
    """
    sql = """
        , cells as (
            select paid.*, stage, about.term_id from paid join p on p.id = paid.id
            cross join unnest(p.life_stages) as stage join about on about.programme_id = p.id
            where (%s = '' or stage = %s) and (%s = '' or about.term_id in (select id from {term} where slug = %s))
        )
        select authority_id, stage, term_id, count(distinct id), coalesce(bool_or(organisation_id = %s), false),
            {payers}, count(*) over ()
        from cells as paid group by 1, 2, 3
        having count(distinct payer) > 1 and count(distinct id) > 1
            and (not %s or coalesce(bool_or(organisation_id = %s), false))
        order by 5 desc, 4 desc, count(distinct payer) desc, 1, 2, 3 limit %s
    """
    cell = (asked.stage, asked.stage, asked.subject, asked.subject)
    own = asked.organisation
    rows = ask(asked, sql, *cell, own, asked.only_own, own, asked.most)
    return [Overlap._make(read(row, 5)) for row in rows]


def crowded_schools(asked: Narrowed, more_than: int) -> list[Crowded]:
    """Schools in which more than so many programmes run; a school is known by its number, else by its name in its town."""
    sql = """
        select p.authority_id, min(s.name), count(distinct p.id),
            count(distinct p.id) filter (where paid.organisation_id = %s), {payers}, count(*) over ()
        from p join {school} s on s.programme_id = p.id left join paid on paid.id = p.id
        group by p.authority_id, s.mark
        having count(distinct p.id) > %s and (not %s or bool_or(paid.organisation_id = %s))
        order by 3 desc, 4 desc, 1, 2 limit %s
    """
    own = asked.organisation
    rows = ask(asked, sql, own, more_than, asked.only_own, own, asked.most)
    return [Crowded._make(read(row, 4)) for row in rows]


def ending_without_successor(asked: Narrowed) -> list[Ending]:
    """Programmes of which the school year is the last and that nothing follows.

    A successor is another programme of the same municipality that runs, or is planned to run, in the next school year, for
    the same life stage, and in a setting or on a subject of the one that ends. It is looked for stage by stage: a programme
    for two stages with a successor for one of them still leaves the other. Whoever pays for it, a successor is one; what is
    not told of a programme (its stage, its setting and subjects) covers nothing and is covered by nothing.
    """
    following, given = columns_of(followers_in(asked.all_programmes, asked.year + 1))
    sql = """
        , following (id, authority_id, cluster_id, life_stages, settings, until, name) as materialized ({following}),
        ends as materialized (
            select p.*, stage from p
            cross join unnest(case when cardinality(p.life_stages) = 0 then array[''] else p.life_stages end) as stage
            where p.until = %s and (%s = '' or stage = %s)
        ), keys as materialized (
            select id, setting as key from (select id, settings from following union select id, settings from ends) as rows
            cross join unnest(settings) as setting
            union all select programme_id, term_id::text from about
        ), kept as materialized (
            select distinct n.authority_id, stage, key from following n
            cross join unnest(n.life_stages) as stage join keys on keys.id = n.id
        ), covered as materialized (
            select distinct ends.id, ends.stage from ends join keys on keys.id = ends.id
            join kept on (kept.authority_id, kept.stage, kept.key) = (ends.authority_id, ends.stage, keys.key)
        ), ending as (
            select * from ends where not exists (
                select 1 from covered where covered.id = ends.id and covered.stage = ends.stage
            )
        )
        select e.id, e.name, e.authority_id, array_agg(distinct e.stage), coalesce(bool_or(paid.organisation_id = %s), false),
            {payers}, count(*) over ()
        from ending e left join paid on paid.id = e.id group by 1, 2, 3
        having not %s or coalesce(bool_or(paid.organisation_id = %s), false)
        order by 5 desc, 3, 2, 1 limit %s
    """
    own = asked.organisation
    values = (*given, asked.year, asked.stage, asked.stage, own, asked.only_own, own, asked.most)
    rows = ask(asked, sql, *values, following=following)
    return [Ending._make(read(row, 5)) for row in rows]


def followers_in(programmes: Any, year: int) -> Any:
    """Those that run in a school year, planned ones among them."""
    begun = Q(since__isnull=True) | Q(since__lte=year)
    open_ = Q(until__isnull=True) | Q(until__gte=year)
    return programmes.filter(begun, open_, status__in=[ProgrammeStatus.RUNNING, ProgrammeStatus.PLANNED])


class Told(NamedTuple):
    """Participants that cells tell, whoever pays, and how many small groups they leave out."""

    participants: int | None
    small: int


def told_by_place(year: int, stage: str, towns: Iterable[int], clusters: Iterable[int]) -> dict[Any, Told]:
    """What cells of all programmes tell everyone: of municipalities ``("town", key)`` and clusters ``("cluster", key)``."""
    figures = figures_for_all().filter(year=year)
    if stage:
        figures = figures.filter(life_stage=stage)
    query, given = told_cells(figures).query.sql_with_params()
    sql = """
        select a.cluster_id, a.cbs_code, sum(shown)::int, sum(small)::int
        from ({cells}) as cells join {authority} a on a.cbs_code = "programme__authority"
        group by grouping sets ((a.cluster_id), (a.cbs_code))
        having a.cbs_code = any(%s) or (a.cbs_code is null and a.cluster_id = any(%s))
    """
    with reading_cursor(Programme) as cursor:
        cursor.execute(sql.format(cells=query, **TABLES), [*given, list(towns), list(clusters)])
        rows = cursor.fetchall()
    return {("town", town) if town else ("cluster", cluster): Told(*told) for cluster, town, *told in rows}


# How it is asked -----------------------------------------------------------------------------------------


def columns_of(programmes: Any) -> tuple[str, tuple[Any, ...]]:
    """The programmes in the columns of ``p``, as a statement with its values."""
    rows = programmes.order_by().annotate(cluster_key=F("authority__cluster"))
    names = ("id", "authority_id", "cluster_key", "life_stages", "settings", "until", "name")
    sql, given = rows.values_list(*names).query.sql_with_params()
    return sql, given


def ask(asked: Narrowed, sql: str, *given: Any, **parts: str) -> list[Any]:
    """Rows of a statement behind ``WITH``; parts: statements that stand in it by name."""
    programmes, own = columns_of(asked.programmes)
    query = (WITH + sql).format(programmes=programmes, payers=PAYERS, **TABLES, **parts)
    with reading_cursor(Programme) as cursor:
        cursor.execute(query, [*own, TermKind.SUBJECT.value, *given])
        return cursor.fetchall()


def read(row: Any, place: int) -> list[Any]:
    """A row whose payers stand at a place, as JSON that the driver gives as text."""
    payers = [Payer(*payer) for payer in json.loads(row[place])]
    return [*row[:place], payers, *row[place + 1 :]]
