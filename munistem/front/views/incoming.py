"""Doors for mail that comes in: webhooks of mail services, and in a trial the form under a letter."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from munistem.commons.guards.limits import limited
from munistem.commons.guards.middleware import int_or_zero
from munistem.commons.mail.providers import MOST_BYTES
from munistem.commons.mail.receiving import TooMany
from munistem.front.actions.trial import answer_letter
from munistem.front.forms import AnswerForm
from munistem.front.views.letters import letter_of


@csrf_exempt  # services have no cookie; the secret in the address they call is the key
@require_http_methods(["HEAD", "POST"])
def take_from_service(request: HttpRequest, what: str, service: str) -> HttpResponseBase:
    """A mail that a service took for us (``inbound``), or what became of a letter of ours (``tracking``)."""
    try:
        view = resolve(f"/{service}/{what}/", "anymail.urls").func
    except Resolver404 as error:
        raise Http404 from error
    if not settings.INBOUND_SECRET or not is_service(request):
        return HttpResponse("The secret is missing or wrong.", status=403, content_type="text/plain")
    if int_or_zero(request.META.get("CONTENT_LENGTH")) > MOST_BYTES:
        return HttpResponse("Too large.", status=413, content_type="text/plain")
    if request.content_type != "multipart/form-data":
        request._body = request.read()  # type: ignore[attr-defined] – the limit of forms is not meant for mails
    try:
        return view(request)
    except TooMany:
        return HttpResponse("Too much mail for this address; try again later.", status=429)


def is_service(request: HttpRequest) -> bool:
    from anymail.utils import (
        get_request_basic_auth,
    )  # brings in a whole client for the web, for this door alone

    return constant_time_compare(get_request_basic_auth(request) or "", settings.ANYMAIL["WEBHOOK_SECRET"])


@limited("trial_mail", 60, 3600)
@require_POST
def answer_trial_letter(request: HttpRequest, key: UUID) -> HttpResponse:
    """Answer a letter of the trial as its reader would: by a mail that takes the way of all mails."""
    letter = letter_of(key)
    if not letter.reply_to:
        raise Http404
    form = AnswerForm(request.POST, request.FILES)
    if not form.is_valid():
        return render(request, "front/letter.html", {"letter": letter, "form": form}, status=422)
    answer_letter(letter, **form.cleaned_data)
    messages.success(
        request,
        _("Your mail is on its way. A moment later it stands in the discussion, or an answer stands here."),
    )
    return redirect("show_letter", key=key)
