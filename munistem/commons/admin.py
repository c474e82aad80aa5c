from django.contrib import admin

from munistem.commons.mail.models import OutgoingMail


@admin.register(OutgoingMail)
class OutgoingMailAdmin(admin.ModelAdmin):
    """What went out and what did not, and why; the letters themselves are their readers' business."""

    list_display = ["queued_at", "recipients", "subject", "state", "sent_at"]
    list_filter = ["state"]
    search_fields = ["recipients"]
    fields = readonly_fields = ["recipients", "subject", "state", "error", "queued_at", "sent_at"]
    ordering = ["-pk"]
    show_full_result_count = False

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
