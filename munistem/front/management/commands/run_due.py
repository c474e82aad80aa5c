"""Everything that the worker does by the clock, now: for machines whose own scheduler is preferred, and for trials."""

import asyncio
import inspect
import time

from django.core.management.base import BaseCommand
from procrastinate.contrib.django import app


class Command(BaseCommand):
    help = "Do at once what the worker does by the clock; each is harmless when done again."

    def handle(self, *args, **options):
        for periodic in app.periodic_registry.periodic_tasks.values():
            done = periodic.task.func(timestamp=int(time.time()))
            if inspect.isawaitable(done):
                asyncio.run(done)
            self.stdout.write(f"  {periodic.task.name}")
