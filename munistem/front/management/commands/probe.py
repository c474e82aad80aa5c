"""What a probe asks of the machine while it works; only in a trial."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.core.cache import cache
from django.core.management.base import BaseCommand, CommandError

from members.actions.person import deactivate_person
from members.models import User
from munistem.commons.files.models import FilePage, StoredFile
from munistem.commons.guards.models import Hit


class Command(BaseCommand):
    help = "deactivate PERSON | reset-limits | pids | integrity"

    def add_arguments(self, parser):
        parser.add_argument("deed", choices=["deactivate", "reset-limits", "pids", "integrity"])
        parser.add_argument("person", nargs="?", help="an e-mail address, for deactivate")

    def handle(self, *args, **options):
        if not (settings.TRIAL or settings.DEMO):
            raise CommandError("Only in a trial: set DEMO=1 or DEBUG=1.")
        deed = options["deed"]
        if deed == "deactivate":
            self.deactivate(options["person"] or "")
        elif deed == "reset-limits":
            Hit.objects.all().delete()
            cache.clear()
            self.stdout.write("OK")
        elif deed == "pids":
            for pid, what in processes():
                self.stdout.write(f"{pid} {what}")
        else:
            faults = list(disagreements())
            self.stdout.write("\n".join(faults) or "OK")
            if faults:
                raise CommandError(f"{len(faults)} disagreements between database and files")

    def deactivate(self, email: str) -> None:
        person = User.objects.filter(email__iexact=email).first()
        if person is None:
            raise CommandError(f"Nobody has the address {email or '(none given)'}.")
        deactivate_person(by=None, person=person)
        self.stdout.write("OK")


def processes() -> Iterator[tuple[int, str]]:
    """Web and worker processes of this checkout and the database's, as Linux lists them."""
    for place in Path("/proc").glob("[0-9]*"):
        try:
            words = (place / "cmdline").read_bytes().decode(errors="replace").replace("\0", " ").strip()
            is_here = (place / "cwd").readlink() == settings.BASE_DIR
        except OSError:
            continue
        if is_here and "gunicorn" in words:
            yield int(place.name), "web"
        elif is_here and "procrastinate" in words:
            yield int(place.name), "worker"
        elif "postgres" in words and str(settings.DATABASES["default"].get("EMBEDDED", "\0")) in words:
            yield int(place.name), "postgres"


def disagreements() -> Iterator[str]:
    """Rows without their bytes, bytes that have changed, bytes without a row."""
    root = Path(settings.MEDIA_ROOT)
    known = set()
    for stored in StoredFile.objects.only("blob", "preview", "sha256").iterator():
        known |= {stored.blob.name, stored.preview.name}
        path = root / stored.blob.name
        if not path.is_file():
            yield f"missing: {stored.blob.name}"
        elif hashlib.sha256(path.read_bytes()).hexdigest() != stored.sha256:
            yield f"changed: {stored.blob.name}"
        if stored.preview and not (root / stored.preview.name).is_file():
            yield f"missing: {stored.preview.name}"
    for picture in FilePage.objects.exclude(picture="").values_list("picture", flat=True).iterator():
        known.add(picture)
        if not (root / picture).is_file():
            yield f"missing: {picture}"
    for path in root.glob("[0-9a-f][0-9a-f]/*"):
        if f"{path.parent.name}/{path.name}" not in known:
            yield f"nobody's: {path.parent.name}/{path.name}"
