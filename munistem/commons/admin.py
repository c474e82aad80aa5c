from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest

from munistem.commons.mail import tasks
from munistem.commons.mail.actions import send_again
from munistem.commons.mail.models import Bounce, IncomingMail, IncomingState, OutgoingMail


class ReadOnlyAdmin(admin.ModelAdmin):
    """Rows to look at and search; deeds happen in the portal."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(OutgoingMail)
class OutgoingMailAdmin(ReadOnlyAdmin):
    """What went out and what did not, and why; the letters themselves are their readers' business."""

    list_display = ["queued_at", "recipients", "subject", "state", "sent_at"]
    list_filter = ["state"]
    search_fields = ["recipients"]
    fields = readonly_fields = [
        *("recipients", "subject", "state", "error", "tries", "queued_at", "begun_at", "sent_at")
    ]
    actions = ["send_again"]
    ordering = ["-pk"]
    show_full_result_count = False

    @admin.action(description="Send doubtful or refused letters again", permissions=["view"])
    def send_again(self, request, queryset):
        count = sum(send_again(row.pk) for row in queryset)
        messages.success(request, f"{count} letters are on their way again.")


@admin.register(Bounce)
class BounceAdmin(admin.ModelAdmin):
    """Addresses from which mail came back; deleting a row lets notices go there again."""

    list_display = ["address", "reason", "happened_at"]
    search_fields = ["address"]
    fields = readonly_fields = ["address", "reason", "happened_at"]
    ordering = ["-happened_at"]

    def has_add_permission(self, request):
        return False


@admin.register(IncomingMail)
class IncomingMailAdmin(ReadOnlyAdmin):
    """What came in and what became of it; what people wrote is not shown."""

    list_display = ["came_at", "sender", "address", "state", "reason"]
    list_filter = ["state"]
    search_fields = ["sender", "address"]
    fields = readonly_fields = [
        "address",
        "sender",
        "state",
        "reason",
        "what",
        "tries",
        "came_at",
        "dealt_at",
    ]
    actions = ["try_again"]
    ordering = ["-pk"]
    show_full_result_count = False

    def get_queryset(self, request):
        return super().get_queryset(request).defer("message")

    @admin.action(description="Try again what failed", permissions=["view"])
    def try_again(self, request, queryset):
        keys = list(queryset.filter(state=IncomingState.FAILED).values_list("pk", flat=True))
        for key in keys:
            tasks.take_in.defer(mail=key)
        messages.success(request, f"{len(keys)} mails are tried again.")
