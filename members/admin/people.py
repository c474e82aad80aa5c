"""People in the admin: found, corrected, given rights, their accounts closed and opened."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from members.actions import person as deeds
from members.admin.frame import ForAdmins
from members.models import Representative, User
from munistem.commons.admin import SearchedAdmin
from munistem.commons.text.forms import NameField

RIGHTS = ("is_staff", "is_knowledge_manager")


class PersonForm(forms.ModelForm):
    """What an admin may correct."""

    name = NameField(label=_("Name"), max_length=80)
    role_title = NameField(label=_("Role"), max_length=120, required=False)

    class Meta:
        model = User
        fields = ("name", "role_title", "language", *RIGHTS)


class MandateInline(admin.TabularInline):
    """For whom the person acts and acted; changed under Representatives."""

    model = Representative
    fk_name = "person"
    fields = ("organisation", "role", "is_manager", "from_on", "until_on")
    readonly_fields = fields
    extra = 0
    can_delete = False

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        rows = super().get_queryset(request).select_related("organisation")
        return rows.defer("organisation__search_vector").order_by("-from_on", "-pk")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(User)
class PersonAdmin(SearchedAdmin, ForAdmins):
    form = PersonForm
    list_display = ("name", "email", "role_title", "is_active", *RIGHTS, "joined_at")
    list_filter = ("is_active", *RIGHTS, "language")
    search_fields = ("name", "email", "role_title")
    ordering = ("name", "pk")
    fields = (
        "name",
        "role_title",
        "language",
        *RIGHTS,
        "page",
        "email",
        "phone",
        "is_active",
        "joined_at",
        "last_login",
    )
    readonly_fields = ("page", "email", "phone", "is_active", "joined_at", "last_login")
    inlines = (MandateInline,)
    actions = ("deactivate", "reactivate", "sign_out")
    show_full_result_count = False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Rights are given by admins with all rights, to others than themselves."""
        may_give = request.user.is_superuser and (obj is None or obj.pk != request.user.pk)
        return self.readonly_fields if may_give else (*RIGHTS, *self.readonly_fields)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).defer("search_vector")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # people come by application, invitation or sign-up

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        data = form.cleaned_data
        told = {field: data[field] for field in ("name", "role_title", "language")}
        deeds.edit_profile(by=request.user, person=obj, **told)
        if RIGHTS[0] not in data:
            return
        try:
            deeds.give_rights(
                by=request.user,
                person=obj,
                is_admin=data["is_staff"],
                is_knowledge_manager=data["is_knowledge_manager"],
            )
        except deeds.LastAdmin:
            messages.error(request, _("This is the only network admin; the rights stay as they were."))

    @admin.display(description=_("Page"))
    def page(self, person: User) -> str:
        return format_html('<a href="{0}">{0}</a>', person.get_absolute_url())

    @admin.action(description=_("Close the accounts: no sign-in, no sessions"))
    def deactivate(self, request: HttpRequest, queryset: QuerySet) -> None:
        others = queryset.exclude(pk=request.user.pk)
        self.do(request, others, lambda person: deeds.deactivate_person(by=request.user, person=person))

    @admin.action(description=_("Open the accounts again"))
    def reactivate(self, request: HttpRequest, queryset: QuerySet) -> None:
        known = queryset.exclude(email__endswith="@left.invalid")
        self.do(request, known, lambda person: deeds.reactivate_person(by=request.user, person=person))

    @admin.action(description=_("Sign out everywhere"))
    def sign_out(self, request: HttpRequest, queryset: QuerySet) -> None:
        self.do(request, queryset, lambda person: deeds.sign_out(by=request.user, person=person))

    def do(self, request: HttpRequest, people: QuerySet, deed: Callable[[User], Any]) -> None:
        for person in people:
            deed(person)
        said = ngettext("%(count)d person was changed.", "%(count)d people were changed.", len(people))
        messages.success(request, said % {"count": len(people)})
