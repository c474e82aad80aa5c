"""The public way into the network: an application in steps, kept as a draft until it is sent."""

from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from members import rules
from members.actions import application as deeds
from members.enums import ApplicationState, OrganisationType
from members.forms.application import (
    MOST_FOUND,
    REGISTERED,
    ContactForm,
    DescribeForm,
    PlaceForm,
    TypeForm,
    code_of,
    find_rows,
)
from members.models import Application, LocalAuthority, Organisation
from munistem.commons.enums import LifeStage
from munistem.commons.guards.limits import limited
from munistem.commons.text.names import harmless

STEPS = ("type", "organisation", "contact", "check")


def hidden(view):
    """Pages behind a key are kept by no cache and listed by no search engine."""

    @never_cache
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return guarded


def steps(here: str, application: Application | None = None) -> list[dict[str, Any]]:
    """The steps of the form as its head shows them; those before are a way back."""
    labels = (_("Type"), _("Organisation"), _("Contact"), _("Check and send"))
    place = STEPS.index(here)
    return [
        {
            "label": label,
            "is_here": code == here,
            "is_done": number < place,
            "url": reverse("fill_application", args=[application.key, code]) if application else "",
        }
        for number, (code, label) in enumerate(zip(STEPS, labels, strict=True))
    ]


# Beginning -----------------------------------------------------------------------------------------------


@limited("apply", 60, 3600)
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest) -> HttpResponse:
    """The first step; ``?authority=`` and ``?organisation=`` say where the reader comes from."""
    organisation = member_named(request)
    if organisation:
        return redirect("join_team", slug=organisation.slug)
    row = authority_named(request)
    initial = {"type": OrganisationType.MUNICIPALITY, "place": code_of(row)} if row else {}
    form = TypeForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        kind, place = form.cleaned_data["type"], form.cleaned_data["place"]
        picked = next(iter(find_rows(kind, place)), None) if place else None
        application = deeds.begin(type=kind, language=get_language() or "he", row=picked)
        return redirect(next_step(application))
    begun = {"application": None, "back": "", "steps": steps("type")}
    return render(request, "members/join.html", {**begun, "form": form, "row": row})


def member_named(request: HttpRequest) -> Organisation | None:
    """The member organisation that the address names, by slug or by the code of its authority."""
    members = Organisation.objects.members().only("slug")
    if slug := request.GET.get("organisation", ""):
        return members.filter(slug=harmless(slug)[:80]).first()
    row = authority_named(request)
    return members.filter(authority=row).first() if row else None


def authority_named(request: HttpRequest) -> LocalAuthority | None:
    code = request.GET.get("authority", "")
    is_code = code.isascii() and code.isdigit() and len(code) < 9
    return LocalAuthority.objects.defer("search_vector").filter(pk=int(code)).first() if is_code else None


@limited("find-register", 600, 3600, methods=("GET",))
@require_safe
def find_register_row(request: HttpRequest) -> HttpResponse:
    """Rows of the register by any name or code, as JSON for the picker: ``[{value, label, hint}]``."""
    kind, typed = request.GET.get("type", ""), harmless(request.GET.get("q", ""))[:100]
    rows = find_rows(kind, typed)[:MOST_FOUND] if kind in REGISTERED else []
    members = members_among(rows)
    answer = [
        {"value": code_of(row), "label": row.name, "hint": _("A member already") if row.pk in members else ""}
        for row in rows
    ]
    return JsonResponse(answer, safe=False)


def members_among(rows: list[Any]) -> set[Any]:
    """Keys of the rows whose organisation is a member."""
    if not rows:
        return set()
    field = "authority" if isinstance(rows[0], LocalAuthority) else "cluster"
    members = Organisation.objects.members().filter(**{f"{field}__in": [row.pk for row in rows]})
    return set(members.values_list(f"{field}_id", flat=True))


# The steps -----------------------------------------------------------------------------------------------


def draft_of(key: UUID) -> Application:
    """The draft behind a key; 404 for every other key."""
    rows = Application.objects.select_related("authority", "cluster")
    return get_object_or_404(rows.filter(state=ApplicationState.DRAFT), key=key)


def next_step(application: Application) -> str:
    """The address of the first step that is not filled in yet."""
    return reverse("fill_application", args=[application.key, deeds.missing_step(application) or "check"])


def step_after(step: str, application: Application) -> str:
    """On to the next step, or to one left out before it."""
    if step == "type":
        return reverse("fill_application", args=[application.key, "organisation"])
    return next_step(application)


def member_of(application: Application) -> Organisation | None:
    """The member organisation that stands for the application's row of the register already."""
    members = Organisation.objects.members().only("slug", "name_he", "name_ar", "name_en")
    if application.authority_id:
        return members.filter(authority_id=application.authority_id).first()
    if application.cluster_id:
        return members.filter(cluster_id=application.cluster_id).first()
    return None


def members_like(application: Application) -> list[Organisation]:
    """Members that may be the applicant's own: of the same mail domain or name."""
    members = Organisation.objects.members().only("slug", "name_he", "name_ar", "name_en")
    alike = Q()
    if domain := rules.work_domain(application.email):
        alike |= Q(email_domain__iexact=domain)
    if name := application.organisation_name if application.type not in REGISTERED else "":
        alike |= Q(name_he__iexact=name) | Q(name_ar__iexact=name) | Q(name_en__iexact=name)
    return list(members.filter(alike).by_name()[:3]) if alike else []


@hidden
@limited("apply", 60, 3600)
@require_http_methods(["GET", "HEAD", "POST"])
def fill_application(request: HttpRequest, key: UUID, step: str) -> HttpResponse:
    """One step of a draft: type, organisation, contact; the last shows all of it and sends it."""
    application = draft_of(key)
    if step not in STEPS or (step == "organisation" and not application.type):
        raise Http404
    if step == "check":
        return check(request, application)
    form = form_of(request, application, step)
    if request.method == "POST" and form.is_valid():
        application = deeds.fill(
            application=application, language=get_language() or "he", **fields_of(form, step)
        )
        if step == "organisation" and (member := member_of(application)):
            return redirect("join_team", slug=member.slug)
        return redirect(step_after(step, application))
    kept = {
        "application": application,
        "steps": steps(step, application),
        "back": step_before(step, application),
    }
    return render(request, "members/join.html", {**kept, "form": form, "row": None})


def step_before(step: str, application: Application) -> str:
    place = STEPS.index(step)
    return reverse("fill_application", args=[application.key, STEPS[place - 1]]) if place else ""


def form_of(request: HttpRequest, application: Application, step: str) -> Any:
    """The form of a step, with what is known already."""
    data = request.POST if request.method == "POST" else None
    if step == "type":
        return TypeForm(data, initial={"type": application.type})
    if step == "organisation" and application.type in REGISTERED:
        row = application.authority or application.cluster
        return PlaceForm(data, kind=application.type, initial={"row": row})
    if step == "organisation":
        names = ("organisation_name", "website", "description")
        return DescribeForm(data, initial={name: getattr(application, name) for name in names})
    return ContactForm(data, initial=contact_of(request, application))


CONTACT = ("contact_name", "email", "role", "phone", "motive", "life_stages")


def contact_of(request: HttpRequest, application: Application) -> dict[str, Any]:
    """What was filled in before, else what the account of who is signed in says."""
    known = {name: getattr(application, name) for name in CONTACT}
    user: Any = request.user
    if user.is_authenticated and not application.email:
        known |= {
            "contact_name": user.name,
            "email": user.email,
            "role": user.role_title,
            "phone": user.phone,
        }
    has_agreed = application.consented_at is not None
    return {**known, "speaks_for": has_agreed, "agrees": has_agreed}


def fields_of(form: Any, step: str) -> dict[str, Any]:
    """What a step's valid form changes in the application."""
    if step == "type":
        return {"type": form.cleaned_data["type"]}
    if isinstance(form, PlaceForm):
        return {**deeds.bound(form.kind, form.row), "organisation_name": "", "website": "", "description": ""}
    if step == "organisation":
        return form.cleaned_data
    return {**{name: form.cleaned_data[name] for name in CONTACT}, "consented_at": timezone.now()}


def check(request: HttpRequest, application: Application) -> HttpResponse:
    """The last step: everything at one glance, then it is sent."""
    if deeds.missing_step(application):
        return redirect(next_step(application))
    if member := member_of(application):
        return redirect("join_team", slug=member.slug)
    if request.method == "POST":
        deeds.send_off(application=application, language=get_language() or "he")
        return redirect(application)
    context = {
        "application": application,
        "steps": steps("check", application),
        "stages": [stage.label for stage in LifeStage if stage.value in application.life_stages],
        "alike": members_like(application),
    }
    return render(request, "members/join_check.html", context)


@limited("apply", 60, 3600)
@require_POST
def discard_application(request: HttpRequest, key: UUID) -> HttpResponse:
    """Throw a draft away, with everything in it."""
    if application := Application.objects.filter(key=key, state=ApplicationState.DRAFT).first():
        deeds.discard(application=application)
    messages.success(request, _("The application was discarded. Nothing of it is kept."))
    return redirect("join")
