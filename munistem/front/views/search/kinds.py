"""The kinds of things that the search box finds, one a tab."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from munistem.front.views.search.items import item_rows, show_items
from munistem.front.views.search.network import (
    community_rows,
    organisation_rows,
    person_rows,
    show_communities,
    show_organisations,
    show_people,
)
from munistem.front.views.search.policy import recommendation_rows, show_recommendations
from munistem.front.views.search.records import (
    decision_rows,
    minutes_rows,
    show_records,
    told_decisions,
    told_minutes,
)
from munistem.front.views.search.snippets import Asked, Found
from munistem.front.views.search.topics import show_topics, topic_rows


@dataclass
class Kind:
    """One tab: how it is called, what is searched, how its results are shown."""

    code: str
    label: str | Promise
    icon: str
    rows: Callable[[Any], QuerySet]
    show: Callable[[list, Asked, Any], list[Found]]
    told: Callable[[QuerySet], QuerySet] = field(default=lambda rows: rows)


@dataclass
class Answer:
    """What one tab found."""

    kind: Kind
    count: int = 0
    results: list[Found] = field(default_factory=list)
    url: str = ""


KINDS = {
    kind.code: kind
    for kind in (
        Kind("items", _("Knowledge"), "library-big", item_rows, show_items),
        Kind("topics", _("Topics"), "messages-square", topic_rows, show_topics),
        Kind("minutes", _("Minutes"), "file-text", minutes_rows, show_records, told_minutes),
        Kind("decisions", _("Decisions"), "gavel", decision_rows, show_records, told_decisions),
        Kind("people", _("People"), "user-round", person_rows, show_people),
        Kind("communities", _("Communities"), "users-round", community_rows, show_communities),
        Kind("organisations", _("Organisations"), "building-2", organisation_rows, show_organisations),
        Kind("recommendations", _("Recommendations"), "signpost", recommendation_rows, show_recommendations),
    )
}
