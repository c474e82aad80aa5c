"""Many rows at once: instances go through COPY, keys are taken from the tables' own sequences."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from random import Random
from uuid import UUID

from django.core.files.base import ContentFile
from django.db import connection, models
from django.db.models.expressions import DatabaseDefault
from django.utils import timezone

from munistem.commons.files.models import FileState, StoredFile


def keys(model: type[models.Model], count: int) -> list[int]:
    """As many primary keys as asked for, not used before."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select nextval(pg_get_serial_sequence(%s, %s)) from generate_series(1, %s)",
            [model._meta.db_table, model._meta.pk.column, count],
        )
        return [key for (key,) in cursor.fetchall()]


def pour(things: Sequence[models.Model]) -> None:
    """Insert instances of one model as they are; those without a key get one. Defaults of ``auto_now`` give way to values set."""
    if not things:
        return
    model = type(things[0])
    if missing := [thing for thing in things if thing.pk is None]:
        for thing, key in zip(missing, keys(model, len(missing)), strict=True):
            thing.pk = key
    fields = [field for field in model._meta.concrete_fields if not field.generated]
    columns = ", ".join(connection.ops.quote_name(field.column) for field in fields)
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
        for thing in things:
            copy.write_row([value_of(field, thing) for field in fields])


def value_of(field: models.Field, thing: models.Model):
    value = getattr(thing, field.attname)
    if value is None and (getattr(field, "auto_now_add", False) or getattr(field, "auto_now", False)):
        value = field.pre_save(thing, True)
    if isinstance(value, DatabaseDefault):
        value = value.expression.value  # COPY asks for every column: the constant that stands in the table
    return field.get_db_prep_save(value, connection)


class Calendar:
    """Moments of the demo, all before the morning of one day and the same for the same seed."""

    def __init__(self, today: date, rng: Random):
        self.today, self.rng = today, rng
        self.end = timezone.make_aware(datetime.combine(today, time(0)))

    def ago(self, days: float) -> datetime:
        return self.end - timedelta(days=days)

    def working_hour(self, days: float) -> datetime:
        """Some moment of that day between eight and ten in the evening."""
        on = self.today - timedelta(days=max(1, int(days)))
        at = time(self.rng.randrange(8, 22), self.rng.randrange(60), self.rng.randrange(60))
        return timezone.make_aware(datetime.combine(on, at))

    def later(self, moment: datetime, hours: float) -> datetime:
        """Some time after a moment; near the end the time that is left is shared out."""
        wait = timedelta(hours=hours * (0.2 + self.rng.random()))
        left = self.end - moment
        return moment + (wait if wait < left else left * (0.1 + 0.4 * self.rng.random()))


def uuid_of(rng: Random) -> UUID:
    return UUID(int=rng.getrandbits(128), version=4)


def lay_down(
    content: bytes, name: str, *, kind: str, content_type: str, by: models.Model, at: datetime, rng: Random,
    text: str = "", pages: int | None = None, preview: bytes = b"",
) -> StoredFile:  # fmt: skip
    """A stored file with text and preview as the worker would find them; the row is not written yet."""
    stored = StoredFile(
        key=uuid_of(rng),
        name=name,
        kind=kind,
        content_type=content_type,
        size=len(content),
        sha256=sha256(content).hexdigest(),
        pages=pages,
        text=text,
        state=FileState.READY,
        uploaded_by=by,
        uploaded_at=at,
    )
    stored.blob.save(name, ContentFile(content), save=False)
    if preview:
        stored.preview.save("preview", ContentFile(preview), save=False)
    return stored


def spread(total: int, weights: Iterable[float]) -> list[int]:
    """Whole numbers in proportion to the weights that add up to the total."""
    weights = list(weights)
    whole = sum(weights)
    shares = [int(total * weight / whole) for weight in weights]
    for place in sorted(range(len(shares)), key=lambda n: -weights[n])[: total - sum(shares)]:
        shares[place] += 1
    return shares
