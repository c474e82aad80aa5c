"""Where files of people are stored: below MEDIA_ROOT (``files``) or in a bucket (``bucket``); both answer the same questions."""

from types import ModuleType

from django.core.files.storage import default_storage

from munistem.backup import bucket, files


def place() -> ModuleType:
    return bucket if hasattr(default_storage, "there") else files
