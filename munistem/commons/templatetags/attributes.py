"""Values for attributes of what people wrote: how it runs, where it leads."""

from django import template

from munistem.commons.text.languages import direction_of

register = template.Library()


@register.filter
def direction(text: object) -> str:
    """For ``dir=""``: how a line of people's words runs, told by most of its letters."""
    return direction_of(str(text))


@register.filter
def web(address: str | None) -> str:
    """An address for ``href=""``: of the web or nowhere, however it came into the database."""
    return address if address and address.lower().startswith(("https://", "http://")) else "#"
