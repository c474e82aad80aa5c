from django.core.management.base import BaseCommand, CommandError

from members.actions.figures import load_figures
from members.actions.register import BadRegister, load_register


class Command(BaseCommand):
    help = (
        "Load the register of local authorities and regional clusters, and what public sources tell of them; "
        "safe to run again."
    )

    def handle(self, *args, **options):
        try:
            loaded, figures = load_register(), load_figures()
        except BadRegister as error:
            raise CommandError(str(error)) from error
        if options["verbosity"]:
            self.stdout.write(f"Register: {loaded.created} new, {loaded.changed} changed.")
            self.stdout.write(f"Figures: {figures.created} new, {figures.changed} changed.")
