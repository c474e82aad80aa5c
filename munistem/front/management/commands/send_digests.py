from django.core.management.base import BaseCommand

from munistem.commons.notices.digests import mail_digests
from munistem.commons.notices.models import Rhythm


class Command(BaseCommand):
    help = "Mail the daily and weekly gatherings of notices that are due; the worker does so by itself."

    def handle(self, *args, **options):
        count = sum(mail_digests(rhythm) for rhythm in (Rhythm.DAILY, Rhythm.WEEKLY))
        self.stdout.write(f"{count} gathered mails are on their way.")
