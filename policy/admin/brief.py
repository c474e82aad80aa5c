"""Signed briefs to look at and search in the admin; they are signed on the page of the municipality."""

from django.contrib import admin

from members.admin.frame import ToRead
from policy.models import BriefSignOff


@admin.register(BriefSignOff)
class BriefSignOffAdmin(ToRead):
    list_display = ("authority", "year", "edition", "signed_by", "signed_at")
    list_filter = ("year",)
    list_select_related = ("authority", "signed_by")
    search_fields = ("authority__name_he", "authority__name_ar", "authority__name_en", "=authority__cbs_code")
    ordering = ("-signed_at", "-pk")
