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
        from communities.tasks import by_the_clock
        from members.actions.participation import when_participation_changes
        from munistem.commons.files.tasks import when_ready

        emails.declare()
        bymail.declare_doors()
        by_the_clock(reminders.send_due_reminders, reminders.fill_free_seats)
        by_the_clock(series.invite_in_time)
        by_the_clock(minutes.approve_due_minutes, minutes.remind_of_tasks)
        by_the_clock(invitation_terms.keep_invitations, introduction.mail_waiting_introductions)
        by_the_clock(consultation.ask_for_outcomes)
        when_ready(index_topic_of)
        when_participation_changes(recount_communities_of)
        when_participation_changes(invitation.welcome_invited)
