from collections.abc import Iterable
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from munistem.commons.files.forms import FilesInput
from munistem.commons.notices.kinds import DEFAULTS, Family
from munistem.commons.notices.models import OF_FAMILY, OF_SCOPE, Choice
from munistem.commons.text.forms import ProseField
from munistem.commons.text.names import isolated
from policy.forms import ItemField

AS_EVERYWHERE = ("", _("As everywhere"))


class AnswerForm(forms.Form):
    """A mail that answers a letter of the trial; its files are as whatever people attach, looked at when the mail comes."""

    text = ProseField(label=_("Your answer"), max_length=100_000, rows=5, required=False)
    files = forms.Field(label=_("Files"), required=False, widget=FilesInput)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        data["files"] = data.get("files") or []
        if not data.get("text") and not data["files"]:
            self.add_error("text", _("Write something, or attach a file."))
        return data


class ChoicesForm(forms.Form):
    """How one person wants to hear of each family of events, and of each of their communities.

    communities: key of a community → the community.
    """

    def __init__(self, *args: Any, person: Any, communities: dict[str, Any], **options: Any):
        super().__init__(*args, **options)
        self.communities = communities
        rows = Choice.objects.filter(person=person).values_list("scope", "family", "rhythm")
        chosen = {(scope, family): rhythm for scope, family, rhythm in rows}
        for family in Family:
            self.fields[family.value] = forms.ChoiceField(
                label=family.label,
                choices=[(rhythm.value, rhythm.label) for rhythm in OF_FAMILY],
                initial=chosen.get(("", family.value), DEFAULTS[family]),
            )
        for key, community in communities.items():
            self.fields[f"of-{community.pk}"] = forms.ChoiceField(
                label=isolated(community.name),
                required=False,
                choices=[AS_EVERYWHERE, *((rhythm.value, rhythm.label) for rhythm in OF_SCOPE)],
                initial=chosen.get((key, ""), ""),
            )

    def family_fields(self) -> list[Any]:
        return [self[family.value] for family in Family]

    def community_fields(self) -> list[Any]:
        return [self[f"of-{community.pk}"] for community in self.communities.values()]

    def families(self) -> dict[str, str]:
        """Family → rhythm."""
        return {family.value: self.cleaned_data[family.value] for family in Family}

    def scopes(self) -> dict[str, str]:
        """Key of a community → rhythm, "" as everywhere."""
        return {key: self.cleaned_data[f"of-{row.pk}"] for key, row in self.communities.items()}


class LeaveForm(forms.Form):
    """Leaving is asked once: who goes on, and what stands under one's texts."""

    signed = forms.ChoiceField(
        label=_("What shall stand under your texts?"), widget=forms.RadioSelect, initial="nobody"
    )
    is_sure = forms.BooleanField(
        label=_("I want to leave the network."),
        error_messages={"required": _("Tick the box if you really want to leave.")},
    )

    def __init__(self, *args: Any, duties: Iterable[Any], signature: str, **options: Any):
        super().__init__(*args, **options)
        self.duties = {duty.key: duty for duty in duties if duty.candidates}
        nobody = ("nobody", _("A former member"))
        signed: Any = self.fields["signed"]
        signed.choices = [nobody, ("role", isolated(signature))] if signature else [nobody]
        for key, duty in self.duties.items():
            label = (
                _("Who manages the team of %(name)s after you?")
                if duty.is_team
                else _("Who facilitates %(name)s after you?")
            )
            self.fields[key] = forms.ChoiceField(
                label=label % {"name": isolated(duty.thing.name)},
                choices=[
                    ("", _("Choose a person")),
                    *((str(row.pk), said(row.person)) for row in duty.candidates),
                ],
                widget=forms.Select(attrs={"dir": "auto"}),  # names and roles as people wrote them
                help_text=_("They are told at once."),
                error_messages={"required": _("Choose who goes on, so that nobody is left alone.")},
            )
        self.order_fields([*self.duties, "signed", "is_sure"])

    @property
    def is_signed(self) -> bool:
        return self.cleaned_data["signed"] == "role"

    def successors(self) -> dict[str, Any]:
        """Key of a duty → the mandate or membership of who takes it over."""
        rows = {key: {str(row.pk): row for row in duty.candidates} for key, duty in self.duties.items()}
        return {key: rows[key][self.cleaned_data[key]] for key in rows}


def said(person: Any) -> str:
    return ", ".join(filter(None, [person.name or _("No name yet"), person.role_title]))


class AnswerSearchForm(forms.Form):
    """The item of the library that answers a search."""

    item = ItemField(
        label=_("The item that answers it"), help_text=_("Begin to type its title, or paste its address.")
    )

    def __init__(self, *args: Any, user: Any, **options: Any):
        super().__init__(*args, **options)
        field: Any = self.fields["item"]
        field.user = user
        field.widget.attrs["data-picker"] = f"{reverse('find_answer')}?q="
