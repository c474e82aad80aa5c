from django.apps import AppConfig


class FrontConfig(AppConfig):
    name = "munistem.front"
    label = "front"
    verbose_name = "Front"

    def ready(self):
        from allauth.account.signals import authentication_step_completed
        from django.db.backends.signals import connection_created

        from munistem.front.actions.archive import build_archive
        from munistem.front.actions.retention import keep_rules
        from munistem.front.adapters import renew_session
        from munistem.front.tasks import BUILD_ARCHIVE, KEEP_RULES
        from munistem.watch import slow

        connection_created.connect(slow.watch)
        authentication_step_completed.connect(renew_session)
        BUILD_ARCHIVE.register(build_archive)
        KEEP_RULES.register(keep_rules)
