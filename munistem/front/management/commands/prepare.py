"""What a database needs before this code serves from it; run after every upgrade."""

from django.core.management import call_command
from django.core.management.base import BaseCommand

from munistem import catalogs

STEPS = ("migrate", "createcachetable", "load_register", "load_founding_content")
TOLD = {
    "createcachetable": ("commons_cache",)
}  # with a Redis too: who takes it away again needs nothing more


class Command(BaseCommand):
    help = "Migrations, cache table, register and founding content; re-runnable, never overwrites edits."

    def handle(self, *args, **options):
        catalogs.compile_all()  # names of things are written in three languages
        for step in STEPS:
            self.stdout.write(f"  {step.replace('_', ' ')} …")
            self.stdout.flush()
            call_command(step, *TOLD.get(step, ()), verbosity=0)
