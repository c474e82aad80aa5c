"""The API, and the page that describes it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from munistem.front.api import library, network
from munistem.front.api.answers import REQUESTS_AN_HOUR, Api, Limit

api = Api(
    title="muni:STEM",
    version="1",
    description="Read-only. What you may see on the pages is what you get here; sign in by the portal's session.",
    docs_url=None,
    urls_namespace="api",
    throttle=[Limit()],
)
api.add_router("", library.router, tags=["library"])
api.add_router("", network.router, tags=["network"])


@require_safe
def show_api(request: HttpRequest) -> HttpResponse:
    """What can be asked, in the portal's own look; made from the OpenAPI description that programs read."""
    schema = api.get_openapi_schema(path_prefix="/api/v1/")
    context = {"paths": [told(path, one["get"], schema) for path, one in schema["paths"].items()]}
    context |= {"limit": REQUESTS_AN_HOUR, "title": _("For other programs")}
    return render(request, "front/api.html", context)


def told(address: str, one: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """One address: what it takes and what it answers."""
    answer = one["responses"][200]["content"]["application/json"]["schema"]
    return {
        "address": address,
        "anchor": one["operationId"],
        "summary": one["summary"],
        "words": one.get("description", ""),
        "takes": [
            {
                "name": row["name"],
                "type": type_of(row["schema"]),
                "needed": row["required"],
                "words": row["schema"].get("description", ""),
            }
            for row in one.get("parameters", ())
        ],
        "answers": fields_of(answer, schema),
    }


def fields_of(node: dict[str, Any], schema: dict[str, Any]) -> list[dict[str, str]]:
    """The fields of an answer, those of what it lists included."""
    found = resolved(node, schema)
    rows = []
    for name, one in found.get("properties", {}).items():
        rows.append({"name": name, "type": type_of(one), "words": one.get("description", "")})
        if "$ref" in (item := one.get("items", {})):
            inner = resolved(item, schema).get("properties", {})
            rows += [
                {"name": f"{name}[].{key}", "type": type_of(value), "words": value.get("description", "")}
                for key, value in inner.items()
            ]
    return rows


def resolved(node: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    name = node.get("$ref", "").rpartition("/")[2]
    return schema["components"]["schemas"][name] if name else node


def type_of(node: dict[str, Any]) -> str:
    """In the words of JSON: ``string``, ``integer or null``, ``list of Item``."""
    if "anyOf" in node:
        return " or ".join(type_of(one) for one in node["anyOf"])
    if "$ref" in node:
        return node["$ref"].rpartition("/")[2]
    if node.get("type") == "array":
        return f"list of {type_of(node.get('items', {}))}"
    return str(node.get("format") or node.get("type", "string"))


urlpatterns = [path("docs", show_api, name="show_api"), *api.urls[0]]
