from django.apps import AppConfig
from django.urls import register_converter
from django.utils.translation import gettext_lazy as _


class CommonsConfig(AppConfig):
    name = "munistem.commons"
    label = "commons"
    verbose_name = _("Vocabulary and mail")

    def ready(self):
        from munistem.commons.search import checks  # noqa: F401 – registers them
        from munistem.commons.text.converters import IdConverter, UnicodeSlugConverter

        register_converter(IdConverter, "id")
        register_converter(UnicodeSlugConverter, "name")
