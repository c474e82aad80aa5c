"""Facilitators write to single people: the greeting of a newcomer, a note to who has gone silent, a question about a task."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from communities import rules
from communities.actions import contact
from communities.actions import greeting as deeds
from communities.actions.membership import TooLate
from communities.emails import prepared_note, prepared_text, salutation
from communities.forms import GreetingForm, NoteForm
from communities.models import Membership, Task
from communities.views.frame import frame_of
from communities.views.membership import membership_of
from munistem.commons.guards.limits import limited


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def greet_member(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """A prepared text in the newcomer's language, to be made one's own and sent."""
    row = membership_of(request, slug, pk)
    if hasattr(row, "greeting") and rules.can_see_facilitation(request.user, row.community):
        return was_greeted(request, row)
    if not rules.can_greet(request.user, row):
        raise PermissionDenied
    form = GreetingForm(
        request.POST or None, initial={"text": prepared_text(row.community, row.person.language)}
    )
    if request.method == "POST" and form.is_valid():
        return greet(request, row, form)
    with translation.override(row.person.language):
        hello = salutation(row.person.name)
    context = {**frame_of(request, row.community, "facilitation"), "form": form, "row": row, "hello": hello}
    return render(request, "communities/greet.html", context)


def greet(request: HttpRequest, row: Membership, form: GreetingForm) -> HttpResponse:
    try:
        _greeting, is_new = deeds.greet(by=request.user, membership=row, **form.cleaned_data)
    except TooLate:
        messages.info(request, _("%(name)s is no longer a member.") % {"name": row.person.name})
        return redirect("show_facilitation", slug=row.community.slug)
    if not is_new:
        return was_greeted(request, row)
    messages.success(request, _("%(name)s was greeted.") % {"name": row.person.name})
    return redirect("show_facilitation", slug=row.community.slug)


def was_greeted(request: HttpRequest, row: Membership) -> HttpResponse:
    messages.info(request, _("%(name)s has been greeted already.") % {"name": row.person.name})
    return redirect("show_facilitation", slug=row.community.slug)


@login_required
@limited("note", 60, 3600)
@require_http_methods(["GET", "HEAD", "POST"])
def write_note(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """A prepared note in the member's language, to be made one's own and sent."""
    row = membership_of(request, slug, pk)
    if not rules.can_write_note(request.user, row):
        raise PermissionDenied
    form = NoteForm(request.POST or None, initial={"text": prepared_note(row)})
    if request.method == "POST" and form.is_valid():
        return send_note(request, row, form.cleaned_data["text"])
    with translation.override(row.person.language):
        hello = salutation(row.person.name)
    context = {**frame_of(request, row.community, "facilitation"), "form": form, "row": row, "hello": hello}
    return render(request, "communities/note.html", context)


def send_note(request: HttpRequest, row: Membership, text: str) -> HttpResponse:
    try:
        _note, is_new = contact.write_note(by=request.user, membership=row, text=text)
    except TooLate:
        messages.info(request, _("%(name)s is no longer a member.") % {"name": row.person.name})
    else:
        said = _("Your note to %(name)s is on its way.") if is_new else _("%(name)s was written to lately; nothing was sent again.")  # fmt: skip
        messages.success(request, said % {"name": row.person.name})
    return redirect("show_facilitation", slug=row.community.slug)


@login_required
@limited("nudge", 120, 3600)
@require_POST
def nudge_owner(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the owner of a task how it goes; the second click of a week changes nothing."""
    tasks = Task.objects.visible_to(request.user).select_related("community", "owner")
    task = get_object_or_404(tasks.defer("community__search_vector", "owner__search_vector"), pk=pk)
    if not rules.can_moderate(request.user, task.community):
        raise PermissionDenied
    try:
        _asked, is_new = contact.nudge(by=request.user, task=task)
    except TooLate:
        messages.info(request, _("This task is done or was taken back."))
    else:
        said = _("%(name)s was asked.") if is_new else _("%(name)s was asked this week already.")
        messages.success(request, said % {"name": task.owner.name})
    return redirect("show_facilitation", slug=task.community.slug)
