from importlib import import_module

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session
from django.core.management.base import BaseCommand, CommandError

from members.actions.person import sign_out
from munistem.commons.audit.models import AuditEvent


class Command(BaseCommand):
    help = "Sign people out everywhere: everybody (--all), or whoever has one of these addresses."

    def add_arguments(self, parser):
        parser.add_argument("addresses", nargs="*")
        parser.add_argument("--all", action="store_true", dest="is_of_all", help="everybody signs in again")

    def handle(self, *args, addresses: list[str], is_of_all: bool, **options):
        if is_of_all == bool(addresses):
            raise CommandError("Say whose: addresses, or --all.")
        if is_of_all:
            self.stdout.write(f"{end_all()} sessions ended.")
            return
        people = {
            address: get_user_model().objects.filter(email__iexact=address).first() for address in addresses
        }
        if unknown := [address for address, person in people.items() if person is None]:
            raise CommandError(f"Nobody has {', '.join(unknown)}; nothing was done.")
        for person in people.values():
            sign_out(by=None, person=person)
        self.stdout.write(f"{len(people)} people were signed out.")


def end_all() -> int:
    """End every session, in the cache before the table too; returns how many."""
    store = import_module(settings.SESSION_ENGINE).SessionStore
    keys = list(Session.objects.values_list("session_key", flat=True))
    for key in keys:
        store(key).delete()
    AuditEvent.objects.create(deed="end_all_sessions", subject="sessions", details={"sessions": len(keys)})
    return len(keys)
