from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class KnowledgeConfig(AppConfig):
    name = "knowledge"
    verbose_name = _("Knowledge")

    def ready(self):
        from communities.tasks import CLOCKWORK
        from knowledge import emails, tasks
        from knowledge.actions import adaptation, bymail, cards, duplicates, export, intake, news, validity
        from knowledge.actions.bulk import carry
        from knowledge.actions.citing import find_all, find_lately
        from knowledge.actions.keep import index_items_of
        from knowledge.emails import adaptation as of_adaptations
        from knowledge.emails import follow as of_follows
        from knowledge.emails import validity as of_validity
        from munistem.commons.files.tasks import when_ready

        emails.declare()
        bymail.declare_doors()
        of_adaptations.declare()
        of_follows.declare()
        of_validity.declare()
        when_ready(index_items_of)
        when_ready(duplicates.forget_prints_of)
        tasks.BUILD_EXPORT.register(export.build_export)
        tasks.READ_IMPORT.register(carry.read_import)
        tasks.FILL_IMPORT.register(carry.fill_import)
        tasks.LOOK_AT_LINK.register(cards.look_at_link)
        tasks.TELL_FOLLOWERS.register(news.tell_followers)
        tasks.TIDY_BY_NIGHT.register(news.tell_fresh_news, find_all)
        CLOCKWORK.register(export.delete_old_exports, carry.delete_old_imports, intake.drop_old_intakes)
        CLOCKWORK.register(adaptation.ask_how_it_went, validity.ask_authors)
        CLOCKWORK.register(cards.sweep_cards, duplicates.keep_prints, find_lately)
