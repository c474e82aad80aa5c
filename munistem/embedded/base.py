"""PostgreSQL backend that starts a private server at the first connection, not when the settings are read.

So ``check``, ``makemessages`` and type checking touch no database, and a server that died is back at the next
connection.
"""

from django.db.backends.postgresql import base

from munistem import pgdev

SOON = 5  # seconds that a page waits for a server that was there before


class DatabaseWrapper(base.DatabaseWrapper):
    was_there = False  # in this process

    def get_connection_params(self):
        settings = self.settings_dict
        patience = SOON if DatabaseWrapper.was_there else pgdev.PATIENCE
        host, port = pgdev.start(settings["EMBEDDED"], fast=settings.get("FAST", False), patience=patience)
        DatabaseWrapper.was_there = True
        settings.update(HOST=host, PORT=port, USER="postgres")
        return super().get_connection_params()
