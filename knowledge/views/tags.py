"""Putting tags in order: what people typed freely joins the vocabulary or becomes a word of it."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from communities.actions.topic import language_of
from knowledge import rules
from knowledge.actions import tags as deeds
from knowledge.forms import AdoptForm, JoinForm
from knowledge.models import Item, RevisionTerm
from munistem.commons.terms.models import Term, TermKind
from munistem.commons.text.pages import page_of


@login_required
@require_safe
def list_free_tags(request: HttpRequest) -> HttpResponse:
    """Free tags that stand on something, the most used first."""
    if not rules.can_curate_tags(request.user):
        raise PermissionDenied
    crumbs = [(reverse("list_items"), _("Knowledge"))]
    context = {"page": page_of(request, RevisionTerm.objects.free_tags(), 50), "crumbs": crumbs}
    return render(request, "knowledge/tags.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def settle_tag(request: HttpRequest, pk: int) -> HttpResponse:
    """Decide on one free tag: ``deed=join`` a word of the vocabulary, or ``deed=adopt`` as a new one."""
    if not rules.can_curate_tags(request.user):
        raise PermissionDenied
    tag = get_object_or_404(Term, pk=pk)
    if tag.is_curated:
        messages.info(request, _("This tag is in order already."))
        return redirect("list_free_tags")
    form = form_of(request, tag)
    if form is not None and form.is_valid():
        settle(request, tag, form)
        return redirect("list_free_tags")
    return render(request, "knowledge/tag.html", page_of_tag(request, tag, form))


def form_of(request: HttpRequest, tag: Term) -> JoinForm | AdoptForm | None:
    if request.method != "POST":
        return None
    return AdoptForm(request.POST) if request.POST.get("deed") == "adopt" else JoinForm(request.POST)


def settle(request: HttpRequest, tag: Term, form: JoinForm | AdoptForm) -> None:
    try:
        if isinstance(form, AdoptForm):
            kind = TermKind(form.cleaned_data["kind"])
            deeds.adopt_tag(by=request.user, tag=tag, kind=kind, names=form.names())
            messages.success(request, _("“%(tag)s” is a word of the vocabulary now.") % {"tag": tag.name})
        else:
            word = deeds.join_tag(by=request.user, tag=tag, into=form.cleaned_data["into"])
            told = _("“%(tag)s” counts as “%(word)s” from now on.")
            messages.success(request, told % {"tag": tag.name, "word": word.label})
    except deeds.Settled:
        messages.info(request, _("This tag is in order already."))


def page_of_tag(request: HttpRequest, tag: Term, form: Any) -> dict[str, Any]:
    bearing = Item.objects.visible_to(request.user).bearing(tag).with_latest().latest_first()
    return {
        "tag": tag,
        "join": form if isinstance(form, JoinForm) else JoinForm(),
        "adopt": form
        if isinstance(form, AdoptForm)
        else AdoptForm(initial={f"name_{language_of(tag.name, 'he')}": tag.name}),
        "items": bearing.defer("search_vector", "facets")[:10],
        "crumbs": [
            (reverse("list_items"), _("Knowledge")),
            (reverse("list_free_tags"), _("Tags to put in order")),
        ],
    }
