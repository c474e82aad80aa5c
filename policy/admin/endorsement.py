"""Answers of municipalities confirmed or returned, reports on them; all through the actions."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from members.admin.frame import ForAdmins, ToRead
from policy.actions import decide
from policy.actions.answer import TooLate
from policy.enums import EndorsementState
from policy.models import ElectionDay, Endorsement, ProgressReport, ReportPeriod
from policy.rules import can_confirm


class DecisionForm(forms.ModelForm):
    """An admin's decision on an answer that waits."""

    decision = forms.ChoiceField(
        choices=[
            ("", _("Decide later")),
            ("confirm", _("Confirm the answer")),
            ("return", _("Return it with remarks")),
        ],
        required=False,
        label=_("Decision"),
    )
    remarks = forms.CharField(
        required=False,
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        label=_("What has to be corrected?"),
        help_text=_("Goes to the municipality by mail, word for word."),
    )

    class Meta:
        model = Endorsement
        fields: tuple[str, ...] = ()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("decision") == "return" and not data.get("remarks", "").strip():
            self.add_error("remarks", _("Write a sentence on why."))
        return data


@admin.register(Endorsement)
class EndorsementAdmin(ForAdmins):
    form = DecisionForm
    list_display = ("organisation", "recommendation", "stance", "mandate", "state", "submitted_at")
    list_filter = ("state", "stance", "mandate", "recommendation")
    list_select_related = ("organisation", "recommendation")
    search_fields = ("organisation__name_he", "organisation__name_ar", "organisation__name_en")
    ordering = ("-submitted_at", "-pk")
    actions = ("confirm_chosen",)
    told = (
        *(
            "page",
            "organisation",
            "recommendation",
            "stance",
            "mandate",
            "decided_on",
            "signed",
            "explanation",
            "responsible",
            "first_actions",
            "target_on",
        ),
        *("state", "submitted_by", "submitted_at", "answered_by", "answered_at", "reason"),
        *("ended_by", "ended_at", "ended_reason"),
    )
    readonly_fields = told

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        sets: list[tuple[Any, dict[str, Any]]] = [(None, {"fields": self.told})]
        if obj and can_confirm(request.user, obj):
            sets.insert(0, (_("Decision"), {"fields": ("decision", "remarks")}))
        return sets

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        decision = form.cleaned_data.get("decision")
        try:
            if decision == "confirm":
                decide.confirm(by=request.user, endorsement=obj)
            elif decision == "return":
                reason = form.cleaned_data["remarks"].strip()
                decide.return_with_reason(by=request.user, endorsement=obj, reason=reason)
        except TooLate:
            messages.warning(request, _("This answer was decided already."))

    @admin.display(description=_("Page"))
    def page(self, endorsement: Endorsement) -> str:
        return format_html('<a href="{0}">{0}</a>', endorsement.get_absolute_url())

    @admin.display(description=_("The signed page"))
    def signed(self, endorsement: Endorsement) -> str:
        if not endorsement.signed_page:
            return "–"
        url = f"{endorsement.get_absolute_url()}signed-page/"
        return format_html('<a href="{}">{}</a>', url, endorsement.signed_page.name)

    @admin.action(description=_("Confirm those that wait"))
    def confirm_chosen(self, request: HttpRequest, queryset: QuerySet) -> None:
        count = 0
        for endorsement in queryset.filter(state=EndorsementState.WAITING):
            try:
                decide.confirm(by=request.user, endorsement=endorsement)
                count += 1
            except TooLate:
                continue
        said = ngettext("%(count)d answer was confirmed.", "%(count)d answers were confirmed.", count)
        messages.success(request, said % {"count": count})


@admin.register(ProgressReport)
class ProgressReportAdmin(ForAdmins):
    """To look at and search; reports are written in the portal and stay as they were written."""

    list_display = ("endorsement", "status", "reported_by", "reported_at")
    list_filter = ("status",)
    list_select_related = ("endorsement__organisation", "endorsement__recommendation", "reported_by")
    search_fields = ("body", "endorsement__organisation__name_he")
    ordering = ("-reported_at", "-pk")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(ReportPeriod)
class ReportPeriodAdmin(ToRead):
    """When reports were asked for and periods closed; the clock does both."""

    list_display = ("opens_on", "asked_at", "reminded_at", "closed_at")
    ordering = ("-opens_on",)


@admin.register(ElectionDay)
class ElectionDayAdmin(ForAdmins):
    """Days of municipal elections: sixty days later every municipality is asked whether its endorsements stand."""

    list_display = ("held_on", "source", "note")
    ordering = ("-held_on",)
