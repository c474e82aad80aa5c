from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def refuse_forged(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page of a form that came without its secret: expired, or sent from elsewhere."""
    return render(request, "403_csrf.html", status=403)
