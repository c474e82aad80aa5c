"""The library for staff: items and revisions to look at, the vocabulary to keep; all changes through the actions."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.core.exceptions import ValidationError
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from knowledge.actions import tags as deeds
from knowledge.models import Collection, Item, Revision
from knowledge.rules import can_curate_tags
from munistem.commons.admin import ReadOnlyAdmin, SearchedAdmin
from munistem.commons.search.analyser import normalised
from munistem.commons.terms.models import Term

NAMES = ("name_he", "name_ar", "name_en")


class LibraryAdmin(ReadOnlyAdmin):
    """Rows of the library to look at and search, for who keeps its tags in order."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return can_curate_tags(request.user)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return can_curate_tags(request.user)

    @admin.display(description=_("Page"))
    def page(self, thing: Any) -> str:
        return format_html('<a href="{}">{}</a>', thing.get_absolute_url(), _("Open it in the portal"))


class RevisionInline(admin.TabularInline):
    """What the item said and says."""

    model = Revision
    fields = ("number", "title", "state", "created_by", "submitted_at", "decided_by", "decided_at")
    readonly_fields = fields
    ordering = ("-number",)
    extra = 0
    can_delete = False
    show_change_link = True

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("item", "created_by", "decided_by")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return can_curate_tags(request.user)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Item)
class ItemAdmin(SearchedAdmin, LibraryAdmin):
    list_display = ("__str__", "organisation", "visibility", "created_by", "published_at", "withdrawn_at")
    list_filter = ("visibility", ("published", admin.EmptyFieldListFilter), "community")
    list_select_related = ("published", "organisation", "created_by")
    search_fields = ("slug", "revisions__title", "created_by__name", "organisation__name_he")
    ordering = ("-created_at", "-pk")
    fields = (
        *("page", "slug", "organisation", "visibility", "community", "created_by", "created_at"),
        *(
            "edition_of",
            "language",
            "published",
            "published_at",
            "valid_until",
            "withdrawn_at",
            "withdrawn_by",
            "withdrawn_reason",
        ),
    )
    readonly_fields = fields
    inlines = (RevisionInline,)


@admin.register(Revision)
class RevisionAdmin(LibraryAdmin):
    list_display = (
        "title",
        "number",
        "state",
        "kind",
        "language",
        "created_by",
        "submitted_at",
        "decided_at",
    )
    list_filter = ("state", "kind", "language")
    list_select_related = ("item", "created_by")
    search_fields = ("title", "summary", "created_by__name")
    ordering = ("-changed_at", "-pk")
    fields = (
        *("page", "item", "number", "version", "state", "title", "summary", "body", "kind", "language"),
        *("visibility", "community", "life_stages", "settings", "words", "authority", "region", "year"),
        *("audience", "details", "privacy", "licence", "contact", "valid_until"),
        *("change_note", "created_by", "created_at", "changed_at", "submitted_at"),
        *("decided_at", "decided_by", "reason"),
    )
    readonly_fields = fields

    @admin.display(description=_("Tags"))
    def words(self, revision: Revision) -> str:
        return ", ".join(term.label for term in revision.tags.all())


@admin.register(Collection)
class CollectionAdmin(SearchedAdmin, LibraryAdmin):
    list_display = ("title", "visibility", "community", "created_by", "changed_at", "closed_at")
    list_filter = ("visibility", ("closed_at", admin.EmptyFieldListFilter))
    list_select_related = ("community", "created_by")
    search_fields = ("slug", "created_by__name")
    ordering = ("-changed_at", "-pk")
    fields = (
        *("page", "slug", "title", "text", "language", "visibility", "community", "created_by"),
        *("created_at", "changed_at", "closed_at", "closed_by"),
    )
    readonly_fields = fields


class TermForm(forms.ModelForm):
    """A word in three languages, with other words that mean the same."""

    synonyms = forms.CharField(
        label=_("Synonyms"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
        help_text=_("One a line, in any language. Search and tags count them as this word."),
    )

    class Meta:
        model = Term
        fields = ("name", "slug", "kind", "is_curated", *NAMES, "synonyms", "position")
        labels = {
            "name": _("As people typed it"),
            "slug": _("In addresses"),
            "kind": _("What does it tell?"),
            "is_curated": _("A word of the vocabulary"),
            "name_he": _("In Hebrew"),
            "name_ar": _("In Arabic"),
            "name_en": _("In English"),
            "position": _("Place in the list"),
        }
        widgets = dict.fromkeys(NAMES, forms.TextInput(attrs={"class": "vTextField", "dir": "auto"}))

    def __init__(self, *args: Any, **options: Any):
        super().__init__(*args, **options)
        self.initial["synonyms"] = "\n".join(self.instance.synonyms)
        self.fields["slug"].required = False

    def clean_synonyms(self) -> list[str]:
        words = [" ".join(line.split()) for line in self.cleaned_data["synonyms"].splitlines()]
        return list({normalised(word): word for word in words if normalised(word)}.values())

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("is_curated") and not all(data.get(name) for name in NAMES):
            raise ValidationError(_("A word of the vocabulary needs its name in all three languages."))
        return data


class JoinActionForm(ActionForm):
    """Which word takes the chosen tags in."""

    into = forms.ModelChoiceField(
        Term.objects.none(), label=_("into"), required=False, empty_label=_("choose a word")
    )

    def __init__(self, *args: Any, **options: Any):
        super().__init__(*args, **options)
        self.fields["into"].queryset = Term.objects.curated().in_order()  # type: ignore[attr-defined]


@admin.register(Term)
class TermAdmin(LibraryAdmin):
    """The vocabulary, and free tags that wait for a place in it."""

    form = TermForm
    action_form = JoinActionForm
    actions = ("join_chosen",)
    list_display = ("name", "kind", "is_curated", *NAMES, "use_count")
    list_filter = ("is_curated", "kind")
    search_fields = ("name", *NAMES, "synonyms")
    ordering = ("is_curated", "kind", "position", "name")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return can_curate_tags(request.user)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return can_curate_tags(request.user)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        rows = super().get_queryset(request)
        return rows.annotate(use_count=Count("revision_terms__content_object__item", distinct=True))

    @admin.display(description=_("Items"), ordering="use_count")
    def use_count(self, term: Any) -> int:
        return term.use_count

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        deeds.save_term(by=request.user, term=obj)

    @admin.action(description=_("Join the chosen tags"))
    def join_chosen(self, request: HttpRequest, queryset: QuerySet) -> None:
        into = Term.objects.curated().filter(pk=request.POST.get("into") or None).first()
        if into is None:
            messages.error(request, _("Choose the word into which they go."))
            return
        count = 0
        for tag in queryset.filter(is_curated=False):
            try:
                deeds.join_tag(by=request.user, tag=tag, into=into)
                count += 1
            except deeds.Settled:
                continue
        said = ngettext("%(count)d tag was joined.", "%(count)d tags were joined.", count)
        messages.success(request, said % {"count": count})
