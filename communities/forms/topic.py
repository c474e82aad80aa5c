"""Topics and posts."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from django import forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from communities import rules
from communities.enums import TopicKind
from communities.models import Attachment, Community, HeldFile, HeldPost, Post
from munistem.commons.files.forms import FilesField
from munistem.commons.reports.models import Why
from munistem.commons.text.forms import NameField, ProseField, RichTextField

LONGEST_TITLE = 150


class NonceField(forms.UUIDField):
    """Tells one filled-in form from another, so that sending it twice counts once; odd values get a new one."""

    widget = forms.HiddenInput

    def __init__(self):
        super().__init__(required=False, initial=uuid4)

    def clean(self, value):
        try:
            return super().clean(value) or uuid4()
        except forms.ValidationError:
            return uuid4()


class TopicForm(forms.Form):
    """A new topic."""

    kind = forms.ChoiceField(label=_("What is it?"), choices=TopicKind.choices, widget=forms.RadioSelect)
    title = NameField(
        label=_("Title"),
        max_length=LONGEST_TITLE,
        min_length=3,
        help_text=_("One line that tells a busy colleague what it is about."),
        error_messages={"min_length": _("Say a little more, so that others know what it is about.")},
    )
    body = RichTextField(
        label=_("What would you like to tell or ask?"),
        help_text=_("Write @ and the name of a member to call them."),
    )
    files = FilesField(label=_("Files"), required=False)
    nonce = NonceField()

    def __init__(self, *args: Any, community: Community, user: Any, **options: Any):
        super().__init__(*args, **options)
        kinds = [
            kind
            for kind in TopicKind
            if kind != TopicKind.CONSULTATION
            and (kind != TopicKind.ANNOUNCEMENT or rules.can_announce(user, community))
        ]
        self.fields["kind"].choices = [(kind.value, kind.label) for kind in kinds]  # type: ignore[attr-defined]
        self.fields["kind"].initial = TopicKind.QUESTION
        similar = reverse("find_similar_topics", args=[community.slug])
        self.fields["title"].widget.attrs["data-similar"] = f"{similar}?q="


class ReplyForm(forms.Form):
    """An answer in a topic."""

    is_alike = True  # for every reader, before anything is written

    body = RichTextField(label=_("Your answer"))
    files = FilesField(label=_("Files"), required=False)
    nonce = NonceField()


class RewriteForm(forms.Form):
    """A text that stands already, written anew: its words, which files go and which come."""

    title = NameField(label=_("Title"), max_length=LONGEST_TITLE, min_length=3)
    body = RichTextField(label=_("Text"))
    dropped = forms.ModelMultipleChoiceField(
        Attachment.objects.none(),
        label=_("Files to take away"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    files = FilesField(label=_("More files"), required=False)
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, attached: QuerySet, has_title: bool, **options: Any):
        super().__init__(*args, **options)
        attached = attached.select_related("file").order_by("position", "pk")
        self.fields["dropped"].queryset = attached  # type: ignore[attr-defined]
        if not attached:
            del self.fields["dropped"]
        if not has_title:
            del self.fields["title"]


class EditForm(RewriteForm):
    """A post changed by its author or a facilitator; the title belongs to the opening."""

    def __init__(self, *args: Any, post: Post, **options: Any):
        start = {"title": post.topic.title, "body": post.body, "seen": version(post)}
        attached = Attachment.objects.filter(post=post)
        super().__init__(*args, initial=start, attached=attached, has_title=post.is_opening, **options)


def version(post: Post) -> str:
    """Which state of a post a form was made from."""
    return post.edited_at.isoformat() if post.edited_at else ""


class MendForm(RewriteForm):
    """A text changed by its author before a facilitator has released it."""

    def __init__(self, *args: Any, held: HeldPost, **options: Any):
        start = {"title": held.title, "body": held.body, "seen": held.changed_at.isoformat()}
        attached = HeldFile.objects.filter(held=held)
        super().__init__(*args, initial=start, attached=attached, has_title=bool(held.title), **options)

    def clean_seen(self) -> datetime:
        return moment_of(self.cleaned_data["seen"])


def moment_of(text: str) -> datetime:
    """The state of a thing that a form was made from; a moment that never was when it cannot be read."""
    try:
        return parse_datetime(text) or timezone.now()
    except ValueError:
        return timezone.now()


class ReportForm(forms.Form):
    """Why the facilitators should look at a post."""

    why = forms.ChoiceField(label=_("What is wrong?"), choices=Why.choices, widget=forms.RadioSelect)
    note = ProseField(label=_("Anything to add"), max_length=1_000, rows=3, required=False)
