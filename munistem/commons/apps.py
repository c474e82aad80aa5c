from django.apps import AppConfig
from django.urls import register_converter


class CommonsConfig(AppConfig):
    name = "munistem.commons"
    label = "commons"
    verbose_name = "Commons"

    def ready(self):
        from munistem.commons.search import checks  # noqa: F401 – registers them
        from munistem.commons.text.converters import IdConverter, UnicodeSlugConverter

        register_converter(IdConverter, "id")
        register_converter(UnicodeSlugConverter, "name")
