"""Programmes to look at and search in the admin; one that was entered by mistake is removed here."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from members.admin.frame import ToRead
from members.rules import is_admin
from policy.actions.programme import remove_programme
from policy.models import Programme


@admin.register(Programme)
class ProgrammeAdmin(ToRead):
    list_display = ("name", "authority", "status", "since", "until", "visibility")
    list_filter = ("status", "visibility", "language")
    list_select_related = ("authority",)
    search_fields = ("name", "provider", "authority__name_he", "authority__name_ar", "authority__name_en")
    ordering = ("authority", "name")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_admin(request.user)

    def delete_model(self, request: HttpRequest, obj: Programme) -> None:
        remove_programme(by=request.user, programme=obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet) -> None:
        for programme in queryset:
            remove_programme(by=request.user, programme=programme)
