"""What one fills in to word a recommendation and to move it on."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from knowledge.forms.fields import TermsField
from munistem.commons.enums import LifeStage
from munistem.commons.terms.models import Term
from munistem.commons.text.forms import NameField, ProseField
from policy.enums import Indicator
from policy.models import Recommendation, RecommendationVersion
from policy.models.version import TEXTS
from policy.models.words import CODES

DATES = ["%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y"]
#: Label, hint and rows of what a version says.
ASKED = {
    "title": (_("Title"), _("What a municipality should do, in a few words."), 0),
    "summary": (_("In short"), _("Two sentences for someone who reads nothing else."), 3),
    "rationale": (
        _("Why"),
        _("An empty line begins a new paragraph; each can be commented on by itself."),
        8,
    ),
    "evidence": (_("What it rests on"), _("Figures, studies, experience; with where they come from."), 5),
    "actions": (_("Steps"), _("One step a line."), 6),
    "cost": (_("Cost and effort"), _("Money, people and time, as far as it is known."), 4),
}
#: Said of a translation beside its title.
FOLLOWS = {
    "ar": _("The Arabic text follows this Hebrew text"),
    "en": _("The English text follows this Hebrew text"),
}
IN = {"he": _("In Hebrew"), "ar": _("In Arabic"), "en": _("In English")}


class VersionForm(forms.Form):
    """A draft in three languages, the Hebrew first; only its title must be there."""

    use_required_attribute = False

    edition = forms.IntegerField(widget=forms.HiddenInput)
    life_stages = forms.MultipleChoiceField(
        label=_("Life stages"), choices=LifeStage.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    populations = TermsField(label=_("For whom above all"))
    indicators = forms.MultipleChoiceField(
        label=_("What it should move"),
        help_text=_("Figures of the overall picture in which one should see it."),
        choices=Indicator.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, version: RecommendationVersion, **options: Any):
        start = {f"{name}_{code}": getattr(version, f"{name}_{code}") for name in TEXTS for code in CODES}
        start |= {"edition": version.edition, "life_stages": version.life_stages}
        start |= {"indicators": version.indicators, "populations": list(version.populations.all())}
        start |= {
            f"follows_{code}": version.is_translated(code) and not version.is_outdated(code)
            for code in FOLLOWS
        }
        super().__init__(*args, initial=start, **options)
        terms: Any = self.fields["populations"]
        terms.queryset = Term.objects.populations()
        for code in CODES:
            self.ask_in(code)

    def ask_in(self, code: str) -> None:
        """The fields of a language."""
        for name, (label, hint, rows) in ASKED.items():
            is_title = name == "title"
            told = {"label": label, "help_text": hint, "required": is_title and code == "he"}
            field = (
                NameField(max_length=120, **told)
                if is_title
                else ProseField(max_length=12_000, rows=rows, **told)
            )
            field.widget.attrs.update(lang=code, dir="ltr" if code == "en" else "rtl")
            field.error_messages["required"] = _("Give it a title in Hebrew.")
            self.fields[f"{name}_{code}"] = field
        if code in FOLLOWS:
            self.fields[f"follows_{code}"] = forms.BooleanField(required=False, label=FOLLOWS[code])

    @property
    def languages(self) -> Iterator[dict[str, Any]]:
        """The fields language by language."""
        for code in CODES:
            names = [f"{name}_{code}" for name in TEXTS]
            names += [f"follows_{code}"] if code in FOLLOWS else []
            fields = [self[name] for name in names]
            is_open = code == "he" or any(field.errors for field in fields)
            yield {"code": code, "label": IN[code], "fields": fields, "is_open": is_open}

    @property
    def further(self) -> list[Any]:
        return [self["life_stages"], self["populations"], self["indicators"]]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for code in FOLLOWS:
            rest = any(data.get(f"{name}_{code}") for name in TEXTS[1:])
            if rest and not data.get(f"title_{code}"):
                self.add_error(f"title_{code}", _("Give the translation a title too."))
        return data

    def worded(self) -> dict[str, Any]:
        """What the deed takes."""
        data = self.cleaned_data
        return {
            "edition": data["edition"],
            "texts": {f"{name}_{code}": data[f"{name}_{code}"] for name in TEXTS for code in CODES},
            "life_stages": data["life_stages"],
            "populations": data["populations"],
            "indicators": data["indicators"],
            "follows": [code for code in FOLLOWS if data[f"follows_{code}"]],
        }


class BeginForm(forms.Form):
    """A new recommendation: a title, and its part of the address."""

    use_required_attribute = False

    title_he = NameField(
        max_length=120,
        label=_("Title in Hebrew"),
        help_text=_("What a municipality should do, in a few words."),
        error_messages={"required": _("Give it a title in Hebrew.")},
    )
    slug = forms.CharField(
        max_length=80,
        label=_("Part of the address"),
        help_text=_("English letters, digits and hyphens, such as more-labs."),
        error_messages={"required": _("Give it an address.")},
    )

    def __init__(self, *args: Any, **options: Any):
        super().__init__(*args, **options)
        self.fields["slug"].widget.attrs.update(dir="ltr", autocapitalize="none")

    def clean_slug(self) -> str:
        slug = slugify(self.cleaned_data["slug"])
        if not slug:
            raise ValidationError(_("Write it in English letters, digits and hyphens."))
        if Recommendation.objects.filter(slug=slug).exists():
            raise ValidationError(_("This address is taken. Choose another."))
        return slug


class OpenForm(forms.Form):
    """Until when the network may comment."""

    until_on = forms.DateField(
        label=_("Open until"),
        help_text=_("Two to four weeks suit most people."),
        input_formats=DATES,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={
            "required": _("Give the last day for comments."),
            "invalid": _("This date could not be read. Write it as day/month/year."),
        },
    )

    def __init__(self, *args: Any, **options: Any):
        super().__init__(*args, **options)
        field = self.fields["until_on"]
        field.initial = timezone.localdate() + timedelta(days=21)
        field.widget.attrs["min"] = (timezone.localdate() + timedelta(days=1)).isoformat()

    def clean_until_on(self) -> date:
        day = self.cleaned_data["until_on"]
        if day <= timezone.localdate():
            raise ValidationError(_("Choose a day that is still to come."))
        if day > timezone.localdate() + timedelta(days=366):
            raise ValidationError(_("This is more than a year away. Check the date."))
        return day


class MayReasonForm(forms.Form):
    """A word on why, if there is one."""

    reason = ProseField(required=False, max_length=2_000, label=_("Decided by whom, and why"))
