from datetime import date
from random import Random

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from django.utils import timezone

from members.models import LocalAuthority
from munistem.front.management.commands.load_demo import count
from munistem.front.management.demo.pouring import Calendar
from munistem.front.management.demo.programmes import run_programmes
from munistem.front.management.demo.register import more_authorities
from policy.models import Programme


class Command(BaseCommand):
    help = (
        "Load made-up programmes with years of figures for every local authority; deterministic for a seed."
    )

    def add_arguments(self, parser):
        parser.add_argument("--programmes", type=count, default=10_000)
        parser.add_argument(
            "--years", type=count, default=6, help="of figures, up to the present school year"
        )
        parser.add_argument(
            "--authorities",
            type=count,
            default=0,
            help="so many in all; beyond the register's they are made up",
        )
        parser.add_argument("--seed", type=int, default=26)
        parser.add_argument("--today", type=date.fromisoformat, default=None)

    def handle(self, *args, **options):
        if not (settings.TRIAL or settings.DEMO):
            raise CommandError("Made-up programmes do not belong among real ones: set DEMO=1 or DEBUG=1.")
        with transaction.atomic():
            if not LocalAuthority.objects.exists():
                call_command("load_register", verbosity=0)
            rng = Random(options["seed"])
            calendar = Calendar(options["today"] or timezone.localdate(), rng)
            more_authorities(options["authorities"])
            rows = list(LocalAuthority.objects.defer("search_vector").order_by("pk"))
            if wanted := options["authorities"]:
                rows = rows[:wanted]
            made = run_programmes(rows, options["programmes"], options["years"], calendar, rng)
            with connection.cursor() as cursor:
                cursor.execute("analyze")
        if options["verbosity"]:
            total = Programme.objects.count()
            self.stdout.write(f"{made} programmes of {len(rows)} local authorities ({total} in all)")
