"""Values for attributes of what people wrote: how it runs, where it leads."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from munistem.commons.text.languages import direction_of

register = template.Library()


@register.filter
def direction(text: object) -> str:
    """For ``dir=""``: how a line of people's words runs, told by most of its letters."""
    return direction_of(str(text))


@register.filter
def isolated(name: object) -> SafeString:
    """A name for the middle of a sentence, which runs in its own direction even where it begins with "STEM"."""
    return format_html('<bdi dir="{}">{}</bdi>', direction_of(str(name)), name)


@register.filter
def web(address: str | None) -> str:
    """An address for ``href=""``: of the web or nowhere, however it came into the database."""
    return address if address and address.lower().startswith(("https://", "http://")) else "#"
