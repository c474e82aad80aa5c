import json
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from members.models import User
from munistem.front.management.probe.objects import make
from munistem.front.management.probe.roles import MATRIX, Cast

MISSING = 999_999


class Command(BaseCommand):
    help = "Fill an empty database with an account of every role and an object of every kind and visibility."

    def add_arguments(self, parser):
        parser.add_argument(
            "--out", type=Path, required=True, help="where to write the description of the world"
        )

    def handle(self, *args, **options):
        if not (settings.TRIAL or settings.DEMO):
            raise CommandError("Probe accounts do not belong among real people: set DEMO=1 or DEBUG=1.")
        if User.objects.exists():
            raise CommandError("The probe world needs a database without people.")
        with transaction.atomic():
            cast = Cast()
            objects = [probed.told() for probed in make(cast)]
        world = {"roles": cast.told, "matrix_roles": MATRIX, "missing_id": MISSING, "objects": objects}
        options["out"].write_text(json.dumps(world, ensure_ascii=False, indent=1) + "\n")
        if options["verbosity"]:
            self.stdout.write(f"{len(cast.told)} roles, {len(objects)} objects: {options['out']}")
