"""All that the endorsements of one's municipality ask for, in one list, each with its button."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from munistem.commons.notices.actions import mark_read
from munistem.commons.notices.models import Notice
from policy.emails.progress import ASKING
from policy.models import Endorsement, EndorsementShare, Reconfirmation
from policy.views.frame import UNREAD, crumbs_of, towns_of

MOST = 100


@login_required
@require_safe
def list_due(request: HttpRequest) -> HttpResponse:
    """Reports that are due, endorsements that may not stand any more, shares in those of one's cluster."""
    towns = [town.pk for town in towns_of(request.user)]
    read_letters(request.user)
    mine = Endorsement.objects.filter(organisation__in=towns)
    again = Reconfirmation.objects.open().filter(endorsement__in=mine.endorsing().values("pk"))
    shares = EndorsementShare.objects.waiting_for(*towns)
    context = {
        "due": list(mine.due_for_report().with_ends()[:MOST]),
        "again": with_endorsement(again.order_by("asked_at", "pk")),
        "shares": with_endorsement(shares.select_related("organisation")),
        "crumbs": crumbs_of(),
    }
    return render(request, "policy/due.html", context)


def with_endorsement(rows: Any) -> list[Any]:
    rows = rows.select_related("endorsement__organisation", "endorsement__recommendation")
    return list(rows.defer(*(f"endorsement__{column}" for column in UNREAD))[:MOST])


def read_letters(user: Any) -> None:
    """Who sees the list has read the letters that lead to it."""
    kinds = [*ASKING, "endorsement_stands"]
    asking = Notice.objects.visible_to(user).unread().filter(event__kind__in=kinds)
    if keys := list(asking.values_list("pk", flat=True)):
        mark_read(by=user, notices=keys)
