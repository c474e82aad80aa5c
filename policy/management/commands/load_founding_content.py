from django.core.management.base import BaseCommand

from policy.actions.found import found_network


class Command(BaseCommand):
    help = "Load vocabulary, first communities, roundtable and recommendations; makes what is missing, changes nothing else."

    def handle(self, *args, **options):
        made = found_network()
        if options["verbosity"]:
            said = ", ".join(f"{count} {kind}" for kind, count in made.items())
            self.stdout.write(f"Made: {said}.")
