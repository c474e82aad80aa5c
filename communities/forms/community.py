"""Communities and who takes part in them."""

from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.utils.translation import gettext_lazy as _

from communities.enums import Access, Moderation
from communities.models import Community, Membership
from munistem.commons.enums import Language
from munistem.commons.terms.models import Term
from munistem.commons.text.forms import NameField, ProseField


class ReasonForm(forms.Form):
    """Why something is done to what another person wrote or asked."""

    reason = ProseField(
        label=_("Reason"),
        max_length=500,
        rows=3,
        help_text=_("The person concerned reads it, so write it to them."),
    )


class CallOffForm(ReasonForm):
    """Why a meeting is called off."""

    def __init__(self, *args: Any, **options: Any):
        super().__init__(*args, **options)
        self.fields["reason"].help_text = _("Everybody invited reads it.")


class AskForm(forms.Form):
    """A request to join."""

    note = ProseField(
        label=_("A few words to the facilitators"),
        max_length=1_000,
        rows=3,
        required=False,
        help_text=_("What do you do, and what would you like to learn or bring?"),
    )


class InviteForm(forms.Form):
    """A person of the network is asked in, by the address they sign in with."""

    email = forms.EmailField(
        label=_("E-mail of a member of the network"),
        max_length=254,
        widget=forms.EmailInput(attrs={"dir": "ltr"}),
    )

    def clean_email(self) -> Any:
        found = (
            get_user_model().objects.filter(email__iexact=self.cleaned_data["email"], is_active=True).first()
        )
        if found is None or not found.is_in_network:
            raise forms.ValidationError(
                _("Nobody in the network has this address. Ask them to join the network first."),
                code="unknown",
            )
        return found


class CommunityForm(forms.Form):
    """What a community says of itself."""

    name = NameField(label=_("Name"), max_length=80, min_length=2)
    purpose = ProseField(
        label=_("Purpose"),
        max_length=1_000,
        help_text=_("Who meets here, and what for, in two or three sentences."),
    )
    access = forms.ChoiceField(label=_("Who may read and join"), widget=forms.RadioSelect)
    moderation = forms.ChoiceField(
        label=_("When what members write appears"), widget=forms.RadioSelect, required=False
    )
    language = forms.ChoiceField(label=_("Main language"), choices=Language.choices)
    terms = forms.ModelMultipleChoiceField(
        Term.objects.none(), label=_("Subjects"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, community: Community, **options: Any):
        start = {
            "name": community.name,
            "purpose": community.purpose,
            "access": community.access,
            "moderation": community.moderation,
            "language": community.language,
            "terms": list(community.topics_of_interest.all()),
        }
        super().__init__(*args, initial=start, **options)
        self.community = community
        self.fields["access"].choices = [(one.value, f"{one.label} – {one.said}") for one in Access]  # type: ignore[attr-defined]
        self.fields["moderation"].choices = [(one.value, f"{one.label} – {one.said}") for one in Moderation]  # type: ignore[attr-defined]
        subjects = Term.objects.subjects().in_order()
        self.fields["terms"].queryset = subjects  # type: ignore[attr-defined]
        if not subjects:
            del self.fields["terms"]

    def clean_moderation(self) -> str:
        return self.cleaned_data["moderation"] or self.community.moderation


class GreetingForm(forms.Form):
    """The words to a newcomer, prepared and then made one's own."""

    text = ProseField(
        label=_("Your greeting"),
        max_length=2_000,
        rows=8,
        help_text=_("A line with the name stands before it, your own name after it."),
    )
    is_kept = forms.BooleanField(
        label=_("Begin the next greetings in this language with this text"), required=False
    )


class NoteForm(forms.Form):
    """A few personal words, prepared and then made one's own."""

    text = ProseField(
        label=_("Your note"),
        max_length=2_000,
        rows=8,
        help_text=_("A line with the name stands before it, your own name after it."),
    )


class IntroductionForm(forms.Form):
    """Three people by their keys, and the words to them."""

    people = forms.RegexField(r"^[0-9]{1,15},[0-9]{1,15},[0-9]{1,15}$", widget=forms.HiddenInput)
    text = ProseField(label=_("Your words to the three"), max_length=2_000, rows=8)

    def clean_people(self) -> list[int]:
        keys = [int(key) for key in self.cleaned_data["people"].split(",")]
        if len(set(keys)) != len(keys):
            raise forms.ValidationError(_("An introduction is between three people."), code="not_three")
        return keys


class HandOverForm(forms.Form):
    """Who facilitates in one's place."""

    successor = forms.ModelChoiceField(
        Membership.objects.none(),
        label=_("Who facilitates in your place?"),
        empty_label=_("Choose a member"),
        help_text=_("They are told at once. You stay a member."),
    )

    def __init__(self, *args: Any, community: Community, **options: Any):
        super().__init__(*args, **options)
        rows = Membership.objects.filter(community=community, is_facilitator=False).present()
        field: Any = self.fields["successor"]
        field.queryset = rows.select_related("person").order_by("person__name", "pk")
        field.label_from_instance = lambda row: ", ".join(
            filter(None, [row.person.name, row.person.role_title])
        )
