from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("commons", "0002_initial")]

    operations = [
        migrations.AlterModelOptions(
            name="storedfile",
            options={"verbose_name": "withheld file", "verbose_name_plural": "withheld files"},
        ),
        migrations.AddField(
            model_name="storedfile",
            name="found",
            field=models.TextField(blank=True, db_default="", help_text="what the scanner found in it"),
        ),
        migrations.AddField(
            model_name="storedfile",
            name="scan",
            field=models.TextField(
                choices=[
                    ("not_scanned", "not scanned for viruses"),
                    ("waiting", "being checked for viruses"),
                    ("clean", "checked for viruses"),
                    ("found", "withheld: a virus was found"),
                ],
                db_default="not_scanned",
                default="not_scanned",
            ),
        ),
        migrations.AddField(
            model_name="storedfile",
            name="scanned_at",
            field=models.DateTimeField(blank=True, help_text="when a scanner answered", null=True),
        ),
        AddConstraintNotValid(
            model_name="storedfile",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("scan__in", ["clean", "found"]), _negated=True),
                    ("scanned_at__isnull", False),
                    _connector="OR",
                ),
                name="scanned_file_has_its_time",
            ),
        ),
        AddConstraintNotValid(
            model_name="storedfile",
            constraint=models.CheckConstraint(
                condition=models.Q(("scan", "found"), ("found", ""), _connector="XOR"),
                name="found_names_what_was_found",
            ),
        ),
    ]
