"""Bringing many items in: the table and its files, one row to mend, and the last yes."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from communities.models import Community
from knowledge.actions.bulk.table import HEADS, WORDS, details, head_of, words_of
from knowledge.enums import Privacy
from knowledge.forms.fields import NonceField
from knowledge.forms.start import offered_communities, offered_organisations
from knowledge.models import BulkRow
from knowledge.rules import is_reviewer
from members.models import Organisation
from munistem.commons.enums import Language, Visibility
from munistem.commons.files.forms import OneFileField
from munistem.commons.files.models import FileKind
from munistem.commons.search.analyser import normalised
from munistem.commons.tables.forms import TableField

TALL = {"summary": 3, "body": 8, "links": 3, "files": 2}
CHOSEN = ("kind", "language", "licence", "visibility")


class ReplaceForm(forms.Form):
    """Another table in place of the first."""

    table = TableField(
        label=gettext_lazy("The table"),
        help_text=gettext_lazy(
            "Excel (XLSX) or CSV in UTF-8, up to 1,000 rows; the first row holds the headings."
        ),
    )
    archive = OneFileField(
        label=gettext_lazy("Their files, in one ZIP"),
        kinds={FileKind.ARCHIVE},
        required=False,
        help_text=gettext_lazy("The column “Files” names them, with a semicolon between several."),
    )


class ImportForm(ReplaceForm):
    """A table, its files, and what holds where a row says nothing."""

    organisation = forms.ModelChoiceField(
        Organisation.objects.none(),
        label=gettext_lazy("In the name of"),
        required=False,
        to_field_name="slug",
        empty_label=gettext_lazy("No organisation"),
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Language, where a row says none"), choices=Language.choices
    )
    visibility = forms.ChoiceField(
        label=gettext_lazy("Who may read it, where a row says nothing"), choices=Visibility.choices
    )
    community = forms.ModelChoiceField(
        Community.objects.none(),
        label=gettext_lazy("Community, where a row names none"),
        required=False,
        to_field_name="slug",
        empty_label=gettext_lazy("None"),
    )
    nonce = NonceField()

    def __init__(self, *args: Any, user: Any, **options: Any):
        organisations = offered_organisations(user, None)
        acting_for = getattr(user, "acting_for", None)
        start = {
            "language": user.language,
            "visibility": Visibility.NETWORK,
            "organisation": getattr(acting_for, "slug", ""),
        }
        super().__init__(*args, initial=start, **options)
        self._offer("organisation", organisations)
        self._offer("community", offered_communities(user, None))
        self._may_be_nobodys = is_reviewer(user)

    def _offer(self, name: str, rows: Any) -> None:
        if rows is None or not rows.exists():
            del self.fields[name]
        else:
            self.fields[name].queryset = rows  # type: ignore[attr-defined]

    def clean_organisation(self):
        chosen = self.cleaned_data["organisation"]
        if chosen is None and not self._may_be_nobodys:
            return self.fields["organisation"].queryset.first()  # type: ignore[attr-defined]
        return chosen

    def clean(self):
        data = super().clean()
        if data.get("visibility") == Visibility.COMMUNITY and not data.get("community"):
            place = "community" if "community" in self.fields else "visibility"
            self.add_error(place, _("Choose the community whose members may read it."))
        return data

    def told(self) -> dict[str, Any]:
        """What the deed keeps beside the files."""
        data = self.cleaned_data
        names = ("organisation", "language", "visibility", "community")
        return {name: data.get(name) for name in names} | {"nonce": data["nonce"]}


class RowForm(forms.Form):
    """One row of the table, a field for each column; what a cell means is judged by the deed."""

    def __init__(self, *args: Any, row: BulkRow, **options: Any):
        start = {column: self._shown(column, words) for column, words in row.told.items()}
        super().__init__(*args, initial=start, **options)
        wrong = {problem["column"] for problem in row.problems}
        further = [column for column in details() if column in row.told or column in wrong]
        columns = [*HEADS, *further]
        for column in sorted(columns, key=lambda column: column not in wrong):
            self.fields[column] = self._field(column)
        self.wrong = [column for column in columns if column in wrong]

    @staticmethod
    def _shown(column: str, words: str) -> str:
        return words_of(column).get(normalised(words), "") if column in CHOSEN else words

    def to_mend(self) -> list[Any]:
        """The fields of which something was said, to begin with."""
        return [self[column] for column in self.fields if column in self.wrong]

    def others(self) -> list[Any]:
        """All else that the row says."""
        return [self[column] for column in self.fields if column not in self.wrong]

    @staticmethod
    def _field(column: str) -> forms.Field:
        label = head_of(column)
        if column in CHOSEN:
            empty = _("Choose") if column == "kind" else _("As chosen for the whole table")
            return forms.ChoiceField(
                label=label, required=False, choices=[("", empty), *WORDS[column].choices]
            )
        hint = ""
        if column in WORDS:
            hint = _("With commas between: %(words)s") % {"words": ", ".join(map(str, WORDS[column].labels))}
        rows = TALL.get(column, 0 if column in HEADS else 3)
        attributes = {"dir": "auto"} | ({"rows": rows} if rows else {})
        widget = forms.Textarea(attrs=attributes) if rows else forms.TextInput(attrs=attributes)
        is_needed = column == "title"
        return forms.CharField(
            label=label, required=is_needed, max_length=60_000, widget=widget, help_text=hint
        )

    def show_problems(self, problems: list[dict[str, Any]]) -> None:
        """Put what is wrong beside its field."""
        for problem in problems:
            if problem["weight"] == "error":
                self.add_error(
                    problem["column"] if problem["column"] in self.fields else None, problem["said"]
                )


class ConfirmForm(forms.Form):
    """Whether the items are kept as drafts or sent for review."""

    target = forms.ChoiceField(
        label=gettext_lazy("What becomes of them?"),
        choices=[
            ("draft", gettext_lazy("Drafts: I look at each before it is sent")),
            (
                "submitted",
                gettext_lazy("Sent for review: a knowledge manager reads each before it is published"),
            ),
        ],
        initial="draft",
        widget=forms.RadioSelect,
    )
    privacy = forms.ChoiceField(
        label=gettext_lazy("Does any of them show personal details or faces of children?"),
        choices=Privacy.choices,
        required=False,
        widget=forms.RadioSelect,
        help_text=gettext_lazy("Needed when they are sent for review."),
    )

    def clean(self):
        data = super().clean()
        if data.get("target") == "submitted" and not data.get("privacy") and not self.has_error("privacy"):
            self.add_error(
                "privacy", _("Say whether any of them shows personal details or faces of children.")
            )
        return data
