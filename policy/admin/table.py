"""The mix that the network wants around its tables."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from members.admin.frame import ForAdmins
from munistem.commons import audit
from policy.enums import Dimension
from policy.models import TargetShare
from policy.models.balance import GROUPS


class TargetShareForm(forms.ModelForm):
    """A group and its wanted share; the group fits its dimension."""

    value = forms.ChoiceField(
        label=_("Group"),
        choices=[
            (Dimension(dimension).label, [(group, label) for group, label in groups.choices if group])
            for dimension, groups in GROUPS.items()
        ],
    )

    class Meta:
        model = TargetShare
        fields = ("dimension", "value", "percent")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        groups = GROUPS.get(data.get("dimension", ""))
        if groups and data.get("value") not in groups.values:
            self.add_error("value", _("Choose a group of this dimension."))
        return data


@admin.register(TargetShare)
class TargetShareAdmin(ForAdmins):
    form = TargetShareForm
    list_display = ("dimension", "group", "percent")
    ordering = ("dimension", "-percent", "value")

    @admin.display(description=_("Group"))
    def group(self, share: TargetShare) -> str:
        return str(GROUPS[share.dimension](share.value).label)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        audit.record("save_target_share", obj, by=request.user, percent=obj.percent)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        audit.record("delete_target_share", obj, by=request.user)
        super().delete_model(request, obj)
