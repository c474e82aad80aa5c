"""What the page of an item shows of its use; each part a fragment of its own."""

from typing import Any

from django.http import HttpRequest

from knowledge.forms.use import UsefulForm
from knowledge.models import Item, Saved, Useful
from knowledge.rules import use as rules


def context_of_used(request: HttpRequest, item: Item) -> dict[str, Any]:
    """Context of the fragments below ``knowledge/_used….html``."""
    return context_of_use(request, item)


def context_of_use(request: HttpRequest, item: Item) -> dict[str, Any]:
    """Context of ``knowledge/_use.html``: what the reader marked, and what they may."""
    user = request.user
    marks = {"can_mark": rules.can_mark_item(user, item), "can_call_useful": False}
    if not marks["can_mark"]:
        return marks
    mark = Useful.objects.visible_to(user).filter(item=item).first()
    form = UsefulForm(initial={"benefit": mark.benefit, "note": mark.note}) if mark else None
    return {
        "can_mark": True,
        "can_call_useful": rules.can_call_useful(user, item),
        "mark": mark,
        "useful_form": form,
        "is_saved": Saved.objects.visible_to(user).filter(item=item).exists(),
    }
