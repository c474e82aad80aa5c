"""`manage.py restore DIR`: a set of `backup` back into an empty place, whole or not at all."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from munistem.backup import restoring
from munistem.backup.keys import NoKey, passphrase
from munistem.backup.sets import BackupSet, Damaged
from munistem.commons.files.storage import BackupRuns


class Command(BaseCommand):
    help = "Read a set back into an empty database and an empty folder of files. Stop web service and worker first."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path)
        parser.add_argument("--check", action="store_true", help="read the whole set and touch nothing")
        parser.add_argument(
            "--replace",
            action="store_true",
            help="what is here already gives way: rows go, files are set aside",
        )
        parser.add_argument(
            "--key-file", type=Path, help="the passphrase of an encrypted set (else BACKUP_KEY_FILE)"
        )

    def handle(self, *args, **options):
        try:
            found = BackupSet(options["folder"], passphrase(options["key_file"]))
            if options["check"]:
                manifest = restoring.check(found)
            else:
                manifest = restoring.restore(found, is_replacing=options["replace"], tell=self.tell)
        except NoKey as error:
            raise CommandError(str(error)) from error
        except Damaged as error:
            raise CommandError(f"{options['folder']} cannot be restored: {error}.") from error
        except restoring.NotEmpty as error:
            raise CommandError(f"This place is not empty: {error}. --replace overwrites it.") from error
        except BackupRuns as error:
            raise CommandError("Another backup or restore of these files is running.") from error
        rows = sum(line["rows"] for line in manifest["tables"])
        verb = "Whole and genuine" if options["check"] else "Restored"
        self.stdout.write(
            f"{verb}: the set of {manifest['made_at']}, {rows} rows of {len(manifest['tables'])} tables and "
            f"{manifest['files']['count']} files."
        )

    def tell(self, words: str) -> None:
        self.stdout.write(words)
        self.stdout.flush()
