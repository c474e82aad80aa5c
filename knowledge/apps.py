from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class KnowledgeConfig(AppConfig):
    name = "knowledge"
    verbose_name = _("Knowledge")

    def ready(self):
        from knowledge import emails
        from knowledge.actions.keep import index_items_of
        from munistem.commons.files.tasks import when_ready

        emails.declare()
        when_ready(index_items_of)
