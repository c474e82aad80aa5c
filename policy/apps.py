from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PolicyConfig(AppConfig):
    name = "policy"
    verbose_name = _("Policy")

    def ready(self):
        from knowledge.models.citation import cited_in
        from policy import emails
        from policy.models.recommendation import citing

        emails.declare()
        cited_in(citing)
