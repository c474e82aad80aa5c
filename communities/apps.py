from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CommunitiesConfig(AppConfig):
    name = "communities"
    verbose_name = _("Communities")

    def ready(self):
        from communities import emails
        from communities.actions import (
            bymail,
            consultation,
            introduction,
            invitation,
            invitation_terms,
            minutes,
            reminders,
            series,
        )
        from communities.actions.departure import recount_communities_of
        from communities.actions.topic import index_topic_of
        from communities.tasks import CLOCKWORK
        from members.actions.participation import when_participation_changes
        from munistem.commons.files.tasks import when_ready

        emails.declare()
        bymail.declare_doors()
        CLOCKWORK.register(reminders.send_due_reminders, reminders.fill_free_seats, series.invite_in_time)
        CLOCKWORK.register(
            minutes.approve_due_minutes, minutes.remind_of_tasks, consultation.ask_for_outcomes
        )
        CLOCKWORK.register(invitation_terms.keep_invitations, introduction.mail_waiting_introductions)
        when_ready(index_topic_of)
        when_participation_changes(recount_communities_of)
        when_participation_changes(invitation.welcome_invited)
