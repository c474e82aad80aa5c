"""What a person tells of themself, and for whom they act."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from members import rules
from members.actions import person as deeds
from members.forms.person import ProfileForm
from members.models import Organisation, User
from munistem.commons.files.views import serve
from munistem.commons.guards.limits import limited
from munistem.commons.mail.actions import is_paused


@login_required
@require_safe
def show_me(request: HttpRequest) -> HttpResponse:
    """Lead to one's own page; who has not told anything yet begins with the profile."""
    return redirect(request.user if request.user.name else "edit_profile")


@login_required
@limited("profile", 60, 3600)
@require_http_methods(["GET", "HEAD", "POST"])
def edit_profile(request: HttpRequest) -> HttpResponse:
    """Change what others see of me."""
    person: Any = request.user
    form = ProfileForm(request.POST or None, request.FILES or None, person=person)
    if request.method == "POST" and form.is_valid() and (kept := keep(form, person)):
        with translation.override(kept.language):
            messages.success(request, _("Saved. This is how people of the network see you."))
        return redirect(kept)
    context = {
        "form": form,
        "missing": missing(person),
        "person": person,
        "has_bounced": is_paused(person.email),
    }
    return render(request, "members/profile.html", context)


def keep(form: ProfileForm, person: User) -> User | None:
    """Write the form down; None when the picture turned out to be none, said beside its field."""
    try:
        return deeds.edit_profile(by=person, person=person, **form.cleaned_data)
    except ValidationError as error:
        form.add_error("photo", error)
        return None


def missing(person: User) -> list[str]:
    """What a newcomer has not told yet, in words."""
    told = (
        (person.role_title, _("your role")),
        (person.ask_me_about, _("what one may ask you about")),
        (person.topics.all(), _("topics that concern you")),
        (person.photo_id, _("a picture")),
    )
    return [words for value, words in told if not value]


@login_required
@require_safe
def serve_photo(request: HttpRequest, uuid: Any) -> HttpResponseBase:
    """A person's picture, drawn anew by us when it was kept."""
    person = get_object_or_404(User.objects.select_related("photo").defer("search_vector"), uuid=uuid)
    if person.photo is None or not rules.can_see_photo(request.user, person):
        raise Http404
    return serve(request, person.photo)


@login_required
@require_POST
def choose_organisation(request: HttpRequest) -> HttpResponse:
    """Act for another one of my organisations (``organisation=`` its slug) and stay where I am (``next=``)."""
    slug = request.POST.get("organisation", "")[:100]
    organisation = get_object_or_404(Organisation.objects.visible_to(request.user), slug=slug)
    if not rules.acts_for(request.user, organisation):
        raise Http404
    deeds.choose_organisation(by=request.user, organisation=organisation)
    messages.success(request, _("You act for %(name)s now.") % {"name": organisation.name})
    target = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure())
    return redirect(target if is_ours else "/")
