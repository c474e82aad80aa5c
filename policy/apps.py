from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PolicyConfig(AppConfig):
    name = "policy"
    verbose_name = _("Policy")

    def ready(self):
        from communities.tasks import by_the_clock
        from knowledge.models.citation import cited_in
        from policy import emails
        from policy.actions import consult
        from policy.emails import consultation
        from policy.models.recommendation import citing

        emails.declare()
        consultation.declare()
        by_the_clock(consult.close_what_is_over, consult.remind_of_what_closes)
        cited_in(citing)
