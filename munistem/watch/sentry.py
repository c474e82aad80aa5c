"""Errors to a Sentry of one's own, when SENTRY_DSN names it; nothing about persons goes with them."""

from typing import Any

from munistem.environment import env
from munistem.watch.logs import discreet

KEPT_OF_REQUEST = ("method",)


def start(dsn: str, release: str) -> None:
    """Let errors of web process and worker be told there. The package comes with production.txt."""
    import sentry_sdk

    sentry_sdk.init(
        dsn=dsn,
        release=release,
        environment=env("SENTRY_ENVIRONMENT", "production"),
        send_default_pii=False,
        include_local_variables=False,  # they hold forms and persons
        max_request_body_size="never",
        max_breadcrumbs=0,  # they hold queries and addresses
        traces_sample_rate=0.0,
        before_send=without_persons,
    )


def without_persons(event: dict[str, Any], hint: Any) -> dict[str, Any]:
    """An error without address, query, cookies, headers and person: kind, place in the code and page's pattern remain."""
    for name in ("user", "server_name", "extra", "breadcrumbs"):
        event.pop(name, None)
    if request := event.get("request"):
        event["request"] = {name: request[name] for name in KEPT_OF_REQUEST if name in request}
    for held in (event.get("exception") or {}).get("values") or []:
        held["value"] = discreet(str(held.get("value") or ""))
        for frame in (held.get("stacktrace") or {}).get("frames") or []:
            frame.pop("vars", None)
    for name in ("message", "logentry"):
        if name in event:
            event[name] = "(left out)" if name == "message" else {"message": "(left out)"}
    return event
