"""Logs: one event a line, with the number of its request and without personal data.

Addresses of pages are told by their pattern (``topics/<id:pk>/``), because the address itself may name a person or be a key;
what an exception says is freed from e-mail addresses and from the values that PostgreSQL quotes.
"""

import json
import logging
import re
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from munistem.environment import env

#: The number of the request that is being answered in this thread, "" outside of one.
request_number: ContextVar[str] = ContextVar("request_number", default="")
ADDRESS = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
QUOTED = re.compile(r"^(DETAIL|CONTEXT|STATEMENT|Failing row contains).*$", re.MULTILINE)
#: What gunicorn says of a request that no page saw: who sent it, and what.
UNREAD = re.compile(r"\b(Invalid request|Error handling request) .*")
EXTRA = ("method", "route", "status", "ms", "query")


def discreet(text: str) -> str:
    """A text without e-mail addresses, without the rows that the database quotes and without requests that gunicorn quotes."""
    return ADDRESS.sub("(address)", UNREAD.sub(r"\1 (left out)", QUOTED.sub(r"\1 (left out)", text)))


def route_of(request: Any) -> str:
    """The pattern of the page that was asked for, never the address itself."""
    match = getattr(request, "resolver_match", None)
    return f"/{match.route}" if match else "(no page)"


class DiscreetFormatter(logging.Formatter):
    """One line an event for people's eyes."""

    def format(self, record: logging.LogRecord) -> str:
        number = request_number.get()
        return discreet(super().format(record)) + (f" [{number}]" if number else "")

    def formatMessage(self, record: logging.LogRecord) -> str:
        record.message = message_of(record)
        return super().formatMessage(record)


class JsonFormatter(logging.Formatter):
    """One JSON object an event: time, level, logger, message; request, route, status, ms and error where there are such."""

    def format(self, record: logging.LogRecord) -> str:
        event: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": discreet(message_of(record)),
        }
        if number := request_number.get():
            event["request"] = number
        event |= {name: getattr(record, name) for name in EXTRA if hasattr(record, name)}
        if record.exc_info:
            event["error"] = discreet(self.formatException(record.exc_info))
        return json.dumps(event, ensure_ascii=False)


def message_of(record: logging.LogRecord) -> str:
    """What is said, with the page's pattern in place of its address."""
    message = record.getMessage()
    request = getattr(record, "request", None)
    path = getattr(request, "path", "")
    return message.replace(path, route_of(request)) if path else message


def configuration(is_trial: bool) -> dict[str, Any]:
    """For Django: warnings and errors of all, what the portal itself tells; JSON in production unless LOG_FORMAT=line."""
    kind = env("LOG_FORMAT", "line" if is_trial else "json")
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": "munistem.watch.logs.DiscreetFormatter",
                "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
            },
            "json": {"()": "munistem.watch.logs.JsonFormatter"},
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": kind}},
        "root": {"handlers": ["console"], "level": "WARNING"},
        "loggers": {
            "munistem": {"level": "INFO"},
            "django.security.DisallowedHost": {"handlers": [], "propagate": False},  # scanners, all day long
            "procrastinate": {"level": "WARNING"},
            "gunicorn.error": {"level": env("LOG_LEVEL", "info").upper(), "propagate": True},
        },
    }
