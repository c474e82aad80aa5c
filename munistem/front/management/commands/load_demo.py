import gc
from argparse import ArgumentTypeError
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from knowledge.actions.keep import history_told
from munistem import catalogs
from munistem.front.management.demo import network


def count(text: str) -> int:
    if not text.isdigit():
        raise ArgumentTypeError("a whole number is needed")
    return int(text)


@contextmanager
def no_looking_for_circles() -> Iterator[None]:
    """The collector reads all rows again and again and finds nothing; without it a third of the time is saved."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


class Command(BaseCommand):
    help = "Load a believable network of made-up people and texts; does nothing where it stands already."

    def add_arguments(self, parser):
        parser.add_argument("--people", type=count, default=40)
        parser.add_argument("--topics", type=count, default=60)
        parser.add_argument("--posts", type=count, default=300)
        parser.add_argument("--items", type=count, default=30)
        parser.add_argument("--seed", type=int, default=26)
        parser.add_argument(
            "--today", type=date.fromisoformat, default=None, help="the day the demo leads up to"
        )

    def handle(self, *args, **options):
        if not (settings.TRIAL or settings.DEMO):
            raise CommandError(
                "Demo people do not belong among real ones: set DEMO=1 or DEBUG=1 to load them."
            )
        catalogs.compile_all()
        if network.exists():
            self.say("The demo network stands already.", options)
            return
        with history_told(), no_looking_for_circles():
            network.load(
                people_count=options["people"],
                topics=options["topics"],
                posts=options["posts"],
                items=options["items"],
                seed=options["seed"],
                today=options["today"] or timezone.localdate(),
                tell=lambda words: self.say(words, options),
            )

    def say(self, words: str, options: dict) -> None:
        if options["verbosity"]:
            self.stdout.write(words)
