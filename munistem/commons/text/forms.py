"""The field for what people write at length."""

from django import forms
from django.utils.translation import gettext_lazy as _
from django_prose_editor.widgets import ProseEditorWidget

from munistem.commons.text.html import EXTENSIONS, clean, is_empty, plain
from munistem.commons.text.names import harmless, harmless_text

LONGEST = 50_000


class RichTextWidget(ProseEditorWidget):
    """The editor over a plain textarea; without a script the textarea itself is sent."""

    def __init__(self, attrs=None):
        super().__init__(config={"extensions": EXTENSIONS}, preset="configurable", attrs=attrs)

    def get_context(self, name, value, attrs):
        context = super().get_context(name, value, attrs)
        context["widget"]["attrs"].update(dir="auto", rows=8)
        return context


class RichTextField(forms.CharField):
    """Rich text, cleaned to what the editor offers; blank paragraphs count as empty, plain text gets paragraphs."""

    widget = RichTextWidget
    default_error_messages = {
        "too_long": _("This is longer than %(limit)s characters. Shorten it, or attach it as a file.")
    }

    def to_python(self, value):
        text = harmless_text(super().to_python(value))
        if text and "<" not in text:
            text = "".join(
                f"<p>{part.replace(chr(10), '<br>')}</p>" for part in text.split("\n\n") if part.strip()
            )
        return "" if is_empty(text) else clean(text)

    def validate(self, value):
        super().validate(value)
        if len(plain(value)) > LONGEST:
            raise forms.ValidationError(
                self.default_error_messages["too_long"], code="too_long", params={"limit": f"{LONGEST:,}"}
            )


class NameField(forms.CharField):
    """One line – a name, a title – without direction overrides and control characters, white space folded."""

    default_error_messages = {
        "max_length": _("This is longer than %(limit_value)d characters (now %(show_value)d). Shorten it.")
    }

    def __init__(self, *, max_length: int = 200, **options):
        super().__init__(max_length=max_length, **options)
        self.widget.attrs.setdefault("dir", "auto")

    def to_python(self, value):
        return harmless(super().to_python(value))


class ProseField(forms.CharField):
    """Plain text of several lines without direction overrides and control characters."""

    widget = forms.Textarea
    default_error_messages = NameField.default_error_messages

    def __init__(self, *, max_length: int = 2_000, rows: int = 4, **options):
        super().__init__(max_length=max_length, **options)
        self.widget.attrs.update(dir="auto", rows=rows)

    def to_python(self, value):
        return harmless_text(super().to_python(value))
