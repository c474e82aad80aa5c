"""Who is leaving: to look at; opened again under People, done by the clock."""

from django.contrib import admin

from members.admin.frame import ToRead
from members.models import Departure


@admin.register(Departure)
class DepartureAdmin(ToRead):
    list_display = ("person", "signature", "asked_at", "due_at", "returned_at", "ended_at")
    list_select_related = ("person",)
    search_fields = ("person__name", "person__email")
    ordering = ("-asked_at", "-pk")
    fields = list_display
