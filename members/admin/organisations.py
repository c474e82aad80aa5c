"""Organisations, their representatives and invitations in the admin."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from members.actions import mandate as mandates
from members.actions import membership as deeds
from members.actions import team
from members.admin.frame import ForAdmins, ToRead
from members.models import Invitation, Organisation, Representative
from munistem.commons.admin import SearchedAdmin
from munistem.commons.text.forms import NameField

BOUND = ("type", "authority", "cluster")


class IsMember(admin.SimpleListFilter):
    title = _("In the network")
    parameter_name = "member"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [("yes", _("Yes")), ("no", _("Left"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() == "yes":
            return queryset.filter(left_on__isnull=True)
        return queryset.filter(left_on__isnull=False) if self.value() == "no" else queryset


class OrganisationForm(forms.ModelForm):
    """An organisation; a municipality or cluster is bound to its row of the register from the start."""

    name_he = NameField(label=_("Name in Hebrew"), required=False)
    name_ar = NameField(label=_("Name in Arabic"), required=False)
    name_en = NameField(label=_("Name in English"), required=False)
    website = forms.URLField(label=_("Website"), required=False, assume_scheme="https")

    class Meta:
        model = Organisation
        fields = (*BOUND, "name_he", "name_ar", "name_en", "about", "website", "email_domain", "joined_on")


@admin.register(Organisation)
class OrganisationAdmin(SearchedAdmin, ForAdmins):
    form = OrganisationForm
    list_display = ("name_he", "name_en", "type", "joined_on", "left_on")
    list_filter = ("type", IsMember, "authority__district")
    search_fields = ("name_he", "name_ar", "name_en", "email_domain", "=authority__cbs_code")
    ordering = ("sort_name", "pk")
    autocomplete_fields = ("authority", "cluster")
    actions = ("end", "renew")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return (*OrganisationForm.Meta.fields, *(("left_on", "pages") if obj else ()))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return (*BOUND, "left_on", "pages") if obj else ()

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).defer("search_vector")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        deeds.save_organisation(by=request.user, organisation=obj)

    @admin.display(description=_("Pages"))
    def pages(self, organisation: Organisation) -> str:
        return format_html(
            '<a href="{0}">{0}</a> · <a href="{0}team/">{0}team/</a>', organisation.get_absolute_url()
        )

    @admin.action(description=_("Leave the network: nobody acts for them any more"))
    def end(self, request: HttpRequest, queryset: QuerySet) -> None:
        self.do(request, queryset, deeds.end_membership)

    @admin.action(description=_("Members again"))
    def renew(self, request: HttpRequest, queryset: QuerySet) -> None:
        self.do(request, queryset, deeds.renew_membership)

    def do(self, request: HttpRequest, queryset: QuerySet, deed: Callable[..., Any]) -> None:
        for organisation in queryset:
            deed(by=request.user, organisation=organisation)
        said = ngettext(
            "%(count)d organisation was changed.", "%(count)d organisations were changed.", len(queryset)
        )
        messages.success(request, said % {"count": len(queryset)})


class IsInForce(admin.SimpleListFilter):
    title = _("In force")
    parameter_name = "force"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [("yes", _("Yes")), ("no", _("Ended"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() == "yes":
            return queryset.active()
        return queryset.exclude(pk__in=Representative.objects.active()) if self.value() == "no" else queryset


@admin.register(Representative)
class RepresentativeAdmin(ForAdmins):
    """Mandates: given here when nobody can invite, ended by the actions."""

    list_display = ("person", "organisation", "role", "is_manager", "from_on", "until_on")
    list_filter = (IsInForce, "is_manager", "organisation__type")
    list_select_related = ("person", "organisation")
    search_fields = (
        "person__name",
        "person__email",
        "organisation__name_he",
        "organisation__name_en",
        "role",
    )
    ordering = ("-from_on", "-pk")
    fields = ("organisation", "person", "role", "is_manager", "from_on", "until_on", "ended_by")
    autocomplete_fields = ("organisation", "person")
    actions = ("make_managers", "end")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields if obj else self.fields[:4]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None and super().has_change_permission(request)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        data = form.cleaned_data
        made = mandates.give_mandate(by=request.user, **{name: data[name] for name in self.fields[:4]})
        obj.pk = made.pk

    @admin.action(description=_("Let them manage their teams"))
    def make_managers(self, request: HttpRequest, queryset: QuerySet) -> None:
        self.do(request, queryset, team.make_manager)

    @admin.action(description=_("End the mandates"))
    def end(self, request: HttpRequest, queryset: QuerySet) -> None:
        self.do(request, queryset, team.end_mandate)

    def do(self, request: HttpRequest, queryset: QuerySet, deed: Callable[..., Any]) -> None:
        done = 0
        for mandate in queryset.select_related("organisation", "person"):
            try:
                deed(by=request.user, mandate=mandate)
                done += 1
            except team.LastManager:
                messages.error(
                    request, _("%(mandate)s: nobody else manages the team.") % {"mandate": mandate}
                )
            except team.TooLate:
                messages.error(request, _("%(mandate)s: not possible any more.") % {"mandate": mandate})
        if done:
            said = ngettext("%(count)d mandate was changed.", "%(count)d mandates were changed.", done)
            messages.success(request, said % {"count": done})


@admin.register(Invitation)
class InvitationAdmin(ToRead):
    list_display = (
        "email",
        "organisation",
        "invited_by",
        "invited_at",
        "expires_at",
        "accepted_at",
        "revoked_at",
    )
    list_filter = ("is_manager", "language")
    list_select_related = ("organisation", "invited_by")
    search_fields = ("email", "name", "organisation__name_he", "organisation__name_en")
    ordering = ("-invited_at", "-pk")
    exclude = ("key",)
