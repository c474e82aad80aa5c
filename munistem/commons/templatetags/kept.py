"""``{% kept %}``: a piece of a page that is printed once and kept by what it says (docs/decisions/0043)."""

import secrets
from itertools import count
from typing import Any

from django import template
from django.template.base import token_kwargs
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from munistem.commons.pieces import STORE, frozen

register = template.Library()
NUMBERS = count()
#: Stands in what is kept where each answer has a token of its own; nobody outside can write it.
TOKEN = f"token-{secrets.token_hex(16)}"


class KeptNode(template.Node):
    def __init__(self, inside: template.NodeList, said: dict[str, Any]):
        self.inside, self.said, self.number = inside, said, next(NUMBERS)

    def render(self, context: template.Context) -> SafeString:
        values = {name: what.resolve(context) for name, what in self.said.items()}
        key = (self.number, get_language(), *map(frozen, values.values()))
        piece = STORE.get(key)
        if piece is None:
            piece = str(self.inside.render(self.alone(context, values)))
            STORE.put(key, piece)
        if TOKEN in piece:
            piece = piece.replace(TOKEN, str(context.get("csrf_token", "")))
        return SafeString(piece)

    def alone(self, context: template.Context, values: dict[str, Any]) -> template.Context:
        """A context of nothing but what the piece says: neither the request nor its person can be printed."""
        bare = template.Context(values | {"csrf_token": TOKEN}, autoescape=context.autoescape)
        bare.template = context.template
        return bare


@register.simple_tag
def form_fields(form: Any) -> SafeString:
    """The fields of a form, one under the other.

    Those of an empty form that ``is_alike`` look the same for everybody and are kept; what is hidden, such as the nonce,
    never is.
    """
    hidden = "".join(str(form[name]) for name, field in form.fields.items() if field.widget.is_hidden)
    if form.is_bound or not getattr(form, "is_alike", False):
        return SafeString(hidden + _shown_fields(form))
    key = (type(form), get_language())
    piece = STORE.get(key)
    if piece is None:
        piece = _shown_fields(form)
        STORE.put(key, piece)
    return SafeString(hidden + piece)


def _shown_fields(form: Any) -> str:
    return "".join(field.as_field_group() for field in form.visible_fields())


@register.tag
def kept(parser: template.base.Parser, token: template.base.Token) -> KeptNode:
    """``{% kept post said=post.created_at|moment %}…{% endkept %}``: inside only the named values are known.

    The piece is printed once for each language and all that these values say, and then taken from memory. A form's
    ``csrf_token`` may stand inside; whatever else belongs to one answer may not.
    """
    words = token.split_contents()[1:]
    said = {}
    while words and "=" not in words[0]:
        name = words.pop(0)
        said[name] = parser.compile_filter(name)
    said |= token_kwargs(words, parser)
    if words:
        raise template.TemplateSyntaxError(f"kept: {words[0]} is neither a name nor name=value")
    inside = parser.parse(("endkept",))
    parser.delete_first_token()
    return KeptNode(inside, said)
