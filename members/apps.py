from operator import attrgetter

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MembersConfig(AppConfig):
    name = "members"
    verbose_name = _("Members")

    def ready(self):
        from members import emails
        from members.actions.application import forget_old_drafts, remind_admins
        from members.actions.team_request import forget_unconfirmed
        from members.tasks import DO_DUE
        from munistem.commons.files.resumable.rules import trust_with_files

        emails.declare()
        trust_with_files(attrgetter("is_in_network"))
        DO_DUE.register(remind_admins, forget_old_drafts, forget_unconfirmed)
