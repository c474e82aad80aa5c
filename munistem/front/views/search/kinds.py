"""The kinds of things that the search box finds, one a tab."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from communities.models import Community, Decision, Minutes, Topic
from knowledge.models import Collection, Item
from members.models import Organisation, User
from munistem.commons.search.models import Searchable
from munistem.front.views.search.items import (
    collection_rows,
    item_rows,
    show_collections,
    show_items,
)
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
from policy.models import Recommendation


@dataclass
class Kind:
    """One tab: how it is called, what is searched, how its results are shown."""

    code: str
    model: type[Searchable]
    label: str | Promise
    icon: str
    rows: Callable[..., QuerySet]  # of a person, and of a community where ``is_inside``
    show: Callable[[list, Asked, Any], list[Found]]
    told: Callable[[QuerySet], QuerySet] = field(default=lambda rows: rows)
    is_inside: bool = False  # whether a community holds such things

    def rows_for(self, user: Any, community: Any = None) -> QuerySet:
        """What this person may see, of one community when it is given."""
        return self.rows(user, community) if community else self.rows(user)


@dataclass
class Answer:
    """What one tab found."""

    kind: Kind
    count: int = 0
    results: list[Found] = field(default_factory=list)
    url: str = ""
    is_more: bool = False  # more were found than are counted

    @property
    def told(self) -> str:
        """The number as it is shown."""
        return f"{self.count}{'+' if self.is_more else ''}"


KINDS = {
    kind.code: kind
    for kind in (
        Kind("items", Item, _("Knowledge"), "library-big", item_rows, show_items, is_inside=True),
        Kind(
            "collections",
            Collection,
            _("Collections"),
            "library-big",
            collection_rows,
            show_collections,
            is_inside=True,
        ),
        Kind("topics", Topic, _("Topics"), "messages-square", topic_rows, show_topics, is_inside=True),
        Kind(
            "minutes",
            Minutes,
            pgettext_lazy("of meetings", "Minutes"),
            "file-text",
            minutes_rows,
            show_records,
            told_minutes,
            is_inside=True,
        ),
        Kind(
            "decisions",
            Decision,
            _("Decisions"),
            "gavel",
            decision_rows,
            show_records,
            told_decisions,
            is_inside=True,
        ),
        Kind(
            "people",
            User,
            _("People"),
            "user-round",
            person_rows,
            show_people,
            is_inside=True,
        ),
        Kind(
            "communities",
            Community,
            _("Communities"),
            "users-round",
            community_rows,
            show_communities,
        ),
        Kind(
            "organisations",
            Organisation,
            _("Organisations"),
            "building-2",
            organisation_rows,
            show_organisations,
        ),
        Kind(
            "recommendations",
            Recommendation,
            _("Recommendations"),
            "signpost",
            recommendation_rows,
            show_recommendations,
        ),
    )
}
