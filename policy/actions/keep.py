"""Keeping what the network recommends, what helps to carry it out, and what an organisation tells of itself."""

from typing import Any

from django.db import transaction
from django.db.models import Max

from knowledge.models import Item
from members.models import Organisation
from munistem.commons import audit
from munistem.commons.search.actions import index
from policy.models import Recommendation, RecommendationItem, Roundtable


@transaction.atomic
def save_roundtable(*, by: Any, roundtable: Roundtable) -> Roundtable:
    """Keep a new or changed roundtable."""
    deed = "edit_roundtable" if roundtable.pk else "create_roundtable"
    roundtable.save()
    audit.record(deed, roundtable, by=by)
    return roundtable


@transaction.atomic
def save_recommendation(*, by: Any, recommendation: Recommendation) -> Recommendation:
    """Keep where a recommendation stands and whether it is published; its words are those of its version."""
    recommendation.save(update_fields=["roundtable", "number", "slug", "is_published"])
    audit.record("edit_recommendation", recommendation, by=by)
    index(recommendation)
    return recommendation


@transaction.atomic
def link_item(*, by: Any, recommendation: Recommendation, item: Item) -> RecommendationItem:
    """Put a knowledge item beside a recommendation, after those that stand there; a second time changes nothing."""
    Recommendation.objects.select_for_update(no_key=True).only("pk").get(pk=recommendation.pk)
    last = recommendation.item_links.aggregate(last=Max("position"))["last"]
    link, is_new = RecommendationItem.objects.get_or_create(
        recommendation=recommendation, item=item, defaults={"position": 0 if last is None else last + 1}
    )
    if is_new:
        audit.record("link_item", recommendation, by=by, item=item.pk)
    return link


@transaction.atomic
def unlink_item(*, by: Any, recommendation: Recommendation, item: Item) -> None:
    """Take a knowledge item from beside a recommendation; the item itself stays as it is."""
    if RecommendationItem.objects.filter(recommendation=recommendation, item=item).delete()[0]:
        audit.record("unlink_item", recommendation, by=by, item=item.pk)


@transaction.atomic
def edit_organisation(*, by: Any, organisation: Organisation, about: str, website: str) -> Organisation:
    """Change what an organisation tells of itself."""
    row = Organisation.objects.select_for_update(of=("self",), no_key=True).get(pk=organisation.pk)
    before = {"about": row.about, "website": row.website}
    row.about, row.website = about, website
    row.save(update_fields=["about", "website"])
    changed = [field for field, value in before.items() if getattr(row, field) != value]
    audit.record("edit_organisation", row, by=by, fields=changed)
    index(row)
    return row
