"""Before an item is saved, who writes it sees what looks like it and stands already, and says once more to save it."""

from collections.abc import Collection
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.datastructures import MultiValueDict

from knowledge.actions.duplicates import Near, find_near
from knowledge.forms import ItemForm
from knowledge.models import Item
from munistem.commons.files.resumable.actions import park
from munistem.commons.files.resumable.arrived import ArrivedFile
from munistem.commons.text.html import plain

SEEN = "near_seen"


def watch_title(form: ItemForm, work: Item | None = None) -> None:
    """Let a script show what stands in the library already while the title is typed; work: what is being written itself."""
    besides = f"besides={work.pk}&" if work else ""
    form.fields["title"].widget.attrs["data-similar"] = f"{reverse('find_similar_items')}?{besides}q="


def keys_of(near: Collection[Near]) -> str:
    """What a form carries of those that were shown, so that they are not asked about again."""
    return " ".join(str(one.item.pk) for one in near)


def asks_of_near(request: HttpRequest, form: ItemForm, work: Item | None = None) -> bool:
    """Whether something that looks like it is to be shown before a valid form is saved; the form carries it then.

    Asked about is what has not been shown before, and by the page alone: programs send no more than the fields of the
    contract. work: what is being changed, or of which this is an edition. Files chosen in the form are kept for the next time.
    """
    data = form.cleaned_data
    if not data.get("asks") or Item.objects.filter(nonce=data["nonce"], created_by=request.user).exists():
        return False  # not by the page, or sent twice
    seen = [key for key in " ".join(request.POST.getlist(SEEN)).split()[:200] if key.isdigit()]
    own = {str(pk) for pk in others_of(work)}
    near = [one for one in near_to(request.user, form) if str(one.item.pk) not in {*seen, *own}]
    form.near, form.near_seen = near, " ".join(filter(None, [*seen, keys_of(near)]))
    if near:
        keep_files(request, form)
    return bool(near)


def others_of(work: Item | None) -> QuerySet | Collection[int]:
    """The same item in all languages."""
    return Item.objects.of_work(work).values_list("pk", flat=True) if work else ()


def near_to(user: Any, form: ItemForm) -> list[Near]:
    """What looks like what the form adds: of an item that is changed, its new title, text and files only."""
    data, base = form.cleaned_data, form.revision
    title = data["title"] if base is None or data["title"] != base.title else ""
    text = data["body"] if base is None or data["body"] != base.body else ""
    return find_near(user, files=[sum_of(file) for file in data["files"]], text=plain(text), title=title)


def sum_of(file: Any) -> str:
    """SHA-256 of a file that came with a form."""
    return file.upload.sha256 if isinstance(file, ArrivedFile) else file.digest.hexdigest()


def keep_files(request: HttpRequest, form: ItemForm) -> None:
    """Keep files that came with the form, as those that arrived in pieces; without room the page asks to choose them anew."""
    files = form.cleaned_data["files"]
    chosen = [file for file in files if not isinstance(file, ArrivedFile)]
    try:
        parked = [park(by=request.user, file=file) for file in chosen]
    except ValidationError:
        return
    keys = [file.key for file in files if isinstance(file, ArrivedFile)]
    data = form.data.copy()
    data.setlist(f"{form.add_prefix('files')}-sent", [*keys, *(str(row.key) for row in parked)])
    form.data, form.files = data, MultiValueDict()
