from django.apps import AppConfig


class FrontConfig(AppConfig):
    name = "munistem.front"
    label = "front"
    verbose_name = "Front"

    def ready(self):
        from django.db.backends.signals import connection_created

        from munistem.watch import slow

        connection_created.connect(slow.watch)
