"""What an admin fills in to decide on an application."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.models import Application, DeclineReason
from munistem.commons.text.forms import ProseField
from munistem.commons.text.languages import pick


class NothingForm(forms.Form):
    """A deed that needs no words."""


class QuestionForm(forms.Form):
    body = ProseField(
        max_length=4_000,
        label=gettext_lazy("What would you like to know?"),
        help_text=gettext_lazy("Goes to the applicant by mail, word for word."),
    )


class ApprovalForm(forms.Form):
    note = ProseField(
        required=False,
        max_length=2_000,
        rows=3,
        label=gettext_lazy("A few personal words for the letter"),
        help_text=gettext_lazy("In the applicant's language."),
    )


class RefusalForm(forms.Form):
    """A reason: one of those at hand, in the applicant's language, or own words; what goes out can still be changed."""

    preset = forms.ModelChoiceField(
        DeclineReason.objects.none(),
        required=False,
        empty_label=None,
        widget=forms.RadioSelect,
        label=gettext_lazy("Why?"),
    )
    reason = ProseField(
        required=False,
        max_length=4_000,
        label=gettext_lazy("In your own words"),
        help_text=gettext_lazy("Stands alone, or follows the reason chosen above."),
    )

    def __init__(self, *args: Any, language: str, **options: Any):
        super().__init__(*args, **options)
        self.language = language
        preset: Any = self.fields["preset"]
        preset.queryset = DeclineReason.objects.order_by("pk")
        preset.label_from_instance = lambda reason: pick(reason, "text", language)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        preset = data.get("preset")
        parts = [pick(preset, "text", self.language) if preset else "", data.get("reason", "")]
        data["reason"] = "\n\n".join(filter(None, parts))
        if not data["reason"] and not self.errors:
            self.add_error("reason", _("Choose a reason or write one: nobody is declined without."))
        return data


class MergeForm(forms.Form):
    """The application of which this one becomes a part."""

    into = forms.ModelChoiceField(
        Application.objects.none(),
        widget=forms.RadioSelect,
        empty_label=None,
        label=gettext_lazy("Join it to which application?"),
        error_messages={"required": gettext_lazy("Choose the application that stays.")},
    )

    def __init__(self, *args: Any, candidates: Any, **options: Any):
        super().__init__(*args, **options)
        into: Any = self.fields["into"]
        into.queryset = candidates
        into.label_from_instance = lambda row: f"{row.name} · {row.contact_name} · {row.email}"
