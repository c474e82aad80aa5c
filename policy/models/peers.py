"""Whom to ask: municipalities alike that have come further with the same recommendation."""

from math import log
from typing import Any

from members.enums import OrganisationType
from members.models import LocalAuthority
from policy.enums import Progress
from policy.models.endorsement import Endorsement
from policy.models.progress import ProgressReport

FURTHER = (Progress.DONE, Progress.UNDER_WAY)
#: What is not known of one of two counts as far as this.
UNKNOWN = 1.0
MOST_PEERS = 3


def unlikeness(one: LocalAuthority, other: LocalAuthority) -> float:
    """How far two municipalities are from each other: 0 for alike.

    Sum of the difference of the logarithms of residents, of the socio-economic cluster (a third of a step each), and 1 for
    another population group; what is not known counts 1.
    """
    far = UNKNOWN
    if one.population and other.population:
        far = abs(log(one.population) - log(other.population))
    if one.socioeconomic_cluster and other.socioeconomic_cluster:
        far += abs(one.socioeconomic_cluster - other.socioeconomic_cluster) / 3
    else:
        far += UNKNOWN
    return far + (UNKNOWN if one.population_group != other.population_group else 0)


def peers_of(user: Any, endorsement: Endorsement) -> list[ProgressReport]:
    """The latest reports of those most alike who are done or under way, as far as the person may read them; one query."""
    mine = endorsement.organisation.authority
    reports = (
        ProgressReport.objects.visible_to(user)
        .latest_of_each()
        .filter(
            status__in=FURTHER,
            endorsement__recommendation=endorsement.recommendation_id,
            endorsement__organisation__type=OrganisationType.MUNICIPALITY,
            endorsement__in=Endorsement.objects.in_force().values("pk"),
        )
    )
    reports = reports.exclude(endorsement__organisation=endorsement.organisation_id)
    reports = reports.select_related("endorsement__organisation__authority").order_by("pk")
    found = list(
        reports.defer(
            "endorsement__organisation__search_vector", "endorsement__organisation__authority__search_vector"
        )
    )
    if mine is not None:
        found.sort(key=lambda row: unlikeness(mine, row.endorsement.organisation.authority))
    return [row.as_told_to(user) for row in found[:MOST_PEERS]]
