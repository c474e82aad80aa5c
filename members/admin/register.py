"""The register as the files have it: only read here, brought up to date by ``load_register``."""

from django.contrib import admin

from members.admin.frame import ToRead
from members.models import AuthorityFigure, LocalAuthority, RegionalCluster
from munistem.commons.admin import SearchedAdmin


@admin.register(LocalAuthority)
class LocalAuthorityAdmin(SearchedAdmin, ToRead):
    list_display = ("name_he", "name_en", "cbs_code", "status", "district", "population", "cluster")
    list_filter = ("status", "district", "population_group", "socioeconomic_cluster", "cluster")
    list_select_related = ("cluster",)
    search_fields = ("name_he", "name_ar", "name_en", "=cbs_code")
    ordering = ("name_he",)
    exclude = ("search_vector", "search_title", "search_length", "search_edition")


@admin.register(RegionalCluster)
class RegionalClusterAdmin(ToRead):
    list_display = ("name_he", "name_en", "website")
    search_fields = ("name_he", "name_ar", "name_en")
    ordering = ("name_he",)


@admin.register(AuthorityFigure)
class AuthorityFigureAdmin(ToRead):
    list_display = ("authority", "measure", "year", "value", "whole", "source")
    list_filter = ("measure", "year", "source")
    list_select_related = ("authority",)
    search_fields = ("authority__name_he", "=authority__cbs_code")
    ordering = ("authority__name_he", "measure", "-year")
