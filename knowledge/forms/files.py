"""What an author says of each file: its title, its place, and what a picture shows to those who do not see it."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from knowledge.forms.item import ItemForm
from knowledge.models import Revision, RevisionFile
from munistem.commons.files.models import FileKind
from munistem.commons.files.reading import advice
from munistem.commons.text.forms import NameField, ProseField

LONGEST_ALT = 500


class FileForm(forms.Form):
    """One file of a revision. Before review every picture is put into words, or said to be decoration."""

    title = NameField(
        label=_("Title"),
        max_length=150,
        required=False,
        help_text=_("Shown instead of the name of the file."),
    )
    alt = ProseField(
        label=_("What does the picture show?"),
        max_length=LONGEST_ALT,
        rows=2,
        required=False,
        help_text=_(
            "One sentence for those who do not see it: who does what, and the words that stand in it."
        ),
    )
    is_decorative = forms.BooleanField(
        label=_("It is decoration only"), required=False, help_text=_("Nobody misses anything without it.")
    )
    place = forms.IntegerField(label=_("Place in the list"), min_value=1, max_value=99, required=False)

    def __init__(self, *args: Any, held: RevisionFile, submits: bool = False, **options: Any):
        start = {"title": held.title, "alt": held.alt, "is_decorative": held.is_decorative}
        super().__init__(
            *args, prefix=f"file{held.pk}", initial={**start, "place": held.position + 1}, **options
        )
        self.held, self.submits = held, submits
        if held.file.kind != FileKind.IMAGE:
            del self.fields["alt"], self.fields["is_decorative"]

    @property
    def hints(self) -> list[dict[str, str]]:
        """What keeps some people from reading the file, and what to do."""
        return [{"words": held.label, "advice": advice(held)} for held in self.held.file.told_hints]

    def clean(self):
        data = super().clean()
        is_picture = "alt" in self.fields and "alt" not in self.errors
        if self.submits and is_picture and not (data.get("alt") or data.get("is_decorative")):
            self.add_error(
                "alt", ValidationError(_("Say what the picture shows, or that it is decoration."), "silent")
            )
        return data

    def told(self) -> dict[str, Any]:
        """What is kept of it."""
        data = self.cleaned_data
        told = {"title": data["title"], "place": data.get("place") or 99}
        if "alt" in self.fields:
            is_decorative = data["is_decorative"] and not data["alt"]
            told |= {"alt": data["alt"], "is_decorative": is_decorative}
        return told


def silent_pictures(revision: Revision) -> Any:
    """Pictures of a revision of which nothing is said."""
    return revision.files.filter(file__kind=FileKind.IMAGE, alt="", is_decorative=False)


def leaves_pictures_silent(form: ItemForm) -> bool:
    """Whether a valid form brings or keeps pictures that are not put into words yet; programs are not asked."""
    data = form.cleaned_data
    if not data.get("asks"):
        return False
    if any(getattr(file, "recognised", [""])[0] == FileKind.IMAGE for file in data.get("files") or ()):
        return True
    dropped = [held.pk for held in data.get("dropped") or ()]
    return form.revision is not None and silent_pictures(form.revision).exclude(pk__in=dropped).exists()
