from django.core.management.base import BaseCommand, CommandError

from members.actions.register import BadRegister, load_register


class Command(BaseCommand):
    help = "Load the register of local authorities and regional clusters; safe to run again."

    def handle(self, *args, **options):
        try:
            loaded = load_register()
        except BadRegister as error:
            raise CommandError(str(error)) from error
        if options["verbosity"]:
            self.stdout.write(f"Register: {loaded.created} new, {loaded.changed} changed.")
