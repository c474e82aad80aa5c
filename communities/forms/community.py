"""Communities and who takes part in them."""

import re
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.contrib.auth import get_user_model
from django.utils.translation import gettext_lazy as _

from communities.enums import Access, Moderation
from communities.models import Community, CommunityProposal, Membership
from munistem.commons.enums import Language
from munistem.commons.terms.models import Term
from munistem.commons.text.forms import NameField, ProseField

MOST_LEADERS = 5


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


class ProposalForm(forms.Form):
    """A community that a member of the network would like to open."""

    name = NameField(label=_("Name"), max_length=80, min_length=2)
    audience = ProseField(
        label=_("Who is it for?"), max_length=500, rows=2, help_text=_("Their task or role, in one sentence.")
    )
    purpose = ProseField(
        label=_("What for?"),
        max_length=1_000,
        rows=4,
        help_text=_("What will they learn or do together, and why is no present community the place for it?"),
    )
    access = forms.ChoiceField(
        label=_("Who may read and join"), widget=forms.RadioSelect, initial=Access.REQUEST
    )
    language = forms.ChoiceField(label=_("Main language"), choices=Language.choices)
    subjects = forms.ModelMultipleChoiceField(
        Term.objects.none(), label=_("Subjects"), required=False, widget=forms.CheckboxSelectMultiple
    )
    facilitates = forms.BooleanField(label=_("I will facilitate it"), required=False, initial=True)
    others = ProseField(
        label=_("Others who will facilitate"),
        max_length=1_000,
        rows=2,
        required=False,
        help_text=_("Their e-mail addresses in the network, at most five."),
    )
    nonce = forms.UUIDField(required=False, initial=uuid4, widget=forms.HiddenInput)

    def __init__(self, *args: Any, user: Any, **options: Any):
        super().__init__(*args, **options)
        self.user = user
        self.fields["access"].choices = [(one.value, f"{one.label} – {one.said}") for one in Access]  # type: ignore[attr-defined]
        self.fields["language"].initial = user.language
        subjects = Term.objects.subjects().in_order()
        self.fields["subjects"].queryset = subjects  # type: ignore[attr-defined]
        if not subjects:
            del self.fields["subjects"]

    def clean_nonce(self) -> UUID:
        return self.cleaned_data["nonce"] or uuid4()

    def clean_others(self) -> list[Any]:
        """The people of these addresses; an address nobody in the network has is named."""
        addresses = list(dict.fromkeys(re.split(r"[\s,;]+", self.cleaned_data["others"].strip().lower())))
        addresses = [address for address in addresses if address][:MOST_LEADERS]
        people = get_user_model().objects.filter(email__in=addresses, is_active=True)
        found = {person.email: person for person in people if person.is_in_network}
        if unknown := [address for address in addresses if address not in found]:
            raise forms.ValidationError(
                _("Nobody in the network has this address: %(address)s") % {"address": unknown[0]},
                code="unknown",
            )
        return list(found.values())

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        leaders = [*([self.user] if data.pop("facilitates", False) else []), *data.pop("others", [])]
        if not leaders and "others" not in self.errors:
            self.add_error("others", _("Somebody has to facilitate: you, or the people you name."))
        return {**data, "facilitators": leaders}


class ApprovalForm(forms.Form):
    """How a proposed community is opened; the admin may put the words right."""

    name = NameField(label=_("Name"), max_length=80, min_length=2)
    purpose = ProseField(label=_("Purpose"), max_length=1_600, rows=5)
    access = forms.ChoiceField(label=_("Who may read and join"), choices=Access.choices)

    def __init__(self, *args: Any, proposal: CommunityProposal, **options: Any):
        start = {
            "name": proposal.name,
            "purpose": f"{proposal.audience}\n{proposal.purpose}",
            "access": proposal.access,
        }
        super().__init__(*args, initial=start, **options)


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
