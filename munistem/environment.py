"""What the settings read from the environment."""

import os
import secrets
from pathlib import Path


def env(name: str, default: str = "") -> str:
    """A variable of the environment; one that is empty counts as not set, as compose files write them."""
    return os.environ.get(name, "").strip() or default


def switch(name: str, default: str = "") -> bool:
    return env(name, default).lower() in {"1", "true", "yes", "on"}


def trial_secret(folder: Path) -> str:
    """A secret of this machine's own, kept beside the data so that sessions outlive a restart."""
    path = folder / "secret-key"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(secrets.token_urlsafe(50))
        path.chmod(0o600)
    return path.read_text()
