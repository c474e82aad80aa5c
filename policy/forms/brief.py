"""What a manager adds to the annual brief when signing it off."""

from django import forms
from django.utils.translation import gettext_lazy as _

from munistem.commons.text.names import harmless_text

MOST_ASKS = 6


class SignBriefForm(forms.Form):
    """What is asked of mayor, council and partners, in one's own words; the year comes from the page."""

    use_required_attribute = False

    asks = forms.CharField(
        required=False,
        max_length=1_000,
        label=_("What you ask for"),
        help_text=_("Of the mayor, the council, partners; one a line. It stands before what follows from the gaps."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )  # fmt: skip
    year = forms.IntegerField(widget=forms.HiddenInput)

    def clean_asks(self) -> str:
        asks = harmless_text(self.cleaned_data["asks"])
        lines = [line.strip() for line in asks.splitlines() if line.strip()]
        if len(lines) > MOST_ASKS:
            raise forms.ValidationError(
                _("At most six lines fit on the page. Join some, or keep them for next year.")
            )
        return "\n".join(lines)
