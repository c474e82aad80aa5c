"""Whom to ask: municipalities alike that have come further with the same recommendation."""

from typing import Any

from members.enums import OrganisationType
from policy.enums import Progress
from policy.models.endorsement import Endorsement
from policy.models.family import nearest_to
from policy.models.progress import ProgressReport

FURTHER = (Progress.DONE, Progress.UNDER_WAY)
MOST_PEERS = 3


def peers_of(user: Any, endorsement: Endorsement) -> list[ProgressReport]:
    """The latest reports of those most alike who are done or under way, as far as the person may read them; three queries.

    Who is alike is told by the distance of the family (``models.family``).
    """
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
    reports = reports.select_related("endorsement__organisation").order_by("pk")
    found = list(reports.defer("endorsement__organisation__search_vector"))
    if endorsement.organisation.authority is not None:
        codes = [row.endorsement.organisation.authority_id for row in found]
        near = nearest_to(endorsement.organisation.authority).filter(pk__in=codes)
        order = {code: place for place, code in enumerate(near.values_list("pk", flat=True))}
        found.sort(key=lambda row: order[row.endorsement.organisation.authority_id])
    return [row.as_told_to(user) for row in found[:MOST_PEERS]]
