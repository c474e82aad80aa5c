"""What a watchman asks: is the process alive, can it do its work."""

import threading
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.http import HttpRequest, HttpResponse
from django.urls import resolve
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

PATIENCE = 2.0
DOORS = {"/healthz", "/readyz"}
_asking = threading.Lock()


def answer_watchman(get_response: Callable[[HttpRequest], HttpResponse]):
    """Middleware: a watchman asks by any host name, without https, and must touch neither session nor person."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.path_info in DOORS:
            return resolve(request.path_info).func(request)
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
    """The database answers within two seconds and has every migration of this code."""
    problem = problem_now()
    return HttpResponse(
        f"{problem or 'ready'}\n", content_type="text/plain; charset=utf-8", status=503 if problem else 200
    )


def problem_now() -> str:
    """What stands in the way, "" when nothing does. A hanging database costs one thread, never more."""
    if not _asking.acquire(timeout=PATIENCE):
        return "the database is still being asked"
    answer: list[str] = []
    thread = threading.Thread(target=ask, args=(answer,), daemon=True)
    thread.start()
    thread.join(PATIENCE)
    return answer[0] if answer else "the database does not answer"


def ask(answer: list[str]) -> None:
    """Ask over a connection of our own, so that no worker's transaction is touched."""
    private = connection.copy()
    private.settings_dict["OPTIONS"] = {**private.settings_dict["OPTIONS"], "connect_timeout": 2}
    try:
        with private.cursor() as cursor:
            cursor.execute("set statement_timeout = 1500")
            cursor.execute("select 1")
        answer.append("migrations are missing" if lacks_migrations(private) else "")
    except Exception:  # noqa: BLE001 – whatever it was, the answer is no
        answer.append("the database cannot be reached")
    finally:
        private.close()
        connection.close()  # of this thread: reading migrations may have opened it
        _asking.release()


def lacks_migrations(private: Any) -> bool:
    """Whether the code knows migrations that the database has not had; what was complete stays so."""
    if not _complete:
        loader = MigrationLoader(private)
        if set(loader.disk_migrations) <= set(loader.applied_migrations):
            _complete.append(True)
    return not _complete


_complete: list[bool] = []
