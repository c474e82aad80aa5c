"""Everything that the worker does by the clock, now: for machines whose own scheduler is preferred, and for trials."""

import asyncio
import inspect
import time
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor

from asgiref.sync import sync_to_async
from django.core.management.base import BaseCommand
from django.db import connections
from procrastinate.contrib.django import app


class Command(BaseCommand):
    help = "Do at once what the worker does by the clock; each is harmless when done again."

    def handle(self, *args, **options):
        for periodic in app.periodic_registry.periodic_tasks.values():
            done = periodic.task.func(timestamp=int(time.time()))
            if inspect.iscoroutine(done):
                with ThreadPoolExecutor(1) as aside:  # whoever calls may have a loop running already
                    aside.submit(asyncio.run, finish(done)).result()
            self.stdout.write(f"  {periodic.task.name}")


async def finish(done: Coroutine) -> None:
    """Await a job and close the connection of the thread in which it spoke to the database."""
    try:
        await done
    finally:
        await sync_to_async(connections.close_all)()
