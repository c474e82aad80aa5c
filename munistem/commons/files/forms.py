from collections.abc import Collection
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from munistem.commons.files.models import FileKind
from munistem.commons.files.rules import extensions, recognise


class FilesInput(forms.FileInput):
    """A place to choose files or to drag them to."""

    allow_multiple_selected = True

    def __init__(self, attrs: dict | None = None, *, is_multiple: bool = True):
        self.allow_multiple_selected = is_multiple
        super().__init__({"data-drop": True, **({"multiple": True} if is_multiple else {}), **(attrs or {})})

    def value_from_datadict(self, data, files, name):
        chosen = files.getlist(name) if hasattr(files, "getlist") else [files[name]] if name in files else []
        return [file for file in chosen if file]

    def get_context(self, name, value, attrs):
        return super().get_context(name, value, {"data-limit": str(settings.UPLOAD_MAX_MB), **(attrs or {})})


class FilesField(forms.Field):
    """Several files, each recognised by its content; the cleaned value is a list of uploaded files.

    kinds: only files of these kinds; most: how many. Each cleaned file has ``recognised`` (kind, content type).
    """

    widget = FilesInput
    is_multiple = True
    default_error_messages = {"required": _("Choose a file.")}

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
