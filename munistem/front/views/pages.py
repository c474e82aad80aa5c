"""What the network is, and the house's terms."""

from email.utils import parseaddr

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from munistem.front.actions.retention import rules


@require_safe
def show_about(request: HttpRequest) -> HttpResponse:
    return render(request, "front/about.html")


@require_safe
def show_terms(request: HttpRequest) -> HttpResponse:
    return render(request, "front/terms.html", {"contact": contact()})


@require_safe
def show_privacy(request: HttpRequest) -> HttpResponse:
    return render(request, "front/privacy.html", {"contact": contact(), "rules": said_rules()})


@require_safe
def show_accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "front/accessibility.html", {"contact": contact()})


def said_rules() -> list[dict[str, str]]:
    """How long things are kept, in the reader's language."""
    return [{part: gettext(getattr(rule, part)) for part in ("what", "why", "kept")} for rule in rules()]


def contact() -> dict[str, str]:
    """Whom to write to, as ACCESSIBILITY_CONTACT names them: "Name <address>" or an address alone."""
    name, address = parseaddr(settings.ACCESSIBILITY_CONTACT)
    return {"name": name or address, "address": address}
