"""PostgreSQL backend that starts a private server at the first connection, not when the settings are read.

So ``check``, ``makemessages`` and type checking touch no database, and a server that died is back at the next
connection.
"""

from django.db.backends.postgresql import base

from munistem import pgdev


class DatabaseWrapper(base.DatabaseWrapper):
    def get_connection_params(self):
        settings = self.settings_dict
        host, port = pgdev.start(settings["EMBEDDED"], fast=settings.get("FAST", False))
        settings.update(HOST=host, PORT=port, USER="postgres")
        return super().get_connection_params()
