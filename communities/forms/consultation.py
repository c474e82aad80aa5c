"""Peer consultations: the case, what colleagues write, whom to ask personally."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from communities.enums import Part
from communities.forms.topic import LONGEST_TITLE, NonceField, version
from communities.models import Attachment, Consultation, Post
from munistem.commons.files.forms import FilesField
from munistem.commons.text.forms import NameField, ProseField, RichTextField

LONGEST_PART = 5_000


class CaseForm(forms.Form):
    """A case to be thought about together."""

    question = NameField(
        label=_("Your question"),
        max_length=LONGEST_TITLE,
        min_length=3,
        help_text=_("One line, as you would ask a colleague over coffee."),
        error_messages={"min_length": _("Say a little more, so that others know what it is about.")},
    )
    context = ProseField(
        label=_("What is the case?"),
        max_length=LONGEST_PART,
        rows=6,
        help_text=_("What happens, who takes part, what makes it hard. No names of pupils or parents."),
    )
    tried = ProseField(label=_("What was tried?"), max_length=LONGEST_PART, rows=3, required=False)
    would_help = ProseField(
        label=_("What would help?"),
        max_length=LONGEST_PART,
        rows=3,
        required=False,
        help_text=_("An idea, an example, a contact, a document."),
    )
    files = FilesField(label=_("Files"), required=False)
    nonce = NonceField()


class EditCaseForm(CaseForm):
    """The case told otherwise."""

    dropped = forms.ModelMultipleChoiceField(
        Attachment.objects.none(),
        label=_("Files to take away"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, consultation: Consultation, opening: Post, **options: Any):
        names = ("context", "tried", "would_help")
        start = {name: getattr(consultation, name) for name in names}
        start |= {"question": consultation.topic.title, "seen": version(opening)}
        super().__init__(*args, initial=start, **options)
        attachments = (
            Attachment.objects.filter(post=opening).select_related("file").order_by("position", "pk")
        )
        self.fields["dropped"].queryset = attachments  # type: ignore[attr-defined]
        if not attachments:
            del self.fields["dropped"]
        del self.fields["nonce"]


#: Part → what the field is called, and the words on its button.
WORDS = {
    Part.QUESTION: (_("Your question"), _("Ask")),
    Part.ADVICE: (_("Your advice"), _("Give advice")),
    Part.TAKEAWAY: (_("What do you take, and what will you try?"), _("Tell what I take")),
    Part.OUTCOME: (_("What did you try, and what came of it?"), _("Tell what came of it")),
}
CHOICES = {
    Part.QUESTION: _("A question, to understand it better"),
    Part.ADVICE: _("Advice"),
    Part.TAKEAWAY: _("What I take and will try"),
    Part.OUTCOME: _("What came of it"),
}
LEADERS = {Part.ADVICE: _("A few words in between")}


class PartField(forms.ChoiceField):
    """Under which heading; a form that waited while the consultation went on is judged by the deed."""

    widget = forms.RadioSelect

    def clean(self, value: Any) -> str:
        return str(value) if value in Part.values else ""


class ContributionForm(forms.Form):
    """What is written in a consultation; with ``answers`` an answer to one of its questions."""

    part = PartField(label=_("What is it?"))
    answers = forms.ModelChoiceField(Post.objects.none(), required=False, widget=forms.HiddenInput)
    body = RichTextField(label=_("Your answer"))
    files = FilesField(label=_("Files"), required=False)
    nonce = NonceField()

    def __init__(self, *args: Any, parts: list[Part], questions: Any, leads: bool, **options: Any):
        """parts: that the reader may write now, the usual one first; questions: posts that may be answered."""
        super().__init__(*args, **options)
        field: Any = self.fields["part"]
        field.choices = [
            (part.value, LEADERS.get(part, CHOICES[part]) if leads else CHOICES[part]) for part in parts
        ]
        field.initial = parts[0].value
        self.fields["answers"].queryset = questions  # type: ignore[attr-defined]
        answered = self["answers"].value()
        self.answered = (
            questions.filter(pk=answered).select_related("author").first() if is_key(answered) else None
        )
        if self.answered or len(parts) == 1:
            field.widget = forms.HiddenInput()
        self.button = _("Answer") if self.answered else WORDS[parts[0]][1]
        if self.answered:
            field.initial = Part.QUESTION.value
            field.choices = [(Part.QUESTION.value, CHOICES[Part.QUESTION])]
        elif leads and parts[0] in (Part.QUESTION, Part.ADVICE):
            self.fields["body"].label, self.button = _("A few more words from you"), _("Add it")
        elif len(parts) == 1:
            self.fields["body"].label = WORDS[parts[0]][0]
        else:
            self.fields["body"].label = _("Your text")


def is_key(value: Any) -> bool:
    text = str(value or "")
    return text.isascii() and text.isdigit() and len(text) < 18


class AskPeersForm(forms.Form):
    """Whom to ask, and a few words to them."""

    people = forms.TypedMultipleChoiceField(
        label=_("Whom would you ask?"),
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": _("Choose at least one colleague."),
            "invalid_choice": _("Somebody you chose was asked by others meanwhile. Choose anew."),
        },
    )
    line = NameField(
        label=_("A few personal words"),
        max_length=300,
        required=False,
        help_text=_("They stand in the letter, in your name. Everybody you chose gets the same ones."),
    )

    def __init__(self, *args: Any, peers: list[Any], most: int, **options: Any):
        super().__init__(*args, **options)
        self.most = most
        self.fields["people"].choices = [(peer.pk, peer.name) for peer in peers]  # type: ignore[attr-defined]

    def clean_people(self) -> list[int]:
        people = self.cleaned_data["people"]
        if len(people) > self.most:
            raise forms.ValidationError(
                _("Choose at most %(most)d; a few who are asked personally answer better than many."),
                params={"most": self.most},
            )
        return people
