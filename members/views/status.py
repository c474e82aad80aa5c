"""The page that tells how an application stands, and the mailed links that lead to it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from members import rules
from members.actions import application as deeds
from members.enums import ApplicationState
from members.forms.application import AddressForm, AnswerForm
from members.models import Application
from members.views.application import hidden, next_step
from munistem.commons.guards.limits import limited


def application_of(key: UUID) -> Application:
    rows = Application.objects.select_related(
        "authority", "cluster", "organisation", "merged_into__organisation"
    )
    return get_object_or_404(rows.defer("authority__search_vector", "organisation__search_vector"), key=key)


@hidden
@require_safe
def show_application(request: HttpRequest, key: UUID) -> HttpResponse:
    """How an application stands and what was asked; a draft goes on where it was left."""
    application = application_of(key)
    if application.state == ApplicationState.DRAFT and application.submitted_at is None:
        return redirect(next_step(application))
    form = AnswerForm() if rules.can_answer_question(application) else None
    return render(request, "members/application.html", context_of(application, form))


def context_of(application: Application, form: AnswerForm | None) -> dict[str, Any]:
    return {
        "application": application,
        "form": form,
        "is_sent": application.state == ApplicationState.DRAFT,
        "stations": stations(application),
        "expected_on": rules.answer_expected_on(application),
        "thread": list(application.messages.order_by("sent_at", "pk")),
        "joined": application.merged_into.organisation if application.merged_into else None,
        "can_withdraw": rules.can_withdraw_application(application),
    }


def stations(application: Application) -> list[dict[str, Any]]:
    """The way of an application, each station with whether it is passed or present."""
    if application.state == ApplicationState.DRAFT:
        return []
    labels = [(_("Received"), application.submitted_at), (_("In review"), None)]
    place = {ApplicationState.RECEIVED: 0, ApplicationState.IN_REVIEW: 1}.get(application.state, 2)  # type: ignore[call-overload]
    if application.state == ApplicationState.QUESTION:
        labels.append((_("A question for you"), None))
    is_over = application.decided_at is not None or application.state == ApplicationState.WITHDRAWN
    labels.append((application.get_state_display() if is_over else _("Decision"), application.decided_at))
    return [
        {"label": label, "at": at, "is_here": number == place, "is_done": number < place}
        for number, (label, at) in enumerate(labels)
    ]


@hidden
@limited("answer-application", 30, 3600)
@require_http_methods(["GET", "HEAD", "POST"])
def answer_question(request: HttpRequest, key: UUID) -> HttpResponse:
    """The applicant's answer to what was asked."""
    application = application_of(key)
    form = AnswerForm(request.POST or None)
    if request.method != "POST" or not rules.can_answer_question(application):
        return redirect(application)
    if not form.is_valid():
        return render(request, "members/application.html", context_of(application, form))
    try:
        deeds.answer(application=application, body=form.cleaned_data["body"])
    except deeds.TooLate:
        messages.info(request, _("This question was answered already."))
    else:
        messages.success(request, _("Thank you. Your answer is with us."))
    return redirect(application)


@limited("answer-application", 30, 3600)
@require_POST
def withdraw_application(request: HttpRequest, key: UUID) -> HttpResponse:
    """The applicant takes it back."""
    application = application_of(key)
    try:
        deeds.withdraw(application=application)
    except deeds.TooLate:
        messages.info(request, _("It was decided meanwhile."))
    else:
        messages.success(
            request, _("The application was taken back. You are welcome to apply again at any time.")
        )
    return redirect(application)


@limited("send-confirmation", 10, 3600)
@require_POST
def resend_confirmation(request: HttpRequest, key: UUID) -> HttpResponse:
    """Mail the link once more, to the same address."""
    application = application_of(key)
    try:
        deeds.send_off(application=application, language=get_language() or "he")
    except deeds.Incomplete:
        return redirect(next_step(application))
    except deeds.TooLate:
        return redirect(application)
    messages.success(
        request, _("We sent the link once more. It can take a few minutes; look among the spam too.")
    )
    return redirect(application)


# Links by mail -------------------------------------------------------------------------------------------


@hidden
@limited("way-back", 10, 3600)
@require_http_methods(["GET", "HEAD", "POST"])
def continue_application(request: HttpRequest) -> HttpResponse:
    """Ask for the way back by mail; the answer is the same whether the address is known or not."""
    form = AddressForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        deeds.ask_way_back(email=form.cleaned_data["email"])
        messages.success(
            request,
            _("If there is an application with this address, a link to it is on its way to you now."),
        )
        return redirect("continue_application")
    return render(request, "members/continue.html", {"form": form, "is_broken": False})


def show_broken_link(request: HttpRequest) -> HttpResponse:
    """A mailed link that is too old or not ours: how to get a new one."""
    return render(request, "members/continue.html", {"form": AddressForm(), "is_broken": True}, status=410)


@hidden
@require_safe
def open_application(request: HttpRequest, token: str) -> HttpResponse:
    """The mailed way back; changes nothing, so that a mail scanner may open it."""
    try:
        application = deeds.application_of(token, deeds.WAY_BACK)
    except deeds.BadLink:
        return show_broken_link(request)
    return redirect(application)


@hidden
@limited("confirm-address", 30, 3600)
@require_http_methods(["GET", "HEAD", "POST"])
def confirm_address(request: HttpRequest, token: str) -> HttpResponse:
    """One button, pressed by a person: the address is confirmed and the application received."""
    try:
        application = deeds.application_of(token, deeds.CONFIRMATION)
        if request.method == "POST":
            application = deeds.confirm_address(token=token)
            return redirect(application)
    except deeds.BadLink:
        return show_broken_link(request)
    except deeds.TooLate:
        messages.info(request, _("The application was changed since. Check it and send it again."))
        return redirect(application)
    if application.state != ApplicationState.DRAFT:
        return redirect(application)
    return render(request, "members/confirm.html", {"application": application})
