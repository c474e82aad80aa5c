"""Following: a stage, a word, an organisation, a collection or a search; each once, and ended with one click."""

from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction

from knowledge.models import Follow

MOST_FOLLOWS = 100


class TooMany(Exception):
    """The person follows MOST_FOLLOWS things already."""


@transaction.atomic
def follow(*, by: Any, kind: str, value: str) -> Follow:
    """Follow something in the library; what is followed already stays as it is. Raises TooMany.

    kind, value: as ``Follow`` keeps them (``followable`` says what a form's value stands for).
    """
    get_user_model().objects.select_for_update(no_key=True).get(pk=by.pk)  # one of a person after the other
    known = Follow.objects.filter(person=by, kind=kind, value=value).first()
    if known is None and Follow.objects.filter(person=by).count() >= MOST_FOLLOWS:
        raise TooMany
    return known or Follow.objects.create(person=by, kind=kind, value=value)


def unfollow(*, by: Any, kind: str, value: str) -> None:
    """Follow it no more. Harmless when it was not followed."""
    Follow.objects.filter(person=by, kind=kind, value=value).delete()
