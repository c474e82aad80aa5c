"""Deeds of an office ask once more who it is, when the last sign-in is a while ago: an open screen must not be enough."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.flows.reauthentication import (
    get_reauthentication_flows,
    stash_and_reauthenticate,
)
from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import resolve

View = Callable[..., HttpResponse]


def is_fresh(request: HttpRequest) -> bool:
    """Whether the person showed who they are within the last minutes, at the door or since."""
    if not settings.FRESH_SECONDS:
        return True
    user: Any = request.user
    if not user.is_authenticated or not get_reauthentication_flows(user):
        return True  # who comes by another service alone is asked there
    shown = [record["at"] for record in get_authentication_records(request, user)]
    return any(0 <= time.time() - moment < settings.FRESH_SECONDS for moment in shown)


def fresh_for_staff(view: View) -> View:
    """Decorate a view: what a network admin sends is kept until they have shown who they are, and done then."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "POST" and request.user.is_staff and not is_fresh(request):  # type: ignore[union-attr]
            kept = {"path": request.path, "query": request.GET.urlencode(), "form": request.POST.urlencode()}
            return stash_and_reauthenticate(request, kept, f"{__name__}.go_on")
        return view(request, *args, **kwargs)

    return guarded


def go_on(request: HttpRequest, kept: dict[str, str]) -> HttpResponse:
    """Do what was kept, as if it were sent now; allauth calls it once the person has shown who they are."""
    match = resolve(kept["path"])
    request.GET, request.POST = QueryDict(kept["query"]), QueryDict(kept["form"])  # type: ignore[assignment,misc]
    request.path = request.path_info = kept["path"]
    request.META["QUERY_STRING"] = kept["query"]
    request.resolver_match = match
    return match.func(request, *match.args, **match.kwargs)
