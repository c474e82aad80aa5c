"""What the settings read from the environment."""

import os
import secrets
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured


def env(name: str, default: str = "") -> str:
    """A variable of the environment; one that is empty counts as not set, as compose files write them."""
    return os.environ.get(name, "").strip() or default


def switch(name: str, default: str = "") -> bool:
    return env(name, default).lower() in {"1", "true", "yes", "on"}


def files_of_people() -> dict:
    """Where files of people are stored: in the bucket that S3_BUCKET names, else below MEDIA_ROOT.

    Raises ImproperlyConfigured for a bucket without its keys.
    """
    if not env("S3_BUCKET"):
        return {"BACKEND": "munistem.commons.files.storage.CarefulStorage"}
    if not (env("S3_ACCESS_KEY") and env("S3_SECRET_KEY")):
        raise ImproperlyConfigured("S3_BUCKET needs S3_ACCESS_KEY and S3_SECRET_KEY.")
    bucket = {
        "name": env("S3_BUCKET"),
        "endpoint": env("S3_ENDPOINT"),
        "region": env("S3_REGION"),
        "access_key": env("S3_ACCESS_KEY"),
        "secret_key": env("S3_SECRET_KEY"),
    }
    return {"BACKEND": "munistem.commons.files.bucket.BucketStorage", "OPTIONS": bucket}


def trial_secret(folder: Path) -> str:
    """A secret of this machine's own, kept beside the data so that sessions outlive a restart."""
    path = folder / "secret-key"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(secrets.token_urlsafe(50))
        path.chmod(0o600)
    return path.read_text()
