"""What people fill in about policy: an answer to a recommendation, a report on it, a reason, what an organisation is."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from urllib.parse import unquote

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from knowledge.forms import NonceField
from knowledge.models import Item
from members.models import Organisation
from munistem.commons.files.forms import OneFileField
from munistem.commons.files.models import FileKind
from munistem.commons.text.addresses import path_of
from munistem.commons.text.forms import NameField, ProseField
from policy.enums import Mandate, Stance

EARLIEST = date(1990, 1, 1)
MOST_YEARS = 15
#: Fields that belong to an endorsement, and those that belong to any other answer.
ENDORSING = ("mandate", "decided_on", "signed_page", "responsible", "first_actions", "target_on")
OTHER = ("explanation",)
DATES = ["%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y"]


class WebAddressField(forms.URLField):
    """An address on the web, with or without https://."""

    default_error_messages = {
        "invalid": _("This is no web address. It looks like https://example.org/page"),
        "max_length": _("This is longer than %(limit_value)d characters (now %(show_value)d). Shorten it."),
    }

    def __init__(self, *, max_length: int = 200, **options: Any):
        super().__init__(max_length=max_length, assume_scheme="https", **options)
        self.widget.attrs.update(dir="ltr", inputmode="url")


class AnswerForm(forms.Form):
    """An answer to a recommendation: the stance first, then what it asks for."""

    use_required_attribute = False

    organisation = forms.ModelChoiceField(
        Organisation.objects.none(), label=_("For whom do you answer?"), empty_label=None
    )
    stance = forms.ChoiceField(
        choices=[(stance.value, stance.said) for stance in Stance],
        label=_("What is the answer?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose an answer.")},
    )
    mandate = forms.ChoiceField(
        choices=Mandate.choices,
        label=_("On whose decision?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Say who decided it.")},
    )
    decided_on = forms.DateField(
        label=_("Date of the decision"),
        input_formats=DATES,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={
            "required": _("Give the date of the decision."),
            "invalid": _("This date could not be read. Write it as day/month/year."),
        },
    )
    signed_page = OneFileField(
        kinds=[FileKind.PDF, FileKind.IMAGE],
        label=_("The signed page"),
        help_text=_(
            "A PDF or a photo of the declaration, the minutes or the page of the work plan. Only your colleagues and the network's admins can open it."
        ),
        error_messages={"required": _("Attach the signed page.")},
    )
    responsible = NameField(
        max_length=150,
        label=_("Who is responsible?"),
        help_text=_("Name and role; people of the network can read it."),
        error_messages={"required": _("Name the person who is responsible.")},
    )
    first_actions = ProseField(
        max_length=1_000,
        rows=3,
        label=_("What is done first?"),
        help_text=_("One action a line; everyone can read it."),
        error_messages={"required": _("Name at least one first action.")},
    )
    target_on = forms.DateField(
        label=_("By when?"),
        input_formats=DATES,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={
            "required": _("Give the day by which you want to get there."),
            "invalid": _("This date could not be read. Write it as day/month/year."),
        },
    )
    explanation = ProseField(
        max_length=2_000,
        label=_("Because"),
        help_text=_("A sentence or two; everyone can read it."),
        error_messages={"required": _("Write a sentence on why.")},
    )
    nonce = NonceField()

    def __init__(self, *args: Any, towns: Sequence[Organisation], chosen: Organisation, **options: Any):
        super().__init__(*args, **options)
        self.towns, self.chosen = {town.pk: town for town in towns}, chosen
        if len(towns) == 1:
            del self.fields["organisation"]
        else:
            choice: Any = self.fields["organisation"]
            choice.queryset = Organisation.objects.filter(pk__in=self.towns).defer("search_vector")
            choice.initial = chosen.pk
        self.fields["decided_on"].widget.attrs["max"] = timezone.localdate().isoformat()

    def _clean_fields(self) -> None:
        """Ask only for what the chosen answer needs."""
        stance = self.data.get(self.add_prefix("stance"))
        for name in (*ENDORSING, *OTHER):
            self.fields[name].required = (stance == Stance.ENDORSES) == (name in ENDORSING) and bool(stance)
        super()._clean_fields()  # type: ignore[misc]
        for name in (*ENDORSING, *OTHER):
            self.fields[name].required = True

    def clean_organisation(self) -> Organisation:
        return self.towns[self.cleaned_data["organisation"].pk]

    def clean_decided_on(self) -> date | None:
        decided_on = self.cleaned_data["decided_on"]
        if decided_on and decided_on > timezone.localdate():
            raise ValidationError(_("This day is still to come. Give the date on which it was decided."))
        if decided_on and decided_on < EARLIEST:
            raise ValidationError(_("This date lies too far back. Check the year."))
        return decided_on

    def clean_target_on(self) -> date | None:
        target_on = self.cleaned_data["target_on"]
        if target_on and target_on <= timezone.localdate():
            raise ValidationError(_("This day has passed. Give a day ahead."))
        if target_on and target_on.year > timezone.localdate().year + MOST_YEARS:
            raise ValidationError(_("This date lies too far ahead. Check the year."))
        return target_on

    @property
    def answer(self) -> dict[str, Any]:
        """What the deed takes."""
        return {"organisation": self.chosen, **self.cleaned_data}

    @property
    def must_attach_again(self) -> bool:
        """Whether a file was sent with a form that has to be corrected: browsers forget it."""
        return self.is_bound and bool(self.files) and bool(self.errors)


class ReasonForm(forms.Form):
    """Why something is returned or taken back."""

    reason = ProseField(
        max_length=2_000, label=_("Reason"), error_messages={"required": _("Write a sentence on why.")}
    )

    def __init__(self, *args: Any, label: Any = None, hint: Any = "", **options: Any):
        super().__init__(*args, **options)
        self.fields["reason"].label = label or self.fields["reason"].label
        self.fields["reason"].help_text = hint


class ItemField(NameField):
    """A knowledge item by its address, its slug or its title; the cleaned value is the item."""

    default_error_messages = {
        "required": _("Choose an item of the library."),
        "unknown": _("No published item is called so. Paste the address of its page."),
    }

    def __init__(self, user: Any = None, **options: Any):
        super().__init__(max_length=500, **options)
        self.user = user

    def clean(self, value: Any) -> Item:
        typed = super().clean(value)
        items = Item.objects.visible_to(self.user).published().select_related("published")
        slug = unquote(path_of(typed)).rstrip("/").rpartition("/")[2] if "/" in typed else typed
        found = items.filter(slug=slug).first() or items.filter(published__title__iexact=typed).first()
        if not found:
            raise ValidationError(self.error_messages["unknown"], code="unknown")
        return found


class LinkItemForm(forms.Form):
    """Put an item of the library beside a recommendation."""

    item = ItemField(
        label=_("Item of the library"), help_text=_("Begin to type its title, or paste its address.")
    )

    def __init__(self, *args: Any, user: Any, picker: str, **options: Any):
        super().__init__(*args, **options)
        field: Any = self.fields["item"]
        field.user = user
        field.widget.attrs["data-picker"] = picker


class OrganisationForm(forms.Form):
    """What an organisation tells of itself."""

    about = ProseField(
        required=False,
        max_length=4_000,
        rows=8,
        label=_("About the organisation"),
        help_text=_(
            "What you do in STEM, for whom, and what others may ask you about. Everyone can read it."
        ),
    )
    website = WebAddressField(required=False, label=_("Website"))
