"""Recommendations as the search box shows them."""

from typing import Any

from django.db.models import QuerySet

from munistem.commons.text.languages import pick
from munistem.front.views.search.snippets import Asked, Found
from policy.models import Recommendation


def recommendation_rows(user: Any) -> QuerySet:
    return Recommendation.objects.visible_to(user).defer("search_vector")


def show_recommendations(recommendations: list[Recommendation], asked: Asked, user: Any) -> list[Found]:
    return [
        Found(
            asked.marked(one.title),
            one.get_absolute_url(),
            asked.passage([pick(one, "summary"), pick(one, "rationale"), pick(one, "actions")]),
            stages=one.life_stages,
        )
        for one in recommendations
    ]
