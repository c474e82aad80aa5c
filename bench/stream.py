"""The rival of asking again: server-sent events, as good as we could write them; served by nothing but ``bench.live``.

One watcher a process looks once a second whether anything was written at all; only then each reader's own counts are
asked for. So an idle reader costs no queries, only the connection it holds.
"""

import asyncio
import json
import threading
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

from asgiref.sync import sync_to_async
from django.db import connection
from django.http import HttpRequest, StreamingHttpResponse
from django.urls import include, path
from django.views.decorators.http import require_safe

from munistem.front.views.counts import count_all

EVERY = 1.0  # seconds between two looks
BEAT = 25.0  # a comment now and then, so that nothing on the way closes the connection
AT_ONCE = threading.BoundedSemaphore(8)
LATEST = "select (select max(id) from commons_notice), (select max(id) from communities_post)"


def latest() -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(LATEST)
        return cursor.fetchone()


def counts_of(user: Any, topic: int, after: int) -> dict[str, int]:
    from communities.models import Post
    from munistem.commons.notices.models import Notice

    with AT_ONCE:  # there are more readers than connections
        try:
            posts = Post.objects.visible_to(user).filter(topic=topic, number__gt=after)
            return count_all(unread=Notice.objects.visible_to(user).unread().bundled(), posts=posts)
        finally:
            connection.close()


class Watcher:
    """Looks for all readers of a process, in a thread of its own."""

    def __init__(self) -> None:
        self.turn, self.changed, self.begun = 0, threading.Condition(), False

    def begin(self) -> None:
        with self.changed:
            if not self.begun:
                self.begun = True
                threading.Thread(target=self.watch, daemon=True).start()

    def watch(self) -> None:
        known = latest()
        while True:
            time.sleep(EVERY)
            if (now := latest()) != known:
                known = now
                with self.changed:
                    self.turn += 1
                    self.changed.notify_all()


WATCHER = Watcher()


def event(counts: dict[str, int]) -> str:
    return f"data: {json.dumps(counts)}\n\n"


def asked(request: HttpRequest) -> tuple[Any, int, int]:
    user = request.user
    assert user.is_authenticated
    return user, int(request.GET["topic"]), int(request.GET["after"])


def answer(events: Any) -> StreamingHttpResponse:
    return StreamingHttpResponse(
        events, content_type="text/event-stream", headers={"Cache-Control": "no-store"}
    )


@require_safe
def stream_in_thread(request: HttpRequest) -> StreamingHttpResponse:
    """A thread for each reader."""
    question = asked(request)
    WATCHER.begin()

    def events() -> Iterator[str]:
        turn = WATCHER.turn
        yield event(counts_of(*question))
        while True:
            with WATCHER.changed:
                if turn == WATCHER.turn:
                    WATCHER.changed.wait(BEAT)
                is_new, turn = turn != WATCHER.turn, WATCHER.turn
            yield event(counts_of(*question)) if is_new else ": still here\n\n"

    return answer(events())


async def stream_in_loop(request: HttpRequest) -> StreamingHttpResponse:
    """A task for each reader."""
    question = await sync_to_async(asked)(request)
    WATCHER.begin()

    async def events() -> AsyncIterator[str]:
        turn, beat = WATCHER.turn, time.monotonic()
        yield event(await sync_to_async(counts_of)(*question))
        while True:
            await asyncio.sleep(EVERY)
            if turn != WATCHER.turn:
                turn = WATCHER.turn
                yield event(await sync_to_async(counts_of)(*question))
            elif time.monotonic() - beat > BEAT:
                beat = time.monotonic()
                yield ": still here\n\n"

    return answer(events())


urlpatterns = [
    path("stream/thread/", stream_in_thread),
    path("stream/loop/", stream_in_loop),
    path("", include("munistem.urls")),
]
handler404 = "munistem.front.views.errors.show_404"
