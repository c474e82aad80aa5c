"""Figures as they are read: exact, grouped, and marked where they are estimates."""

from django import template
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

register = template.Library()


@register.filter
def exactly(value: int, is_rough: bool = False) -> SafeString:
    """A number of people with its thousands apart; an estimate has a sign of about before it, in every script."""
    sign = format_html('<abbr title="{}">~</abbr>', gettext("estimate")) if is_rough else ""
    return format_html('<bdi dir="ltr">{}{}</bdi>', sign, number_format(value, 0, force_grouping=True))
