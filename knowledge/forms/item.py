"""What an item says, as its authors fill it in."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from communities.models import Community
from knowledge.actions.words import LONGEST_SUMMARY, LONGEST_TITLE
from knowledge.enums import ItemKind, Licence
from knowledge.forms.fields import LinksField, NonceField, TagsField, TermsField
from knowledge.forms.start import beginning, offered_communities, offered_organisations, stated
from knowledge.models import Item, Revision, RevisionFile
from knowledge.rules import is_reviewer
from members.models import LocalAuthority, Organisation
from munistem.commons.enums import Language, LifeStage, Setting, Visibility
from munistem.commons.files.forms import FilesField
from munistem.commons.terms.models import Term, TermKind
from munistem.commons.text.forms import NameField, ProseField, RichTextField

ESSENTIALS = (
    "title",
    "summary",
    "kind",
    "body",
    "dropped",
    "files",
    "language",
    "visibility",
    "community",
    "organisation",
)
FURTHER = (
    "life_stages",
    "settings",
    "subjects",
    "populations",
    "tags",
    "authority",
    "links",
    "contact",
    "licence",
    "valid_until",
)


class ItemForm(forms.Form):
    """What an item says. Sent for review it must be complete; a draft needs no more than a title."""

    title = NameField(label=_("Title"), max_length=LONGEST_TITLE, min_length=3)
    summary = ProseField(
        label=_("In short"),
        max_length=LONGEST_SUMMARY,
        rows=3,
        error_messages={
            "required": _("Say in short what it is; this is what people see before they open it.")
        },
        help_text=_(
            "Two or three sentences: what it is, for whom, what came of it. Lists and search show them."
        ),
    )
    kind = forms.ChoiceField(label=_("What is it?"), choices=ItemKind.choices, widget=forms.RadioSelect)
    body = RichTextField(
        label=pgettext_lazy("knowledge item", "Text"),
        required=False,
        help_text=_("What a colleague needs to do it too. It may be short when a file says it all."),
    )
    dropped = forms.ModelMultipleChoiceField(
        RevisionFile.objects.none(),
        label=_("Files to take away"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    files = FilesField(label=_("Files"), required=False)
    language = forms.ChoiceField(
        label=_("Language it is written in"), choices=Language.choices, widget=forms.RadioSelect
    )
    visibility = forms.ChoiceField(
        label=_("Who may read it?"), choices=Visibility.choices, widget=forms.RadioSelect
    )
    community = forms.ModelChoiceField(
        Community.objects.none(),
        label=_("Community"),
        required=False,
        to_field_name="slug",
        empty_label=_("None"),
        help_text=_("It stands in the library of this community too."),
    )
    organisation = forms.ModelChoiceField(
        Organisation.objects.none(),
        label=_("In the name of"),
        required=False,
        to_field_name="slug",
        empty_label=_("No organisation"),
    )
    life_stages = forms.MultipleChoiceField(
        label=_("Life stages"), choices=LifeStage.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    settings = forms.MultipleChoiceField(
        label=_("Settings"), choices=Setting.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    subjects = TermsField(label=_("Subjects"))
    populations = TermsField(label=pgettext_lazy("knowledge item", "For whom"))
    tags = TagsField(
        label=_("More tags"),
        max_length=500,
        required=False,
        help_text=_("Words of your own, with commas between."),
    )
    authority = forms.ModelChoiceField(
        LocalAuthority.objects.none(),
        label=_("Municipality it tells of"),
        required=False,
        empty_label=_("None in particular"),
    )
    links = LinksField(
        label=_("Links"),
        max_length=5_000,
        rows=3,
        required=False,
        help_text=_("One address a line, for instance of a video; after a space you may write its title."),
    )
    contact = NameField(
        label=_("Whom to ask"), max_length=200, required=False, help_text=_("Name, and e-mail or phone.")
    )
    licence = forms.ChoiceField(label=_("How others may use it"), choices=Licence.choices, required=False)
    valid_until = forms.DateField(
        label=_("Valid until"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("After this day readers are told that it may be outdated."),
    )
    change_note = NameField(
        label=_("What changed?"),
        max_length=200,
        required=False,
        help_text=_("One line for the reviewer and for those who come back."),
    )
    nonce = NonceField()
    seen = forms.CharField(required=False, max_length=30, widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        user: Any,
        item: Item | None = None,
        revision: Revision | None = None,
        submits: bool = False,
        proposed: dict[str, Any] | None = None,
        **options: Any,
    ):
        """revision: from which the item is changed, else a new one is written; submits: it goes to review.

        proposed: what a new one begins with, beside what is usual.
        """
        start = {**beginning(user), **(proposed or {})} if revision is None else stated(revision)
        super().__init__(*args, initial=start, **options)
        self.submits, self.user, self.revision = submits, user, revision
        self.fields["summary"].required = submits or not self.is_bound  # a draft may do without
        words = list(Term.objects.curated().in_order())
        self._offer(
            "subjects", Term.objects.subjects(), [row for row in words if row.kind == TermKind.SUBJECT]
        )
        self._offer(
            "populations",
            Term.objects.populations(),
            [row for row in words if row.kind == TermKind.POPULATION],
        )
        self._offer("authority", LocalAuthority.objects.by_name().defer("search_vector", "search_title"))
        self._offer("community", offered_communities(user, revision))
        self._offer("organisation", offered_organisations(user, item))
        held = RevisionFile.objects.filter(revision=revision).select_related("file").defer("file__text")
        self._offer("dropped", held.order_by("position", "pk") if revision else None)
        if item is None or item.published_id is None:
            del self.fields["change_note"]
        else:
            del self.fields["organisation"]
        self._may_be_nobodys = is_reviewer(user) or not any(row.is_manager for row in user.mandates)

    def _offer(self, name: str, choices: Any, rows: list[Any] | None = None) -> None:
        """Give a field its choices, read once, or take it away when there is nothing to choose."""
        rows = list(choices if choices is not None else ()) if rows is None else rows
        if not rows and name != "authority":
            del self.fields[name]
            return
        field: Any = self.fields[name]
        field.queryset = choices
        empty = [] if field.empty_label is None else [("", field.empty_label)]
        field.choices = empty + [(field.prepare_value(row), field.label_from_instance(row)) for row in rows]

    def essentials(self) -> list[Any]:
        return [
            self[name] for name in (*ESSENTIALS[:1], "change_note", *ESSENTIALS[1:]) if name in self.fields
        ]

    def further(self) -> list[Any]:
        return [self[name] for name in FURTHER if name in self.fields]

    @property
    def has_further(self) -> bool:
        """Whether the folded part holds something that the person should see: an error or a choice made before."""
        if self.revision is None and not self.is_bound:
            return False
        return any(field.errors or field.value() for field in self.further() if field.name != "licence")

    @property
    def lost_files(self) -> bool:
        """Whether files came along that a browser will not send again by itself."""
        return bool(self.files)

    def clean_licence(self):
        return self.cleaned_data["licence"] or Licence.CC_BY

    def clean_organisation(self):
        chosen = self.cleaned_data["organisation"]
        if chosen is None and not self._may_be_nobodys:
            return self.fields["organisation"].queryset.first()  # type: ignore[attr-defined]
        return chosen

    def clean_valid_until(self):
        day = self.cleaned_data["valid_until"]
        if day and day < timezone.localdate():
            raise ValidationError(_("This day is over. Choose a later one, or leave it empty."))
        return day

    def clean(self):
        data = super().clean()
        if data.get("visibility") == Visibility.COMMUNITY and not data.get("community"):
            place = "community" if "community" in self.fields else "visibility"
            self.add_error(place, _("Choose the community whose members may read it."))
        if self.submits:
            self._ask_for_completeness(data)
        return data

    def _ask_for_completeness(self, data: dict[str, Any]) -> None:
        kept = 0
        if self.revision:
            kept = self.revision.files.exclude(pk__in=[held.pk for held in data.get("dropped", ())]).count()
        wrong = any(self.has_error(name) for name in ("body", "files", "links"))
        if not wrong and not (data.get("body") or data.get("files") or data.get("links") or kept):
            self.add_error(
                "body", _("Write a text, or add a file or a link, so that there is something to read.")
            )

    def content(self) -> dict[str, Any]:
        """What the actions keep in a revision."""
        data = self.cleaned_data
        plain = ("title", "summary", "kind", "body", "language", "visibility", "life_stages", "settings")
        told = {
            name: data[name]
            for name in (*plain, "tags", "authority", "links", "contact", "licence", "valid_until")
        }
        terms = [*data.get("subjects", ()), *data.get("populations", ())]
        note = data.get("change_note", "")
        return {**told, "community": data.get("community"), "terms": terms, "change_note": note}
