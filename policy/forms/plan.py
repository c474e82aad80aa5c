"""What is planned about a gap, and what became of it."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from knowledge.forms import NonceField
from members.models import LocalAuthority, Representative, User
from policy.enums import Gap, PlanState


class PlanForm(forms.Form):
    """What will be done about a gap, by whom and until when."""

    use_required_attribute = False

    gap = forms.ChoiceField(choices=Gap.choices, label=_("Which gap"))
    what = forms.CharField(
        max_length=500,
        label=_("What will be done"),
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Say in a sentence what will be done.")},
    )
    owner = forms.ModelChoiceField(
        User.objects.none(),
        label=_("Who does it"),
        error_messages={"required": _("Choose who does it."), "invalid_choice": _("Choose who does it.")},
    )
    due_on = forms.DateField(
        label=_("Until"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": _("Choose a day."), "invalid": _("Choose a day.")},
    )
    nonce = NonceField()

    def __init__(self, *args: Any, by: Any, authority: LocalAuthority, gaps: list[Gap], **options: Any):
        super().__init__(*args, **options)
        acting = Representative.objects.active().filter(
            organisation__authority=authority, person__is_active=True
        )
        people = User.objects.filter(pk__in=[by.pk, *acting.values_list("person", flat=True)])
        owner: Any = self.fields["owner"]
        owner.queryset, owner.initial, owner.empty_label = people.order_by("name", "pk"), by.pk, None
        if gaps:
            self.fields["gap"].initial = gaps[0]

    def clean_due_on(self) -> Any:
        day = self.cleaned_data["due_on"]
        if day < timezone.localdate():
            raise forms.ValidationError(_("This day is over. Choose a later one."))
        return day


class SettleForm(forms.Form):
    """Whether it was done or dropped; what is dropped says why."""

    use_required_attribute = False

    state = forms.ChoiceField(
        choices=[(state.value, state.label) for state in (PlanState.DONE, PlanState.DROPPED)],
        widget=forms.RadioSelect,
        label=_("What became of it?"),
        error_messages={"required": _("Say what became of it.")},
    )
    reason = forms.CharField(required=False, max_length=500, label=_("Why, or what came out of it"))

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if said.get("state") == PlanState.DROPPED and not said.get("reason"):
            self.add_error("reason", _("Say in a few words why it was dropped."))
        return said
