"""Beginning with files or a link: they are read by the worker, and the form opens with what was found in them."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from knowledge import rules
from knowledge.actions import duplicates
from knowledge.actions import intake as deeds
from knowledge.actions.bymail import address_for
from knowledge.forms import ItemForm
from knowledge.forms.intake import StartForm, mark_proposals
from knowledge.models import CardState, Intake, Item
from knowledge.views.near import asks_of_near, keys_of, others_of, watch_title
from munistem.commons.files.models import FileState
from munistem.commons.files.resumable.arrived import uuid_or_none
from munistem.commons.files.resumable.models import Upload
from munistem.commons.guards.limits import limited
from munistem.commons.guards.middleware import int_or_zero

LONGEST_ASKED = 200


def context_of_start(request: HttpRequest, form: ItemForm, start: StartForm | None = None) -> dict[str, Any]:
    """What the page of a new item offers before its form: to begin with files or a link, or by mail."""
    watch_title(form)
    if start is None and (form.is_bound or form.proposals):
        return {"start": None}
    return {"start": start or StartForm(), "mail_address": address_for(request.user)}


@login_required
@limited("intake", 60, 3600)
@require_http_methods(["GET", "HEAD", "POST"])
def start_from_source(request: HttpRequest) -> HttpResponse:
    """Keep the files or the link with which an item begins."""
    user = request.user
    if not rules.can_add_item(user):
        raise PermissionDenied
    if request.method != "POST":
        return redirect("add_item")
    start = StartForm(request.POST, request.FILES)
    if start.is_valid():
        data = start.cleaned_data
        return redirect(deeds.begin(by=user, files=data["sources"], link=data["link"], nonce=data["nonce"]))
    form = ItemForm(user=user)
    context = page_of_form(form) | context_of_start(request, form, start)
    return render(request, "knowledge/write.html", context)


@login_required
@limited("item", 60, 3600)
@require_http_methods(["GET", "HEAD", "POST"])
def continue_intake(request: HttpRequest, key: UUID) -> HttpResponse:
    """What was begun with files or a link: wait until it is read, then fill in the form."""
    user = request.user
    if request.method == "POST" and (done := made_already(request)):
        return redirect(done)
    intake = get_object_or_404(Intake.objects.visible_to(user).with_state(), key=key)
    if not rules.can_add_item(user):
        raise PermissionDenied
    if request.method == "POST":
        return fill_in(request, intake)
    if intake.is_waiting and "go" not in request.GET:
        return render(request, "knowledge/intake.html", {"intake": intake, **standing_of(intake)})
    proposed = deeds.proposals_for(intake)
    form = ItemForm(user=user, proposed=proposed)
    told = mark_proposals(form, [name for name in proposed if name != "links"])
    return render(request, "knowledge/write.html", page_of_intake(request, intake, form, told))


def fill_in(request: HttpRequest, intake: Intake) -> HttpResponse:
    """The form of an item that was begun so; what is wrong comes back with all that was written."""
    submits = request.POST.get("deed") != "draft"
    kept = {held.pk for held in deeds.files_of(intake) if str(held.pk) in request.POST.getlist("kept")}
    form = ItemForm(request.POST, request.FILES or None, user=request.user, submits=submits)
    form.carried = len(kept)
    if not form.is_valid() or asks_of_near(request, form):
        return render(request, "knowledge/write.html", page_of_intake(request, intake, form, [], kept))
    data = form.cleaned_data
    more = {"organisation": data.get("organisation"), "nonce": data["nonce"], "files": data["files"]}
    try:
        item = deeds.finish(
            by=request.user, intake=intake, content=form.content(), kept=kept, submits=submits, **more
        )
    except deeds.TooLate as error:  # given up in another window
        raise Http404 from error
    told = _("It was sent; a knowledge manager reads it and you will hear from us.")
    messages.success(request, told if submits else _("The draft was kept. Nobody is told of it yet."))
    return redirect(item)


def made_already(request: HttpRequest) -> Item | None:
    """The item that was made of this very form before: it was sent twice."""
    nonce = uuid_or_none(request.POST.get("nonce", ""))
    return Item.objects.filter(nonce=nonce, created_by=request.user).first() if nonce else None


def page_of_form(form: ItemForm) -> dict[str, Any]:
    """Context of the form of a new item."""
    context = {"form": form, "item": None, "standing": None, "original": None, "edition": ""}
    context["cancel"] = reverse("list_items")
    return context | {"crumbs": [(reverse("list_items"), _("Knowledge"))]}


def page_of_intake(
    request: HttpRequest, intake: Intake, form: ItemForm, told: list[str], kept: set[int] | None = None
) -> dict[str, Any]:
    """Context of the form; told: labels of what is proposed; kept: keys of the files that go along, all by default."""
    watch_title(form)
    title = str(form["title"].value() or "")
    files = deeds.files_of(intake)
    near = [] if form.near else deeds.near_to(intake, by=request.user, title=title)
    form.near_seen = f"{form.near_seen} {keys_of(near)}".strip()
    return page_of_form(form) | {
        "intake": intake,
        "proposed": told,
        "near": near,
        "carried": [{"row": held, "is_kept": kept is None or held.pk in kept} for held in files],
        "has_failed": any(card.tries for card in intake.link_cards.exclude(state=CardState.READY)),
    }


def standing_of(intake: Intake) -> dict[str, Any]:
    """How far the worker has come."""
    files = [
        {"name": held.file.name, "is_read": held.file.state != FileState.WAITING}
        for held in deeds.files_of(intake)
    ]
    cards = [
        {"name": card.url, "is_read": card.state != CardState.WAITING} for card in intake.link_cards.all()
    ]
    crumbs = [(reverse("list_items"), _("Knowledge")), (reverse("add_item"), _("Add to the library"))]
    return {"sources": cards + files, "crumbs": crumbs}


@login_required
@require_POST
def drop_intake(request: HttpRequest, key: UUID) -> HttpResponse:
    """Give up what was begun, and begin anew."""
    intake = Intake.objects.visible_to(request.user).filter(key=key).first()
    if intake:
        deeds.drop(intake, by=request.user)
        messages.success(request, _("It was given up; nothing of it was kept."))
    return redirect("add_item")


@login_required
@limited("similar", 600, 3600, methods=("GET",))
@require_safe
def find_similar_items(request: HttpRequest) -> HttpResponse:
    """What stands in the library already and is called nearly so, or holds a file that is being added (``sent``)."""
    if not rules.can_add_item(request.user):
        raise PermissionDenied
    keys = [key for key in map(uuid_or_none, request.GET.getlist("sent")[:10]) if key]
    files = Upload.objects.visible_to(request.user).whole().filter(key__in=keys)
    sums = list(files.values_list("sha256", flat=True)) if keys else []
    title = request.GET.get("q", "")[:LONGEST_ASKED]
    near = duplicates.find_near(request.user, files=sums, title=title)
    work = Item.objects.visible_to(request.user).filter(pk=int_or_zero(request.GET.get("besides"))).first()
    own = set(others_of(work))
    near = [one for one in near if one.item.pk not in own]
    return render(request, "knowledge/_near.html", {"near": near, "near_seen": keys_of(near)})
