"""Roundtables and recommendations kept; all through the actions."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from members.admin.frame import ForAdmins
from munistem.commons.admin import SearchedAdmin
from policy.actions import keep
from policy.models import Recommendation, Roundtable


def in_languages(*fields: str) -> list[str]:
    return [f"{field}_{code}" for code in ("he", "ar", "en") for field in fields]


@admin.register(Roundtable)
class RoundtableAdmin(ForAdmins):
    list_display = ("title_he", "held_on", "is_published")
    search_fields = in_languages("title")
    prepopulated_fields = {"slug": ("title_en",)}
    autocomplete_fields = ("conveners",)
    fields = (
        "slug",
        "held_on",
        "is_published",
        "conveners",
        *in_languages("title", "question", "background", "participants"),
    )

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        keep.save_roundtable(by=request.user, roundtable=obj)


@admin.register(Recommendation)
class RecommendationAdmin(SearchedAdmin, ForAdmins):
    """Where it stands and whether it is published; it is begun and worded in the workspace of its roundtable."""

    list_display = ("number", "title_he", "roundtable", "current_version", "is_published")
    list_display_links = ("number", "title_he")
    list_filter = ("roundtable", "is_published")
    list_select_related = ("roundtable", "current_version")
    search_fields = in_languages("title")
    ordering = ("roundtable", "number")
    fields = ("page", "roundtable", "number", "slug", "is_published", "current_version")
    readonly_fields = ("page", "current_version")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        keep.save_recommendation(by=request.user, recommendation=obj)

    @admin.display(description=_("Page"))
    def page(self, recommendation: Recommendation) -> str:
        return format_html('<a href="{0}">{0}</a>', recommendation.get_absolute_url())
