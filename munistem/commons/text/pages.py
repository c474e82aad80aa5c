from django.core.paginator import Page, Paginator
from django.http import HttpRequest


def page_of(request: HttpRequest, queryset, per: int = 20) -> Page:
    """The page asked for by ``?page=``; whatever stands there, an existing page is answered."""
    number = request.GET.get("page", "1")
    asked = int(number) if number.isascii() and number.isdigit() and len(number) < 8 else 1
    return Paginator(queryset, per).get_page(asked)
