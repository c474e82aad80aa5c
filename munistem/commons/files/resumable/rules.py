from typing import Any

from munistem.commons.files.resumable.models import Upload


def can_see_upload(user: Any, upload: Upload) -> bool:
    """Twin of ``Upload.objects.visible_to``."""
    return user.is_authenticated and upload.person_id == user.pk


def can_send_files(user: Any) -> bool:
    """Whoever is signed in; for what a file may be used is asked by the form that takes it."""
    return user.is_authenticated and user.is_active
