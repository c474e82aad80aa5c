"""How the API answers: with an ETag, limited in number, and a list as pages that go on from the last thing told."""

import hashlib
from collections.abc import Callable, Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.http import parse_etags
from ninja import NinjaAPI, Schema
from ninja.errors import HttpError
from ninja.throttling import BaseThrottle
from pydantic import Field

from munistem.commons.guards.limits import is_over

MOST_A_PAGE = 100
USUAL = 50
HOUR = 3600
REQUESTS_AN_HOUR = 1_200


class Api(NinjaAPI):
    """Answers that need not be sent twice."""

    def create_response(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
        """With ETag, and 304 for who has it already."""
        response = super().create_response(request, *args, **options)
        response.headers["Cache-Control"] = "private, no-cache"
        if request.method not in ("GET", "HEAD") or response.status_code != 200:
            return response
        etag = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
        if etag in parse_etags(request.headers.get("If-None-Match", "")):
            response = HttpResponse(status=304)
            response.headers["Cache-Control"] = "private, no-cache"
        response.headers["ETag"] = etag
        return response


class Limit(BaseThrottle):
    """So many requests of a person, else of an address."""

    def allow_request(self, request: HttpRequest) -> bool:
        """Count this one."""
        return not is_over(request, "api", REQUESTS_AN_HOUR, HOUR)

    def wait(self) -> float | None:
        """After how many seconds to try again."""
        return HOUR


class Names(Schema):
    """A name in three languages, empty where nobody gave one."""

    he: str
    ar: str
    en: str


class Page(Schema):
    """One page of a list."""

    next: str | None = Field(None, description="Address of the next page; null on the last")


def names_of(thing: Any, field: str = "name") -> dict[str, str]:
    return {code: getattr(thing, f"{field}_{code}") for code in ("he", "ar", "en")}


def page_of(
    request: HttpRequest,
    rows: Any,
    *,
    key: str,
    after: str,
    limit: int,
    told: Callable[[Any], dict[str, Any]],
    name: str,
) -> dict[str, Any]:
    """Rows by their number, those after the one whose ``key`` is given; told: what is said of each; name: of the list."""
    if after:
        last = (
            rows.filter(**{key: after}).values_list("pk", flat=True).first() if is_value(key, after) else None
        )
        if last is None:
            raise HttpError(422, "after: there is no such thing")
        rows = rows.filter(pk__gt=last)
    page = list(rows.order_by("pk")[: limit + 1])
    shown = page[:limit]
    answer: dict[str, Any] = {name: [told(row) for row in shown], "next": None}
    if len(page) > limit:
        query = request.GET.copy()
        query["after"] = str(getattr(shown[-1], key))
        answer["next"] = request.build_absolute_uri(f"{request.path}?{query.urlencode()}")
    return answer


def is_value(key: str, value: str) -> bool:
    return key != "pk" or (value.isascii() and value.isdigit() and len(value) < 10)


def whole(request: HttpRequest, path: str) -> str:
    """An address with the portal's name in it."""
    return request.build_absolute_uri(path)


def one_of(rows: Iterable[Any]) -> Any:
    """The first row, or 404."""
    found = next(iter(rows), None)
    if found is None:
        raise HttpError(404, "There is no such thing, or it is not for you to see")
    return found
