"""What a collection is called and for whom it is; and the word on an item in it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from communities.models import Community
from knowledge.forms.fields import NonceField
from knowledge.forms.start import unknown_place
from knowledge.models import Collection
from knowledge.rules import is_reviewer
from munistem.commons.enums import Language, Visibility
from munistem.commons.text.forms import NameField, ProseField

LONGEST_NOTE = 500


class CollectionForm(forms.Form):
    """Its title, a few words, and who may see it."""

    title = NameField(label=_("Title"), max_length=120, min_length=3)
    text = ProseField(
        label=_("What it is for"),
        max_length=1_000,
        rows=3,
        required=False,
        help_text=_("Whom it helps, and with what: “Before you open a robotics centre”."),
    )
    language = forms.ChoiceField(
        label=_("Language it is written in"), choices=Language, widget=forms.RadioSelect
    )
    visibility = forms.ChoiceField(
        label=_("Who may see it"),
        choices=Visibility,
        widget=forms.RadioSelect,
        help_text=_("Items that a reader may not see are not shown to them here either."),
    )
    community = forms.ModelChoiceField(
        Community.objects.none(),
        label=_("Community"),
        required=False,
        to_field_name="slug",
        empty_label=_("None"),
        help_text=_("It stands in the library of this community too, and its facilitators keep it with you."),
    )
    nonce = NonceField()
    seen = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def __init__(self, *args: Any, user: Any, collection: Collection | None = None, **options: Any):
        start: dict[str, Any] = {"language": user.language, "visibility": Visibility.NETWORK}
        if collection:
            start = {name: getattr(collection, name) for name in ("title", "text", "language", "visibility")}
            start |= {
                "community": getattr(collection.community, "slug", ""),
                "seen": collection.marker,
            }
        super().__init__(*args, initial=start, label_suffix="", **options)
        field: Any = self.fields["community"]
        field.queryset = communities_for(user, collection)
        self._stays_in = unknown_place(user, collection)
        if self._stays_in:
            self.initial["community"] = ""

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self._stays_in and not data.get("community"):
            data["community"] = self._stays_in
        if data.get("visibility") == Visibility.COMMUNITY and not data.get("community"):
            self.add_error("community", _("Choose the community whose members may see it."))
        return data

    def content(self) -> dict[str, Any]:
        names = ("title", "text", "language", "visibility", "community")
        return {name: self.cleaned_data[name] for name in names}


def communities_for(user: Any, collection: Collection | None) -> Any:
    """Those one facilitates; for reviewers all that they may know of; and that in which it stands."""
    if is_reviewer(user):
        return Community.objects.visible_to(user).by_name()
    rows = Community.objects.facilitated_by(user)
    if collection and collection.community_id:
        rows = rows | Community.objects.joined_by(user).filter(pk=collection.community_id)
    return rows.distinct().order_by("name")


class EntryForm(forms.Form):
    """Why an item stands in a collection."""

    note = ProseField(label=_("Why it stands here"), max_length=LONGEST_NOTE, rows=2, required=False)

    def __init__(self, *args: Any, **options: Any):
        super().__init__(*args, label_suffix="", **options)


class CollectForm(EntryForm):
    """Into which collection an item goes, and why."""

    collection = forms.ModelChoiceField(
        Collection.objects.none(),
        label=_("Into which collection?"),
        to_field_name="slug",
        empty_label=None,
        widget=forms.RadioSelect,
    )
    field_order = ("collection", "note")

    def __init__(self, *args: Any, collections: Any, **options: Any):
        super().__init__(*args, **options)
        field: Any = self.fields["collection"]
        field.queryset = collections
