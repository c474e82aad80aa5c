from django.urls import path

from munistem.front.views import styleguide

urlpatterns: list = [
    path("styleguide/", styleguide.show_styleguide, name="styleguide"),
]
