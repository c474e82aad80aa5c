"""Writing: a new item, changes of one, taking it out and putting it back."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from communities.models import Decision, Minutes
from knowledge import rules
from knowledge.actions import keep as keeping
from knowledge.actions import write as deeds
from knowledge.enums import RevisionState
from knowledge.forms import ItemForm, WithdrawForm
from knowledge.forms.files import leaves_pictures_silent
from knowledge.forms.start import from_decision, from_minutes
from knowledge.models import Item, Review, Revision
from knowledge.views.item import item_of, revision_of
from knowledge.views.near import asks_of_near, watch_title
from knowledge.views.start import context_of_start, page_of_form
from knowledge.views.times import waited
from munistem.commons.enums import Language
from munistem.commons.guards.limits import limited

#: What can come between opening a form and sending it.
BETWEEN = (deeds.StaleEdit, deeds.TooLate, deeds.TooManyFiles)


def submits(request: HttpRequest) -> bool:
    """Whether the form is sent for review (the default) or kept as a draft (``deed=draft``)."""
    return request.method == "POST" and request.POST.get("deed") != "draft"


@login_required
@limited("item", 60, 3600)
@require_http_methods(["GET", "HEAD", "POST"])
def add_item(request: HttpRequest) -> HttpResponse:
    """Write a new item: keep it as a draft, or send it for review."""
    user = request.user
    if not rules.can_add_item(user):
        raise PermissionDenied
    form = ItemForm(
        request.POST or None,
        request.FILES or None,
        user=user,
        submits=submits(request),
        proposed=proposed_to(request),
    )
    if request.method == "POST" and form.is_valid() and not asks_of_near(request, form):
        return begin(request, form)
    context = page_of_form(form) | context_of_start(request, form)
    return render(request, "knowledge/write.html", context)


def proposed_to(request: HttpRequest) -> dict[str, Any] | None:
    """What the form begins with when one comes from the minutes of a meeting (``?minutes=``), or from a ``?decision=``."""
    if request.method == "POST":
        return None
    if key := key_in(request, "minutes"):
        rows = Minutes.objects.visible_to(request.user).approved().without_index().filter(pk=key)
        minutes = rows.select_related("meeting", "community").defer("community__search_vector").first()
        return from_minutes(minutes) if minutes else None
    if key := key_in(request, "decision"):
        rows = Decision.objects.visible_to(request.user).approved().in_force().without_index().filter(pk=key)
        decision = rows.select_related("meeting", "community").defer("community__search_vector").first()
        return from_decision(decision) if decision else None
    return None


def key_in(request: HttpRequest, name: str) -> str:
    """A primary key in the address; "" for what is none."""
    key = request.GET.get(name, "")
    return key if key.isascii() and key.isdigit() and len(key) < 18 else ""


def begin(request: HttpRequest, form: ItemForm, *, edition_of: Item | None = None) -> HttpResponse:
    data = form.cleaned_data
    is_silent = form.submits and leaves_pictures_silent(form)
    item = deeds.start_item(
        by=request.user,
        content=form.content(),
        organisation=data.get("organisation"),
        files=data["files"],
        submits=form.submits and not is_silent,
        nonce=data["nonce"],
        edition_of=edition_of,
    )
    return tell_saved(request, item, is_sent=form.submits, is_silent=is_silent)


def tell_saved(request: HttpRequest, item: Item, *, is_sent: bool, is_silent: bool = False) -> HttpResponse:
    """Say what became of it; with pictures that nothing is said of, lead to where they are put into words first."""
    if is_silent:
        messages.info(request, _("One more step: say what the pictures show. Then send it."))
        return redirect("describe_files", item.slug)
    if is_sent:
        told = _("It was sent; a knowledge manager reads it and you will hear from us.")
        usual = waited(Review.objects.usual_wait())
        messages.success(request, f"{told} ({usual})" if usual else told)
    else:
        messages.success(request, _("The draft was kept. Nobody is told of it yet."))
    return redirect(item)


@login_required
@limited("item", 60, 3600)
@require_http_methods(["GET", "HEAD", "POST"])
def edit_item(request: HttpRequest, slug: str) -> HttpResponse:
    """Change an item: its open revision, else a next one while the published stays. A stale form is answered with 409."""
    item, user = item_of(request, slug), request.user
    if not rules.can_edit_item(user, item):
        raise PermissionDenied
    base, status, standing = base_of(item), 200, None
    form = form_of(request, item, base, request.POST or None)
    if request.method == "POST" and form.is_valid() and not asks_of_near(request, form, item):
        try:
            return save(request, item, form)
        except BETWEEN as error:
            status, item = 409, item_of(request, slug)
            standing = base_of(item)
            form = refreshed(request, item, standing, error)
    context = {"form": form, "item": item, "standing": standing, "cancel": item.get_absolute_url()}
    context["original"] = item.edition_of.published if item.edition_of else None
    context["edition"] = item.get_language_display() if item.edition_of else ""
    context["crumbs"] = [(reverse("list_items"), _("Knowledge")), (item.get_absolute_url(), base.title)]
    context["review"] = remarked(form, user, base)
    return render(request, "knowledge/write.html", context, status=status)


def remarked(form: ItemForm, user: Any, base: Revision) -> Review | None:
    """The review that returned a revision; what it says of a field is hung on the field."""
    if base.state != RevisionState.RETURNED:
        return None
    found = Review.objects.visible_to(user).filter(revision=base).latest_first().first()
    for name, remark in found.remarks.items() if found else ():
        if name in form.fields:
            form[name].remark = remark  # type: ignore[attr-defined]
    return found


def base_of(item: Item) -> Revision:
    """What a change starts from: the open revision, else what is published."""
    rows = item.revisions.select_related("community", "authority")
    found = rows.open().first() or rows.get(pk=item.published_id)
    found.item = item
    return found


def form_of(request: HttpRequest, item: Item, base: Revision, data: Any) -> ItemForm:
    form = ItemForm(
        data,
        request.FILES or None,
        user=request.user,
        item=item,
        revision=base,
        submits=submits(request),
        languages=languages_of(item),
    )
    watch_title(form, item)
    return form


def languages_of(item: Item) -> list[str]:
    """In which languages an item may be: an edition keeps its own, the first one leaves those of its editions."""
    if item.edition_of_id:
        return [item.language]
    taken = set(Item.objects.of_work(item).exclude(pk=item.pk).values_list("language", flat=True))
    return [code for code in Language.values if code not in taken]


def save(request: HttpRequest, item: Item, form: ItemForm) -> HttpResponse:
    data = form.cleaned_data
    is_silent = form.submits and leaves_pictures_silent(form)
    deeds.save_item(
        by=request.user,
        item=item,
        content=form.content(),
        seen=data["seen"],
        organisation=data.get("organisation"),
        files=data["files"],
        dropped=[held.pk for held in data.get("dropped", ())],
        submits=form.submits and not is_silent,
        nonce=data["nonce"],
    )
    return tell_saved(request, item, is_sent=form.submits, is_silent=is_silent)


def refreshed(request: HttpRequest, item: Item, base: Revision, error: Exception) -> ItemForm:
    """The form with what the person wrote, now made from the present state of the item."""
    written = request.POST.copy()
    written["seen"] = base.marker
    form = form_of(request, item, base, written)
    form.full_clean()
    if isinstance(error, deeds.TooManyFiles):
        told = ngettext(
            "An item holds at most %(most)d file.", "An item holds at most %(most)d files.", deeds.MOST_FILES
        )
        form.add_error("files", told % {"most": deeds.MOST_FILES})
    elif isinstance(error, deeds.TooLate):
        form.add_error(
            None, _("Meanwhile this item can no longer be changed. Your text is still here: copy it.")
        )
    return form


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw_item(request: HttpRequest, slug: str) -> HttpResponse:
    """Take an item out of the library, with a reason."""
    item = item_of(request, slug)
    if not rules.keeps_item(request.user, item):
        raise PermissionDenied
    if item.withdrawn_at:
        return redirect(item)
    form = WithdrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            keeping.withdraw(by=request.user, item=item, reason=form.cleaned_data["reason"])
            messages.success(request, _("The item was taken out of the library. You can put it back."))
        except keeping.Kept:
            messages.info(request, _("Someone was quicker: see how it stands now."))
        return redirect(item)
    crumbs = [(reverse("list_items"), _("Knowledge")), (item.get_absolute_url(), item.current.title)]
    return render(request, "knowledge/withdraw.html", {"form": form, "item": item, "crumbs": crumbs})


@login_required
@require_POST
def restore_item(request: HttpRequest, slug: str) -> HttpResponse:
    """Put a withdrawn item back."""
    item = item_of(request, slug)
    if not rules.keeps_item(request.user, item):
        raise PermissionDenied
    if item.withdrawn_at and not rules.can_restore_item(request.user, item):
        raise PermissionDenied
    try:
        keeping.restore(by=request.user, item=item)
        messages.success(request, _("The item is back where it was."))
    except keeping.Kept:
        messages.info(request, _("Someone was quicker: see how it stands now."))
    return redirect(item)


@login_required
@require_POST
def drop_changes(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Give up the changes of a published item that were begun."""
    item = item_of(request, slug)
    revision = revision_of(request, item, number)
    if not rules.can_drop_changes(request.user, revision):
        raise PermissionDenied
    try:
        deeds.drop_changes(by=request.user, revision=revision)
        messages.success(request, _("The changes were given up; what is published stays as it is."))
    except deeds.TooLate:
        messages.info(request, _("Someone was quicker: see how it stands now."))
    return redirect(item)
