from collections.abc import Collection
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from munistem.commons.files.models import FileKind
from munistem.commons.files.resumable.arrived import ArrivedFile, Missing, arrived
from munistem.commons.files.rules import extensions, recognise


class FilesInput(forms.FileInput):
    """A place to choose files or to drag them to; a script sends them in pieces, and the form names those that arrived."""

    allow_multiple_selected = True
    template_name = "django/forms/widgets/files.html"

    def __init__(self, attrs: dict | None = None, *, is_multiple: bool = True):
        self.allow_multiple_selected = is_multiple
        super().__init__({"data-drop": True, **({"multiple": True} if is_multiple else {}), **(attrs or {})})

    def value_from_datadict(self, data, files, name):
        chosen = files.getlist(name) if hasattr(files, "getlist") else [files[name]] if name in files else []
        sent = data.getlist(f"{name}-sent") if hasattr(data, "getlist") else []
        return [*arrived(sent), *(file for file in chosen if file)]

    def value_omitted_from_data(self, data, files, name):
        return super().value_omitted_from_data(data, files, name) and f"{name}-sent" not in data

    def get_context(self, name, value, attrs):
        attrs = {
            "data-limit": str(settings.UPLOAD_MAX_MB),
            "data-pieces": reverse_lazy("announce_upload"),
        } | (attrs or {})
        context = super().get_context(name, None, attrs)
        context["widget"]["sent"] = [file for file in value or () if isinstance(file, ArrivedFile)]
        return context


class FilesField(forms.Field):
    """Several files, each recognised by its content; the cleaned value is a list of uploaded files.

    kinds: only files of these kinds; most: how many. Each cleaned file has ``recognised`` (kind, content type).
    """

    widget = FilesInput
    is_multiple = True
    default_error_messages = {
        "required": _("Choose a file."),
        "missing": _("A file did not arrive whole. Choose it again."),
    }

    def __init__(self, *, kinds: Collection[FileKind] | None = None, most: int = 10, **options: Any):
        self.kinds, self.most = kinds, most
        options.setdefault("widget", FilesInput(is_multiple=self.is_multiple))
        super().__init__(**options)

    def widget_attrs(self, widget):
        return {"accept": ",".join(f".{extension}" for extension in extensions(self.kinds))}

    def has_changed(self, initial, data):
        return bool(data)

    def clean(self, value: Any) -> Any:
        files = value or []
        if self.required and not files:
            raise ValidationError(self.error_messages["required"], code="required")
        if len(files) > self.most:
            message = ngettext("Choose at most %(most)s file.", "Choose at most %(most)s files.", self.most)
            raise ValidationError(message % {"most": self.most}, code="too_many")
        errors = []
        for file in files:
            if isinstance(file, Missing):
                errors.append(ValidationError(self.error_messages["missing"], code="missing"))
                continue
            try:
                file.recognised = recognise(file, self.kinds)
            except ValidationError as error:
                errors.append(error)
        if errors:
            raise ValidationError(errors)
        for validate in self.validators:
            validate(files)
        return files


class OneFileField(FilesField):
    """One file recognised by its content; the cleaned value is the uploaded file or None."""

    is_multiple = False

    def __init__(self, *, kinds: Collection[FileKind] | None = None, **options: Any):
        super().__init__(kinds=kinds, most=1, **options)

    def clean(self, value: Any) -> Any:
        files = super().clean((value or [])[-1:])
        return files[0] if files else None
