from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models

ON_SHELF = models.Q(("published__isnull", False), ("withdrawn_at__isnull", True))
SEEN_BY = (
    *("visibility", "community", "organisation", "created_by"),
    *("language", "edition_of", "published", "withdrawn_at"),
)


class Migration(migrations.Migration):
    """Pages far down the library are found within an index, both orders of it."""

    atomic = False

    dependencies = [("knowledge", "0003_lock_published_revisions")]

    operations = [
        AddIndexConcurrently(
            model_name="item",
            index=models.Index(
                fields=["-published_at", "-id"], include=SEEN_BY, condition=ON_SHELF, name="item_shelf"
            ),
        ),
        AddIndexConcurrently(
            model_name="item",
            index=models.Index(
                fields=["-use_count", "-published_at", "-id"],
                include=SEEN_BY,
                condition=ON_SHELF,
                name="item_shelf_by_use",
            ),
        ),
        RemoveIndexConcurrently(model_name="item", name="item_most_used"),
    ]
