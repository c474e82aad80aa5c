"""Communities, memberships and topics in the admin: opened and changed through actions, topics only read."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from communities.actions import life
from communities.actions import membership as deeds
from communities.models import Community, Membership, Topic
from members.models import User
from munistem.commons.admin import ReadOnlyAdmin, SearchedAdmin
from munistem.commons.terms.models import Term


class CommunityAdminForm(forms.ModelForm):
    """A community; its first facilitators are named when it is opened."""

    terms = forms.ModelMultipleChoiceField(Term.objects.none(), label=_("Subjects"), required=False)
    facilitators = forms.ModelMultipleChoiceField(
        User.objects.none(),
        label=_("Facilitators"),
        required=False,
        help_text=_("They become members at once."),
    )

    class Meta:
        model = Community
        fields = ("name", "slug", "purpose", "access", "moderation", "language", "is_default")
        labels = {
            "name": _("Name"),
            "slug": _("Part of the address"),
            "purpose": _("Purpose"),
            "access": _("Way in"),
            "moderation": _("When what members write appears"),
            "language": _("Language"),
            "is_default": _("First representatives join it"),
        }
        help_texts = {"is_default": _("Whoever is first to act for a new organisation.")}

    def __init__(self, *args: Any, **options: Any):
        super().__init__(*args, **options)
        self.fields["terms"].queryset = Term.objects.subjects().in_order()  # type: ignore[attr-defined]
        self.fields["slug"].required = self.fields["moderation"].required = False
        self.fields["slug"].help_text = _("Part of the address; made of the name when empty.")
        if self.instance.pk:
            self.fields["terms"].initial = list(self.instance.topics_of_interest.all())
            self.fields["slug"].disabled = True
            del self.fields["facilitators"]
        else:
            people = User.objects.in_directory().by_name()
            self.fields["facilitators"].queryset = people  # type: ignore[attr-defined]

    def clean_moderation(self) -> str:
        return self.cleaned_data["moderation"] or self.instance.moderation


class MembershipInline(admin.TabularInline):
    """Who is in the community; changed on the community's people page."""

    model = Membership
    fk_name = "community"
    fields = ("person", "state", "is_facilitator", "since")
    readonly_fields = fields
    extra = 0
    can_delete = False
    show_change_link = False

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        rows = (
            super().get_queryset(request).select_related("person").order_by("-is_facilitator", "person__name")
        )
        return rows.filter(is_facilitator=True)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Community)
class CommunityAdmin(SearchedAdmin):
    form = CommunityAdminForm
    list_display = ("name", "access", "language", "member_count", "topic_count", "is_default", "archived_at")
    list_filter = ("access", "language", "is_default")
    search_fields = ("name", "purpose")
    ordering = ("name", "pk")
    readonly_fields = ("member_count", "topic_count", "created_at", "archived_at")
    inlines = (MembershipInline,)
    actions = ("archive", "reopen")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fields = ["name", "slug", "purpose", "access", "moderation", "language", "is_default", "terms"]
        if obj is None:
            return [(None, {"fields": [*fields, "facilitators"]})]
        return [(None, {"fields": fields}), (_("Figures"), {"fields": self.readonly_fields})]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        data = form.cleaned_data
        names = ("name", "purpose", "access", "moderation", "language", "is_default")
        fields = {name: data[name] for name in names}
        if change:
            deeds.edit_community(by=request.user, community=obj, terms=data["terms"], **fields)
            return
        made = deeds.create_community(
            by=request.user,
            slug=data["slug"],
            terms=data["terms"],
            facilitators=data["facilitators"],
            **fields,
        )
        obj.pk = made.pk

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.action(description=_("Close down: to be read, no longer written in"))
    def archive(self, request: HttpRequest, queryset: QuerySet) -> None:
        for community in queryset:
            try:
                life.archive_community(by=request.user, community=community)
            except life.MeetingsAhead:
                said = _("Call off the planned meetings of %(name)s first.") % {"name": community.name}
                messages.error(request, said)
            else:
                self.tell(request, 1)

    @admin.action(description=_("Take up again"))
    def reopen(self, request: HttpRequest, queryset: QuerySet) -> None:
        for community in queryset:
            life.reopen_community(by=request.user, community=community)
        self.tell(request, len(queryset))

    def tell(self, request: HttpRequest, count: int) -> None:
        said = ngettext("%(count)d community was changed.", "%(count)d communities were changed.", count)
        messages.success(request, said % {"count": count})


@admin.register(Membership)
class MembershipAdmin(ReadOnlyAdmin):
    list_display = ("person", "community", "state", "is_facilitator", "since")
    list_filter = ("state", "is_facilitator", "community")
    list_select_related = ("person", "community")
    search_fields = ("person__name", "person__email", "community__name")
    ordering = ("-changed_at", "-pk")


@admin.register(Topic)
class TopicAdmin(SearchedAdmin, ReadOnlyAdmin):
    list_display = (
        "title",
        "community",
        "kind",
        "author",
        "post_count",
        "last_post_at",
        "locked_at",
        "hidden_at",
    )
    list_filter = ("kind", "language", "community")
    list_select_related = ("community", "author")
    search_fields = ("title",)
    ordering = ("-last_post_at", "-pk")
    fields = (
        *(
            "page",
            "community",
            "kind",
            "title",
            "language",
            "author",
            "created_at",
            "last_post_at",
            "post_count",
        ),
        *("is_pinned", "locked_at", "locked_by", "hidden_at", "hidden_by", "hidden_reason"),
    )
    readonly_fields = fields

    @admin.display(description=_("Page"))
    def page(self, topic: Topic) -> str:
        return format_html('<a href="{0}">{0}</a>', topic.get_absolute_url())
