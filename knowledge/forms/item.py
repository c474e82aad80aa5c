"""What an item says, as its authors fill it in."""

from collections.abc import Collection
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from communities.models import Community
from knowledge.actions.words import LONGEST_SUMMARY, LONGEST_TITLE
from knowledge.enums import Audience, ItemKind, Licence, Privacy
from knowledge.forms.fields import LinksField, NonceField, TagsField, TermsField
from knowledge.forms.kinds import (
    DayField,
    KindFields,
    chosen_details,
    fields_of_kinds,
    labelled,
    missing_details,
    place_of,
)
from knowledge.forms.start import (
    beginning,
    offered_communities,
    offered_organisations,
    stated,
    unknown_place,
)
from knowledge.models import Item, Revision, RevisionFile
from knowledge.models.details import DETAILS
from knowledge.rules import is_reviewer
from members.enums import District
from members.models import LocalAuthority, Organisation
from munistem.commons.enums import Language, LifeStage, Setting, Visibility
from munistem.commons.files.forms import FilesField
from munistem.commons.terms.models import Term, TermKind
from munistem.commons.text.forms import NameField, ProseField, RichTextField

#: Before the fields of the chosen kind, after them, and what is folded away at the end.
FIRST = ("title", "change_note", "summary", "kind")
THEN = ("body", "dropped", "files", "language", "visibility", "community", "organisation", "privacy")
FURTHER = (
    *(
        "life_stages",
        "settings",
        "subjects",
        "populations",
        "audience",
        "tags",
        "authority",
        "region",
        "year",
    ),
    *("links", "contact", "licence", "valid_until"),
)
FIRST_YEAR = 1990


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
    region = forms.ChoiceField(
        label=_("Region"),
        choices=[("", _("None in particular")), *District.choices],
        required=False,
        help_text=_("When it tells of more than one municipality."),
    )
    year = forms.IntegerField(
        label=_("Year it tells of"),
        required=False,
        min_value=FIRST_YEAR,
        help_text=_("When it was done; the library can be narrowed down by it."),
    )
    audience = forms.MultipleChoiceField(
        label=_("Who is to use it"),
        choices=Audience.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    privacy = forms.ChoiceField(
        label=_("Does it show personal details or faces of children?"),
        choices=Privacy.choices,
        required=False,
        widget=forms.RadioSelect,
        help_text=_(
            "Look through text, pictures and files once more. It is asked before it is sent for review."
        ),
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
    valid_until = DayField(
        label=_("Valid until"),
        required=False,
        help_text=_(
            "We ask you a month before. Left empty: a call until its deadline, tools and material of meetings"
            " two years, all others three."
        ),
    )
    change_note = NameField(
        label=_("What changed?"),
        max_length=200,
        required=False,
        help_text=_("One line for the reviewer and for those who come back."),
    )
    nonce = NonceField()
    #: The page asks about people; programs that send no more than the fields of the contract leave it to the reviewer.
    asks = forms.CharField(required=False, max_length=10, initial="people", widget=forms.HiddenInput)
    seen = forms.CharField(required=False, max_length=30, widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        user: Any,
        item: Item | None = None,
        revision: Revision | None = None,
        submits: bool = False,
        proposed: dict[str, Any] | None = None,
        languages: Collection[str] = Language.values,
        **options: Any,
    ):
        """revision: from which the item is changed, else a new one is written; submits: it goes to review.

        proposed: what a new one begins with, beside what is usual; languages: in which it may be written, those of its
        other editions left out.
        """
        start = {**beginning(user), **(proposed or {})} if revision is None else stated(revision)
        self.proposals, self.carried = frozenset(proposed or ()), 0
        self.near: list[Any] = []  # what looks like it and is shown before it is saved
        self.near_seen = ""  # keys of those that were shown
        super().__init__(*args, initial=start, **options)
        self.submits, self.user, self.revision = submits, user, revision
        self.fields.update(fields_of_kinds())
        if not self.is_bound:
            self._show_what_is_needed()
        self._speak(languages)
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
        self._stays_in = unknown_place(user, revision)
        if self._stays_in:
            self.initial["community"] = ""
        self._offer("organisation", offered_organisations(user, item))
        held = RevisionFile.objects.filter(revision=revision).select_related("file").defer("file__text")
        self._offer("dropped", held.order_by("position", "pk") if revision else None)
        if item is None or item.published_id is None:
            del self.fields["change_note"]
        else:
            self.fields.pop("organisation", None)  # who acts for nobody has none to choose
        self._may_be_nobodys = is_reviewer(user) or not any(row.is_manager for row in user.mandates)

    def _show_what_is_needed(self) -> None:
        """What must be answered before review is not called optional; drafts may do without, so nothing checks it here."""
        for name in (
            "privacy",
            *(place_of(kind, row) for kind, rows in DETAILS.items() for row in rows if row.is_needed),
        ):
            self.fields[name].required = True

    def _speak(self, languages: Collection[str]) -> None:
        """Offer these languages; the only one is not asked for."""
        field: Any = self.fields["language"]
        field.choices = [choice for choice in Language.choices if choice[0] in languages]
        if len(field.choices) == 1:
            field.widget, field.initial = forms.HiddenInput(), field.choices[0][0]
            self.initial["language"] = field.initial

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

    def first(self) -> list[Any]:
        return self._shown(FIRST)

    def kinds(self) -> list[KindFields]:
        """For each kind with fields of its own, those; the page shows the ones of the chosen kind."""
        return [
            KindFields(kind, labelled(kind), [self[place_of(kind, row)] for row in rows])
            for kind, rows in DETAILS.items()
        ]

    def then(self) -> list[Any]:
        return self._shown(THEN)

    def _shown(self, names: tuple[str, ...]) -> list[Any]:
        return [self[name] for name in names if name in self.fields and not self[name].is_hidden]

    def further(self) -> list[Any]:
        return self._shown(FURTHER)

    @property
    def has_further(self) -> bool:
        """Whether the folded part holds something that the person should see: an error or a choice made before."""
        if self.revision is None and not self.is_bound:
            return any(name in self.proposals for name in FURTHER)
        shown = [field for field in self.further() if field.name != "licence"]
        if self.revision is None:  # what the form proposed by itself is no choice
            return any(field.errors or field.name in self.changed_data for field in shown)
        return any(field.errors or field.value() or hasattr(field, "remark") for field in shown)

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

    def clean_year(self):
        year = self.cleaned_data["year"]
        if year and year > timezone.localdate().year + 1:
            raise ValidationError(_("This year is still far away. Which year does it tell of?"))
        return year

    def clean_valid_until(self):
        day = self.cleaned_data["valid_until"]
        if day and day < timezone.localdate():
            raise ValidationError(_("This day is over. Choose a later one, or leave it empty."))
        return day

    def clean(self):
        data = super().clean()
        if self._stays_in and not data.get("community"):
            data["community"] = self._stays_in
        if data.get("visibility") == Visibility.COMMUNITY and not data.get("community"):
            place = "community" if "community" in self.fields else "visibility"
            self.add_error(place, _("Choose the community whose members may read it."))
        kind = data.get("kind", "")
        if self.submits:
            self._ask_for_completeness(data)
            for place, told in missing_details(kind, data, self.errors).items():
                self.add_error(place, told)
        self._forgive_other_kinds(kind)
        self._show_what_is_needed()
        return data

    def _forgive_other_kinds(self, kind: str) -> None:
        """What stands in the fields of kinds that were not chosen is not kept, so it cannot be wrong."""
        for other, rows in DETAILS.items():
            for place in (place_of(other, row) for row in rows if other != kind):
                self.errors.pop(place, None)

    def _ask_for_completeness(self, data: dict[str, Any]) -> None:
        kept = self.carried
        if self.revision:
            kept = self.revision.files.exclude(pk__in=[held.pk for held in data.get("dropped", ())]).count()
        wrong = any(self.has_error(name) for name in ("body", "files", "links"))
        said = chosen_details(data.get("kind", ""), data)
        if data.get("asks") and not data.get("privacy") and not self.has_error("privacy"):
            self.add_error(
                "privacy", _("Look through it and answer, then send it; until then keep it as a draft.")
            )
        if not wrong and not (data.get("body") or data.get("files") or data.get("links") or kept or said):
            self.add_error(
                "body", _("Write a text, or add a file or a link, so that there is something to read.")
            )

    def content(self) -> dict[str, Any]:
        """What the actions keep in a revision."""
        data = self.cleaned_data
        names = ("title", "summary", "kind", "body", "language", "visibility", "privacy", *FURTHER)
        told = {name: data[name] for name in names if name not in ("subjects", "populations")}
        told["details"] = chosen_details(data["kind"], data)
        terms = [*data.get("subjects", ()), *data.get("populations", ())]
        note = data.get("change_note", "")
        return {**told, "community": data.get("community"), "terms": terms, "change_note": note}
