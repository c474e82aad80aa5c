from django.apps import AppConfig


class FrontConfig(AppConfig):
    name = "munistem.front"
    label = "front"
    verbose_name = "Front"
