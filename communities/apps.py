from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CommunitiesConfig(AppConfig):
    name = "communities"
    verbose_name = _("Communities")

    def ready(self):
        from communities import emails
        from communities.actions.departure import recount_communities_of
        from communities.actions.topic import index_topic_of
        from members.actions.participation import when_participation_changes
        from munistem.commons.files.tasks import when_ready

        emails.declare()
        when_ready(index_topic_of)
        when_participation_changes(recount_communities_of)
