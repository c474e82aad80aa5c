"""The agenda of a meeting, and the vote on its dates."""

import re
from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from communities.enums import Vote
from communities.forms.dates import notes_on, said_moment
from communities.models import AgendaItem, Community, DateOption, DateVote, Meeting, Membership
from munistem.commons.days.hebrew import hebrew_date
from munistem.commons.files.forms import OneFileField
from munistem.commons.text.forms import NameField, ProseField

LONGEST_AGENDA = 30
AGENDA_LINE = re.compile(r"(?P<title>.+?) ?[(\[] ?(?P<minutes>[0-9]{1,3}) ?[׳'’]? ?[)\]]")


class AgendaField(ProseField):
    """One line for each item, with its minutes at the end in brackets if wanted: (title, minutes) each."""

    default_error_messages = {
        "too_many": gettext_lazy("An agenda holds at most %(limit)d lines. Bring some of them together.")
    }

    def clean(self, value: Any) -> list[tuple[str, int | None]]:  # type: ignore[override]
        lines = [line.strip() for line in super().clean(value).splitlines() if line.strip()]
        if len(lines) > LONGEST_AGENDA:
            raise forms.ValidationError(
                self.error_messages["too_many"], code="too_many", params={"limit": LONGEST_AGENDA}
            )
        return [read_line(line) for line in lines]


def read_line(line: str) -> tuple[str, int | None]:
    """Title and minutes of a line such as "Opening (10)"."""
    line = " ".join(line.split())
    found = AGENDA_LINE.fullmatch(line)
    if not found or not int(found["minutes"]):
        return line, None
    return found["title"], int(found["minutes"])


class PersonField(forms.ModelChoiceField):
    """One of the members of a community."""

    def __init__(self, **options: Any):
        super().__init__(get_user_model().objects.none(), required=False, **options)
        self.widget.attrs["dir"] = "auto"

    def label_from_instance(self, person: Any) -> str:
        return str(person.name or person.role_title or _("A former member"))


def members_of(community: Community) -> Any:
    """Those who can be chosen in a form."""
    present = Membership.objects.present().filter(community=community)
    return get_user_model().objects.filter(pk__in=present.values("person")).order_by("name", "pk")


class ItemForm(forms.Form):
    """A line for the agenda; who decides on the agenda says who brings it."""

    item_title = NameField(label=gettext_lazy("What to talk about"), max_length=150, min_length=3)
    item_minutes = forms.IntegerField(
        label=pgettext_lazy("field", "Minutes"), min_value=1, max_value=600, required=False
    )
    item_owner = PersonField(label=gettext_lazy("Who brings it"), empty_label=gettext_lazy("Choose a member"))
    item_reading = ProseField(
        label=gettext_lazy("To read before"),
        max_length=500,
        rows=2,
        required=False,
        help_text=gettext_lazy("A few words or the address of a page."),
    )
    item_paper = OneFileField(label=gettext_lazy("A file to read before"), required=False)

    def __init__(self, *args: Any, meeting: Meeting, decides: bool, **options: Any):
        super().__init__(*args, **options)
        if decides:
            self.fields["item_owner"].queryset = members_of(meeting.community)  # type: ignore[attr-defined]
        else:
            del self.fields["item_owner"]

    def fields_of_item(self) -> dict[str, Any]:
        return {name.removeprefix("item_"): value for name, value in self.cleaned_data.items()}


class EditItemForm(ItemForm):
    """A line that stands; who does not decide on the agenda changes what is to be read."""

    item_is_paper_dropped = forms.BooleanField(label=gettext_lazy("Take the file away"), required=False)

    def __init__(self, *args: Any, item: AgendaItem, decides: bool, **options: Any):
        start = {"item_title": item.title, "item_minutes": item.minutes, "item_owner": item.owner_id}
        start["item_reading"] = item.reading
        super().__init__(*args, meeting=item.meeting, decides=decides, initial=start, **options)
        if not decides:
            del self.fields["item_title"], self.fields["item_minutes"]
        if item.paper is None:
            del self.fields["item_is_paper_dropped"]


class VoteForm(forms.Form):
    """How each of the dates suits."""

    def __init__(self, *args: Any, meeting: Meeting, user: Any, **options: Any):
        super().__init__(*args, **options)
        self.options = list(DateOption.objects.filter(meeting=meeting).order_by("starts_at"))
        mine = DateVote.objects.filter(option__meeting=meeting, person=user)
        known = dict(mine.values_list("option_id", "vote"))
        for option in self.options:
            self.fields[f"date_{option.pk}"] = forms.ChoiceField(
                label=said_moment(option.starts_at),
                help_text=" · ".join(
                    [hebrew_date(timezone.localdate(option.starts_at)), *notes_on(option.starts_at)]
                ),
                choices=Vote.choices,
                widget=forms.RadioSelect,
                initial=known.get(option.pk),
            )

    def votes(self) -> dict[int, str]:
        return {option.pk: self.cleaned_data[f"date_{option.pk}"] for option in self.options}
