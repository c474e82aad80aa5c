"""The versions of a recommendation: one as it is read, what it changed, and what who keeps it does with it."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from communities.models import Meeting
from munistem.commons.guards.limits import limited
from policy import rules
from policy.actions import consult
from policy.actions import version as deeds
from policy.actions.table import scatter
from policy.enums import VersionState
from policy.forms import ReasonForm
from policy.forms.version import MayReasonForm, OpenForm, VersionForm
from policy.models import Consultation, Contribution, RecommendationVersion
from policy.views.frame import crumbs_of, recommendation_of
from policy.views.wording import changes_between, language_of, wording_of


def version_of(request: HttpRequest, slug: str, number: int) -> RecommendationVersion:
    """The version of an address; 404 for what one may not know of."""
    known = RecommendationVersion.objects.visible_to(request.user).select_related(
        "recommendation__roundtable"
    )
    known = known.defer("recommendation__search_vector", "recommendation__search_title")
    return get_object_or_404(known, recommendation__slug=slug, number=number)


def crumbs_to(user: Any, version: RecommendationVersion) -> list[tuple[str, str]]:
    """The way to a version; one may see a draft that is open to the network without seeing its recommendation."""
    seen = rules.can_see_recommendation(user, version.recommendation)
    return crumbs_of(version.recommendation if seen else None)


def crumbs_past(user: Any, version: RecommendationVersion) -> list[tuple[str, str]]:
    """The way past a version."""
    told = _("Version %(number)s") % {"number": version.number}
    return [*crumbs_to(user, version), (version.get_absolute_url(), told)]


@require_safe
def show_version(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """What a version says, when it came into which state, out of what it grew."""
    version, user = version_of(request, slug, number), request.user
    consultation = Consultation.objects.visible_to(user).filter(version=version).first()
    earlier = RecommendationVersion.objects.visible_to(user).filter(
        recommendation=version.recommendation, number__lt=number
    )
    context = {
        "recommendation": version.recommendation,
        "state": version.state_kind,
        "steps": version.steps.select_related("taken_by").order_by("taken_at", "pk"),
        "shows_people": rules.can_see_representatives(user),
        "consultation": consultation,
        "sources": sources_of(user, version),
        "has_earlier": earlier.exists(),
        "crumbs": crumbs_to(user, version),
        **wording_of(version, language_of(request)),
        **deeds_for(user, version),
    }
    return render(request, "policy/version.html", context)


def sources_of(user: Any, version: RecommendationVersion) -> list[Contribution]:
    """What it grew out of, with the meeting at which it was said for those who may see the meeting."""
    rows = Contribution.objects.visible_to(user).filter(uses__version=version).in_order()
    found = list(rows.select_related("seat__person", "meeting").defer("seat__person__search_vector"))
    held = {row.meeting.community_meeting_id for row in found if row.meeting} - {None}
    known = Meeting.objects.visible_to(user).filter(pk__in=held) if held else []
    addresses = {meeting.pk: meeting.get_absolute_url() for meeting in known}
    for row in found:
        meeting = row.meeting.community_meeting_id if row.meeting else None
        row.meeting_url = addresses.get(meeting, "") if meeting else ""  # type: ignore[attr-defined]
    return found


def deeds_for(user: Any, version: RecommendationVersion) -> dict[str, bool]:
    """What this reader may do with the version."""
    is_latest = not version.recommendation.versions.filter(number__gt=version.number).exists()
    keeps = rules.can_keep_roundtable(user, version.recommendation.roundtable)
    return {
        "keeps": keeps,
        "can_write": rules.can_write_version(user, version),
        "can_open": rules.can_open_consultation(user, version),
        "can_adopt": rules.can_adopt_version(user, version),
        "can_withdraw": rules.can_withdraw_version(user, version),
        "can_draft": keeps and is_latest and version.state != VersionState.DRAFT,
    }


@require_safe
def show_changes(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """What a version changed of the one before it that the reader may see; ``?since=`` compares with another."""
    after = version_of(request, slug, number)
    known = RecommendationVersion.objects.visible_to(request.user).filter(recommendation=after.recommendation)
    others = list(known.filter(number__lt=number).latest_first())
    wanted = [row for row in others if str(row.number) == request.GET.get("since", "")]
    before, code = next(iter([*wanted, *others]), None), language_of(request)
    context = {
        "after": after,
        "before": before,
        "code": code,
        "others": others,
        "changes": changes_between(before, after, code) if before else [],
        "crumbs": crumbs_past(request.user, after),
    }
    return render(request, "policy/changes.html", context)


# What who keeps it does ----------------------------------------------------------------------------------


@login_required
@require_POST
def draft_next(request: HttpRequest, slug: str) -> HttpResponse:
    """Begin the next version, or go on with the draft at hand."""
    recommendation = recommendation_of(request, slug)
    if not rules.can_keep_roundtable(request.user, recommendation.roundtable):
        raise PermissionDenied
    version = deeds.draft_next(by=request.user, recommendation=recommendation)
    return redirect("edit_version", slug, version.number)


@login_required
@limited("version", 300, 3600)
@require_http_methods(["GET", "HEAD", "POST"])
def edit_version(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Word a draft in its languages. A stale form is answered with 409, and keeps what was typed."""
    version, status = version_of(request, slug, number), 200
    if not rules.can_write_version(request.user, version):
        raise PermissionDenied
    form = VersionForm(request.POST or None, version=version)
    if request.method == "POST" and form.is_valid():
        try:
            deeds.write(by=request.user, version=version, **form.worded())
            messages.success(request, _("The draft was kept."))
            return redirect(version)
        except deeds.OutOfTurn:
            return settled(request, version)
        except deeds.Stale:
            status = 409
            version.refresh_from_db()
            form.data = form.data.copy()  # type: ignore[misc]
            form.data["edition"] = str(version.edition)  # type: ignore[index]
    context = {"form": form, "version": version, "is_stale": status == 409}
    context["crumbs"] = crumbs_past(request.user, version)
    return render(request, "policy/edit_version.html", context, status=status)


@login_required
@require_POST
def scatter_contribution(request: HttpRequest, slug: str, number: int, pk: int) -> HttpResponse:
    """Take a contribution out of a draft again; it stays in the workspace."""
    version = version_of(request, slug, number)
    if not rules.can_write_version(request.user, version):
        return settled(request, version)
    said = Contribution.objects.visible_to(request.user)
    scatter(by=request.user, version=version, contribution=get_object_or_404(said, pk=pk))
    messages.success(request, _("Taken out of the draft. It stays in the workspace."))
    return redirect(version)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def open_consultation(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Ask the network about a draft, until a day."""
    version = version_of(request, slug, number)
    if not rules.can_open_consultation(request.user, version):
        return settled(request, version)
    form = OpenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = consult.open_consultation(by=request.user, version=version, **form.cleaned_data)
        except deeds.OutOfTurn:
            return settled(request, version)
        messages.success(request, _("It is open. The network is told."))
        return redirect(made)
    told = _(
        "Everyone in the network may comment on each paragraph; the words stay as they are until it closes."
    )
    return asked(request, version, form, _("Open to the network"), told)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def adopt_version(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Make it the word of the network; asked once."""
    version = version_of(request, slug, number)
    if not rules.can_adopt_version(request.user, version):
        return settled(request, version, may=rules.is_admin(request.user))
    form = MayReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            deeds.adopt(by=request.user, version=version, **form.cleaned_data)
        except deeds.OutOfTurn:
            return settled(request, version, may=rules.is_admin(request.user))
        messages.success(request, _("Adopted. Everyone can read it now."))
        return redirect(version.recommendation)
    told = _("It becomes what the network recommends, for everyone to read; the version before it is kept.")
    return asked(request, version, form, _("Adopt this version"), told)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw_version(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Say that the network no longer stands by it; asked once."""
    version = version_of(request, slug, number)
    if not rules.can_withdraw_version(request.user, version):
        return settled(request, version, may=rules.is_admin(request.user))
    form = ReasonForm(request.POST or None, label=_("Why is it withdrawn?"), hint=_("Everyone can read it."))
    if request.method == "POST" and form.is_valid():
        try:
            deeds.withdraw(by=request.user, version=version, **form.cleaned_data)
        except deeds.OutOfTurn:
            return settled(request, version, may=rules.is_admin(request.user))
        messages.success(request, _("Withdrawn. The text stays to be read."))
        return redirect(version.recommendation)
    told = _("The text stays to be read with your reason; no municipality is asked to answer it any more.")
    return asked(request, version, form, _("Withdraw it"), told, kind="danger")


def settled(request: HttpRequest, version: RecommendationVersion, *, may: bool | None = None) -> HttpResponse:
    """A deed that does not fit the state (any more) is no error for who may do it, to look at or to do; others are refused.

    may: whether the person may do it at all, in the right state; those who keep the roundtable unless told otherwise.
    """
    keeps = rules.can_keep_roundtable(request.user, version.recommendation.roundtable)
    if not (keeps if may is None else may):
        raise PermissionDenied
    told = {"state": version.state_kind.label}
    messages.info(request, _("This version stands at “%(state)s”; nothing was changed.") % told)
    return redirect(version)


def asked(
    request: HttpRequest, version: RecommendationVersion, form: Any, deed: str, told: str, kind: str = ""
) -> HttpResponse:
    """The page that asks once."""
    crumbs = crumbs_past(request.user, version)
    context = {"form": form, "version": version, "deed": deed, "told": told, "kind": kind, "crumbs": crumbs}
    return render(request, "policy/step.html", context)
