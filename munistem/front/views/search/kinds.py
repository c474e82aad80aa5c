"""The kinds of things that the search box finds, one a tab."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Model, QuerySet, TextField, Value
from django.db.models.functions import JSONObject
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from munistem.front.views.search.items import (
    OF_COLLECTION,
    collection_rows,
    item_rows,
    show_collections,
    show_items,
)
from munistem.front.views.search.network import (
    OF_AUTHORITY,
    OF_COMMUNITY,
    OF_ORGANISATION,
    OF_PERSON,
    community_rows,
    organisation_rows,
    person_rows,
    show_communities,
    show_organisations,
    show_people,
)
from munistem.front.views.search.policy import OF_RECOMMENDATION, recommendation_rows, show_recommendations
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
    rows: Callable[..., QuerySet]  # of a person, and of a community where ``is_inside``
    show: Callable[[list, Asked, Any], list[Found]]
    told: Callable[[QuerySet], QuerySet] = field(default=lambda rows: rows)
    is_inside: bool = False  # whether a community holds such things
    brief: tuple[
        str, ...
    ] = ()  # all fields that a result shows, where these are few: such kinds share one query

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


def first_in_brief(first: dict[str, QuerySet]) -> dict[str, list[Any]]:
    """The rows of all brief kinds, by one query; instances that know no more than what a result shows."""
    kinds = {code: BRIEF[code] for code in first if code in BRIEF}
    if not kinds:
        return {}
    one, *others = (
        first[code]
        .annotate(brief_kind=Value(code, TextField()), brief_row=JSONObject(**{name: name for name in told}))
        .values_list("brief_kind", "brief_row")
        for code, told in kinds.items()
    )
    found: dict[str, list[Any]] = {code: [] for code in kinds}
    for code, row in one.union(*others, all=True) if others else one:
        found[code].append(brief_of(first[code].model, row))
    return found


def brief_of(model: type[Model], told: dict[str, Any]) -> Model:
    thing = model()
    for name, value in told.items():
        setattr(thing, name, value)
    return thing


KINDS = {
    kind.code: kind
    for kind in (
        Kind("items", _("Knowledge"), "library-big", item_rows, show_items, is_inside=True),
        Kind(
            "collections",
            _("Collections"),
            "library-big",
            collection_rows,
            show_collections,
            is_inside=True,
            brief=OF_COLLECTION,
        ),
        Kind("topics", _("Topics"), "messages-square", topic_rows, show_topics, is_inside=True),
        Kind(
            "minutes",
            pgettext_lazy("of meetings", "Minutes"),
            "file-text",
            minutes_rows,
            show_records,
            told_minutes,
            is_inside=True,
        ),
        Kind(
            "decisions", _("Decisions"), "gavel", decision_rows, show_records, told_decisions, is_inside=True
        ),
        Kind(
            "people",
            _("People"),
            "user-round",
            person_rows,
            show_people,
            is_inside=True,
            brief=OF_PERSON,
        ),
        Kind(
            "communities",
            _("Communities"),
            "users-round",
            community_rows,
            show_communities,
            brief=OF_COMMUNITY,
        ),
        Kind(
            "organisations",
            _("Organisations"),
            "building-2",
            organisation_rows,
            show_organisations,
            brief=OF_ORGANISATION,
        ),
        Kind(
            "recommendations",
            _("Recommendations"),
            "signpost",
            recommendation_rows,
            show_recommendations,
            brief=OF_RECOMMENDATION,
        ),
    )
}
#: What results of the brief kinds show, and of the register beside them.
BRIEF = {code: kind.brief for code, kind in KINDS.items() if kind.brief} | {"authorities": OF_AUTHORITY}
