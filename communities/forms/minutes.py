"""At the meeting and after it: attendance, notes, decisions, tasks; minutes and remarks."""

from collections.abc import Iterable
from typing import Any
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from communities.actions.gathering import notes_version
from communities.forms.agenda import PersonField, members_of
from communities.forms.topic import NonceField
from communities.models import AgendaItem, Invitee, Meeting, Minutes, Paragraph
from munistem.commons.files.forms import FilesField
from munistem.commons.text.forms import NameField, ProseField

LONGEST_LINE = 300
LONGEST_NOTES = 20_000


class GatheringForm(forms.Form):
    """All that can be written on the page of a meeting under way: every button sends all of it, so that nothing is lost."""

    newcomer = PersonField(label=_("Somebody else came"), empty_label=_("Choose a member"))
    decision = NameField(label=pgettext_lazy("line", "Decision"), max_length=LONGEST_LINE, required=False)
    decision_nonce = NonceField()
    task = NameField(label=pgettext_lazy("line", "Task"), max_length=LONGEST_LINE, required=False)
    owner = PersonField(label=_("Who takes it on?"), empty_label=_("Choose a member"))
    due_on = forms.DateField(
        label=_("Until when?"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    task_nonce = NonceField()
    point = NameField(label=_("Something else came up"), max_length=LONGEST_LINE, required=False)

    def __init__(
        self,
        *args: Any,
        meeting: Meeting,
        items: Iterable[AgendaItem],
        rows: Iterable[Invitee],
        **options: Any,
    ):
        super().__init__(*args, **options)
        self.rows = list(rows)
        members = members_of(meeting.community)
        self.fields["owner"].queryset = members  # type: ignore[attr-defined]
        listed = [row.person_id for row in rows]
        self.fields["newcomer"].queryset = members.exclude(pk__in=listed)  # type: ignore[attr-defined]
        for item in items:
            notes = ProseField(label=item.title, max_length=LONGEST_NOTES, rows=4, required=False)
            self.fields[f"notes-{item.pk}"] = notes
            self.initial[f"notes-{item.pk}"] = item.notes
            seen = forms.CharField(required=False, widget=forms.HiddenInput)
            self.fields[f"seen-{item.pk}"] = seen
            self.initial[f"seen-{item.pk}"] = notes_version(item.notes)
        for row in rows:
            self.fields[f"substitute-{row.pk}"] = NameField(
                label=_("Who came instead?"), max_length=100, required=False
            )
            self.initial[f"substitute-{row.pk}"] = row.substitute_name

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("task") and not data.get("owner") and "owner" not in self.errors:
            self.add_error("owner", _("Choose who takes it on; the task is kept below until then."))
        if data.get("owner") and not data.get("task") and "task" not in self.errors:
            self.add_error("task", _("Say what is to be done."))
        return data

    def renewed(self, *emptied: str) -> dict[str, Any]:
        """What was typed, without the pieces that are kept by now; their copies may be sent no more."""
        data = self.data.copy()
        for name in emptied:
            data[name] = str(uuid4()) if name.endswith("_nonce") else ""
        return data


class AddressField(forms.CharField):
    """An address of the web."""

    def __init__(self, **options: Any):
        super().__init__(
            max_length=2_000,
            required=False,
            widget=forms.URLInput(attrs={"dir": "ltr", "placeholder": "https://"}),
            **options,
        )

    def clean(self, value: Any) -> str:
        address = super().clean(value)
        if address:
            try:
                URLValidator(schemes=["http", "https"])(address)
            except ValidationError as error:
                raise ValidationError(_("Write the whole address, beginning with https://")) from error
        return address


class PapersForm(forms.Form):
    """Where the recording is, and the slides."""

    recording_url = AddressField(
        label=_("Address of the recording"), help_text=_("For instance of a video call that was recorded.")
    )
    files = FilesField(label=_("Slides and other files"), required=False)

    def __init__(self, *args: Any, minutes: Minutes | None = None, **options: Any):
        super().__init__(
            *args, initial={"recording_url": minutes.recording_url if minutes else ""}, **options
        )


class ParagraphForm(forms.Form):
    """A part of the minutes."""

    heading = NameField(label=_("Heading"), max_length=LONGEST_LINE, required=False)
    body = ProseField(label=_("Text"), max_length=LONGEST_NOTES, rows=10, required=False)
    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, paragraph: Paragraph, **options: Any):
        start = {"heading": paragraph.heading, "body": paragraph.body, "seen": paragraph.version}
        super().__init__(*args, initial=start, **options)


class RemarkForm(forms.Form):
    """Something that should read otherwise."""

    body = ProseField(label=_("Your remark"), max_length=2_000, rows=4)
    nonce = NonceField()


class RemarkAnswerForm(forms.Form):
    """A remark is taken in, or it is said why not."""

    is_taken_in = forms.TypedChoiceField(
        label=_("What becomes of it?"),
        choices=[("yes", _("Taken in: I changed the paragraph")), ("no", _("It stays as it is"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    answer = ProseField(label=_("A few words to the author"), max_length=2_000, rows=3, required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("is_taken_in") is False and not data.get("answer") and "answer" not in self.errors:
            self.add_error("answer", _("Say why it stays as it is; the author reads it."))
        return data
