"""What a municipality fills in about a programme, and about its end."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from knowledge.forms import NonceField
from knowledge.forms.fields import TermsField
from munistem.commons.days.school import current_school_year, school_year_name
from munistem.commons.enums import Language, LifeStage, Setting
from munistem.commons.search.analyser import normalised
from munistem.commons.terms.models import Term, TermKind
from munistem.commons.text.forms import NameField, ProseField
from munistem.commons.text.names import harmless
from policy.actions.naming import funders_among, members_by_name, school_in
from policy.enums import ProgrammeStatus
from policy.models import Programme
from policy.models.figures import FIRST_YEAR
from policy.models.programme import ENDED, READERS

LONGEST_NAME = 200
#: How far ahead a programme may be planned.
YEARS_AHEAD = 5
MOST_LINES = 200


def years() -> list[tuple[str, str]]:
    """School years to choose from, the latest first."""
    return [
        (str(year), school_year_name(year))
        for year in range(current_school_year() + YEARS_AHEAD, FIRST_YEAR - 1, -1)
    ]


class LinesField(ProseField):
    """One thing a line; the cleaned value is a list of lines."""

    def clean(self, value: Any) -> list[str]:
        lines = [line for line in map(harmless, super().clean(value).splitlines()) if line]
        if len(lines) > MOST_LINES:
            raise ValidationError(_("These are too many lines."), code="long")
        return lines

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value


class YearField(forms.TypedChoiceField):
    """A school year; the cleaned value is the calendar year in which it begins, None for unknown."""

    def __init__(self, *, empty: Any, **options: Any):
        self.empty = empty
        super().__init__(coerce=int, empty_value=None, choices=self._offered, **options)

    def _offered(self) -> list[tuple[str, Any]]:
        return [("", self.empty), *years()]


class ProgrammeForm(forms.Form):
    """What a programme is. Its name is enough to begin with; what is left empty counts as not known."""

    name = NameField(
        label=_("Name of the programme"),
        max_length=LONGEST_NAME,
        error_messages={"required": _("Give the programme a name.")},
    )
    what = ProseField(
        label=_("What is done"),
        required=False,
        max_length=4_000,
        help_text=_("Two or three sentences that help a colleague elsewhere to understand it."),
    )
    life_stages = forms.MultipleChoiceField(
        label=_("Life stages"), choices=LifeStage.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    settings = forms.MultipleChoiceField(
        label=_("Settings"), choices=Setting.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    status = forms.ChoiceField(
        label=_("Where does it stand?"), choices=ProgrammeStatus.choices, widget=forms.RadioSelect
    )
    since = YearField(label=_("First school year"), empty=_("Not known"), required=False)
    until = YearField(label=_("Last school year"), empty=_("Open"), required=False)
    subjects = TermsField(label=_("Subjects"))
    populations = TermsField(label=_("For which populations"))
    provider = NameField(
        label=_("Who carries it out"),
        required=False,
        help_text=_("A member of the network is recognised by its name."),
    )
    funders = LinesField(
        label=_("Who pays for it"),
        required=False,
        max_length=4_000,
        rows=3,
        help_text=_("One a line. A member of the network is recognised by its name."),
    )
    partners = ProseField(label=_("Partners"), required=False, max_length=2_000, rows=2)
    schools = LinesField(
        label=_("Schools"),
        required=False,
        max_length=20_000,
        rows=4,
        help_text=_("One a line, with its six-digit number if you know it."),
    )
    quality_assurance = ProseField(
        label=_("How its quality is looked after"), required=False, max_length=2_000, rows=3
    )
    language = forms.ChoiceField(
        label=_("Language it is written in"), choices=Language.choices, widget=forms.RadioSelect
    )
    visibility = forms.ChoiceField(
        label=_("Who may read it?"),
        choices=[(reader.value, reader.label) for reader in READERS],
        widget=forms.RadioSelect,
        help_text=_(
            "Only you and the network's admins see its figures. If everyone may read of it, they enter sums without small "
            "groups; alone in its life stage and setting, the sum is its own."
        ),
    )
    identifier = NameField(
        label=_("Identifier"),
        required=False,
        max_length=100,
        help_text=_("If it has one in your own tables: an import then knows it again."),
    )
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)
    nonce = NonceField()

    def __init__(
        self, *args: Any, programme: Programme | None = None, language: str = Language.HE, **options: Any
    ):
        begun = {"status": ProgrammeStatus.RUNNING, "language": language, "visibility": READERS[0]}
        super().__init__(*args, initial=stated(programme) if programme else begun, **options)
        offered: dict[str, Any] = {name: self.fields[name] for name in ("subjects", "populations")}
        offered["subjects"].queryset = Term.objects.subjects().in_order()
        offered["populations"].queryset = Term.objects.populations().in_order()

    def clean_seen(self) -> int | None:
        return self.cleaned_data["seen"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        since, until = data.get("since"), data.get("until")
        if since is not None and until is not None and until < since:
            self.add_error("until", _("The last school year lies before the first."))
        if data.get("status") in ENDED and until is None and not self.has_error("until"):
            self.add_error("until", _("Choose the last school year in which it ran."))
        for name, order in (("life_stages", LifeStage.values), ("settings", Setting.values)):
            data[name] = sorted(data.get(name, ()), key=order.index)
        return data

    @property
    def told(self) -> dict[str, Any]:
        """What the deed takes: ``said``, ``terms``, ``funders`` and ``schools``."""
        data, members = self.cleaned_data, members_by_name()
        names = ("name", "what", "life_stages", "settings", "status", "since", "until", "provider")
        names += ("partners", "quality_assurance", "language", "visibility", "identifier")
        said = {name: data[name] for name in names}
        said["provider_organisation"] = (
            members.get(normalised(data["provider"])) if data["provider"] else None
        )
        return {
            "said": said,
            "terms": [*data["subjects"], *data["populations"]],
            "funders": funders_among(data["funders"], members),
            "schools": [school_in(line) for line in data["schools"]],
        }


def stated(programme: Programme) -> dict[str, Any]:
    """What a programme says, as the form shows it."""
    plain = ("name", "what", "life_stages", "settings", "status", "since", "until", "provider", "partners")
    terms = list(programme.terms.all())
    schools = programme.schools.in_order()
    return {
        **{name: getattr(programme, name) for name in plain},
        **{
            name: getattr(programme, name)
            for name in ("quality_assurance", "language", "visibility", "identifier")
        },
        "subjects": [term.slug for term in terms if term.kind == TermKind.SUBJECT],
        "populations": [term.slug for term in terms if term.kind == TermKind.POPULATION],
        "funders": [row.label for row in programme.funders.select_related("organisation").in_order()],
        "schools": [
            f"{row.name} {row.code}".strip() if row.code != row.name else row.name for row in schools
        ],
        "seen": programme.version,
    }


class EndForm(forms.Form):
    """How and when a programme came to its end."""

    status = forms.ChoiceField(
        label=_("How did it end?"),
        choices=[
            (ProgrammeStatus.ENDED.value, _("It ended as planned")),
            (ProgrammeStatus.STOPPED.value, _("It was stopped before its end")),
        ],
        initial=ProgrammeStatus.ENDED,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how it ended.")},
    )
    until = YearField(
        label=_("Last school year"),
        empty=_("Choose"),
        error_messages={"required": _("Choose the last school year in which it ran.")},
    )
    reason = ProseField(
        label=_("Why, in a sentence"),
        required=False,
        max_length=1_000,
        rows=3,
        help_text=_("It helps others who consider it."),
    )

    def __init__(self, *args: Any, programme: Programme, **options: Any):
        self.programme = programme
        super().__init__(*args, initial={"until": current_school_year()}, **options)

    def clean_until(self) -> int:
        until = self.cleaned_data["until"]
        if self.programme.since is not None and until < self.programme.since:
            raise ValidationError(_("The last school year lies before the first."))
        return until
