from django import forms
from django.utils.translation import gettext_lazy as _

from munistem.commons.text.names import harmless


class SignupForm(forms.Form):
    """What we ask beside address and password when a person signs up."""

    name = forms.CharField(label=_("Full name"), max_length=80)

    def clean_name(self):
        return harmless(self.cleaned_data["name"])

    def signup(self, request, user):
        user.name = self.cleaned_data["name"]
        user.save(update_fields=["name"])
