"""What a watchman asks: is the process alive, can it do its work."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from django.db import Error, connection
from django.db.migrations.loader import MigrationLoader
from django.http import HttpRequest, HttpResponse
from django.urls import resolve
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from munistem.watch.state import worries

PATIENCE = 2.0
DOORS = {"/healthz", "/readyz", "/metrics"}
_asking = threading.Lock()


def answer_watchman(get_response: Callable[[HttpRequest], HttpResponse]):
    """Middleware: a watchman asks by any host name, without https, and must touch neither session nor person."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.path_info in DOORS:
            request.resolver_match = resolve(request.path_info)
            return request.resolver_match.func(request)
        return get_response(request)

    return middleware


@never_cache
@require_safe
def say_alive(request: HttpRequest) -> HttpResponse:
    """The process answers; no database is asked."""
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")


@never_cache
@require_safe
def say_ready(request: HttpRequest) -> HttpResponse:
    """The database answers within two seconds and has every migration of this code.

    What needs a person soon (old jobs, a full disk) is told in lines after "ready": pages are served nevertheless, and whoever
    shares requests out must not take every process away for it. With ``?strict`` that is a 503 too, for who calls people.
    """
    problem, worries = problem_now()
    is_fine = not problem and not (worries and "strict" in request.GET)
    text = "\n".join([problem or "ready", *worries])
    return HttpResponse(f"{text}\n", content_type="text/plain; charset=utf-8", status=200 if is_fine else 503)


def problem_now() -> tuple[str, list[str]]:
    """What stands in the way ("" when nothing does), and worries. A hanging database costs one thread, never more."""
    if not _asking.acquire(timeout=PATIENCE):
        return "the database is still being asked", []
    answer: list[tuple[str, list[str]]] = []
    thread = threading.Thread(target=ask, args=(answer,), daemon=True)
    thread.start()
    thread.join(PATIENCE)
    return answer[0] if answer else ("the database does not answer", [])


def ask(answer: list[tuple[str, list[str]]]) -> None:
    """Ask over a connection of our own, so that no worker's transaction is touched."""
    try:
        with private_cursor() as cursor:
            cursor.execute("select 1")
            is_lacking = lacks_migrations(cursor.db)
            answer.append(("migrations are missing", []) if is_lacking else ("", worries(cursor)))
    except Exception:  # noqa: BLE001 – whatever it was, the answer is no
        answer.append(("the database cannot be reached", []))
    finally:
        connection.close()  # of this thread: reading migrations may have opened it
        _asking.release()


@contextmanager
def private_cursor() -> Iterator[Any]:
    """A short-tempered connection for one look."""
    private = connection.copy()
    private.settings_dict["OPTIONS"] = {**private.settings_dict["OPTIONS"], "connect_timeout": 2}
    try:
        private.ensure_connection()
        private.set_autocommit(False)
        with private.cursor() as cursor:
            # Local to this transaction: behind a pooler the session is somebody else's next.
            cursor.execute("set local statement_timeout = 1500")
            yield cursor
    finally:
        with suppress(Error):
            private.rollback()
        private.close()


def lacks_migrations(private: Any) -> bool:
    """Whether the code knows migrations that the database has not had; what was complete stays so."""
    if not _complete:
        loader = MigrationLoader(private)
        if set(loader.disk_migrations) <= set(loader.applied_migrations):
            _complete.append(True)
    return not _complete


_complete: list[bool] = []
