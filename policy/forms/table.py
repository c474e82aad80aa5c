"""Who sits at a roundtable and what is said there."""

from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from communities.models import Meeting
from knowledge.forms import NonceField
from members.enums import District, OrganisationType
from members.models import Organisation, User
from munistem.commons.enums import Language
from munistem.commons.text.addresses import path_of
from munistem.commons.text.forms import NameField, ProseField
from policy.enums import Gender, SeatAnswer, SeatRole
from policy.forms.version import DATES
from policy.models import Contribution, RecommendationVersion, Roundtable, RoundtableSeat

UNKNOWN = [("", pgettext_lazy("field", "Not known"))]
PRESENT = [("", pgettext_lazy("seat", "Not noted yet")), ("yes", _("Was there")), ("no", _("Was not there"))]


def day_field(label: Any, *, hint: Any = "") -> forms.DateField:
    return forms.DateField(
        required=False,
        label=label,
        help_text=hint,
        input_formats=DATES,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"invalid": _("This date could not be read. Write it as day/month/year.")},
    )


def table_field() -> forms.IntegerField:
    return forms.IntegerField(required=False, min_value=1, max_value=99, label=_("Table"))


class ProfileField(NameField):
    """Someone of the portal by the address of their page or by their name; the cleaned value is the person or None."""

    default_error_messages = {
        "unknown": _(
            "No one of the portal is called so. Paste the address of the person's page, or leave it empty."
        ),
        "many": _("More than one person is called so. Paste the address of the right one's page."),
    }

    def __init__(self, user: Any = None, **options: Any):
        super().__init__(max_length=300, required=False, **options)
        self.user = user

    def clean(self, value: Any) -> User | None:
        typed = super().clean(value)
        if not typed:
            return None
        people = User.objects.visible_to(self.user).defer("search_vector")
        last = path_of(typed).rstrip("/").rpartition("/")[2]
        try:
            found = list(people.filter(uuid=UUID(last))[:1])
        except ValueError:
            found = list(people.filter(name__iexact=typed)[:2])
        if len(found) != 1:
            code = "many" if found else "unknown"
            raise ValidationError(self.error_messages[code], code=code)
        return found[0]


class MeetingField(NameField):
    """A meeting of a community by the address of its page; the cleaned value is the meeting or None."""

    default_error_messages = {
        "unknown": _("No meeting has this address. Paste that of its page, or leave it empty.")
    }

    def __init__(self, user: Any = None, **options: Any):
        super().__init__(max_length=300, required=False, **options)
        self.user = user

    def clean(self, value: Any) -> Meeting | None:
        typed = super().clean(value)
        if not typed:
            return None
        last = path_of(typed).rstrip("/").rpartition("/meetings/")[2]
        known = Meeting.objects.visible_to(self.user).filter(starts_at__isnull=False)
        found = known.filter(pk=int(last)).first() if last.isdecimal() and len(last) < 18 else None
        if found is None:
            raise ValidationError(self.error_messages["unknown"], code="unknown")
        return found


class OrganisationField(forms.ModelChoiceField):
    def label_from_instance(self, organisation: Any) -> str:
        return str(organisation.name)


class SeatForm(forms.Form):
    """Someone at the table: a name is enough; what people did not say of themselves stays unknown."""

    use_required_attribute = False

    name = NameField(max_length=120, required=False, label=pgettext_lazy("person", "Name"))
    person = ProfileField(
        label=_("Profile in the portal"), help_text=_("The address of the person's page, if there is one.")
    )
    organisation = OrganisationField(
        Organisation.objects.none(),
        required=False,
        label=_("Organisation"),
        empty_label=_("None, or not in the list"),
    )
    table = table_field()
    role = forms.ChoiceField(choices=[*UNKNOWN, *SeatRole.choices], required=False, label=_("Speaks for"))
    sector = forms.ChoiceField(
        choices=[*UNKNOWN, *OrganisationType.choices],
        required=False,
        label=_("Sector"),
        help_text=_("Left open, it is that of the organisation."),
    )
    district = forms.ChoiceField(choices=[*UNKNOWN, *District.choices], required=False, label=_("District"))
    language = forms.ChoiceField(choices=[*UNKNOWN, *Language.choices], required=False, label=_("Language"))
    gender = forms.ChoiceField(
        choices=[*UNKNOWN, *Gender.choices],
        required=False,
        label=_("Gender"),
        help_text=_("Only as the person said it; never guessed."),
    )
    invited_on = day_field(_("Invited on"))
    answer = forms.ChoiceField(choices=SeatAnswer.choices, required=False, label=_("Answer"))
    was_present = forms.ChoiceField(choices=PRESENT, required=False, label=_("At the table"))

    def __init__(self, *args: Any, user: Any, seat: RoundtableSeat | None = None, **options: Any):
        start: dict[str, Any] = {}
        if seat:
            start = {name: getattr(seat, name) for name in self.base_fields}
            start["organisation"] = seat.organisation_id
            start["person"] = f"/people/{seat.person.uuid}/" if seat.person else ""
            start["was_present"] = {True: "yes", False: "no"}.get(seat.was_present, "")  # type: ignore[arg-type]
        super().__init__(*args, initial=start, **options)
        profile: Any = self.fields["person"]
        profile.user = user
        choice: Any = self.fields["organisation"]
        choice.queryset = (
            Organisation.objects.visible_to(user).select_related("authority").by_name().defer("search_vector")
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if "person" in data and not (data.get("name") or data["person"]):
            self.add_error("name", _("Write a name, or give the profile of the person."))
        data["was_present"] = {"yes": True, "no": False}.get(data.get("was_present", ""))
        return data


class ContributionForm(forms.Form):
    """What was said at a table."""

    use_required_attribute = False

    text = ProseField(
        max_length=4_000,
        rows=4,
        label=_("What was said"),
        help_text=_("One thought each, in the language in which it was said."),
        error_messages={"required": _("Write down what was said.")},
    )
    language = forms.ChoiceField(choices=Language.choices, label=_("Language"))
    table = table_field()
    held_on = day_field(_("Sitting of"), hint=_("The day on which it was said."))
    community_meeting = MeetingField(
        label=_("Meeting of a community"),
        help_text=_("The address of its page, if it was said at a meeting in the portal."),
    )
    seat = forms.ModelChoiceField(
        RoundtableSeat.objects.none(), required=False, label=_("Who said it"), empty_label=_("Not noted")
    )
    is_named = forms.BooleanField(required=False, label=_("Agreed to be named"))
    nonce = NonceField()

    def __init__(
        self,
        *args: Any,
        roundtable: Roundtable,
        user: Any,
        contribution: Contribution | None = None,
        **options: Any,
    ):
        start: dict[str, Any] = {"language": Language.HE, "held_on": roundtable.held_on}
        if contribution:
            names = ("text", "language", "table", "is_named")
            start = {name: getattr(contribution, name) for name in names}
            start["seat"] = contribution.seat_id
            sitting = contribution.meeting
            start["held_on"] = sitting.held_on if sitting else None
            if sitting and sitting.community_meeting_id:
                start["community_meeting"] = f"/meetings/{sitting.community_meeting_id}/"
        super().__init__(*args, initial=start, **options)
        place: Any = self.fields["community_meeting"]
        place.user = user
        seats: Any = self.fields["seat"]
        seats.queryset = roundtable.seats.select_related("person").defer("person__search_vector").in_order()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("is_named") and not data.get("seat"):
            self.add_error("seat", _("Choose who said it; only then can someone be named."))
        return data


class GatherForm(forms.Form):
    """Which contributions become part of which draft."""

    use_required_attribute = False

    contributions = forms.ModelMultipleChoiceField(
        Contribution.objects.none(),
        error_messages={"required": _("Tick the contributions that belong together.")},
    )
    version = forms.ModelChoiceField(
        RecommendationVersion.objects.none(),
        label=_("Into the draft"),
        empty_label=None,
        error_messages={"required": _("Choose a draft, or begin one below.")},
    )

    def __init__(self, *args: Any, roundtable: Roundtable, **options: Any):
        super().__init__(*args, **options)
        said: Any = self.fields["contributions"]
        said.queryset = roundtable.contributions.all()
        drafts: Any = self.fields["version"]
        versions = RecommendationVersion.objects.filter(recommendation__roundtable=roundtable)
        drafts.queryset = versions.filter(state="draft").order_by("recommendation__number")
