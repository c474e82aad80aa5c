"""Adaptations: saying that one adapts an item, telling how it went, and where it travelled."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import login_required
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from knowledge.actions import adaptation as deeds
from knowledge.actions.write import TooLate
from knowledge.emails.adaptation import read_report_token
from knowledge.forms.adaptation import AdaptForm, ReportForm
from knowledge.models import Adaptation, Item
from knowledge.models.adaptation import QUESTIONS
from knowledge.rules import use as rules
from knowledge.views.item import item_of
from munistem.commons.guards.limits import limited


def adaptation_of(request: HttpRequest, pk: int) -> Adaptation:
    """The adaptation of an address; 404 for what one may not know of."""
    rows = Adaptation.objects.visible_to(request.user).with_both_sides()
    return get_object_or_404(rows, pk=pk)


def crumbs_of(item: Item) -> list[tuple[str, str]]:
    return [(reverse("list_items"), _("Knowledge")), (item.get_absolute_url(), str(item))]


@login_required
@limited("adapt", 30, 3600)
@require_http_methods(["GET", "HEAD", "POST"])
def adapt_item(request: HttpRequest, slug: str) -> HttpResponse:
    """Say for one's organisation that it adapts an item; both sides are introduced by mail."""
    item, user = item_of(request, slug), request.user
    if not rules.can_adapt_item(user, item):
        raise PermissionDenied
    known = Adaptation.objects.of(user.acting_for).standing().filter(item=item).first()
    if known:
        return redirect(known)
    form = AdaptForm(request.POST or None, proposed=timezone.localdate() + deeds.TERM)
    if request.method == "POST" and form.is_valid():
        try:
            adaptation = deeds.adapt(by=user, item=item, **form.cleaned_data)
        except TooLate:
            raise PermissionDenied from None
        messages.success(
            request, _("Those who wrote it know now, and you have a mail that says whom to ask.")
        )
        return redirect(adaptation)
    context = {"form": form, "item": item, "organisation": user.acting_for, "crumbs": crumbs_of(item)}
    return render(request, "knowledge/adapt.html", context)


@require_safe
def show_adaptation(request: HttpRequest, pk: int) -> HttpResponse:
    """Who adapts what, what for, and how it went."""
    adaptation = adaptation_of(request, pk)
    context = {
        "adaptation": adaptation,
        "item": adaptation.item,
        "answers": answers_of(adaptation),
        "can_report": rules.can_report_adaptation(request.user, adaptation),
        "crumbs": crumbs_of(adaptation.item),
    }
    return render(request, "knowledge/adaptation.html", context)


def answers_of(adaptation: Adaptation) -> list[tuple[str, str]]:
    """Question and answer, without those that were left empty."""
    fields = [(Adaptation._meta.get_field(name), getattr(adaptation, name)) for name in QUESTIONS]
    return [(str(field.verbose_name), answer) for field, answer in fields if answer]


@login_required
@limited("report_adaptation", 60, 3600)
@require_http_methods(["GET", "HEAD", "POST"])
def report_adaptation(request: HttpRequest, pk: int) -> HttpResponse:
    """The five questions, and mending the answers."""
    adaptation = adaptation_of(request, pk)
    if not rules.can_report_adaptation(request.user, adaptation):
        raise PermissionDenied
    form = ReportForm(request.POST or None, adaptation=adaptation)
    if request.method == "POST" and form.is_valid():
        keep(adaptation, form, by=request.user)
        messages.success(request, _("Thank you. Whoever comes next begins with what you learnt."))
        return redirect(adaptation)
    return render(request, "knowledge/report_adaptation.html", page_of_report(adaptation, form))


def keep(adaptation: Adaptation, form: ReportForm, *, by: Any) -> Adaptation:
    try:
        shown = form.cleaned_data["shown"]
        return deeds.report(by=by, adaptation=adaptation, answers=form.answers(), shown=shown)
    except TooLate:
        raise PermissionDenied from None


def page_of_report(adaptation: Adaptation, form: ReportForm) -> dict[str, Any]:
    return {"form": form, "adaptation": adaptation, "item": adaptation.item}


@limited("report_adaptation_mail", 60, 3600)
@require_http_methods(["GET", "HEAD", "POST"])
def report_adaptation_from_mail(request: HttpRequest, token: str) -> HttpResponse:
    """The same by the link in the letter, without signing in; once answered it says so and opens nothing (410)."""
    try:
        key, reader = read_report_token(token)
    except (signing.BadSignature, ValueError, TypeError):
        raise Http404 from None
    person = get_object_or_404(get_user_model(), pk=reader, is_active=True)
    adaptation = get_object_or_404(Adaptation.objects.visible_to(person).with_both_sides(), pk=key)
    if not rules.can_report_adaptation(person, adaptation) or adaptation.is_reported:
        return render(request, "knowledge/reported.html", page_of_report(adaptation, None), status=410)
    form = ReportForm(request.POST or None, adaptation=adaptation)
    if request.method == "POST" and form.is_valid():
        keep(adaptation, form, by=person)
        context = page_of_report(adaptation, form) | {"is_done": True}
        return render(request, "knowledge/reported.html", context)
    return render(request, "knowledge/report_adaptation.html", page_of_report(adaptation, form))


@login_required
@require_POST
def give_up_adaptation(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that nothing came of it; nobody is asked any more."""
    adaptation = adaptation_of(request, pk)
    try:
        deeds.give_up(by=request.user, adaptation=adaptation)
    except TooLate:
        raise PermissionDenied from None
    messages.success(request, _("Noted. You will not be asked about it."))
    return redirect(adaptation.item)
