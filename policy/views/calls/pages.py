"""Calls for proposals: those that are open, how each fits the reader's municipality, following and putting aside."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from knowledge.enums import Facet
from knowledge.models import Item
from members.models import LocalAuthority, User
from munistem.commons.enums import LifeStage, Setting
from munistem.commons.guards.limits import limited
from munistem.commons.terms.models import Term, TermKind
from policy.actions.calls import NotOpen, say_of_call
from policy.emails.calls import read_token
from policy.enums.call import CallWish, Fit
from policy.models.calls import calls_open, is_open_call, soonest_first
from policy.rules.call import can_answer_call, can_answer_calls
from policy.views.calls.fitted import Call, as_shown, fitted, side_in_cell, side_of, wishes_of
from policy.views.frame import crumbs_of

MOST_CALLS = 100
FIRST = (Fit.FITS, Fit.UNSURE, Fit.OPEN)


@require_safe
def list_calls(request: HttpRequest) -> HttpResponse:
    """Open calls, the nearest day first; for who acts for a municipality with what fits it, and why the others do not."""
    terms = list(Term.objects.curated().in_order())
    chosen = chosen_in(request, terms)
    items = open_items(request.user, chosen)
    side = side_of(request)
    calls = fitted(items, side, wishes_of(request.user, items))
    standing = [call for call in calls if not call.is_aside]
    context = {
        "town": side.name if side else "",
        "calls": [call for call in standing if call.fit in (None, *FIRST)],
        "others": [call for call in standing if call.fit == Fit.NOT],
        "aside": [call for call in calls if call.is_aside],
        "can_answer": can_answer_calls(request.user),
        "fields": fields_of(chosen, terms),
        "is_filtered": bool(chosen),
        "crumbs": crumbs_of(),
    }
    return render(request, "policy/open_calls.html", context)


def open_items(user: Any, chosen: dict[str, str]) -> list[Item]:
    """Each call once, in the reader's language where there is such an edition."""
    return list(soonest_first(as_shown(calls_open(user).having(chosen)))[:MOST_CALLS])


def chosen_in(request: HttpRequest, terms: list[Term]) -> dict[str, str]:
    """Facet → value, values that mean nothing left out."""
    known = {
        Facet.STAGE.value: LifeStage.values,
        Facet.SETTING.value: Setting.values,
        Facet.SUBJECT.value: [term.slug for term in terms if term.kind == TermKind.SUBJECT],
        Facet.POPULATION.value: [term.slug for term in terms if term.kind == TermKind.POPULATION],
    }
    return {name: request.GET[name] for name, values in known.items() if request.GET.get(name) in values}


def fields_of(chosen: dict[str, str], terms: list[Term]) -> list[dict[str, Any]]:
    words = {kind: [(term.slug, term.label) for term in terms if term.kind == kind] for kind in TermKind}
    offered = [
        (Facet.STAGE, _("Life stage"), LifeStage.choices),
        (Facet.SETTING, _("Setting"), Setting.choices),
        (Facet.SUBJECT, _("Subject"), words[TermKind.SUBJECT]),
        (Facet.POPULATION, _("Population"), words[TermKind.POPULATION]),
    ]
    return [
        {"name": facet.value, "label": label, "choices": choices, "value": chosen.get(facet, "")}
        for facet, label, choices in offered
    ]


@login_required
@require_POST
def answer_call(request: HttpRequest, slug: str) -> HttpResponse:
    """Follow a call, put it aside, or take that back (``wish``); back to the list, or to the item (``back``)."""
    rows = Item.objects.visible_to(request.user).published().defer("search_vector")
    item = get_object_or_404(rows.select_related("published"), slug=slug)
    if not can_answer_calls(request.user):
        raise PermissionDenied
    wish = request.POST.get("wish", "")
    wish = wish if wish in CallWish.values else ""
    try:
        say_of_call(by=request.user, item=item, wish=wish)
        messages.success(request, SAID[wish]())
    except NotOpen:
        messages.info(request, _("This call takes no proposals any more."))
    if request.POST.get("back") == "item":
        return redirect(item)
    return redirect(f"{reverse('list_calls')}?{urlencode(chosen_in_back(request))}")


SAID = {
    CallWish.FOLLOW.value: lambda: _("We remind you two weeks and three days before it closes."),
    CallWish.NOT_FOR_US.value: lambda: _("Put aside; you will not be reminded of it."),
    "": lambda: _("Taken back."),
}


def chosen_in_back(request: HttpRequest) -> dict[str, str]:
    """How the list was narrowed that the button stood in."""
    names = (Facet.STAGE, Facet.SETTING, Facet.SUBJECT, Facet.POPULATION)
    return {name.value: request.POST[name][:100] for name in names if request.POST.get(name)}


@limited("put_call_aside", 120, 3600)
@require_http_methods(["GET", "HEAD", "POST"])
def put_call_aside(request: HttpRequest, token: str) -> HttpResponse:
    """“Not for us” from a letter, without signing in: opening it changes nothing, the button does (decision 0009)."""
    person, item = asked_by(token)
    if not can_answer_call(person, item):
        return render(
            request, "policy/aside.html", {"item": item, "is_over": True, "is_done": False}, status=410
        )
    if request.method == "POST":
        say_of_call(by=person, item=item, wish=CallWish.NOT_FOR_US)
    context = {"item": item, "is_over": False, "is_done": request.method == "POST"}
    return render(request, "policy/aside.html", context)


def asked_by(token: str) -> tuple[User, Item]:
    """Who answers to which call; 404 for what was not signed by us or may not be known of any more."""
    try:
        key, person = read_token(token)
    except signing.BadSignature as error:
        raise Http404 from error
    user = get_object_or_404(User.objects.filter(is_active=True).defer("search_vector"), pk=person)
    rows = Item.objects.visible_to(user).published().select_related("published").defer("search_vector")
    return user, get_object_or_404(rows, pk=key)


# On other pages ------------------------------------------------------------------------------------------


def panel_of(request: HttpRequest, item: Item) -> dict[str, Any] | None:
    """On the page of a call: how it fits the reader's municipality, and the buttons; None for who has nothing of it."""
    if not is_open_call(item):
        return None
    side, can_answer = side_of(request), can_answer_call(request.user, item)
    if side is None and not can_answer:
        return None
    (call,) = fitted([item], side, wishes_of(request.user, [item]))
    town = side.name if side else ""
    return {"template": "policy/_call_panel.html", "call": call, "town": town, "can_answer": can_answer}


def calls_for_cell(items: list[Item], authority: LocalAuthority, setting: str) -> list[Call]:
    """Of open calls for a life stage those that name the setting and are not closed to the municipality, the nearest first."""
    named = [
        item for item in items if item.published and setting in (item.published.settings or Setting.values)
    ]
    calls = fitted(named, side_in_cell(authority, named), {})
    return sorted((call for call in calls if call.fit != Fit.NOT), key=lambda call: call.deadline or date.max)
