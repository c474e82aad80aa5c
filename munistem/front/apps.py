from django.apps import AppConfig


class FrontConfig(AppConfig):
    name = "munistem.front"
    label = "front"
    verbose_name = "Front"

    def ready(self):
        from django.db.backends.signals import connection_created

        from munistem.front.actions.archive import build_archive
        from munistem.front.actions.retention import keep_rules
        from munistem.front.tasks import built_by, every_night
        from munistem.watch import slow

        connection_created.connect(slow.watch)
        built_by(build_archive)
        every_night(keep_rules)
