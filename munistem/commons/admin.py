from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.views.main import ORDER_VAR
from django.db.models import Q, QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from django.utils.translation import gettext_lazy as _

from munistem.commons import audit
from munistem.commons.audit.actions import SIGHT, csv_lines
from munistem.commons.audit.models import AuditEvent
from munistem.commons.files.models import ScanState, StoredFile
from munistem.commons.mail import tasks
from munistem.commons.mail.actions import send_again
from munistem.commons.mail.models import Bounce, IncomingMail, IncomingState, OutgoingMail
from munistem.commons.search.finding import in_order

MOST_FOUND = 500


class ReadOnlyAdmin(admin.ModelAdmin):
    """Rows to look at and search; deeds happen in the portal."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class SearchedAdmin(admin.ModelAdmin):
    """Rows are found as the search box of the portal finds them, the best first; then by the fields named besides."""

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        by_fields, _may_repeat = super().get_search_results(request, queryset, search_term)
        if not search_term.strip():
            return by_fields, False
        keys = list(queryset.order_by().matching(search_term).values_list("pk", flat=True)[:MOST_FOUND])
        either = queryset.filter(Q(pk__in=keys) | Q(pk__in=by_fields.order_by().values("pk")))
        if request.GET.get(ORDER_VAR):
            return either, False
        return either.order_by(in_order(keys).asc(nulls_last=True), "-pk"), False


class WhatItTells(admin.SimpleListFilter):
    title = _("What it tells")
    parameter_name = "tells"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [("seen", _("Who looked")), ("done", _("Who did something"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() == "seen":
            return queryset.filter(deed__startswith=SIGHT)
        return queryset.exclude(deed__startswith=SIGHT) if self.value() == "done" else queryset


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    """Who did and who saw what, and when; taken along as a table, which is written down as well."""

    list_display = ["moment", "who", "what", "subject", "label"]
    list_filter = [WhatItTells, ("happened_at", admin.DateFieldListFilter)]
    list_select_related = ["actor"]
    search_fields = ["actor__email", "actor__name", "=subject", "deed"]
    fields = readonly_fields = ["happened_at", "actor", "deed", "subject", "label", "details"]
    actions = ["take_along"]
    ordering = ["-happened_at", "-pk"]
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).defer("actor__search_vector")

    @admin.display(description=_("When"), ordering="happened_at")
    def moment(self, event: AuditEvent) -> Any:
        return event.happened_at

    @admin.display(description=_("Who"))
    def who(self, event: AuditEvent) -> str:
        return str(event.actor or "–")

    @admin.display(description=_("What was done"), ordering="deed")
    def what(self, event: AuditEvent) -> str:
        return event.deed

    @admin.action(description=_("Take along as a table (CSV)"), permissions=["view"])
    def take_along(self, request: HttpRequest, queryset: QuerySet) -> StreamingHttpResponse:
        audit.saw(AuditEvent, by=request.user, taken_along=queryset.count())
        response = StreamingHttpResponse(csv_lines(queryset), content_type="text/csv; charset=utf-8")
        response.headers["Content-Disposition"] = 'attachment; filename="audit.csv"'
        return response


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


@admin.register(StoredFile)
class WithheldFileAdmin(ReadOnlyAdmin):
    """Files that are withheld because a virus was found; of all others the staff learn nothing here."""

    list_display = ["name", "found", "uploaded_by", "uploaded_at", "scanned_at"]
    search_fields = ["name", "found", "sha256"]
    fields = readonly_fields = [
        *("name", "found", "kind", "size", "sha256", "uploaded_by", "uploaded_at", "scanned_at")
    ]
    list_select_related = ["uploaded_by"]
    ordering = ["-scanned_at"]
    show_full_result_count = False

    def get_queryset(self, request):
        return super().get_queryset(request).filter(scan=ScanState.FOUND).defer("text")


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


class AuthenticatorAdmin(ReadOnlyAdmin):
    """Second factors: which there are, and taking one away from who has lost it. What proves them is shown to nobody."""

    list_display = ("user", "type", "created_at", "last_used_at")
    list_filter = ("type",)
    list_select_related = ("user",)
    search_fields = ("user__email",)
    fields = ("user", "type", "created_at", "last_used_at")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return admin.ModelAdmin.has_delete_permission(self, request, obj)
