from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class KnowledgeConfig(AppConfig):
    name = "knowledge"
    verbose_name = _("Knowledge")

    def ready(self):
        from communities.tasks import by_the_clock
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
        tasks.built_by(export.build_export)
        tasks.imported_by(carry.read_import, carry.fill_import)
        tasks.looked_at_by(cards.look_at_link)
        by_the_clock(export.delete_old_exports, carry.delete_old_imports, adaptation.ask_how_it_went)
        by_the_clock(validity.ask_authors)
        by_the_clock(cards.sweep_cards, duplicates.keep_prints, intake.drop_old_intakes)
        tasks.told_by(news.tell_followers)
        tasks.by_night(news.tell_fresh_news, find_all)
        by_the_clock(find_lately)
