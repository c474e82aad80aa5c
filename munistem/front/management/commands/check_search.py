from django.core.management.base import BaseCommand

from munistem.commons.search.checking import check_titles


class Command(BaseCommand):
    help = "Look whether every public row is found by its title among the first three; fails when one is not."

    def add_arguments(self, parser):
        parser.add_argument("--seconds", type=float, default=1800.0, help="the longest it may take")

    def handle(self, *args, **options):
        check = check_titles(options["seconds"])
        for row in check.missed:
            self.stdout.write(f"  not found: {row['kind']} {row['key']} {row['title']}")
        self.stdout.write(
            f"{check.rows} titles looked for, {len(check.missed)} not found among the first three"
        )
        if check.missed:
            raise SystemExit(1)
