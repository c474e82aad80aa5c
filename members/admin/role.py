"""Who holds the STEM roles: to look at and search; named and ended on the page of the municipality."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from members.admin.frame import ToRead
from members.models import RoleHolding


class IsHeld(admin.SimpleListFilter):
    title = _("At present")
    parameter_name = "held"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [("yes", _("Yes")), ("no", _("Ended"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        wanted = {"yes": True, "no": False}
        return queryset.filter(until_on__isnull=wanted[self.value()]) if self.value() in wanted else queryset


@admin.register(RoleHolding)
class RoleHoldingAdmin(ToRead):
    list_display = ("authority", "label", "since_on", "until_on", "reason")
    list_filter = (IsHeld, "authority__district")
    list_select_related = ("authority", "person")
    search_fields = (
        *("authority__name_he", "authority__name_en", "=authority__cbs_code"),
        *("person__name", "person__email", "name"),
    )
    ordering = ("-since_on", "-pk")

    @admin.display(description=_("Who holds it"))
    def label(self, row: RoleHolding) -> str:
        return row.label
