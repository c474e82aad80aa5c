"""`manage.py backup DIR`: database and files as one set, while the portal runs."""

from pathlib import Path

import psycopg
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from munistem.backup import making
from munistem.backup.keys import NoKey, passphrase
from munistem.commons.files.storage import BackupRuns


class Command(BaseCommand):
    help = "Write database and files into an empty folder as one checksummed set; members may go on writing."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path, help="created when it is missing; must be empty")
        parser.add_argument(
            "--key-file", type=Path, help="encrypt with the passphrase in this file (else BACKUP_KEY_FILE)"
        )

    def handle(self, *args, **options):
        folder = options["folder"]
        try:
            manifest = making.make(folder, passphrase(options["key_file"]), warn=self.warn)
        except NoKey as error:
            raise CommandError(str(error)) from error
        except making.Taken as error:
            raise CommandError(f"{folder} is not empty. A set is never written over another.") from error
        except making.LaterCode as error:
            raise CommandError(
                f"Later code has migrated this database ({error}); let that code back it up."
            ) from error
        except BackupRuns as error:
            raise CommandError("Another backup or restore of these files is running.") from error
        except (OSError, DatabaseError, psycopg.Error) as error:
            raise CommandError(f"No backup was made: {error}") from error
        rows = sum(line["rows"] for line in manifest["tables"])
        self.stdout.write(
            f"{rows} rows of {len(manifest['tables'])} tables and {manifest['files']['count']} files "
            f"({manifest['files']['bytes'] / 1e6:.1f} MB) in {manifest['seconds']} s: {folder}"
        )

    def warn(self, words: str) -> None:
        self.stderr.write(self.style.WARNING(words))
