from django.apps import AppConfig
from django.urls import register_converter
from django.utils.translation import gettext_lazy as _


class CommonsConfig(AppConfig):
    name = "munistem.commons"
    label = "commons"
    verbose_name = _("Vocabulary and mail")

    def ready(self):
        from munistem.commons.guards import codes
        from munistem.commons.mail import addresses, providers, receiving
        from munistem.commons.notices import digests
        from munistem.commons.search import checks  # noqa: F401 – registers them
        from munistem.commons.text.converters import IdConverter, UnicodeSlugConverter

        codes.take_the_place_of_allauths()
        digests.declare_door()
        providers.listen()
        addresses.register_door("bounce", addresses.Door(receiving.note_bounce, is_for_machines=True))
        register_converter(IdConverter, "id")
        register_converter(UnicodeSlugConverter, "name")
