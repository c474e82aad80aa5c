"""A reviewer's answer, and why an item leaves the library."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from knowledge.enums import Question, Verdict
from munistem.commons.text.forms import NameField, ProseField

LONGEST_COMMENT = 500
#: Fields on which a reviewer may remark; the remark stands beside the field when the author mends it.
REMARKED: dict[str, Any] = {
    "title": _("Title"),
    "summary": _("In short"),
    "body": pgettext_lazy("knowledge item", "Text"),
    "files": _("Files"),
    "links": _("Links"),
    "life_stages": _("Life stages"),
    "subjects": _("Subjects"),
    "tags": _("Tags"),
    "licence": _("How others may use it"),
    "contact": _("Whom to ask"),
}


class ReviewForm(forms.Form):
    """A reviewer's answer: six questions, remarks on fields, and what the author is told.

    To publish, all six are answered and none with no; to return, the author is told why.
    """

    #: It fills in what is left open.
    all_well = forms.BooleanField(label=_("Yes to all six"), required=False)
    reason = ProseField(
        label=_("Remarks to the author"),
        max_length=2_000,
        rows=5,
        required=False,
        help_text=_("What is missing, and how it gets in. The author reads it as you write it."),
    )
    #: The page asks; programs that send no more than a decision are not asked.
    asks = forms.CharField(required=False, max_length=10, initial="questions", widget=forms.HiddenInput)
    seen = forms.CharField(required=False, max_length=30, widget=forms.HiddenInput)

    def __init__(self, *args: Any, returns: bool = False, **options: Any):
        super().__init__(*args, **options)
        self.returns = returns
        for code, question in Question.choices:
            self.fields[f"ask_{code}"] = forms.ChoiceField(
                label=question, choices=Verdict.choices, required=False, widget=forms.RadioSelect
            )
            self.fields[f"say_{code}"] = NameField(
                label=_("What is missing?"), max_length=LONGEST_COMMENT, required=False
            )
        for name, label in REMARKED.items():
            self.fields[f"on_{name}"] = ProseField(
                label=label, max_length=LONGEST_COMMENT, rows=2, required=False
            )

    def questions(self) -> list[tuple[Any, Any]]:
        """Each question with the place for a comment."""
        return [(self[f"ask_{code}"], self[f"say_{code}"]) for code in Question.values]

    def remarks(self) -> list[Any]:
        return [self[f"on_{name}"] for name in REMARKED]

    @property
    def has_remarks(self) -> bool:
        """Whether a remark on a field was written, or is wrong."""
        return any(field.errors or field.value() for field in self.remarks())

    def noted(self) -> dict[str, Any]:
        """What the review keeps."""
        data = self.cleaned_data
        return {
            "answers": {
                code: [data[f"ask_{code}"], data[f"say_{code}"]]
                for code in Question.values
                if data.get(f"ask_{code}")
            },
            "remarks": {name: data[f"on_{name}"] for name in REMARKED if data.get(f"on_{name}")},
        }

    def clean_reason(self):
        reason = self.cleaned_data["reason"]
        if self.returns and not reason:
            raise ValidationError(
                _("Write what the author should change; nothing is returned without a reason.")
            )
        return reason

    def clean(self):
        data = super().clean()
        for code in Question.values:
            if data.get("all_well") and not data.get(f"ask_{code}") and f"ask_{code}" not in self.errors:
                data[f"ask_{code}"] = Verdict.YES
            if not self.returns and data.get("asks"):
                self._ask_before_publishing(f"ask_{code}", data.get(f"ask_{code}"))
        return data

    def _ask_before_publishing(self, name: str, verdict: str | None) -> None:
        if name in self.errors:
            return
        if not verdict:
            self.add_error(name, _("Answer this before you publish it."))
        elif verdict == Verdict.NO:
            self.add_error(
                name, _("With a no it cannot be published; return it to its author with a remark.")
            )


class WithdrawForm(forms.Form):
    """Why an item leaves the library."""

    reason = ProseField(
        label=_("Reason"),
        max_length=500,
        rows=3,
        help_text=_("The author reads it. The item can be put back at any time."),
    )
