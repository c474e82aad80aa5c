from django.core.cache import cache
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from munistem.commons.search.actions import index
from munistem.commons.search.learning import count_terms, count_words, new_edition, reread, searchable
from munistem.commons.search.models import Searchable

PIECE = 200


class Command(BaseCommand):
    help = (
        "Write the search columns of every row anew; when interrupted, the next run goes on where it stopped."
    )

    def add_arguments(self, parser):
        parser.add_argument("tables", nargs="*", help="room.model, such as knowledge.item; else all")
        parser.add_argument("--afresh", action="store_true", help="forget how far an interrupted run came")

    def handle(self, *args, **options):
        models = searchable()
        if unknown := set(options["tables"]) - models.keys():
            raise CommandError(
                f"Not searched: {', '.join(sorted(unknown))}. Known: {', '.join(sorted(models))}"
            )
        if not options["tables"]:
            new_edition(count_words())
        for label in options["tables"] or sorted(models):
            if options["afresh"]:
                cache.delete(f"reindex:{label}")
            self.stdout.write(f"  {label}: {reindex_table(models[label])}")
            self.stdout.flush()
        if not options["tables"]:
            reread()
            count_terms()


def reindex_table(model: type[Searchable]) -> int:
    """Index a table in its order, a piece at a time; how far it came is kept where all processes see it."""
    place, count = f"reindex:{model._meta.label_lower}", 0
    rows = model._base_manager.order_by("pk")
    reached = cache.get(place)
    while True:
        with transaction.atomic():
            left = rows if reached is None else rows.filter(pk__gt=reached)
            piece = list(left.select_for_update(of=("self",))[:PIECE])
            for row in piece:
                index(row)
        if not piece:
            break
        count, reached = count + len(piece), piece[-1].pk
        cache.set(place, reached, timeout=None)
    cache.delete(place)
    return count
