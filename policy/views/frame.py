"""What several pages of the room fetch and show."""

from typing import Any

from django.db.models import Exists, OuterRef
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from members.models import Organisation
from policy.enums import EndorsementState
from policy.models import Endorsement, Recommendation, Roundtable
from policy.rules import can_endorse

TONES = {
    EndorsementState.CONFIRMED: "leaf",
    EndorsementState.WAITING: "sun",
    EndorsementState.RETURNED: "clay",
    EndorsementState.REPLACED: "plain",
    EndorsementState.REVOKED: "plain",
}
#: Columns of joined tables that no page of the room shows.
UNREAD = (
    "organisation__search_vector",
    "organisation__search_title",
    "recommendation__search_vector",
    "recommendation__search_title",
)


def recommendation_of(request: HttpRequest, slug: str) -> Recommendation:
    """The recommendation of an address, ``is_convened`` by the reader or not; 404 for what one may not know of."""
    convened = Roundtable.objects.convened_by(request.user).filter(pk=OuterRef("roundtable"))
    known = (
        Recommendation.objects.visible_to(request.user)
        .select_related("roundtable", "current_version")
        .annotate(is_convened=Exists(convened))
        .without_index()
    )
    return get_object_or_404(known, slug=slug)


def endorsement_of(request: HttpRequest, pk: int) -> Endorsement:
    """The answer of an address with both its ends; 404 for what one may not know of."""
    known = Endorsement.objects.visible_to(request.user).select_related(
        "organisation",
        "recommendation__roundtable",
        "recommendation__current_version",
        "version",
        "submitted_by",
        "signed_page",
    )
    return get_object_or_404(known.defer(*UNREAD, "submitted_by__search_vector", "signed_page__text"), pk=pk)


def towns_of(user: Any) -> list[Organisation]:
    """The organisations for which this person may answer, the one they act for now first."""
    if not user.is_authenticated:
        return []
    towns = [row.organisation for row in user.mandates if can_endorse(user, row.organisation)]
    acting_for = getattr(user, "acting_for", None)
    return sorted(towns, key=lambda town: acting_for is None or town.pk != acting_for.pk)


def crumbs_of(recommendation: Recommendation | None = None) -> list[tuple[str, str]]:
    crumbs = [(reverse("show_policy"), _("Policy"))]
    if recommendation:
        crumbs.append((recommendation.get_absolute_url(), recommendation.title))
    return crumbs
