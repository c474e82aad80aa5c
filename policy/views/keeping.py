"""Entering a programme, changing it, ending it, taking it up again."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from munistem.commons.enums import LifeStage, Setting
from munistem.commons.guards.limits import limited
from munistem.commons.text.names import listed
from policy.actions import programme as deeds
from policy.forms.programme import EndForm, ProgrammeForm
from policy.models import Programme
from policy.rules import programme as rules
from policy.views.programme import authority_of, list_url, programme_crumbs, programme_of


@login_required
@limited("programme", 200, 3600)
@require_http_methods(["GET", "HEAD", "POST"])
def enter_programme(request: HttpRequest) -> HttpResponse:
    """Enter a programme of a municipality (``?authority=``, else the one that the person acts for)."""
    own = getattr(request.user, "acting_for", None)
    authority = authority_of(request.GET.get("authority") or getattr(own, "authority_id", ""))
    if not rules.can_keep_programmes(request.user, authority):
        raise PermissionDenied
    form = ProgrammeForm(request.POST or None, language=request.user.language)
    if request.method == "POST" and form.is_valid():
        try:
            made = deeds.enter_programme(
                by=request.user, authority=authority, nonce=form.cleaned_data["nonce"], **form.told
            )
        except deeds.Taken:
            say_taken(form)
        else:
            messages.success(request, _("The programme was entered. Now you can enter its figures."))
            return redirect(made)
    context = {"form": form, "authority": authority, "crumbs": programme_crumbs(authority)}
    return render(request, "policy/enter_programme.html", context | {"cancel": list_url(authority)})


def say_taken(form: ProgrammeForm) -> None:
    form.add_error("identifier", _("Another programme of the municipality has this identifier."))


def kept_of(request: HttpRequest, pk: int) -> Programme:
    """The programme of an address, for who keeps it."""
    programme = programme_of(request, pk)
    if not rules.can_keep_programme(request.user, programme):
        raise PermissionDenied
    return programme


@login_required
@limited("programme", 200, 3600)
@require_http_methods(["GET", "HEAD", "POST"])
def edit_programme(request: HttpRequest, pk: int) -> HttpResponse:
    """Change what a programme says. A stale form is answered with 409 and keeps what was typed."""
    programme, status = kept_of(request, pk), 200
    form = ProgrammeForm(request.POST or None, programme=programme)
    if request.method == "POST" and form.is_valid():
        try:
            deeds.change_programme(
                by=request.user, programme=programme, seen=form.cleaned_data["seen"], **form.told
            )
        except deeds.Stale as stale:
            programme, form, status = stale.programme, refreshed(request, stale.programme), 409
        except deeds.Taken:
            say_taken(form)
        except deeds.FiguresStand as stand:
            say_figures_stand(form, stand.codes)
        else:
            messages.success(request, _("The changes were kept."))
            return redirect(programme)
    context: dict[str, Any] = {"form": form, "programme": programme, "is_stale": status == 409}
    context["crumbs"] = [
        *programme_crumbs(programme.authority),
        (programme.get_absolute_url(), programme.name),
    ]
    return render(request, "policy/edit_programme.html", context, status=status)


def refreshed(request: HttpRequest, programme: Programme) -> ProgrammeForm:
    """The form as it was filled in, made from the programme as it is now."""
    data = request.POST.copy()
    data["seen"] = str(programme.version)
    return ProgrammeForm(data, programme=programme)


def say_figures_stand(form: ProgrammeForm, codes: list[str]) -> None:
    """Figures hold a stage or setting that was taken away."""
    for field, words in (("life_stages", LifeStage), ("settings", Setting)):
        if named := [str(words(code).label) for code in codes if code in words.values]:
            told = _("Figures stand for %(what)s. Change those years first, or leave it chosen.")
            form.add_error(field, told % {"what": listed(named)})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def end_programme(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that a programme came to its end."""
    programme = kept_of(request, pk)
    form = EndForm(request.POST or None, programme=programme)
    if request.method == "POST" and form.is_valid():
        deeds.end_programme(by=request.user, programme=programme, **form.cleaned_data)
        messages.success(
            request, _("The programme is over. Its years and figures stay, and it can be taken up again.")
        )
        return redirect(programme)
    crumbs = [*programme_crumbs(programme.authority), (programme.get_absolute_url(), programme.name)]
    return render(
        request, "policy/end_programme.html", {"form": form, "programme": programme, "crumbs": crumbs}
    )


@login_required
@require_POST
def take_up_programme(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a programme that was over run again."""
    programme = deeds.take_up_programme(by=request.user, programme=kept_of(request, pk))
    messages.success(request, _("The programme runs again."))
    return redirect(programme)
