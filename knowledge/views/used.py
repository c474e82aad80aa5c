"""What the page of an item shows of its use; each part a fragment of its own."""

from typing import Any

from django.http import HttpRequest

from knowledge.enums import Benefit
from knowledge.forms.use import UsefulForm
from knowledge.models import Item
from knowledge.rules import use as rules


def context_of_used(request: HttpRequest, item: Item) -> dict[str, Any]:
    """Context of the fragments below ``knowledge/_used….html``."""
    return context_of_use(request, item)


def context_of_use(request: HttpRequest, item: Item) -> dict[str, Any]:
    """Context of ``knowledge/_use.html``: what the reader marked (an item fetched ``with_marks_of`` them), and what they may."""
    user = request.user
    mark = item.my_mark  # type: ignore[attr-defined]
    return {
        "can_mark": rules.can_mark_item(user, item),
        "can_call_useful": rules.can_call_useful(user, item),
        "mark": mark,
        "benefit": Benefit(mark["benefit"]).label if mark and mark["benefit"] else "",
        "useful_form": UsefulForm(initial=mark) if mark else None,
        "is_saved": item.is_saved,  # type: ignore[attr-defined]
    }
