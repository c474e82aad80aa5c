from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PolicyConfig(AppConfig):
    name = "policy"
    verbose_name = _("Policy")

    def ready(self):
        from communities.tasks import CLOCKWORK
        from knowledge.enums import ItemKind
        from knowledge.models.citation import cited_in
        from knowledge.views.beside import shown_beside
        from members.actions.role import when_role_passes
        from policy import emails
        from policy.actions import bymail, calls, consult, periods, vouch
        from policy.actions.handover import pass_on
        from policy.actions.importing import carry
        from policy.emails import calls as of_calls
        from policy.emails import consultation, progress, role, vouching
        from policy.emails import importing as of_imports
        from policy.models.recommendation import citing
        from policy.tasks import importing
        from policy.views.calls.pages import panel_of

        emails.declare()
        consultation.declare()
        progress.declare()
        vouching.declare()
        of_imports.declare()
        role.declare()
        of_calls.declare()
        bymail.declare_doors()
        CLOCKWORK.register(consult.close_what_is_over, consult.remind_of_what_closes)
        CLOCKWORK.register(periods.close_periods, periods.ask_for_reports, vouch.ask_whether_they_stand)
        CLOCKWORK.register(calls.remind_of_calls, carry.delete_old_imports)
        importing.READ_PROGRAMMES.register(carry.read_import)
        importing.FILL_PROGRAMMES.register(carry.fill_import)
        cited_in(citing)
        when_role_passes(pass_on)
        shown_beside(ItemKind.CALL, panel_of)
