from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from munistem.commons.notices.kinds import DEFAULTS, Family
from munistem.commons.notices.models import Choice, Rhythm


class ChoicesForm(forms.Form):
    """How one person wants to hear of each family of events."""

    def __init__(self, *args: Any, person: Any, **options: Any):
        super().__init__(*args, **options)
        chosen = dict(Choice.objects.filter(person=person).values_list("family", "rhythm"))
        for family in Family:
            self.fields[family.value] = forms.ChoiceField(
                label=family.label,
                choices=Rhythm.choices,
                initial=chosen.get(family.value, DEFAULTS[family]),
                widget=forms.RadioSelect,
            )


class LeaveForm(forms.Form):
    """Leaving is asked once."""

    is_sure = forms.BooleanField(
        label=_("I want to close my account for good."),
        error_messages={"required": _("Tick the box if you really want to leave.")},
    )
