"""What the first page tells a visitor."""

import time
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Q
from django.utils.translation import get_language

from communities.models import Community
from knowledge.models import Item
from members.enums import OrganisationType
from members.models import Organisation
from munistem.commons.enums import Language, LifeStage
from munistem.front.views.counts import count_all
from policy.models import Recommendation

SECONDS = 60
MOST_TOWNS = 40
_kept: dict[str, tuple[float, dict[str, Any]]] = {}


def welcome() -> dict[str, Any]:
    """Context of the visitors' page; each process reads it anew once a minute, since it is the same for all of them."""
    if settings.TESTING:
        return read()
    language = get_language() or settings.LANGUAGE_CODE
    at, context = _kept.get(language, (0.0, {}))
    if time.monotonic() - at > SECONDS:
        context = read()
        _kept[language] = (time.monotonic(), context)
    return context


def read() -> dict[str, Any]:
    visitor = AnonymousUser()
    items = Item.objects.visible_to(visitor).one_per_work(get_language() or Language.HE)
    stages = {stage: items.filter(published__life_stages__contains=[stage]) for stage in LifeStage.values}
    counted = count_all(items=items, communities=Community.objects.visible_to(visitor).current(), **stages)
    members = Organisation.objects.visible_to(visitor)
    of_towns = Count("pk", filter=Q(type=OrganisationType.MUNICIPALITY))
    towns = members.filter(type=OrganisationType.MUNICIPALITY).by_name().defer("search_vector")
    return {
        "figures": {**counted, **members.aggregate(organisations=Count("pk"), municipalities=of_towns)},
        "stage_counts": {stage: counted[stage] for stage in stages} if counted["items"] else {},
        "recommendations": recommendations(visitor),
        "towns": [{"name": town.name, "url": town.get_absolute_url()} for town in towns[:MOST_TOWNS]],
    }


def recommendations(visitor: Any) -> list[Recommendation]:
    """The five of the latest roundtable first, with the number of municipalities behind each."""
    rows = Recommendation.objects.visible_to(visitor).in_force().with_endorsed_count()
    return list(rows.in_order().defer("search_vector")[:5])
