from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("commons", "0003_scans_of_files")]

    operations = [
        ValidateConstraint(model_name="storedfile", name="scanned_file_has_its_time"),
        ValidateConstraint(model_name="storedfile", name="found_names_what_was_found"),
    ]
