"""Where an item begins that is there already: as files, or as a page of the web."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from knowledge.actions.words import is_web_address
from knowledge.forms.fields import NonceField
from knowledge.forms.item import ItemForm
from munistem.commons.files.forms import FilesField
from munistem.commons.text.forms import NameField


class StartForm(forms.Form):
    """Files, or an address, or both."""

    sources = FilesField(label=gettext_lazy("What you have"), required=False)
    link = NameField(
        label=gettext_lazy("Or the address of a page or a film"),
        max_length=2_000,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "url", "dir": "ltr", "placeholder": "https://"}),
    )
    nonce = NonceField()

    def __init__(self, *args: Any, **options: Any):
        super().__init__(*args, auto_id="start_%s", **options)

    def clean_link(self):
        link = self.cleaned_data["link"]
        if not link:
            return ""
        link = link if "://" in link else f"https://{link}"
        try:
            is_web_address(link)
        except ValidationError as error:
            raise ValidationError(
                _("This is no address of a page. It looks like https://www.example.org/page.")
            ) from error
        return link

    def clean(self):
        data = super().clean()
        if not self.errors and not data.get("sources") and not data.get("link"):
            self.add_error("sources", _("Choose a file, or give an address."))
        return data


def mark_proposals(form: ItemForm, names: Iterable[str]) -> list[str]:
    """Say beside each field that its value is a proposal; returns the labels of those that the form has."""
    told = []
    for name in names:
        field = form.fields.get(name)
        if field is None or field.widget.is_hidden:
            continue
        badge = format_html('<span class="badge" data-tone="sun" data-proposal>{}</span> ', _("Proposed"))
        field.help_text = format_html("{}{}", badge, field.help_text)  # type: ignore[assignment]
        told.append(str(field.label).rstrip("?؟ "))
    return told
