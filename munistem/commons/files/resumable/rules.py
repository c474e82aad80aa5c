from collections.abc import Callable
from typing import Any

from munistem.commons.files.resumable.models import Upload

_trusting: list[Callable[[Any], bool]] = []


def trust_with_files(rule: Callable[[Any], bool]) -> None:
    """Let those of whom this holds have files of all kinds on their way; called by a room when the portal starts."""
    if rule not in _trusting:
        _trusting.append(rule)


def can_see_upload(user: Any, upload: Upload) -> bool:
    """Twin of ``Upload.objects.visible_to``."""
    return user.is_authenticated and upload.person_id == user.pk


def can_send_files(user: Any) -> bool:
    """Whoever is signed in: a picture of oneself at least; for what a file may be used is asked by the form that takes it."""
    return user.is_authenticated and user.is_active


def can_send_all_kinds(user: Any) -> bool:
    """Those who have a form to which more than a picture of themselves can be added."""
    return can_send_files(user) and any(rule(user) for rule in _trusting)
