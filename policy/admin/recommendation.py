"""Roundtables and recommendations kept; all through the actions."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from members.admin.frame import ForAdmins
from munistem.commons.admin import SearchedAdmin
from munistem.commons.enums import LifeStage
from policy.actions import keep
from policy.models import Recommendation, Roundtable


def in_languages(*fields: str) -> list[str]:
    return [f"{field}_{code}" for code in ("he", "ar", "en") for field in fields]


@admin.register(Roundtable)
class RoundtableAdmin(ForAdmins):
    list_display = ("title_he", "held_on", "is_published")
    search_fields = in_languages("title")
    prepopulated_fields = {"slug": ("title_en",)}
    fields = (
        "slug",
        "held_on",
        "is_published",
        *in_languages("title", "question", "background", "participants"),
    )

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        keep.save_roundtable(by=request.user, roundtable=obj)


class RecommendationForm(forms.ModelForm):
    life_stages = forms.MultipleChoiceField(
        choices=LifeStage.choices, required=False, widget=forms.CheckboxSelectMultiple, label=_("Life stages")
    )

    class Meta:
        model = Recommendation
        fields = ("roundtable", "number", "slug", "life_stages", "is_published")
        fields += tuple(in_languages("title", "summary", "rationale", "actions"))


@admin.register(Recommendation)
class RecommendationAdmin(SearchedAdmin, ForAdmins):
    form = RecommendationForm
    list_display = ("number", "title_he", "roundtable", "is_published")
    list_display_links = ("number", "title_he")
    list_filter = ("roundtable", "is_published")
    list_select_related = ("roundtable",)
    search_fields = in_languages("title")
    ordering = ("roundtable", "number")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        keep.save_recommendation(by=request.user, recommendation=obj)
