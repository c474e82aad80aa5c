import sys
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.html import strip_tags
from django.utils.translation import get_language, get_language_bidi
from django.utils.translation import gettext as _

from munistem.watch.outages import SOON, is_outage

MARK = "csrfmiddlewaretoken"  # of a form of ours
LONG = 60  # letters from which on a field is worth being read again


def show_400(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "400.html", status=400)


def show_403(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "403.html", status=403)


def show_404(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "404.html", status=404)


def show_500(request: HttpRequest) -> HttpResponse:
    """No context processor, no database: whatever broke may break these too. Django calls it while the error is handled."""
    if is_outage(sys.exception()):
        return show_503(request)
    return HttpResponse(render_to_string("500.html"), status=500)


def show_503(request: HttpRequest) -> HttpResponse:
    """What the portal stands on is away for a moment. A form that was on its way is on the page, to be sent again from there."""
    if request.path.startswith("/api/"):
        answer: HttpResponse = JsonResponse({"detail": _("Try again in a moment.")}, status=503)
    else:
        about = {"language": get_language(), "is_rtl": get_language_bidi(), **unsent(request)}
        answer = HttpResponse(render_to_string("503.html", about), status=503)
        answer["Content-Language"] = get_language() or "he"
    answer["Retry-After"], answer["Cache-Control"] = str(SOON), "no-store"
    return answer


def unsent(request: HttpRequest) -> dict[str, Any]:
    """The form of this request: its fields to be sent again unless files or a password were among them, its texts to be read."""
    if request.method != "POST" or request.path.startswith("/accounts/"):
        return {"is_form": False}
    form = getattr(request, "_post", None)  # missing when the disk was full before all of it had arrived
    if not form or MARK not in form:
        return {"is_form": True, "fields": [], "texts": []}
    fields = [(name, value) for name, values in form.lists() for value in values]
    is_whole = not getattr(request, "_files", None) and not any("password" in name for name, _value in fields)
    texts = [strip_tags(value) for name, value in fields if len(value) > LONG and name != MARK]
    return {"is_form": True, "fields": fields if is_whole else [], "texts": texts}
