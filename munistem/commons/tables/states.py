from django.db.models import TextChoices
from django.utils.translation import pgettext_lazy


class BulkState(TextChoices):
    """Where a table stands on its way in."""

    WAITING = "waiting", pgettext_lazy("import", "Being read")
    READ = "read", pgettext_lazy("import", "Read, not taken in yet")
    FILLING = "filling", pgettext_lazy("import", "Being taken in")
    DONE = "done", pgettext_lazy("import", "Taken in")
    FAILED = "failed", pgettext_lazy("import", "It could not be read")
