"""What the page of an item says to who would cite it: in words, and as linked data to machines."""

from typing import Any

from django.conf import settings

from knowledge.actions import citations
from knowledge.actions.linked import as_script, linked_data
from munistem.commons.enums import Visibility


def with_citations(context: dict[str, Any]) -> dict[str, Any]:
    """The context of an item's page with ``citations``, and ``linked`` where everyone may read it; no query."""
    item, revision = context["item"], context["revision"]
    if not item.published_id or revision.pk != item.published_id:
        return context | {"citations": [], "linked": ""}
    work = citations.work_of(item, revision)
    cited = [
        {"name": "APA", "words": citations.apa(work)},
        {"name": "Chicago", "words": citations.chicago(work)},
    ]
    if item.visibility != Visibility.PUBLIC or item.withdrawn_at:
        return context | {"citations": cited, "linked": ""}
    told = linked_data(
        item,
        revision,
        keywords=[str(tag["label"]) for tag in context["tags"]],
        files=context["files"],
        editions=[settings.BASE_URL + edition["url"] for edition in context["editions"]],
    )
    return context | {"citations": cited, "linked": as_script(told)}
