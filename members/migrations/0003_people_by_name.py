from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """The directory is shown by name: its pages are found in the order of an index, from both ends."""

    atomic = False

    dependencies = [("members", "0002_accounts")]

    operations = [
        AddIndexConcurrently(
            model_name="user",
            index=models.Index(
                fields=["name", "id"],
                include=["is_staff", "is_knowledge_manager"],
                condition=models.Q(("is_active", True), models.Q(("name", ""), _negated=True)),
                name="person_by_name",
            ),
        ),
    ]
