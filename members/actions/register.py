"""The national register of local authorities and regional clusters, as the files of ``members/data`` have it."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from django.db import transaction
from django.utils.text import slugify

import members
from members.enums import AuthorityStatus, District, PopulationGroup
from members.models import LocalAuthority, RegionalCluster
from munistem.commons import audit
from munistem.commons.search.actions import reindex

DATA = Path(members.__file__).parent / "data"
DISTRICTS = {
    "הצפון": District.NORTH,
    "חיפה": District.HAIFA,
    "המרכז": District.CENTRE,
    "תל אביב": District.TEL_AVIV,
    "ירושלים": District.JERUSALEM,
    "הדרום": District.SOUTH,
    "אזור יהודה והשומרון": District.JUDEA_SAMARIA,
}
NUMBERS = (
    "population",
    "population_year",
    "socioeconomic_cluster",
    "socioeconomic_year",
    "periphery_cluster",
)


class BadRegister(Exception):
    """A file of the register says something that cannot be; the message names the row."""


class Loaded(NamedTuple):
    """How many rows of each table are new and how many were changed."""

    created: int
    changed: int


@transaction.atomic
def load_register(*, folder: Path = DATA, by: Any = None) -> Loaded:
    """Bring the register up to the files; rows that they no longer name stay. Raises BadRegister.

    folder: where ``authorities.csv`` and ``clusters.csv`` lie. Safe to run again: nothing changes when nothing has changed.
    """
    clusters = load_clusters(folder / "clusters.csv", by=by)
    known = LocalAuthority.objects.in_bulk()
    new, changed = [], []
    for row in rows_of(folder / "authorities.csv"):
        said = authority_of(row, clusters)
        authority = known.get(said["cbs_code"])
        if authority is None:
            new.append(LocalAuthority(**said))
        elif update(authority, said, by=by):
            changed.append(authority)
    LocalAuthority.objects.bulk_create(new)
    reindex([*new, *changed])
    return Loaded(len(new), len(changed))


def load_clusters(path: Path, *, by: Any) -> dict[str, RegionalCluster]:
    """The clusters by their Hebrew name."""
    known = {cluster.name_he: cluster for cluster in RegionalCluster.objects.all()}
    for row in rows_of(path):
        said = {"name_he": row["name_he"], "name_en": row["name_en"], "website": row["website"]}
        cluster = known.get(said["name_he"])
        if cluster is None:
            slug = slugify(said["name_he"], allow_unicode=True)
            known[said["name_he"]] = RegionalCluster.objects.create(slug=slug, **said)
        else:
            update(cluster, said, by=by)
    return known


def update(row: Any, said: dict[str, Any], *, by: Any) -> bool:
    """Write what the file says differently; returns whether it does."""
    fields = [field for field, value in said.items() if getattr(row, field) != value]
    for field in fields:
        setattr(row, field, said[field])
    if fields:
        row.save(update_fields=fields)
        audit.record("update_register", row, by=by, fields=fields)
    return bool(fields)


def rows_of(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            yield {name: (value or "").strip() for name, value in row.items() if name}


def authority_of(row: dict[str, str], clusters: dict[str, RegionalCluster]) -> dict[str, Any]:
    """Fields of a local authority; what the file leaves empty is unknown."""
    try:
        return {
            "cbs_code": int(row["cbs_code"]),
            **{name: row[name] for name in ("name_he", "name_en", "name_ar", "sub_district", "website")},
            "status": AuthorityStatus(row["status"]).value,
            "district": DISTRICTS[row["district"]].value if row["district"] else "",
            "population_group": PopulationGroup(row["population_group"]).value
            if row["population_group"]
            else "",
            **{name: int(row[name]) if row[name] else None for name in NUMBERS},
            **{name: float(row[name]) if row[name] else None for name in ("lat", "lon")},
            "cluster_id": clusters[row["cluster_name_he"]].pk if row["cluster_name_he"] else None,
        }
    except (KeyError, ValueError) as error:
        raise BadRegister(f"{row.get('cbs_code')} {row.get('name_he')}: {error}") from error
