"""The workspace of a roundtable: who sits at it, what was said, which drafts grow out of it."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from munistem.commons.guards.limits import limited
from policy import rules
from policy.actions import table as deeds
from policy.actions import version as versions
from policy.forms.table import ContributionForm, GatherForm, SeatForm
from policy.forms.version import BeginForm
from policy.models import (
    Contribution,
    Recommendation,
    RecommendationVersion,
    Roundtable,
    RoundtableSeat,
    TargetShare,
    VersionSource,
)
from policy.models.balance import counted, mixes
from policy.views.frame import crumbs_of


def roundtable_of(request: HttpRequest, slug: str) -> Roundtable:
    """The roundtable of an address for who works on it; 404 for what one may not know of, 403 for others."""
    roundtable = get_object_or_404(Roundtable.objects.visible_to(request.user), slug=slug)
    if not rules.can_keep_roundtable(request.user, roundtable):
        raise PermissionDenied
    return roundtable


def crumbs_to(roundtable: Roundtable, *, inside: bool = False) -> list[tuple[str, Any]]:
    crumbs = [*crumbs_of(), (roundtable.get_absolute_url(), roundtable.title)]
    return [*crumbs, (workspace_of(roundtable), _("Workspace"))] if inside else crumbs


def workspace_of(roundtable: Roundtable, part: str = "") -> str:
    return f"{roundtable.get_absolute_url()}workspace/{part}"


@login_required
@require_safe
def show_workspace(request: HttpRequest, slug: str) -> HttpResponse:
    """Everything of a roundtable on one page."""
    return render(request, "policy/workspace.html", page_of_workspace(request, roundtable_of(request, slug)))


def page_of_workspace(
    request: HttpRequest, roundtable: Roundtable, gather_form: GatherForm | None = None
) -> dict[str, Any]:
    """Context of ``policy/workspace.html``; gather_form: one that has to be corrected."""
    user, recommendations = request.user, recommendations_of(request.user, roundtable)
    return {
        "roundtable": roundtable,
        **around(user, roundtable),
        "contributions": contributions_of(user, roundtable),
        "recommendations": recommendations,
        "drafts": [row.latest[0] for row in recommendations if row.latest and row.latest[0].state == "draft"],
        "chosen": set(gather_form.data.getlist("contributions")) if gather_form else set(),
        "gather_form": gather_form,
        "crumbs": crumbs_to(roundtable),
    }


def around(user: Any, roundtable: Roundtable) -> dict[str, Any]:
    """Who sits at it, and whether they are the mix that the network wants."""
    seats = RoundtableSeat.objects.visible_to(user).filter(roundtable=roundtable).in_order()
    rows = list(
        seats.select_related("person", "organisation").defer(
            "person__search_vector", "organisation__search_vector"
        )
    )
    counting, is_present = counted(rows)
    targets = {(row.dimension, row.value): row.percent for row in TargetShare.objects.all()}
    return {
        "seats": rows,
        "counted": len(counting),
        "is_present": is_present,
        "mixes": mixes(counting, targets) if rows else [],
    }


def contributions_of(user: Any, roundtable: Roundtable) -> list[Contribution]:
    """What was said, with the recommendations it became part of."""
    uses = VersionSource.objects.select_related("version__recommendation").order_by("version__number")
    unread = ("version__recommendation__search_vector", "version__recommendation__search_title")
    rows = Contribution.objects.visible_to(user).filter(roundtable=roundtable).in_order()
    rows = rows.select_related("seat__person", "meeting").defer("seat__person__search_vector")
    found = list(rows.prefetch_related(Prefetch("uses", uses.defer(*unread))))
    for row in found:
        row.parts = {
            use.version.recommendation_id: use.version.recommendation for use in row.uses.all()
        }.values()
        row.key = str(row.pk)
    return found


def recommendations_of(user: Any, roundtable: Roundtable) -> list[Any]:
    """What comes or came out of it, each with its latest version in ``latest`` and its sources counted."""
    latest = RecommendationVersion.objects.latest_first().annotate(source_count=Count("sources"))
    rows = Recommendation.objects.visible_to(user).filter(roundtable=roundtable).without_index().in_order()
    return list(rows.prefetch_related(Prefetch("versions", latest, to_attr="latest")))


# Who sits at it ------------------------------------------------------------------------------------------


@login_required
@limited("seat", 600, 3600)
@require_http_methods(["GET", "HEAD", "POST"])
def add_seat(request: HttpRequest, slug: str) -> HttpResponse:
    """Put someone on the list."""
    return save_seat(request, roundtable_of(request, slug), None)


@login_required
@limited("seat", 600, 3600)
@require_http_methods(["GET", "HEAD", "POST"])
def edit_seat(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Say what is known of someone: the answer, whether they came."""
    return save_seat(request, roundtable_of(request, slug), seat_of(request, slug, pk))


def seat_of(request: HttpRequest, slug: str, pk: int) -> RoundtableSeat:
    seats = RoundtableSeat.objects.visible_to(request.user).select_related("roundtable", "person")
    return get_object_or_404(seats.defer("person__search_vector"), roundtable__slug=slug, pk=pk)


def save_seat(request: HttpRequest, roundtable: Roundtable, seat: RoundtableSeat | None) -> HttpResponse:
    form = SeatForm(request.POST or None, user=request.user, seat=seat)
    if request.method == "POST" and form.is_valid():
        try:
            deeds.save_seat(by=request.user, roundtable=roundtable, seat=seat, **form.cleaned_data)
            messages.success(request, _("Saved."))
            goes_on = request.POST.get("next") == "another"
            return redirect(workspace_of(roundtable, "seats/new/" if goes_on else "#people"))
        except deeds.SeatTaken:
            form.add_error("person", _("This person has a seat already."))
    context = {
        "form": form,
        "roundtable": roundtable,
        "seat": seat,
        "crumbs": crumbs_to(roundtable, inside=True),
    }
    return render(request, "policy/seat.html", context)


@login_required
@require_POST
def remove_seat(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Take someone off the list."""
    roundtable = roundtable_of(request, slug)
    try:
        deeds.remove_seat(by=request.user, seat=seat_of(request, slug, pk))
        messages.success(request, _("Taken off the list."))
    except deeds.InUse:
        messages.error(request, _("What this person said is written down here, so the seat stays."))
    return redirect(workspace_of(roundtable, "#people"))


# What was said -------------------------------------------------------------------------------------------


@login_required
@limited("contribution", 600, 3600)
@require_http_methods(["GET", "HEAD", "POST"])
def add_contribution(request: HttpRequest, slug: str) -> HttpResponse:
    """Write down what was said."""
    return save_contribution(request, roundtable_of(request, slug), None)


@login_required
@limited("contribution", 600, 3600)
@require_http_methods(["GET", "HEAD", "POST"])
def edit_contribution(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Mend what was written down; its words stay once they are part of a version."""
    return save_contribution(request, roundtable_of(request, slug), contribution_of(request, slug, pk))


def contribution_of(request: HttpRequest, slug: str, pk: int) -> Contribution:
    rows = Contribution.objects.visible_to(request.user).select_related("roundtable", "meeting")
    return get_object_or_404(rows, roundtable__slug=slug, pk=pk)


def save_contribution(
    request: HttpRequest, roundtable: Roundtable, contribution: Contribution | None
) -> HttpResponse:
    around = {"roundtable": roundtable, "contribution": contribution}
    form = ContributionForm(request.POST or None, user=request.user, **around)
    if request.method == "POST" and form.is_valid():
        try:
            deeds.save_contribution(by=request.user, **around, **form.cleaned_data)
            messages.success(request, _("Written down."))
            goes_on = request.POST.get("next") == "another"
            return redirect(workspace_of(roundtable, "contributions/new/" if goes_on else "#said"))
        except deeds.InUse:
            form.add_error("text", _("These words became part of a version, so they stay as they are."))
    crumbs = crumbs_to(roundtable, inside=True)
    return render(request, "policy/contribution.html", {"form": form, "crumbs": crumbs, **around})


@login_required
@require_POST
def remove_contribution(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Take away what was written down by mistake."""
    roundtable = roundtable_of(request, slug)
    try:
        deeds.remove_contribution(by=request.user, contribution=contribution_of(request, slug, pk))
        messages.success(request, _("Taken away."))
    except deeds.InUse:
        messages.error(request, _("It is part of a draft or of a version, so it stays."))
    return redirect(workspace_of(roundtable, "#said"))


# What grows out of it ------------------------------------------------------------------------------------


@login_required
@require_POST
def gather_contributions(request: HttpRequest, slug: str) -> HttpResponse:
    """Make the ticked contributions part of a draft."""
    roundtable = roundtable_of(request, slug)
    form = GatherForm(request.POST, roundtable=roundtable)
    if not form.is_valid():
        return render(request, "policy/workspace.html", page_of_workspace(request, roundtable, form))
    try:
        count = deeds.gather(by=request.user, **form.cleaned_data)
    except versions.OutOfTurn:
        messages.info(request, _("This version has moved on already."))
        return redirect(workspace_of(roundtable, "#drafts"))
    said = ngettext(
        "%(count)d contribution became part of the draft.",
        "%(count)d contributions became part of the draft.",
        count,
    )
    messages.success(request, said % {"count": count})
    return redirect(workspace_of(roundtable, "#drafts"))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def begin_draft(request: HttpRequest, slug: str) -> HttpResponse:
    """Begin a recommendation; on to its wording."""
    roundtable = roundtable_of(request, slug)
    form = BeginForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            version = versions.begin(by=request.user, roundtable=roundtable, **form.cleaned_data)
            return redirect("edit_version", version.recommendation.slug, version.number)
        except versions.AddressTaken:
            form.add_error("slug", _("This address is taken. Choose another."))
    context = {"form": form, "roundtable": roundtable, "crumbs": crumbs_to(roundtable, inside=True)}
    return render(request, "policy/begin_draft.html", context)
