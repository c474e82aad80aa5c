from django.apps import AppConfig


class FrontConfig(AppConfig):
    name = "munistem.front"
    label = "front"
    verbose_name = "Front"

    def ready(self):
        from django.db.backends.signals import connection_created

        from munistem.front.actions.archive import build_archive, delete_old_archives
        from munistem.front.actions.departure import end_departures
        from munistem.front.tasks import built_by, every_night
        from munistem.watch import slow

        connection_created.connect(slow.watch)
        built_by(build_archive)
        every_night(end_departures)
        every_night(delete_old_archives)
