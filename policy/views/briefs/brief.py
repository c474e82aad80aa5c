"""The annual brief of a municipality: what will be in it, its draft, its signing off, the editions that were signed."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from knowledge.views.out import said_day
from members.models import LocalAuthority, Representative, RoleHolding
from munistem.commons import pdf
from munistem.commons.days.school import school_year_name
from munistem.commons.enums import Language
from munistem.commons.guards.limits import limited
from policy import rules
from policy.actions import brief as deeds
from policy.forms.brief import MOST_ASKS, SignBriefForm
from policy.models import BriefCopy, BriefSignOff, PlanItem
from policy.models.family import family_of
from policy.models.picture import figures_for_all, programmes_shown, years_of
from policy.rules.brief import can_draft_brief, can_sign_brief
from policy.views.briefs.annual import Annual, NamedGap, annual_of, gaps_in, run_by, year_of
from policy.views.briefs.annual_paper import document_of, place_of
from policy.views.briefs.paper import as_pdf, language, serve_brief
from policy.views.drawing import Picture, background_of, draw, seen_of, wholes_of
from policy.views.gap import crumbs_to
from policy.views.programme import authority_of


def brief_url(authority: LocalAuthority, year: int) -> str:
    return f"{reverse('show_brief', args=[authority.pk])}?{urlencode({'year': year})}"


def draft_url(authority: LocalAuthority, year: int, **asked: str) -> str:
    query = urlencode({"year": year, **asked})
    return f"{reverse('serve_brief_draft', args=[authority.pk])}?{query}"


def file_name(authority: LocalAuthority, year: int) -> str:
    return f"stem-{authority.pk}-{year}-{language()}"


# The page ------------------------------------------------------------------------------------------------


@require_safe
def show_brief(request: HttpRequest, code: int) -> HttpResponse:
    """What the signed brief of a school year will say, who may sign it, and what was signed (``?year=``)."""
    picture = told_picture(authority_of(code), request.GET.get("year", ""))
    return render(request, "policy/brief.html", page_of_brief(request, picture))


def told_picture(authority: LocalAuthority, asked: str) -> Picture:
    """The picture as everyone is told it; three queries."""
    sums = years_of(authority, figures=figures_for_all())
    year, background = year_of(sums, asked), background_of(authority)
    programmes = programmes_shown(AnonymousUser(), authority, year)
    seen = seen_of(programmes, sums.get(year, {}), wholes_of(background), is_raw=False)
    return draw(authority, year, seen, is_raw=False)


def weighed(picture: Picture) -> list[NamedGap]:
    """The gaps that weigh most; three queries."""
    family = family_of(picture.authority)
    return gaps_in(picture, family, run_by(family, picture.year))


def page_of_brief(
    request: HttpRequest, picture: Picture, form: SignBriefForm | None = None
) -> dict[str, Any]:
    """Context of ``policy/brief.html``; form: with what has to be corrected."""
    user, authority, year = request.user, picture.authority, picture.year
    may_sign = can_sign_brief(user, authority) and not picture.is_empty
    drafts = can_draft_brief(user, authority)
    return {
        "authority": authority,
        "picture": picture,
        "year_name": school_year_name(year),
        "gaps": [f"{place_of(one)}: {one.gapped.gap.label}" for one in weighed(picture)],
        "editions": editions_of(user, authority),
        "form": (form or SignBriefForm(initial=planned(user, authority, year))) if may_sign else None,
        "draft_url": draft_url(authority, year) if drafts else "",
        "told_url": draft_url(authority, year, **{"as": "others"}) if drafts else "",
        **signers_of(user, authority),
        "crumbs": crumbs_to(authority, year),
    }


def editions_of(user: Any, authority: LocalAuthority) -> list[BriefSignOff]:
    """The latest first."""
    rows = BriefSignOff.objects.visible_to(user).of(authority).latest_first()
    found = list(rows.select_related("signed_by").defer("signed_by__search_vector"))
    for row in found:
        row.year_name = school_year_name(row.year)  # type: ignore[attr-defined]
    return found


def signers_of(user: Any, authority: LocalAuthority) -> dict[str, Any]:
    """Who may sign: their names for people of the network, their number for everyone."""
    holders = RoleHolding.objects.of(authority).open().values("person")
    rows = Representative.objects.active().filter(organisation__authority=authority, person__is_active=True)
    rows = rows.filter(Q(is_manager=True) | Q(person__in=holders)).select_related("person")
    found = list(rows.defer("person__search_vector").order_by("person__name", "pk"))
    shown = rules.can_see_representatives(user)
    return {"signers": found if shown else [], "signer_count": len(found), "shows_people": shown}


def planned(user: Any, authority: LocalAuthority, year: int) -> dict[str, Any]:
    """What the work plan holds, as a first wording of what is asked."""
    rows = PlanItem.objects.visible_to(user).of(authority).open().soonest_first()[:MOST_ASKS]
    asks = [_("%(what)s, by %(day)s") % {"what": row.what, "day": said_day(row.due_on)} for row in rows]
    return {"year": year, "asks": "\n".join(asks)}


# The draft and what was signed ---------------------------------------------------------------------------


@login_required
@require_safe
def serve_brief_draft(request: HttpRequest, code: int) -> HttpResponse:
    """The brief before it is signed, for who keeps the figures; ``?as=others`` with what everyone is told."""
    authority = authority_of(code)
    if not can_draft_brief(request.user, authority):
        raise PermissionDenied
    is_raw = request.GET.get("as") != "others"
    told = annual_of(request.user, authority, request.GET.get("year", ""), is_raw=is_raw)
    document = document_of(told, mark=_("Draft – not signed"))
    return serve_brief(request, document, of=f"draft-{authority.pk}", name=file_name(authority, told.year))


@limited("pdf", 120, 3600, methods=("GET",))
@require_safe
def serve_signed_brief(request: HttpRequest, code: int, pk: int) -> HttpResponse:
    """A signed edition as it was signed, in the reader's language."""
    copies = BriefCopy.objects.visible_to(request.user).filter(sign_off__authority=code, sign_off=pk)
    copy = get_object_or_404(copies.select_related("sign_off__authority").defer("told"), language=language())
    return as_pdf(bytes(copy.paper), file_name(copy.sign_off.authority, copy.sign_off.year))


# Signing off ---------------------------------------------------------------------------------------------


@login_required
@limited("sign_brief", 30, 3600)
@require_POST
def sign_brief(request: HttpRequest, code: int) -> HttpResponse:
    """Sign the brief of a school year off, in all languages, with what everyone is told."""
    authority = authority_of(code)
    if not can_sign_brief(request.user, authority):
        raise PermissionDenied
    form = SignBriefForm(request.POST)
    if not form.is_valid():
        picture = told_picture(authority, request.POST.get("year", ""))
        return render(request, "policy/brief.html", page_of_brief(request, picture, form))
    asks, year = form.cleaned_data["asks"], form.cleaned_data["year"]
    told = annual_of(request.user, authority, str(year), is_raw=False)
    if told.picture.is_empty or told.year != year:
        messages.error(request, _("Nothing is told of this school year yet, so there is nothing to sign."))
    elif copies := copies_of(told, asks, request.user):
        deeds.sign_brief(by=request.user, authority=authority, year=year, asks=asks, copies=copies)
        messages.success(request, _("Signed. It can be handed on, and stays as it is."))
    else:
        messages.error(request, _("The PDF could not be made. Nothing was signed; try again later."))
    return redirect(brief_url(authority, told.year))


def copies_of(told: Annual, asks: str, by: Any, day: date | None = None) -> dict[str, deeds.Copy]:
    """The brief in every language of the network, with who signs it and when; none where it cannot be set.

    day: today unless told otherwise.
    """
    found = {}
    for code in Language.values:
        with translation.override(code):
            signed = [(_("Signed off by"), by.name), (_("On"), said_day(day or timezone.localdate()))]
            document = document_of(told, asks=asks, facts=signed)
        try:
            found[code] = deeds.Copy(document, pdf.document(document, of=f"brief-{told.authority.pk}"))
        except pdf.Failed:
            return {}
    return found
